import { randomBytes } from "node:crypto";
import { basename } from "node:path";
import * as vscode from "vscode";
import type { Connection } from "./connection";
import { Cancelled, describe } from "./errors";
import type { FromPage, ToPage } from "./messages";
import type { Reports } from "./report";
import { type Item, Transcript } from "./transcript";
import { hasEnded, type Session, type SessionEvent, type Workspace } from "./types";
import type { Workspaces } from "./workspaces";

const TYPE = "factory.session";
const PAGE = 1000;
const MOST_FILES = 5000;
/** What is streamed is sent to the page this often, in milliseconds: each time it draws the whole message. */
const DRAWN_EVERY = 40;

/** The open session panels; one a session, shown again by VS Code after a reload. */
export class SessionPanels implements vscode.WebviewPanelSerializer, vscode.Disposable {
  readonly #panels = new Map<string, SessionPanel>();
  readonly #listeners: vscode.Disposable[];

  constructor(
    readonly connection: Connection,
    readonly workspaces: Workspaces,
    readonly reports: Reports,
    readonly root: vscode.Uri,
  ) {
    this.#listeners = [
      vscode.window.registerWebviewPanelSerializer(TYPE, this),
      workspaces.onDidChange(() => this.#each((panel) => panel.update())),
      connection.onSessionEvent(({ session, ...event }) => this.#panels.get(session)?.take(event)),
    ];
  }

  open(session: Session, workspace: Workspace): void {
    const panel = this.#panels.get(session.id);
    if (panel) {
      panel.reveal();
      return;
    }
    const title = `Claude in ${workspace.name}`;
    const column = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: false };
    this.#add(vscode.window.createWebviewPanel(TYPE, title, column), session.id);
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: { session?: string } | undefined): Promise<void> {
    if (state?.session) {
      this.#add(panel, state.session);
    } else {
      panel.dispose();
    }
  }

  #add(view: vscode.WebviewPanel, session: string): void {
    this.#panels.set(session, new SessionPanel(view, session, this));
    view.onDidDispose(() => this.#panels.delete(session));
  }

  #each(act: (panel: SessionPanel) => void): void {
    for (const panel of this.#panels.values()) {
      act(panel);
    }
  }

  dispose(): void {
    for (const listener of this.#listeners) {
      listener.dispose();
    }
  }
}

