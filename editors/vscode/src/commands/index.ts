import { fixCheck, fixFile, fixProblem, openLog } from "./ci";
import type { Command } from "./command";
import { push, refreshPullRequest, rerunFailed } from "./pullRequest";
import { disableRatchet, enableRatchet, explainRatchet } from "./ratchet";
import { restartHub, restartServer, showOutput, showStatus } from "./server";
import { answer, sendMessage, startSession, stopSession } from "./session";
import { createWorkspace, openWorkspace } from "./workspace";

/** Each is declared as `factory.<name>` in package.json, with the server command it needs. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  answer,
  createWorkspace,
  disableRatchet,
  enableRatchet,
  explainRatchet,
  fixCheck,
  fixFile,
  fixProblem,
  openLog,
  openWorkspace,
  push,
  refreshPullRequest,
  rerunFailed,
  restartHub,
  restartServer,
  sendMessage,
  showOutput,
  showStatus,
  startSession,
  stopSession,
};
