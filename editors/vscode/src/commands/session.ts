import * as vscode from "vscode";
import { currentWorkspace, input, liveWorkspaces, pick, pickSession, requiredInput } from "../pick";
import type { PendingRequest, Question, Session } from "../types";
import type { Command } from "./command";

export const startSession: Command = async ({ connection }) => {
  const workspace = await currentWorkspace(connection);
  const prompt = await input(`Claude in ${workspace.name}`, { prompt: "What should Claude do? Empty: it waits." });
  await connection.execute<Session>("factory.session.start", {
    workspace: workspace.id,
    ...(prompt !== "" && { prompt }),
  });
};

export const sendMessage: Command = async ({ connection }) => {
  const workspace = await currentWorkspace(connection);
  const session = await pickSession(workspace);
  const prompt = await requiredInput(`Message to Claude in ${workspace.name}`, "What should Claude know or do?");
  await connection.execute("factory.session.send", { session: session.id, prompt });
};

export const stopSession: Command = async ({ connection }) => {
  const session = await pickSession(await currentWorkspace(connection));
  await connection.execute("factory.session.stop", { session: session.id });
};

/** Any workspace's: a session elsewhere that waits should not need its window first. */
export const answer: Command = async ({ connection }) => {
  const asks = (await liveWorkspaces(connection)).flatMap((workspace) =>
    workspace.sessions.flatMap((session) => session.pending.map((request) => ({ workspace, session, request }))),
  );
  if (asks.length === 0) {
    throw new Error("Claude asks nothing now.");
  }
  const { session, request } = await pick(
    asks.map((ask) => ({
      label: ask.request.title,
      description: ask.request.tool,
      detail: ask.workspace.name,
      value: ask,
    })),
    "What Claude asks",
  );
  const decision = await decide(request);
  await connection.execute("factory.session.answer", { session: session.id, request: request.request, ...decision });
};

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
      const chosen = await vscode.window.showQuickPick(items, { title: question, canPickMany: true });
      given[question] = (chosen ?? []).map(({ value }) => value).join(", ");
    } else {
      given[question] = await pick(items, question);
    }
  }
  return given;
}
