import * as vscode from "vscode";
import { currentWorkspace } from "../pick";
import type { Command } from "./command";

interface Unpushed {
  readonly why: string;
  readonly diff: string;
}

/** What the ratchet made and did not dare to push: the diff, the reason, and what to do with it. */
export const showFix: Command = async ({ connection, reports }, target) => {
  const workspace = await currentWorkspace(connection, target);
  const { why, diff } = await connection.execute<Unpushed>("factory.fix.show", { workspace: workspace.id });
  await reports.show(`Fix in ${workspace.name}.diff`, diff);
  const push = "Push";
  const discard = "Discard";
  const chosen = await vscode.window.showInformationMessage(`Factory: the fix was not pushed: ${why}`, push, discard);
  if (chosen !== undefined) {
    await vscode.commands.executeCommand(chosen === push ? "factory.pushFix" : "factory.discardFix", { workspace });
  }
};

export const pushFix: Command = async ({ connection }, target) => {
  const { id, branch } = await currentWorkspace(connection, target);
  await connection.execute("factory.fix.push", { workspace: id });
  void vscode.window.showInformationMessage(`Factory: the fix is pushed to ${branch}.`);
};

export const discardFix: Command = async ({ connection }, target) => {
  const { id, name } = await currentWorkspace(connection, target);
  const { kept } = await connection.execute<{ kept: string }>("factory.fix.discard", { workspace: id });
  void vscode.window.showInformationMessage(`Factory: the fix in ${name} is discarded; it is kept as ${kept}.`);
};
