import type * as vscode from "vscode";
import type { Command } from "./command";

/** From the box below a thread. */
export const replyToThread: Command = async ({ connection, reviews }, target) => {
  const { thread, text } = target.given as vscode.CommentReply;
  const { workspace, id } = reviews.find(thread);
  await connection.execute("factory.pr.reply", { workspace: workspace.id, thread: id, body: text });
};

export const resolveThread: Command = async ({ connection, reviews }, target) => {
  const { workspace, id } = reviews.find(target.given as vscode.CommentThread);
  await connection.execute("factory.pr.resolve", { workspace: workspace.id, thread: id });
};

export const fixThread: Command = async ({ connection, reviews }, target) => {
  const { workspace, id } = reviews.find(target.given as vscode.CommentThread);
  await connection.execute("factory.ci.fix", { workspace: workspace.id, problem: `review:${id}` });
};
