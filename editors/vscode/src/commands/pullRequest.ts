import * as vscode from "vscode";
import { currentWorkspace } from "../pick";
import type { Command } from "./command";

export const rerunFailed: Command = async ({ connection }) => {
  const { id } = await currentWorkspace(connection);
  await connection.execute("factory.pr.rerunFailed", { workspace: id });
};

export const refreshPullRequest: Command = async ({ connection }) => {
  const { id } = await currentWorkspace(connection);
  await connection.execute("factory.pr.refresh", { workspace: id });
};

/** Never by force. CI starts on what was pushed. */
export const push: Command = async ({ connection }) => {
  const { id, branch } = await currentWorkspace(connection);
  await connection.execute("factory.pr.push", { workspace: id });
  void vscode.window.showInformationMessage(`Factory: ${branch} is pushed.`);
};
