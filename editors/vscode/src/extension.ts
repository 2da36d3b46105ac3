import * as vscode from "vscode";
import { COMMANDS } from "./commands";
import type { Command, Tools } from "./commands/command";
import { Connection } from "./connection";
import { Cancelled, describe } from "./errors";
import { Reports } from "./report";
import { StatusBar } from "./statusBar";

let connection: Connection | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const output = vscode.window.createOutputChannel("Factory", { log: true });
  const server = new Connection(output);
  const reports = new Reports();
  connection = server;
  context.subscriptions.push(
    output,
    server,
    reports,
    new StatusBar(server),
    ...Object.entries(COMMANDS).map(([name, command]) =>
      vscode.commands.registerCommand(`factory.${name}`, () => run(name, command, { connection: server, reports })),
    ),
    vscode.workspace.onDidChangeWorkspaceFolders(() => server.update()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("factory.server")) {
        void server.restart();
      }
    }),
  );
  void server.update(); // not awaited: nothing of VS Code waits for the server
}

export async function deactivate(): Promise<void> {
  await connection?.stop();
}

async function run(name: string, command: Command, tools: Tools): Promise<void> {
  try {
    await command(tools);
  } catch (error) {
    if (!(error instanceof Cancelled)) {
      tools.connection.output.error(`${name}: ${describe(error)}`);
      void vscode.window.showErrorMessage(`Factory: ${describe(error)}`);
    }
  }
}
