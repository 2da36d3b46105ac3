import * as vscode from "vscode";
import type { Connection } from "./connection";
import { errorObject } from "./errors";
import { currentPath } from "./pick";
import { summary, tooltip } from "./summary";
import type { Workspace } from "./types";

/** One item: the workspace of the file in front of the user. Hidden when no server runs. */
export class StatusBar implements vscode.Disposable {
  readonly #item = vscode.window.createStatusBarItem("factory.status", vscode.StatusBarAlignment.Left, 1);
  readonly #listeners: vscode.Disposable[];
  #asked = 0;

  constructor(readonly connection: Connection) {
    this.#item.name = "Factory";
    this.#item.command = "factory.showStatus";
    this.#listeners = [
      connection.onDidChange(() => this.refresh()),
      vscode.window.onDidChangeActiveTextEditor(() => this.refresh()),
    ];
  }

  async refresh(): Promise<void> {
    const asked = ++this.#asked;
    const path = await currentPath();
    if (path === undefined || !this.connection.offers("factory.workspace.get")) {
      this.#item.hide();
      return;
    }
    let workspace: Workspace | undefined;
    try {
      workspace = await this.connection.ask<Workspace>("factory.workspace.get", { workspace: path });
    } catch (error) {
      if (errorObject(error)?.kind !== "notFound") {
        this.connection.output.warn(`Status: ${String(error)}`);
      }
    }
    if (asked !== this.#asked) {
      return; // a newer question is on its way
    }
    this.#item.text = workspace ? summary(workspace) : "$(tools) Factory";
    this.#item.tooltip = workspace ? tooltip(workspace) : "This folder is not a Factory workspace.";
    const waits = workspace?.sessions.some((session) => session.pending.length > 0) ?? false;
    this.#item.backgroundColor = waits ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
    this.#item.show();
  }

  dispose(): void {
    for (const listener of this.#listeners) {
      listener.dispose();
    }
    this.#item.dispose();
  }
}
