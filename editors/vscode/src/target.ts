import type { PendingRequest, Session, Workspace } from "./types";

/** What a command is about when it was chosen on something, as in the Factory view; all empty from the palette. */
export interface Target {
  readonly workspace?: Workspace;
  readonly session?: Session;
  readonly request?: PendingRequest;
  /** A check's name. */
  readonly check?: string;
  /** What VS Code handed over, for commands of its own views: a comment's thread. */
  readonly given?: unknown;
}

/** Menus hand over the tree's node, keybindings whatever the user wrote there. */
export function targetOf(given: unknown): Target {
  const target = given as Target | null | undefined;
  return typeof target?.workspace?.id === "string" ? target : { given };
}
