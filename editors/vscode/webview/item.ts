// One item of a transcript as an element.
import MarkdownIt from "markdown-it";
import type { Item } from "../src/transcript";
import { button, make } from "./elements";

/** Tools whose input is an edit. */
export const EDITS = new Set(["Edit", "Write"]);

const SPEAKERS = { you: "You", claude: "Claude", thinking: "Thinking", note: "", failure: "Failed" } as const;

/** Claude writes Markdown. HTML in it stays text, and links that run something are no links. */
const markdown = new MarkdownIt({ html: false, linkify: false, breaks: true });

export function prose(text: string): HTMLElement {
  const made = make("div", "prose");
  made.innerHTML = markdown.render(text);
  return made;
}

export function render(item: Item, onDiff: () => void): HTMLElement {
  const article = make("article", item.kind);
  article.tabIndex = -1;
  article.setAttribute("aria-label", label(item));
  if (item.kind === "tool") {
    const summary = make("summary", item.failed ? "failed" : "", label(item));
    article.append(folded(summary, () => tool(item, onDiff)));
  } else if (item.kind === "thinking") {
    article.append(folded(make("summary", "", "Thinking"), () => [block(item.text, "Thoughts")]));
  } else {
    if (SPEAKERS[item.kind]) {
      article.append(make("h2", "", SPEAKERS[item.kind]));
    }
    article.append(item.kind === "claude" ? prose(item.text) : make("div", "text", item.text));
  }
  return article;
}

/** What an item is called: who speaks, or the tool and what it is used on. */
export function label(item: Item): string {
  if (item.kind !== "tool") {
    return SPEAKERS[item.kind] || "Note";
  }
  const state = item.output === undefined ? "…" : item.failed ? "failed" : "";
  return [item.name, subject(item.input), state].join("  ").trim();
}

/** What is inside is made when it is first opened: a tool's output may be long, and few are read. */
function folded(summary: HTMLElement, content: () => HTMLElement[]): HTMLElement {
  const details = document.createElement("details");
  summary.tabIndex = -1; // Up and Down reach it, as they do all items
  details.append(summary);
  details.addEventListener("toggle", () => details.append(...content()), { once: true });
  return details;
}

function tool(item: Extract<Item, { kind: "tool" }>, onDiff: () => void): HTMLElement[] {
  const parts = [block(JSON.stringify(item.input, null, 2), "Input")];
  if (item.output) {
    parts.push(block(item.output, "Output"));
  }
  if (EDITS.has(item.name)) {
    parts.push(button("Show Diff", onDiff));
  }
  return parts;
}

/** Text as it is, that scrolls when it is long: also by keys. */
export function block(text: string, name: string): HTMLElement {
  const made = make("pre", "", text);
  made.tabIndex = 0;
  made.setAttribute("role", "region");
  made.setAttribute("aria-label", name);
  return made;
}

/** What a tool is used on: its file, command or pattern. */
function subject(given: Readonly<Record<string, unknown>>): string {
  const found = given.file_path ?? given.command ?? given.pattern ?? given.description ?? "";
  return typeof found === "string" ? (found.split("\n", 1)[0] ?? "") : "";
}
