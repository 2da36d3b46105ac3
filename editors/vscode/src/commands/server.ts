import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as vscode from "vscode";
import { installServer } from "../install";
import { liveWorkspaces } from "../pick";
import { words } from "../summary";
import type { HubStatus, Workspace } from "../types";
import type { Command } from "./command";
import { openFolder } from "./workspace";

type Item = vscode.QuickPickItem & { workspace?: Workspace };

/** Workspaces and what each is at; the hub last. Choosing a workspace opens it in a new window. */
export const showStatus: Command = async ({ connection }) => {
  const [workspaces, hub] = await Promise.all([
    liveWorkspaces(connection),
    connection.execute<HubStatus>("factory.hub.status"),
  ]);
  const items: Item[] = [
    { label: "Workspaces", kind: vscode.QuickPickItemKind.Separator },
    ...workspaces.map((workspace) => ({
      label: workspace.name,
      description: words(workspace),
      detail: workspace.ratchet.enabled ? workspace.ratchet.reason : workspace.path,
      workspace,
    })),
    { label: "Hub", kind: vscode.QuickPickItemKind.Separator },
    {
      label: `factory-ls ${hub.version}`,
      description: `pid ${hub.pid} · ${hub.editors} editors · ${hub.sessions} sessions`,
    },
  ];
  const chosen = await vscode.window.showQuickPick(items, { title: "Factory", matchOnDescription: true });
  if (chosen?.workspace) {
    await openFolder(chosen.workspace, true);
  }
};

export const showOutput: Command = async ({ connection }) => connection.output.show();

export const restartServer: Command = async ({ connection }) => connection.restart();

/** The hub serves all windows; Claude sessions outlive it. */
export const restartHub: Command = async ({ connection }) => {
  await promisify(execFile)(await connection.serverPath(), ["hub", "restart"], { timeout: 30_000 });
  await connection.restart();
};

/** git, gh, claude, folders and the hub, each with its next step. */
export const doctor: Command = async ({ connection, reports }) => {
  const program = await connection.serverPath();
  // It ends with 1 when something that is needed is missing: that is a result too.
  const text = await promisify(execFile)(program, ["doctor"], { timeout: 60_000 }).then(
    ({ stdout }) => stdout,
    (error: { stdout?: string }) => {
      if (!error.stdout) {
        throw error;
      }
      return error.stdout;
    },
  );
  await reports.show("Factory doctor.txt", text);
};

export const install: Command = async ({ connection }) => installServer(connection.output);

export const walkthrough: Command = async () => {
  await vscode.commands.executeCommand(
    "workbench.action.openWalkthrough",
    "factory-ls.factory-ls#factory.start",
    false,
  );
};
