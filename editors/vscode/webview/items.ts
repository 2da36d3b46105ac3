// The transcript in the page: its end at once, what came before as the page has time; its keys; what is read out.
import type { Item } from "../src/transcript";
import { label, render } from "./item";

/** As many as fill the tallest screen. */
const FIRST = 60;
/** Milliseconds of work before the page may answer a key. */
const SLICE = 12;
/** Pixels from the end that still count as the end. */
const NEAR = 40;

interface Options {
  /** Id of the item to show first, in place of the end. */
  readonly place: string | undefined;
  readonly onDiff: (item: string) => void;
  readonly onMove: () => void;
}

export class Items {
  readonly #shown = new Map<string, HTMLElement>();
  /** Before the first that is shown, in order; made from the end on. */
  #older: Item[] = [];
  /** Ids that were read out, a tool's with its outcome. */
  readonly #told = new Set<string>();
  #working = false;
  /** The next items are what the user waits for, wherever they had scrolled to. */
  #follow = false;
  #place: string | undefined;

  constructor(
    readonly list: HTMLElement,
    /** A live region. The list is none: of a message that is streamed it would read the whole with every word. */
    readonly said: HTMLElement,
    readonly options: Options,
  ) {
    this.#place = options.place;
    list.addEventListener("keydown", (event) => this.#key(event));
    list.addEventListener("scrollend", () => {
      this.#place = this.#atEnd() ? undefined : this.#top();
      options.onMove();
    });
  }

  /** Id of the item at the top; undefined when the end is shown. */
  get place(): string | undefined {
    return this.#place;
  }

  follow(): void {
    this.#follow = true;
  }

  show(changed: readonly Item[], fresh: boolean): void {
    const atEnd = this.#follow || this.#atEnd();
    this.#follow = false;
    if (fresh) {
      this.#fill(changed);
      return;
    }
    for (const item of changed) {
      this.#put(item);
      this.#tell(item);
    }
    if (atEnd) {
      this.list.scrollTop = this.list.scrollHeight;
    }
  }

  #fill(all: readonly Item[]): void {
    const place = all.findIndex(({ id }) => id === this.#place);
    const first = Math.max(0, Math.min(all.length - FIRST, place < 0 ? all.length : place));
    this.#shown.clear();
    this.list.replaceChildren();
    this.#older = all.slice(0, first);
    for (const item of all.slice(first)) {
      this.#put(item);
    }
    const there = this.#shown.get(this.#place ?? "");
    if (there) {
      there.scrollIntoView({ block: "start" });
    } else {
      this.list.scrollTop = this.list.scrollHeight;
    }
    performance.mark("end shown"); // benchmarks/editors.py reads these
    this.#goOn();
  }

  #put(item: Item): void {
    const before = this.#shown.get(item.id);
    const waiting = before ? -1 : this.#older.findLastIndex(({ id }) => id === item.id);
    if (waiting >= 0) {
      this.#older[waiting] = item;
      return;
    }
    const made = this.#make(item);
    if (!before) {
      this.list.append(made);
      return;
    }
    const focused = before.contains(document.activeElement);
    const details = made.querySelector("details");
    if (details) {
      details.open = before.querySelector("details")?.open ?? false;
    }
    before.replaceWith(made);
    if (focused) {
      made.focus({ preventScroll: true });
    }
  }

  #make(item: Item): HTMLElement {
    const made = render(item, () => this.options.onDiff(item.id));
    made.dataset.item = item.id;
    this.#shown.set(item.id, made);
    return made;
  }

  /** Makes what is older piece by piece, above what is shown, which stays where it is. */
  #goOn(): void {
    const more = this.#older.length > 0;
    this.list.setAttribute("aria-busy", String(more));
    if (!more) {
      performance.mark("all shown");
    }
    if (!more || this.#working) {
      return;
    }
    this.#working = true;
    setTimeout(() => {
      this.#working = false;
      const made: HTMLElement[] = [];
      const end = performance.now() + SLICE;
      for (let item = this.#older.pop(); item; item = this.#older.pop()) {
        made.unshift(this.#make(item));
        if (performance.now() > end) {
          break;
        }
      }
      if (this.list.scrollTop === 0) {
        this.list.scrollTop = 1; // at 0 a browser keeps the top in view, not what is there
      }
      this.list.prepend(...made);
      this.#goOn();
    });
  }

  #atEnd(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.list;
    return scrollHeight - scrollTop - clientHeight < NEAR;
  }

  #top(): string | undefined {
    const { left, top } = this.list.getBoundingClientRect();
    // Between two items there is nothing: a little lower there is one.
    const found = [2, 14].map((y) => document.elementFromPoint(left + 20, top + y)?.closest("article"));
    return found.find((one) => one)?.dataset.item;
  }

  /** Reads out what is whole and was not said by the user. */
  #tell(item: Item): void {
    if (item.kind === "you" || item.kind === "thinking" || (item.kind !== "tool" && item.partial)) {
      return;
    }
    const state = item.kind === "tool" ? `${item.id} ${item.failed}` : item.id;
    if (this.#told.has(state)) {
      return;
    }
    this.#told.add(state);
    const line = document.createElement("p");
    line.textContent =
      item.kind === "tool" ? label(item) : `${label(item)}: ${this.#shown.get(item.id)?.lastElementChild?.textContent}`;
    this.said.append(line);
    while (this.said.childElementCount > 5) {
      this.said.firstElementChild?.remove();
    }
  }

  /** Up and Down go from item to item, and through one that is taller than the page; Home, End; Enter folds. */
  #key(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    const current = target.closest("article");
    if (event.key === "Enter" || event.key === " ") {
      const details = target === current ? current.querySelector("details") : null;
      if (details) {
        event.preventDefault();
        details.open = !details.open;
      }
      return;
    }
    const next = target.tagName === "PRE" ? null : this.#step(event.key, current);
    if (next instanceof HTMLElement && !event.ctrlKey && !event.altKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      next.focus();
    }
  }

  #step(key: string, current: HTMLElement | null): Element | null | undefined {
    const page = this.list.getBoundingClientRect();
    const box = current?.getBoundingClientRect();
    switch (key) {
      case "ArrowDown":
        return box && box.bottom > page.bottom + 1
          ? null
          : current
            ? current.nextElementSibling
            : this.list.lastElementChild;
      case "ArrowUp":
        return box && box.top < page.top - 1
          ? null
          : current
            ? current.previousElementSibling
            : this.list.lastElementChild;
      case "Home":
        return this.list.firstElementChild;
      case "End":
        return this.list.lastElementChild;
      default:
        return undefined;
    }
  }
}
