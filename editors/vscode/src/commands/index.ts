import { fixCheck, fixFile, fixProblem, openLog } from "./ci";
import type { Command } from "./command";
import { discardFix, pushFix, showFix } from "./fix";
import { createPullRequest, openPullRequest, push, refreshPullRequest, rerunFailed } from "./pullRequest";
import { checkRatchet, disableRatchet, enableRatchet, explainRatchet, toggleRatchet } from "./ratchet";
import { fixThread, replyToThread, resolveThread } from "./review";
import { doctor, install, restartHub, restartServer, showOutput, showStatus, walkthrough } from "./server";
import {
  answer,
  continueSession,
  interruptSession,
  openSession,
  openTranscript,
  sendMessage,
  sendSelection,
  startSession,
  stopSession,
} from "./session";
import { archiveWorkspace, copyLink, createWorkspace, openWorkspace, retrySetup } from "./workspace";

/** Each is declared as `factory.<name>` in package.json, with the server command it needs. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  answer,
  archiveWorkspace,
  checkRatchet,
  continueSession,
  copyLink,
  createPullRequest,
  createWorkspace,
  disableRatchet,
  discardFix,
  doctor,
  enableRatchet,
  explainRatchet,
  fixCheck,
  fixFile,
  fixProblem,
  fixThread,
  install,
  interruptSession,
  openLog,
  openPullRequest,
  openSession,
  openTranscript,
  openWorkspace,
  push,
  pushFix,
  refreshPullRequest,
  replyToThread,
  rerunFailed,
  resolveThread,
  restartHub,
  restartServer,
  retrySetup,
  sendMessage,
  sendSelection,
  showFix,
  showOutput,
  showStatus,
  startSession,
  stopSession,
  toggleRatchet,
  walkthrough,
};
