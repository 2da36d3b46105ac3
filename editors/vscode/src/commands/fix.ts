import * as vscode from "vscode";
import { currentWorkspace, pick } from "../pick";
import type { Problem } from "../types";
import type { Command } from "./command";

const FIX = "factory.ci.fix";

/** The problem under the cursor; elsewhere, one picked from all of the workspace. */
export const fixProblem: Command = async ({ connection }) => {
  const workspace = await currentWorkspace(connection);
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

/** What the server offers to fix in the whole file: each problem, all of the file, the check. */
export const fixFile: Command = async ({ connection }) => {
  const editor = vscode.window.activeTextEditor;
  if (!editor) {
    throw new Error("Open the file that should be fixed.");
  }
  const { document } = editor;
  const whole = new vscode.Range(new vscode.Position(0, 0), document.lineAt(document.lineCount - 1).range.end);
  const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
    "vscode.executeCodeActionProvider",
    document.uri,
    whole,
    vscode.CodeActionKind.QuickFix.value,
  );
  const fixes = actions.flatMap((action) => (action.command?.command === FIX ? [action.command] : []));
  if (fixes.length === 0) {
    throw new Error("CI reports no problem in this file.");
  }
  const chosen = await pick(
    fixes.map((command) => ({ label: command.title, value: command })),
    "Fix with Claude",
  );
  await connection.execute(FIX, chosen.arguments?.[0] ?? {});
};

export const fixCheck: Command = async ({ connection }) => {
  const workspace = await currentWorkspace(connection);
  const failed = workspace.pr?.checks.filter((check) => check.outcome === "FAILURE") ?? [];
  if (failed.length === 0) {
    throw new Error(`No check has failed in ${workspace.name}.`);
  }
  const check = await pick(
    failed.map(({ name }) => ({ label: name, value: name })),
    "Failed check to fix",
  );
  await connection.execute(FIX, { workspace: workspace.id, check });
};

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
