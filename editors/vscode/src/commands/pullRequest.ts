import * as vscode from "vscode";
import { currentWorkspace, input } from "../pick";
import type { PullRequest } from "../types";
import type { Command } from "./command";

export const rerunFailed: Command = async ({ connection }, target) => {
  const { id } = await currentWorkspace(connection, target);
  await connection.execute("factory.pr.rerunFailed", { workspace: id });
};

export const refreshPullRequest: Command = async ({ connection }, target) => {
  const { id } = await currentWorkspace(connection, target);
  await connection.execute("factory.pr.refresh", { workspace: id });
};

/** Never by force. CI starts on what was pushed. */
export const push: Command = async ({ connection }, target) => {
  const { id, branch } = await currentWorkspace(connection, target);
  await connection.execute("factory.pr.push", { workspace: id });
  void vscode.window.showInformationMessage(`Factory: ${branch} is pushed.`);
};

/** Pushes first. Without a title the server makes one from the commits. */
export const createPullRequest: Command = async ({ connection }, target) => {
  const { id, name } = await currentWorkspace(connection, target);
  const title = await input(`Pull request of ${name}`, { prompt: "Title. Empty: the server makes one." });
  const made = await connection.execute<PullRequest>("factory.pr.create", { workspace: id, ...(title && { title }) });
  const open = "Open on GitHub";
  if ((await vscode.window.showInformationMessage(`Factory: #${made.number} is open.`, open)) === open) {
    await vscode.env.openExternal(vscode.Uri.parse(made.url));
  }
};

export const openPullRequest: Command = async ({ connection }, target) => {
  const { name, pr } = await currentWorkspace(connection, target);
  if (!pr) {
    throw new Error(`${name} has no pull request yet: run “Factory: Create Pull Request”.`);
  }
  await vscode.env.openExternal(vscode.Uri.parse(pr.url));
};
