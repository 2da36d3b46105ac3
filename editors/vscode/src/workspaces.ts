import * as vscode from "vscode";
import type { Connection } from "./connection";
import { describe, errorObject } from "./errors";
import type { Workspace } from "./types";

/** More changed workspaces than this are asked for in one list. */
const ONE_BY_ONE = 8;

/** The server's workspaces as last told, kept up to date by its notifications. */
export class Workspaces implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<readonly string[] | undefined>();
  /** Ids of those that look otherwise now; undefined when some came or went, or all were asked for. */
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
        const changed = await this.#step();
        if (changed?.length !== 0) {
          this.#changed.fire(changed);
        }
      }
    } catch (error) {
      this.connection.output.warn(`Workspaces: ${describe(error)}`);
    } finally {
      this.#asking = false;
    }
  }

  /** Ids of those that are another now; undefined when the list is. */
  async #step(): Promise<readonly string[] | undefined> {
    const ids = [...this.#stale];
    this.#stale.clear();
    if (!this.connection.offers("factory.workspace.list")) {
      this.#everything = false;
      this.#all.clear();
      return undefined;
    }
    const before = this.#all;
    if (this.#everything || ids.length > ONE_BY_ONE) {
      this.#everything = false;
      const all = await this.connection.ask<Workspace[]>("factory.workspace.list", {});
      this.#all = new Map(all.map((workspace) => [workspace.id, workspace]));
    } else {
      this.#all = new Map(before);
      await Promise.all(ids.map((id) => this.#one(id)));
    }
    return difference(before, this.#all);
  }

  async #one(id: string): Promise<void> {
    try {
      this.#all.set(id, await this.connection.ask<Workspace>("factory.workspace.get", { workspace: id }));
    } catch (error) {
      if (errorObject(error)?.kind !== "notFound") {
        throw error;
      }
      this.#all.delete(id);
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

/** Ids of those that people see otherwise now; undefined when others are shown than before, or in another order. */
function difference(
  before: ReadonlyMap<string, Workspace>,
  now: ReadonlyMap<string, Workspace>,
): readonly string[] | undefined {
  const shown = (all: ReadonlyMap<string, Workspace>) =>
    [...all.values()].filter(({ status }) => status !== "ARCHIVED").map(({ id }) => id);
  if (shown(before).join() !== shown(now).join()) {
    return undefined;
  }
  const changed = [...now.values()].filter((workspace) => {
    const old = before.get(workspace.id);
    return old !== workspace && (old === undefined || essence(old) !== essence(workspace));
  });
  return changed.map(({ id }) => id);
}
