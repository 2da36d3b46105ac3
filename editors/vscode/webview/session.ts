// The page of a session panel: shows what the extension sends, and sends what the user does.
import type { FromPage, ToPage } from "../src/messages";
import type { PendingRequest, Session } from "../src/types";
import { button, element, make } from "./elements";
import { block, EDITS, prose } from "./item";
import { Items } from "./items";

interface Kept {
  readonly session: string;
  readonly draft: string;
  readonly history: readonly string[];
  /** Id of the item that was at the top; undefined when the end was shown. */
  readonly place?: string | undefined;
}

declare function acquireVsCodeApi(): {
  postMessage(message: FromPage): void;
  getState(): Kept | undefined;
  setState(state: Kept): void;
};

const MODELS = ["sonnet", "opus", "haiku"];
const MODES = ["strict", "relaxed", "yolo"];
const MOST_KEPT = 50;

const code = acquireVsCodeApi();
const session = document.body.dataset.session ?? "";
const asks = element<HTMLElement>("asks");
const input = element<HTMLTextAreaElement>("input");
const model = element<HTMLSelectElement>("model");
const permissions = element<HTMLSelectElement>("permissions");
const kept = code.getState();
let history: string[] = [...(kept?.history ?? [])];
let at = history.length;
/** Requests that are shown. */
let asked = "";
const items = new Items(element("items"), element("said"), {
  place: kept?.place,
  onDiff: (item) => code.postMessage({ kind: "diff", item }),
  onMove: keep,
});
input.value = kept?.draft ?? "";

function keep(): void {
  code.setState({ session, draft: input.value, history: history.slice(-MOST_KEPT), place: items.place });
}

const STATUS: Readonly<Record<Session["status"], string>> = {
  STARTING: "Starting…",
  IDLE: "Ready",
  RUNNING: "Working…",
  WAITING: "Waiting for you",
  COMPLETED: "Ended",
  FAILED: "Failed",
  STOPPED: "Stopped",
};

function state(now: Session, ended: boolean): void {
  const working = now.status === "RUNNING" || now.status === "STARTING" || now.status === "WAITING";
  const status = STATUS[now.status] ?? now.status;
  say("status", now.error ? `${status}: ${now.error}` : status);
  say("cost", `$${now.costUsd.toFixed(4)}`);
  element("interrupt").hidden = !working;
  element("stop").hidden = ended;
  element("resume").hidden = !ended;
  element("say").hidden = ended;
  choices(model, MODELS, now.model);
  choices(permissions, MODES, now.permissions);
  model.disabled = permissions.disabled = ended;
  pending(now.pending);
}

/** A live region is read out again whenever it is written. */
function say(id: string, text: string): void {
  const place = element(id);
  if (place.textContent !== text) {
    place.textContent = text;
  }
}

/** Made again only when they are others: a button that is about to be pressed stays, and is not read out twice. */
function pending(requests: readonly PendingRequest[]): void {
  const now = JSON.stringify(requests.map(({ request }) => request));
  if (now !== asked) {
    asked = now;
    const here = asks.contains(document.activeElement);
    asks.replaceChildren(...requests.map(ask));
    if (here) {
      (asks.querySelector("button") ?? input).focus();
    }
  }
}

/** A list that is open would close if it were made again. */
function choices(select: HTMLSelectElement, known: readonly string[], chosen: string): void {
  const names = [...new Set([...known, chosen])];
  if (names.join() !== [...select.options].map(({ value }) => value).join()) {
    select.replaceChildren(...names.map((name) => new Option(name, name)));
  }
  if (document.activeElement !== select || select.dataset.chosen !== chosen) {
    select.value = select.dataset.chosen = chosen;
  }
}

function ask(request: PendingRequest): HTMLElement {
  const article = make("article", "ask");
  article.append(make("h2", "", request.title));
  const { command, plan } = request.input;
  if (command) {
    article.append(block(command, "Command"));
  }
  if (plan) {
    article.append(prose(plan));
  }
  const row = make("div", "row");
  if (EDITS.has(request.tool) && request.input.file_path) {
    row.append(button("Show Diff", () => code.postMessage({ kind: "diff", request: request.request })));
  }
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
    items.follow();
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
    items.show(data.items, data.fresh);
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
performance.mark("ready");
code.postMessage({ kind: "ready" });
