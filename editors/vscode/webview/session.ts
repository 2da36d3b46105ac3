// The page of a session panel: shows what the extension sends, and sends what the user does.
import MarkdownIt from "markdown-it";
import type { FromPage, ToPage } from "../src/messages";
import type { Item } from "../src/transcript";
import type { PendingRequest, Session } from "../src/types";

interface Kept {
  readonly session: string;
  readonly draft: string;
  readonly history: readonly string[];
}

declare function acquireVsCodeApi(): {
  postMessage(message: FromPage): void;
  getState(): Kept | undefined;
  setState(state: Kept): void;
};

const MODELS = ["sonnet", "opus", "haiku"];
const MODES = ["strict", "relaxed", "yolo"];
const EDITS = new Set(["Edit", "Write"]);
const MOST_KEPT = 50;

const code = acquireVsCodeApi();
const session = document.body.dataset.session ?? "";
const items = element<HTMLElement>("items");
const asks = element<HTMLElement>("asks");
const input = element<HTMLTextAreaElement>("input");
const model = element<HTMLSelectElement>("model");
const permissions = element<HTMLSelectElement>("permissions");
const shown = new Map<string, HTMLElement>();
const kept = code.getState();
let history: string[] = [...(kept?.history ?? [])];
let at = history.length;
/** The next items are what the user waits for, wherever they had scrolled to. */
let follow = false;
input.value = kept?.draft ?? "";

function element<T extends HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

