import { fixCheck, fixFile, fixProblem, openLog } from "./ci";
import type { Command } from "./command";
import { createPullRequest, openPullRequest, push, refreshPullRequest, rerunFailed } from "./pullRequest";
import { checkRatchet, disableRatchet, enableRatchet, explainRatchet } from "./ratchet";
import { doctor, install, restartHub, restartServer, showOutput, showStatus, walkthrough } from "./server";
import {
  answer,
  continueSession,
  interruptSession,
  openSession,
  sendMessage,
  sendSelection,
  startSession,
  stopSession,
} from "./session";
import { archiveWorkspace, createWorkspace, openWorkspace, retrySetup } from "./workspace";

/** Each is declared as `factory.<name>` in package.json, with the server command it needs. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  answer,
  archiveWorkspace,
  checkRatchet,
  continueSession,
  createPullRequest,
  createWorkspace,
  disableRatchet,
  doctor,
  enableRatchet,
  explainRatchet,
  fixCheck,
  fixFile,
  fixProblem,
  install,
  interruptSession,
  openLog,
  openPullRequest,
  openSession,
  openWorkspace,
  push,
  refreshPullRequest,
  rerunFailed,
  restartHub,
  restartServer,
  retrySetup,
  sendMessage,
  sendSelection,
  showOutput,
  showStatus,
  startSession,
  stopSession,
  walkthrough,
};
