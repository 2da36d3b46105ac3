import { realpath } from "node:fs/promises";
import { relative, sep } from "node:path";
import * as vscode from "vscode";
import { currentWorkspace, pick } from "../pick";
import type { Problem, Workspace } from "../types";
import type { Command } from "./command";

const FIX = "factory.ci.fix";

/** The problem under the cursor; elsewhere, one picked from all of the workspace. */
export const fixProblem: Command = async ({ connection }, target) => {
  const workspace = await currentWorkspace(connection, target);
  const under = problemsUnderCursor();
  if (under.length === 1) {
    await connection.execute(FIX, { workspace: workspace.id, problem: under[0] });
    return;
  }
  const { problems } = await connection.execute<{ problems: Problem[] }>("factory.ci.problems", {
    workspace: workspace.id,
  });
  const shown = under.length > 0 ? problems.filter((problem) => under.includes(problem.id)) : problems;
  if (shown.length === 0) {
    throw new Error(`CI reports no problem in ${workspace.name}.`);
  }
  const problem = await pick(
    shown.map((problem) => ({
      label: problem.message.split("\n", 1)[0] ?? "",
      description: problem.line === null ? problem.path : `${problem.path}:${problem.line}`,
      detail: problem.tool,
      value: problem.id,
    })),
    "Problem to fix",
  );
  await connection.execute(FIX, { workspace: workspace.id, problem });
};

export const fixFile: Command = async ({ connection }, target) => {
  const document = vscode.window.activeTextEditor?.document;
  if (document?.uri.scheme !== "file") {
    throw new Error("Open the file that should be fixed.");
  }
  const workspace = await currentWorkspace(connection, target);
  const [root, file] = await Promise.all([realpath(workspace.path), realpath(document.uri.fsPath)]);
  const path = relative(root, file).split(sep).join("/");
  await connection.execute(FIX, { workspace: workspace.id, path });
};

export const fixCheck: Command = async ({ connection }, target) => {
  const workspace = await currentWorkspace(connection, target);
  const check = target.check ?? (await pickFailedCheck(workspace, "Failed check to fix"));
  await connection.execute(FIX, { workspace: workspace.id, check });
};

export const openLog: Command = async ({ connection, logs }, target) => {
  const workspace = await currentWorkspace(connection, target);
  await logs.show(workspace.id, target.check ?? (await pickFailedCheck(workspace, "Failed check to read the log of")));
};

async function pickFailedCheck(workspace: Workspace, title: string): Promise<string> {
  const failed = workspace.pr?.checks.filter((check) => check.outcome === "FAILURE") ?? [];
  if (failed.length === 0) {
    throw new Error(`No check has failed in ${workspace.name}.`);
  }
  return pick(
    failed.map(({ name }) => ({ label: name, value: name })),
    title,
  );
}

/** Ids of the problems whose diagnostics touch the cursor's line. */
function problemsUnderCursor(): string[] {
  const editor = vscode.window.activeTextEditor;
  if (!editor) {
    return [];
  }
  const line = editor.selection.active.line;
  const ids = vscode.languages
    .getDiagnostics(editor.document.uri)
    .filter(({ range }) => range.start.line <= line && line <= range.end.line)
    // The language client keeps the protocol's `data` on the diagnostics it makes.
    .map((diagnostic) => (diagnostic as { data?: { problem?: unknown } }).data?.problem)
    .filter((problem) => typeof problem === "string");
  return [...new Set(ids)];
}