class SessionPanel {
  readonly #transcript = new Transcript();
  #loading: Promise<void> | undefined;
  /** The page listens. */
  #ready = false;
  /** It was given the whole transcript since. */
  #filled = false;
  /** What changed since it was last told. */
  readonly #changed = new Map<string, Item>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    readonly view: vscode.WebviewPanel,
    readonly id: string,
    readonly owner: SessionPanels,
  ) {
    const media = vscode.Uri.joinPath(owner.root, "media");
    const out = vscode.Uri.joinPath(owner.root, "out");
    view.webview.options = { enableScripts: true, localResourceRoots: [media, out] };
    const icon = (theme: string) => vscode.Uri.joinPath(media, `factory-${theme}.svg`);
    view.iconPath = { light: icon("light"), dark: icon("dark") };
    view.webview.onDidReceiveMessage((message: FromPage) => this.#receive(message));
    view.webview.html = page(view.webview, media, out, id);
    view.onDidDispose(() => clearTimeout(this.#timer));
  }

  reveal(): void {
    this.view.reveal();
  }

  /** The session as the workspaces have it now. */
  update(): void {
    const { session } = this.#find();
    if (this.#ready && session) {
      if (!this.#filled) {
        this.#filled = true;
        this.#load();
      }
      this.#post({ kind: "session", session, ended: hasEnded(session) });
    }
  }

  /** An event as it comes. A gap, as after a restart of the server, is filled from the transcript. */
  take({ seq, event }: SessionEvent): void {
    if (!this.#filled || this.#loading) {
      return;
    }
    if (seq > this.#transcript.seen + 1) {
      this.#load();
    } else {
      this.#add(seq, event);
      this.#timer ??= setTimeout(() => this.#flush(), DRAWN_EVERY);
    }
  }

  #add(seq: number, event: SessionEvent["event"]): void {
    for (const item of this.#transcript.add(seq, event)) {
      this.#changed.set(item.id, item);
    }
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const items = [...this.#changed.values()];
    this.#changed.clear();
    if (items.length > 0) {
      this.#post({ kind: "items", items, fresh: false });
    }
  }

  /** All there is, in place of what the page has: one message, so that it can show the end first. */
  #fill(): void {
    this.#changed.clear();
    this.#post({ kind: "items", items: this.#transcript.items, fresh: true });
  }

  #load(): void {
    const before = this.#loading ?? Promise.resolve();
    const done = before
      .then(() => this.#read())
      .catch((error) => this.owner.connection.output.warn(`Session ${this.id}: ${describe(error)}`))
      .finally(() => {
        if (this.#loading === done) {
          this.#loading = undefined;
        }
      });
    this.#loading = done;
  }

  /** Reads until nothing is left: events that come meanwhile are not taken one by one. */
  async #read(): Promise<void> {
    const fresh = this.#transcript.seen === 0;
    for (;;) {
      const page = { session: this.id, after: this.#transcript.seen, limit: PAGE };
      const { connection } = this.owner;
      const { events } = await connection.ask<{ events: SessionEvent[] }>("factory.session.transcript", page);
      for (const { seq, event } of events) {
        this.#add(seq, event);
      }
      if (events.length === 0) {
        break;
      }
    }
    if (fresh) {
      this.#fill();
    } else {
      this.#flush();
    }
  }

  async #receive(message: FromPage): Promise<void> {
    try {
      await this.#act(message);
    } catch (error) {
      if (!(error instanceof Cancelled)) {
        void vscode.window.showErrorMessage(`Factory: ${describe(error)}`);
      }
    }
  }

  async #act(message: FromPage): Promise<void> {
    const session = this.id;
    const run = (name: string, more: object = {}) =>
      this.owner.connection.execute(`factory.session.${name}`, { session, ...more });
    switch (message.kind) {
      case "ready":
        // VS Code throws the page of a hidden panel away: shown again, it gets what was read before at once.
        this.#ready = true;
        if (this.#filled) {
          this.#fill();
          this.#load();
        }
        this.update();
        return;
      case "send":
        await run("send", { prompt: message.text });
        return;
      case "answer":
        await run("answer", { request: message.request, decision: message.decision });
        return;
      case "ask":
        await this.#answerByPicker(message.request);
        return;
      case "set":
        await run(message.what === "model" ? "setModel" : "setPermissions", { [message.what]: message.value });
        return;
      case "diff":
        await this.#diff(message);
        return;
      case "mention":
        await this.#mention();
        return;
      default:
        await run(message.kind);
    }
  }

  async #answerByPicker(request: string): Promise<void> {
    const { workspace, session } = this.#find();
    const pending = session?.pending.find((one) => one.request === request);
    await vscode.commands.executeCommand("factory.answer", { workspace, session, request: pending });
  }

  /** What an edit changes or would change, in the diff editor. */
  async #diff({ item, request }: { item?: string; request?: string }): Promise<void> {
    const asked = this.#find().session?.pending.find((one) => one.request === request);
    const tool = this.#transcript.items.find((one) => one.id === item);
    const input = asked?.input ?? (tool?.kind === "tool" ? tool.input : undefined);
    if (!input) {
      return;
    }
    const { file_path, old_string, new_string, content } = input as Readonly<Record<string, string | undefined>>;
    const name = basename(file_path ?? "file");
    const before = this.owner.reports.add(`${item ?? request}/before/${name}`, old_string ?? "");
    const after = this.owner.reports.add(`${item ?? request}/after/${name}`, new_string ?? content ?? "");
    // Beside the panel, which has the button that allows it.
    const { One, Beside } = vscode.ViewColumn;
    const viewColumn = this.view.viewColumn === One ? Beside : One;
    await vscode.commands.executeCommand("vscode.diff", before, after, `${name}: Claude's edit`, { viewColumn });
  }

  async #mention(): Promise<void> {
    const { workspace } = this.#find();
    if (!workspace) {
      return;
    }
    const inside = new vscode.RelativePattern(vscode.Uri.file(workspace.path), "**/*");
    const files = await vscode.workspace.findFiles(inside, undefined, MOST_FILES);
    const paths = files.map((uri) => uri.fsPath.slice(workspace.path.length + 1)).sort();
    const chosen = await vscode.window.showQuickPick(paths, { title: "Mention a file" });
    this.reveal();
    this.#post({ kind: "insert", text: chosen ? `${chosen} ` : "" });
  }

  #find(): { workspace?: Workspace; session?: Session } {
    for (const workspace of this.owner.workspaces.all) {
      const session = workspace.sessions.find((one) => one.id === this.id);
      if (session) {
        return { workspace, session };
      }
    }
    return {};
  }

  #post(message: ToPage): void {
    void this.view.webview.postMessage(message);
  }
}

function page(webview: vscode.Webview, media: vscode.Uri, out: vscode.Uri, session: string): string {
  const nonce = randomBytes(16).toString("base64");
  const style = webview.asWebviewUri(vscode.Uri.joinPath(media, "session.css"));
  const script = webview.asWebviewUri(vscode.Uri.joinPath(out, "session.js"));
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Claude session</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'">
<link rel="stylesheet" href="${style}">
</head>
<body data-session="${session}">
<header>
  <h1 class="unseen">Claude session</h1>
  <span id="status" role="status"></span>
  <span><span class="unseen">Cost </span><span id="cost"></span></span>
  <label>Model <select id="model"></select></label>
  <label>Permissions <select id="permissions"></select></label>
  <button id="interrupt" title="End this turn (Escape)">Interrupt</button>
  <button id="stop">Stop</button>
  <button id="resume">Continue</button>
</header>
<main>
  <div id="items" role="log" aria-live="off" aria-busy="true" aria-label="Transcript" aria-describedby="keys" tabindex="0"></div>
  <p id="keys" hidden>Up and Down go through what was said, Enter opens and closes a tool.</p>
</main>
<div id="said" class="unseen" aria-live="polite"></div>
<section id="asks" aria-live="assertive" aria-label="What Claude asks"></section>
<form id="say" aria-label="Message to Claude">
  <textarea id="input" rows="3" aria-label="Message to Claude" placeholder="Message to Claude (Enter sends, Shift+Enter breaks the line, ↑ the last one, @ a file)"></textarea>
  <button type="submit">Send</button>
</form>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
}
