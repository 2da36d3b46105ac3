import * as vscode from "vscode";
import type { Connection } from "./connection";
import type { ReviewThread, Workspace } from "./types";
import type { Workspaces } from "./workspaces";

const SOURCE = "review";
const PREFIX = "review:";

/** A thread as VS Code shows it, and what the server calls it. */
interface Shown {
  readonly thread: vscode.CommentThread;
  readonly workspace: Workspace;
  readonly id: string;
  said: string;
}

/**
 * The open review threads of pull requests through the Comments API, beside the diagnostics. Where a thread stands is
 * what its diagnostic says: the server places both, also in text that was edited.
 */
export class Reviews implements vscode.Disposable {
  readonly #controller = vscode.comments.createCommentController("factory.review", "Review of the pull request");
  readonly #shown = new Map<string, Shown>();
  readonly #listeners: vscode.Disposable[];

  constructor(
    readonly connection: Connection,
    readonly workspaces: Workspaces,
  ) {
    this.#controller.options = { prompt: "Reply to the review", placeHolder: "Reply, as yourself, on GitHub" };
    this.#listeners = [
      workspaces.onDidChange(() => this.#refresh()),
      vscode.languages.onDidChangeDiagnostics(() => this.#refresh()),
    ];
  }

  /** Throws for a thread that is not one of ours (any more). */
  find(thread: vscode.CommentThread | undefined): Shown {
    const found = [...this.#shown.values()].find((one) => one.thread === thread);
    if (!found) {
      throw new Error("This review thread is not open any more.");
    }
    return found;
  }

  #refresh(): void {
    const gone = new Set(this.#shown.keys());
    const open = this.workspaces.all.flatMap((workspace) =>
      (workspace.pr?.threads ?? []).filter((thread) => !thread.isResolved).map((thread) => ({ workspace, thread })),
    );
    const places = open.length > 0 ? placesOf() : new Map<string, vscode.Location>();
    for (const { workspace, thread } of open) {
      const place = places.get(PREFIX + thread.id);
      if (place) {
        gone.delete(thread.id);
        this.#put(workspace, thread, place);
      }
    }
    for (const id of gone) {
      this.#shown.get(id)?.thread.dispose();
      this.#shown.delete(id);
    }
  }

  #put(workspace: Workspace, thread: ReviewThread, place: vscode.Location): void {
    const said = JSON.stringify(thread.comments);
    const known = this.#shown.get(thread.id);
    if (known && known.thread.uri.toString() === place.uri.toString()) {
      if (!known.thread.range?.isEqual(place.range)) {
        known.thread.range = place.range;
      }
      if (known.said !== said) {
        known.said = said;
        known.thread.comments = comments(thread);
      }
      return;
    }
    known?.thread.dispose();
    const made = this.#controller.createCommentThread(place.uri, place.range, comments(thread));
    made.label = `Review of #${workspace.pr?.number}`;
    made.contextValue = "factory";
    made.collapsibleState = vscode.CommentThreadCollapsibleState.Collapsed;
    made.canReply = true;
    this.#shown.set(thread.id, { thread: made, workspace, id: thread.id, said });
  }

  dispose(): void {
    for (const listener of this.#listeners) {
      listener.dispose();
    }
    this.#controller.dispose();
  }
}

/** Problem id → where its diagnostic is now. */
function placesOf(): Map<string, vscode.Location> {
  const found = new Map<string, vscode.Location>();
  for (const [uri, diagnostics] of vscode.languages.getDiagnostics()) {
    for (const diagnostic of diagnostics) {
      const problem = (diagnostic as { data?: { problem?: unknown } }).data?.problem;
      if (diagnostic.source === SOURCE && typeof problem === "string") {
        found.set(problem, new vscode.Location(uri, diagnostic.range));
      }
    }
  }
  return found;
}

function comments(thread: ReviewThread): vscode.Comment[] {
  return thread.comments.map(({ author, body, createdAt }) => ({
    author: { name: author ?? "somebody" },
    // Markdown as on GitHub; its links cannot run commands, as the text is not trusted.
    body: new vscode.MarkdownString(body),
    mode: vscode.CommentMode.Preview,
    ...(createdAt && { timestamp: new Date(createdAt) }),
  }));
}
