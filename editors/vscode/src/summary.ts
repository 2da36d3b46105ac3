import * as vscode from "vscode";
import type { Outcome, Workspace } from "./types";

const CI = {
  SUCCESS: ["$(pass)", "CI passed"],
  FAILURE: ["$(error)", "CI failed"],
  PENDING: ["$(sync~spin)", "CI running"],
  UNKNOWN: ["$(circle-outline)", "CI unknown"],
} as const;

/** `$(error) CI failed · ratchet CI_FAILED · 1 waits for you`: icons are VS Code's. */
export function summary(workspace: Workspace): string {
  const [icon, ci] = workspace.pr ? (CI[workspace.pr.ciStatus] ?? CI.UNKNOWN) : ["$(git-branch)", workspace.name];
  return [`${icon} ${ci}`, ...state(workspace)].join(" · ");
}

/** Words only, for lists that show their own icons. */
export function words(workspace: Workspace): string {
  const ci = workspace.pr
    ? `#${workspace.pr.number} ${(CI[workspace.pr.ciStatus] ?? CI.UNKNOWN)[1]}`
    : "no pull request";
  return [ci, ...state(workspace)].join(" · ");
}

export function tooltip(workspace: Workspace): string {
  const lines = [`${workspace.name} (${workspace.branch})`, words(workspace)];
  if (workspace.ratchet.enabled) {
    lines.push(`Ratchet: ${workspace.ratchet.reason}`);
  }
  return [...lines, ...workspace.warnings].join("\n");
}

export function state(workspace: Workspace): string[] {
  const running = workspace.sessions.filter(({ status }) => status === "STARTING" || status === "RUNNING").length;
  const waiting = workspace.sessions.reduce((sum, session) => sum + session.pending.length, 0);
  return [
    workspace.ratchet.enabled ? `ratchet ${workspace.ratchet.state}` : "",
    running > 0 ? `${running} running` : "",
    waiting > 0 ? `${waiting} waiting for you` : "",
  ].filter((part) => part !== "");
}

const COLORS = {
  SUCCESS: "testing.iconPassed",
  FAILURE: "testing.iconFailed",
  PENDING: "testing.iconQueued",
  UNKNOWN: "testing.iconUnset",
} as const;

export function checkIcon(outcome: Outcome): vscode.ThemeIcon {
  const [icon] = CI[outcome] ?? CI.UNKNOWN;
  return new vscode.ThemeIcon(icon.slice(2, -1), new vscode.ThemeColor(COLORS[outcome] ?? COLORS.UNKNOWN));
}

export function dollars(amount: number): string {
  return `$${amount.toFixed(2)}`;
}
