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
