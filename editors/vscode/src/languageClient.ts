import * as vscode from "vscode";
import { LanguageClient, RevealOutputChannelOn } from "vscode-languageclient/node";
import { describe } from "./errors";

export function createClient(path: string, cwd: string | undefined, output: vscode.LogOutputChannel): LanguageClient {
  return new LanguageClient(
    "factory", // also names the setting factory.trace.server
    "Factory",
    { command: path, args: [], options: cwd === undefined ? {} : { cwd } },
    {
      // CI speaks of any file, whatever its language.
      documentSelector: [{ scheme: "file" }],
      diagnosticCollectionName: "factory",
      outputChannel: output,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      synchronize: { configurationSection: "factory" },
      middleware: {
        // Code actions and lenses of the server land here: an error is shown with its hint, once.
        executeCommand: async (command, args, next) => {
          try {
            return await next(command, args);
          } catch (error) {
            output.error(`${command}: ${describe(error)}`);
            void vscode.window.showErrorMessage(`Factory: ${describe(error)}`);
            return undefined;
          }
        },
      },
    },
  );
}
