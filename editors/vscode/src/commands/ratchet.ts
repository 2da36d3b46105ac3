import * as vscode from "vscode";
import { currentWorkspace } from "../pick";
import type { Ratchet } from "../types";
import type { Command } from "./command";

export const enableRatchet: Command = async ({ connection }, target) => {
  const { id, name } = await currentWorkspace(connection, target);
  const { reason } = await connection.execute<Ratchet>("factory.ratchet.enable", { workspace: id });
  void vscode.window.showInformationMessage(`Factory: the ratchet of ${name} is on. ${reason}`);
};

export const disableRatchet: Command = async ({ connection }, target) => {
  const { id, name } = await currentWorkspace(connection, target);
  await connection.execute("factory.ratchet.disable", { workspace: id });
  void vscode.window.showInformationMessage(`Factory: the ratchet of ${name} is off.`);
};

export const toggleRatchet: Command = async (tools, target) => {
  const workspace = await currentWorkspace(tools.connection, target);
  await (workspace.ratchet.enabled ? disableRatchet : enableRatchet)(tools, { ...target, workspace });
};

/** Asks GitHub and decides at once, instead of at the next poll. */
export const checkRatchet: Command = async ({ connection }, target) => {
  const { id, name } = await currentWorkspace(connection, target);
  const { reason } = await connection.execute<Ratchet>("factory.ratchet.check", { workspace: id });
  void vscode.window.showInformationMessage(`Factory: ${name}: ${reason}`);
};

export const explainRatchet: Command = async ({ connection, reports }, target) => {
  const { id, name } = await currentWorkspace(connection, target);
  const ratchet = await connection.execute<Ratchet>("factory.ratchet.explain", { workspace: id });
  const lines = [
    `# Ratchet of ${name}`,
    "",
    `${ratchet.enabled ? ratchet.state : "Off"}: ${ratchet.reason}`,
    "",
    `Attempts: ${ratchet.attempts} of ${ratchet.maxAttempts}`,
    "",
    ...(ratchet.trace ?? []).map(({ rule, saw, said }) => `- ${rule}: ${saw}. ${said}`.replace(/\s+/g, " ")),
  ];
  await reports.show(`Ratchet of ${name}.md`, `${lines.join("\n")}\n`);
};
