import * as vscode from "vscode";
import { type Connection, repositoryFolders } from "./connection";
import { Cancelled, errorObject } from "./errors";
import { dollars, words } from "./summary";
import type { Target } from "./target";
import { hasEnded, type Session, type Workspace } from "./types";

/** What the user looks at: the active file, else the first opened folder in a repository. */
export async function currentPath(): Promise<string | undefined> {
  const document = vscode.window.activeTextEditor?.document;
  return document?.uri.scheme === "file" ? document.uri.fsPath : (await repositoryFolders())[0];
}

export async function pick<T>(items: readonly (vscode.QuickPickItem & { value: T })[], title: string): Promise<T> {
  // A session's panel that opens meanwhile takes the focus; it must not take the picker with it.
  const options = { title, matchOnDescription: true, matchOnDetail: true, ignoreFocusOut: true };
  const chosen = await vscode.window.showQuickPick(items, options);
  if (!chosen) {
    throw new Cancelled();
  }
  return chosen.value;
}

export async function input(title: string, options: vscode.InputBoxOptions = {}): Promise<string> {
  const text = await vscode.window.showInputBox({ title, ignoreFocusOut: true, ...options });
  if (text === undefined) {
    throw new Cancelled();
  }
  return text.trim();
}

/** Asks until there is something in the box. */
export async function requiredInput(title: string, prompt: string): Promise<string> {
  return input(title, { prompt, validateInput: (text) => (text.trim() === "" ? "This cannot be empty." : undefined) });
}

/** The target's, else that of the current file; when it is in none, the user picks one. */
export async function currentWorkspace(connection: Connection, target: Target): Promise<Workspace> {
  if (target.workspace) {
    return target.workspace;
  }
  const path = await currentPath();
  if (path !== undefined) {
    try {
      return await connection.execute<Workspace>("factory.workspace.get", { workspace: path });
    } catch (error) {
      if (errorObject(error)?.kind !== "notFound") {
        throw error;
      }
    }
  }
  return pickWorkspace(connection);
}

export async function liveWorkspaces(connection: Connection): Promise<Workspace[]> {
  const all = await connection.execute<Workspace[]>("factory.workspace.list");
  return all.filter((workspace) => workspace.status !== "ARCHIVED");
}

export async function pickWorkspace(connection: Connection): Promise<Workspace> {
  const workspaces = await liveWorkspaces(connection);
  if (workspaces.length === 0) {
    throw new Error("There is no workspace yet: run “Factory: Create Workspace”.");
  }
  return pick(
    workspaces.map((workspace) => ({
      label: workspace.name,
      description: words(workspace),
      detail: workspace.path,
      value: workspace,
    })),
    "Workspace",
  );
}

/** The target's, else one of the workspace that has not ended; asked for only when there are several. */
export async function pickSession(
  workspace: Workspace,
  target: Target,
  wanted = (session: Session): boolean => !hasEnded(session),
): Promise<Session> {
  if (target.session) {
    return target.session;
  }
  const sessions = workspace.sessions.filter(wanted);
  if (sessions.length <= 1) {
    const [only] = sessions;
    if (!only) {
      throw new Error(`There is no such Claude session in ${workspace.name}: run “Factory: Start Claude Session”.`);
    }
    return only;
  }
  return pick(
    sessions.map((session) => ({
      label: session.workflow,
      description: `${session.status} · ${session.model} · ${dollars(session.costUsd)}`,
      detail: session.id,
      value: session,
    })),
    "Claude session",
  );
}
