import * as vscode from "vscode";
import type { Connection } from "../connection";
import { currentWorkspace, input, liveWorkspaces, pick, pickSession, requiredInput } from "../pick";
import { hasEnded, type PendingRequest, type Question, type Session } from "../types";
import type { Command } from "./command";

export const startSession: Command = async ({ connection, panels }, target) => {
  const workspace = await currentWorkspace(connection, target);
  const prompt = await input(`Claude in ${workspace.name}`, { prompt: "What should Claude do? Empty: it waits." });
  const session = await connection.execute<Session>("factory.session.start", {
    workspace: workspace.id,
    ...(prompt !== "" && { prompt }),
  });
  panels.open(session, workspace);
};

/** The session's panel: what was said, live, and a place to answer. Ended sessions can be read too. */
export const openSession: Command = async ({ connection, panels }, target) => {
  const workspace = await currentWorkspace(connection, target);
  panels.open(await pickSession(workspace, target, () => true), workspace);
};

/** The same to read and search, as a Markdown document that the server writes; it grows while Claude works. */
export const openTranscript: Command = async ({ connection }, target) => {
  const workspace = await currentWorkspace(connection, target);
  const session = await pickSession(workspace, target, () => true);
  await connection.execute("factory.session.openTranscript", { session: session.id });
};

/** Takes up a conversation whose process has ended. */
export const continueSession: Command = async ({ connection, panels }, target) => {
  const workspace = await currentWorkspace(connection, target);
  const ended = await pickSession(workspace, target, hasEnded);
  panels.open(await connection.execute<Session>("factory.session.resume", { session: ended.id }), workspace);
};

/** The selected lines with a question, to the workspace's session; a new one when none is open. */
export const sendSelection: Command = async ({ connection, panels }, target) => {
  const editor = vscode.window.activeTextEditor;
  if (!editor || editor.selection.isEmpty) {
    throw new Error("Select the lines the question is about.");
  }
  const workspace = await currentWorkspace(connection, target);
  const { start, end } = editor.selection;
  const question = await requiredInput(`Claude in ${workspace.name}`, "What about the selected lines?");
  const place = `${vscode.workspace.asRelativePath(editor.document.uri, false)}:${start.line + 1}-${end.line + 1}`;
  const prompt = `${question}\n\n${place}\n\`\`\`\n${editor.document.getText(editor.selection)}\n\`\`\``;
  const open = workspace.sessions.some((session) => !hasEnded(session));
  const session = open
    ? await pickSession(workspace, target)
    : await connection.execute<Session>("factory.session.start", { workspace: workspace.id, prompt });
  if (open) {
    await connection.execute("factory.session.send", { session: session.id, prompt });
  }
  panels.open(session, workspace);
};

/** Ends the turn; the session stays open. */
export const interruptSession: Command = async ({ connection }, target) => {
  const session = await pickSession(await currentWorkspace(connection, target), target);
  await connection.execute("factory.session.interrupt", { session: session.id });
};

export const sendMessage: Command = async ({ connection }, target) => {
  const workspace = await currentWorkspace(connection, target);
  const session = await pickSession(workspace, target);
  const prompt = await requiredInput(`Message to Claude in ${workspace.name}`, "What should Claude know or do?");
  await connection.execute("factory.session.send", { session: session.id, prompt });
};

export const stopSession: Command = async ({ connection }, target) => {
  const session = await pickSession(await currentWorkspace(connection, target), target);
  await connection.execute("factory.session.stop", { session: session.id });
};

/** Any workspace's: a session elsewhere that waits should not need its window first. */
export const answer: Command = async ({ connection }, target) => {
  const { session, request } =
    target.session && target.request ? { session: target.session, request: target.request } : await pickAsk(connection);
  const decision = await decide(request);
  await connection.execute("factory.session.answer", { session: session.id, request: request.request, ...decision });
};

async function pickAsk(connection: Connection): Promise<{ session: Session; request: PendingRequest }> {
  const asks = (await liveWorkspaces(connection)).flatMap((workspace) =>
    workspace.sessions.flatMap((session) => session.pending.map((request) => ({ workspace, session, request }))),
  );
  if (asks.length === 0) {
    throw new Error("Claude asks nothing now.");
  }
  return pick(
    asks.map((ask) => ({
      label: ask.request.title,
      description: ask.request.tool,
      detail: ask.workspace.name,
      value: ask,
    })),
    "What Claude asks",
  );
}

async function decide(request: PendingRequest): Promise<object> {
  if (request.input.questions) {
    return { decision: "allow", answers: await answers(request.input.questions) };
  }
  const decision = await pick(
    [
      { label: "$(check) Allow", value: "allow" },
      { label: "$(check-all) Always Allow", detail: "In this session, without asking again", value: "allowAlways" },
      { label: "$(x) Deny…", detail: "You can say why", value: "deny" },
    ],
    request.title,
  );
  if (decision !== "deny") {
    return { decision };
  }
  const message = await input(request.title, { prompt: "What should Claude do instead? May be empty." });
  return { decision, ...(message !== "" && { message }) };
}

/** Question → the chosen label; several are joined by commas, as Claude expects them. */
async function answers(questions: readonly Question[]): Promise<Record<string, string>> {
  const given: Record<string, string> = {};
  for (const { question, options, multiSelect } of questions) {
    const items = options.map(({ label, description }) => ({ label, detail: description ?? "", value: label }));
    if (multiSelect) {
      const chosen = await vscode.window.showQuickPick(items, {
        title: question,
        canPickMany: true,
        ignoreFocusOut: true,
      });
      given[question] = (chosen ?? []).map(({ value }) => value).join(", ");
    } else {
      given[question] = await pick(items, question);
    }
  }
  return given;
}
