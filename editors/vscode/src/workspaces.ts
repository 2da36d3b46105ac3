import * as vscode from "vscode";
import type { Connection } from "./connection";
import { describe, errorObject } from "./errors";
import type { Workspace } from "./types";

/** More changed workspaces than this are asked for in one list. */
const ONE_BY_ONE = 8;

/** The server's workspaces as last told, kept up to date by its notifications. */
export class Workspaces implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #listener: vscode.Disposable;
  readonly #stale = new Set<string>();
  #everything = true;
  #asking = false;
  #all = new Map<string, Workspace>();

  constructor(readonly connection: Connection) {
    this.#listener = connection.onDidChange((ids) => {
      if (ids) {
        for (const id of ids) {
          this.#stale.add(id);
        }
      } else {
        this.#everything = true;
      }
      void this.#refresh();
    });
  }

  /** Those that are not archived, in the order they were made. */
  get all(): readonly Workspace[] {
    return [...this.#all.values()].filter((workspace) => workspace.status !== "ARCHIVED");
  }

  /** One question at a time: what changes meanwhile is asked for in the next. */
  async #refresh(): Promise<void> {
    if (this.#asking) {
      return;
    }
    this.#asking = true;
    try {
      while (this.#everything || this.#stale.size > 0) {
        // A poll that found nothing new is told too: rows that stay the same must not be made again under the pointer.
        if (await this.#step()) {
          this.#changed.fire();
        }
      }
    } catch (error) {
      this.connection.output.warn(`Workspaces: ${describe(error)}`);
    } finally {
      this.#asking = false;
    }
  }

  /** Whether anything is another now. */
  async #step(): Promise<boolean> {
    const ids = [...this.#stale];
    this.#stale.clear();
    if (!this.connection.offers("factory.workspace.list")) {
      this.#everything = false;
      this.#all.clear();
      return true;
    }
    if (this.#everything || ids.length > ONE_BY_ONE) {
      this.#everything = false;
      const all = await this.connection.ask<Workspace[]>("factory.workspace.list", {});
      this.#all = new Map(all.map((workspace) => [workspace.id, workspace]));
      return true;
    }
    const changed = await Promise.all(ids.map((id) => this.#one(id)));
    return changed.includes(true);
  }

  async #one(id: string): Promise<boolean> {
    try {
      const before = this.#all.get(id);
      const now = await this.connection.ask<Workspace>("factory.workspace.get", { workspace: id });
      this.#all.set(id, now);
      return before === undefined || essence(before) !== essence(now);
    } catch (error) {
      if (errorObject(error)?.kind !== "notFound") {
        throw error;
      }
      return this.#all.delete(id);
    }
  }

  dispose(): void {
    this.#listener.dispose();
    this.#changed.dispose();
  }
}

/** Times of asking, which change with every look. */
const TIMES = new Set(["syncedAt", "nextCheckAt"]);

/** What of a workspace people see, to compare. */
function essence(workspace: Workspace): string {
  return JSON.stringify(workspace, (key, value) => (TIMES.has(key) ? undefined : value));
}
