import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as vscode from "vscode";
import type { Connection } from "./connection";
import { describe } from "./errors";
import type { SessionPanels } from "./sessionPanel";
import type { Workspace } from "./types";

const EXTENSION = "factory-ls.factory-ls";

/** `vscode://factory-ls.factory-ls/workspace/NAME[?session=ID]`: opens the workspace, and a session of it. */
export class Links implements vscode.UriHandler, vscode.Disposable {
  readonly #registration = vscode.window.registerUriHandler(this);

  constructor(
    readonly connection: Connection,
    readonly panels: SessionPanels,
  ) {}

  async handleUri(uri: vscode.Uri): Promise<void> {
    const [kind, name] = uri.path.replace(/^\//, "").split("/");
    try {
      if (kind !== "workspace" || !name) {
        throw new Error(`${uri.path} is no link to a workspace.`);
      }
      await this.#open(await this.#find(name), new URLSearchParams(uri.query).get("session"));
    } catch (error) {
      void vscode.window.showErrorMessage(`Factory: ${describe(error)}`);
    }
  }

  async #open(workspace: Workspace, session: string | null): Promise<void> {
    const here = vscode.workspace.workspaceFolders?.some(({ uri }) => uri.fsPath === workspace.path) ?? false;
    const found = workspace.sessions.find(({ id }) => id === session);
    if (here && found) {
      this.panels.open(found, workspace);
    } else if (here) {
      void vscode.window.showInformationMessage(`Factory: ${workspace.name} is open in this window.`);
    } else {
      const empty = vscode.workspace.workspaceFolders === undefined;
      await vscode.commands.executeCommand("vscode.openFolder", vscode.Uri.file(workspace.path), {
        forceNewWindow: !empty,
      });
    }
  }

  /** A link may open a window without a repository, where no server runs: then the command line answers. */
  async #find(name: string): Promise<Workspace> {
    if (this.connection.offers("factory.workspace.get")) {
      return this.connection.execute<Workspace>("factory.workspace.get", { workspace: name });
    }
    const arguments_ = ["call", "factory.workspace.get", JSON.stringify({ workspace: name })];
    const { stdout } = await promisify(execFile)(await this.connection.serverPath(), arguments_, { timeout: 30_000 });
    return JSON.parse(stdout) as Workspace;
  }

  dispose(): void {
    this.#registration.dispose();
  }
}

/** With this editor's own scheme: `vscode`, `vscode-insiders`, … */
export function linkTo(workspace: Workspace): string {
  return `${vscode.env.uriScheme}://${EXTENSION}/workspace/${encodeURIComponent(workspace.name)}`;
}