function make(name: string, className: string, text = ""): HTMLElement {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function button(label: string, act: () => void): HTMLElement {
  const made = make("button", "", label);
  made.addEventListener("click", act);
  return made;
}

function keep(): void {
  code.setState({ session, draft: input.value, history: history.slice(-MOST_KEPT) });
}

const SPEAKERS = { you: "You", claude: "Claude", thinking: "Thinking", note: "", failure: "Failed" } as const;

function render(item: Item): HTMLElement {
  const article = make("article", item.kind);
  if (item.kind === "tool" || item.kind === "thinking") {
    const before = shown.get(item.id)?.querySelector("details")?.open ?? false;
    const details = document.createElement("details");
    details.open = before;
    details.append(
      ...(item.kind === "tool" ? tool(item) : [make("summary", "", "Thinking"), make("pre", "", item.text)]),
    );
    article.append(details);
    return article;
  }
  if (SPEAKERS[item.kind]) {
    article.append(make("h2", "", SPEAKERS[item.kind]));
  }
  article.append(item.kind === "claude" ? prose(item.text) : make("div", "text", item.text));
  return article;
}

/** Claude writes Markdown. HTML in it stays text, and links that run something are no links. */
const markdown = new MarkdownIt({ html: false, linkify: false, breaks: true });
function prose(text: string): HTMLElement {
  const made = make("div", "prose");
  made.innerHTML = markdown.render(text);
  return made;
}

function tool(item: Extract<Item, { kind: "tool" }>): HTMLElement[] {
  const state = item.output === undefined ? "…" : item.failed ? "failed" : "";
  const summary = make(
    "summary",
    item.failed ? "failed" : "",
    [item.name, subject(item.input), state].join("  ").trim(),
  );
  const parts = [summary, make("pre", "", JSON.stringify(item.input, null, 2))];
  if (item.output) {
    parts.push(make("pre", "output", item.output));
  }
  if (EDITS.has(item.name)) {
    parts.push(button("Show Diff", () => code.postMessage({ kind: "diff", item: item.id })));
  }
  return parts;
}

/** What a tool is used on: its file, command or pattern. */
function subject(given: Readonly<Record<string, unknown>>): string {
  const found = given.file_path ?? given.command ?? given.pattern ?? given.description ?? "";
  return typeof found === "string" ? (found.split("\n", 1)[0] ?? "") : "";
}

function show(changed: readonly Item[], fresh: boolean): void {
  const atEnd = follow || items.scrollHeight - items.scrollTop - items.clientHeight < 40;
  follow = false;
  if (fresh) {
    shown.clear();
    items.replaceChildren();
  }
  for (const item of changed) {
    const made = render(item);
    const before = shown.get(item.id);
    if (before) {
      before.replaceWith(made);
    } else {
      items.append(made);
    }
    shown.set(item.id, made);
  }
  if (atEnd || fresh) {
    items.scrollTop = items.scrollHeight;
  }
}

function state(now: Session, ended: boolean): void {
  const working = now.status === "RUNNING" || now.status === "STARTING" || now.status === "WAITING";
  element("status").textContent = now.error ? `${now.status}: ${now.error}` : now.status;
  element("cost").textContent = `$${now.costUsd.toFixed(4)}`;
  element("interrupt").hidden = !working;
  element("stop").hidden = ended;
  element("resume").hidden = !ended;
  element("say").hidden = ended;
  choices(model, MODELS, now.model);
  choices(permissions, MODES, now.permissions);
  model.disabled = permissions.disabled = ended;
  asks.replaceChildren(...now.pending.map(ask));
}

function choices(select: HTMLSelectElement, known: readonly string[], chosen: string): void {
  const names = [...new Set([...known, chosen])];
  select.replaceChildren(...names.map((name) => new Option(name, name, name === chosen, name === chosen)));
}

function ask(request: PendingRequest): HTMLElement {
  const article = make("article", "ask");
  article.append(make("h2", "", request.title));
  const { command } = request.input;
  if (command) {
    article.append(make("pre", "", command));
  }
  const row = make("div", "row");
  if (request.input.questions) {
    row.append(button("Answer…", () => code.postMessage({ kind: "ask", request: request.request })));
  } else {
    const answer = (decision: "allow" | "allowAlways" | "deny") => () =>
      code.postMessage({ kind: "answer", request: request.request, decision });
    row.append(button("Allow", answer("allow")), button("Always Allow", answer("allowAlways")));
    row.append(button("Deny", answer("deny")));
  }
  article.append(row);
  return article;
}

function send(): void {
  const text = input.value.trim();
  if (text !== "") {
    code.postMessage({ kind: "send", text });
    follow = true;
    history = [...history.filter((one) => one !== text), text];
    at = history.length;
    input.value = "";
    keep();
  }
}

/** Moves through what was sent before, when the cursor is on the first or last line. */
function recall(event: KeyboardEvent): void {
  const step = event.key === "ArrowUp" ? -1 : 1;
  const edge = step < 0 ? input.value.slice(0, input.selectionStart) : input.value.slice(input.selectionEnd);
  const next = at + step;
  if (edge.includes("\n") || next < 0 || next > history.length) {
    return;
  }
  event.preventDefault();
  at = next;
  input.value = history[at] ?? "";
}

input.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    send();
  } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
    recall(event);
  }
});
input.addEventListener("input", (event) => {
  keep();
  if ((event as InputEvent).data === "@") {
    code.postMessage({ kind: "mention" });
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !element("interrupt").hidden) {
    code.postMessage({ kind: "interrupt" });
  }
});
element("say").addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
for (const kind of ["interrupt", "stop", "resume"] as const) {
  element(kind).addEventListener("click", () => code.postMessage({ kind }));
}
for (const [what, select] of [
  ["model", model],
  ["permissions", permissions],
] as const) {
  select.addEventListener("change", () => code.postMessage({ kind: "set", what, value: select.value }));
}
window.addEventListener("message", ({ data }: MessageEvent<ToPage>) => {
  if (data.kind === "items") {
    show(data.items, data.fresh);
  } else if (data.kind === "session") {
    state(data.session, data.ended);
  } else {
    input.setRangeText(data.text, input.selectionStart, input.selectionEnd, "end");
    input.focus();
    keep();
  }
});
keep();
input.focus();
code.postMessage({ kind: "ready" });
