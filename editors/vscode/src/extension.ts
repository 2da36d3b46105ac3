import * as vscode from "vscode";
import { Asks } from "./asks";
import { COMMANDS } from "./commands";
import type { Command, Tools } from "./commands/command";
import { Connection } from "./connection";
import { Cancelled, describe } from "./errors";
import { Links } from "./links";
import { Logs } from "./logs";
import { Reports } from "./report";
import { Reviews } from "./reviews";
import { SessionPanels } from "./sessionPanel";
import { StatusBar } from "./statusBar";
import { type Target, targetOf } from "./target";
import { Tree } from "./tree";
import { Workspaces } from "./workspaces";

let connection: Connection | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const output = vscode.window.createOutputChannel("Factory", { log: true });
  const asks = new Asks();
  const server = new Connection(output, asks, String(context.extension.packageJSON.version));
  const reports = new Reports();
  const workspaces = new Workspaces(server);
  const panels = new SessionPanels(server, workspaces, reports, context.extensionUri);
  const logs = new Logs(server, workspaces);
  const reviews = new Reviews(server, workspaces);
  const tools: Tools = { connection: server, reports, panels, logs, reviews };
  connection = server;
  context.subscriptions.push(
    output,
    asks,
    server,
    reports,
    workspaces,
    panels,
    logs,
    reviews,
    new Links(server, panels),
    new StatusBar(server),
    new Tree(workspaces),
    ...Object.entries(COMMANDS).map(([name, command]) =>
      vscode.commands.registerCommand(`factory.${name}`, (given?: unknown) =>
        run(name, command, tools, targetOf(given)),
      ),
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

async function run(name: string, command: Command, tools: Tools, target: Target): Promise<void> {
  try {
    await command(tools, target);
  } catch (error) {
    if (!(error instanceof Cancelled)) {
      tools.connection.output.error(`${name}: ${describe(error)}`);
      void vscode.window.showErrorMessage(`Factory: ${describe(error)}`);
    }
  }
}
