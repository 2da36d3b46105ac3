// A session's stream as people read it. The panel shows what this makes of the server's events.

export type Item =
  | {
      readonly kind: "you" | "claude" | "thinking" | "note" | "failure";
      readonly id: string;
      readonly text: string;
      /** More of it is to come. */
      readonly partial?: true;
    }
  | {
      readonly kind: "tool";
      readonly id: string;
      readonly name: string;
      input: Readonly<Record<string, unknown>>;
      output: string | undefined;
      failed: boolean;
    };

type Json = Readonly<Record<string, unknown>>;

/** Folds events, in order and each once, into items. The same events give the same items. */
export class Transcript {
  readonly #items = new Map<string, Item>();
  /** Message id → how many of its blocks have come whole. */
  readonly #blocks = new Map<string, number>();
  #streaming = "";
  #seen = 0;

  /** Sequence number of the last event taken. */
  get seen(): number {
    return this.#seen;
  }

  get items(): readonly Item[] {
    return [...this.#items.values()];
  }

  /** Items that are new or changed; none for an event that was taken before. */
  add(seq: number, event: Json): Item[] {
    if (seq <= this.#seen) {
      return [];
    }
    this.#seen = seq;
    switch (event.type) {
      case "factory/prompt":
        return [this.#put({ kind: "you", id: text(event.uuid), text: text(event.text) })];
      case "stream_event":
        // What a tool's own Claude says is the tool's output, and comes between the pieces of what this one says.
        return event.parent_tool_use_id ? [] : this.#delta(object(event.event));
      case "assistant":
        return this.#message(object(event.message));
      case "user":
        return this.#results(object(event.message));
      case "result":
        return wasInterrupted(event)
          ? [this.#put({ kind: "note", id: `note/${seq}`, text: "Interrupted." })]
          : event.is_error
            ? [this.#put({ kind: "failure", id: `result/${seq}`, text: reason(event) })]
            : [];
      default:
        return note(event).map((line) => this.#put({ kind: "note", id: `note/${seq}`, text: line }));
    }
  }

  #put(item: Item): Item {
    this.#items.set(item.id, item);
    return item;
  }

  #delta(event: Json): Item[] {
    if (event.type === "message_start") {
      this.#streaming = text(object(event.message).id);
      return [];
    }
    const delta = object(event.delta);
    if (event.type !== "content_block_delta" || typeof delta.text !== "string") {
      return [];
    }
    const id = `${this.#streaming}/${event.index}`;
    const before = this.#items.get(id);
    const so_far = before?.kind === "claude" ? before.text : "";
    return [this.#put({ kind: "claude", id, text: so_far + delta.text, partial: true })];
  }

  /** A block that is whole replaces what was streamed of it: both count a message's blocks alike. */
  #message(message: Json): Item[] {
    const id = text(message.id);
    return list(message.content).flatMap((block) => {
      const index = this.#blocks.get(id) ?? 0;
      this.#blocks.set(id, index + 1);
      if (block.type === "tool_use") {
        const tool = { name: text(block.name), input: object(block.input), output: undefined, failed: false };
        return [this.#put({ kind: "tool", id: text(block.id), ...tool })];
      }
      if (block.type === "text" || block.type === "thinking") {
        const kind = block.type === "text" ? "claude" : "thinking";
        return [this.#put({ kind, id: `${id}/${index}`, text: text(block.text ?? block.thinking) })];
      }
      return [];
    });
  }

  #results(message: Json): Item[] {
    return list(message.content).flatMap((block) => {
      const tool = this.#items.get(text(block.tool_use_id));
      if (block.type !== "tool_result" || tool?.kind !== "tool") {
        return [];
      }
      return [this.#put({ ...tool, output: plain(block.content), failed: block.is_error === true })];
    });
  }
}

function note(event: Json): string[] {
  const proof = object(event.proof);
  switch (event.type) {
    case "factory/answer":
      return [`You answered: ${text(event.decision)}.`];
    case "factory/red":
      return [`${text(event.command) || text(event.check)}: exit ${event.code ?? "unknown"} before the fix.`];
    case "factory/handedBack":
      return [["The fix was handed back: it cannot be pushed yet.", ...texts(event.why)].join("\n")];
    case "factory/proved":
      return [`${text(proof.command)}: exit ${proof.red} before, exit ${proof.green} after. Pushed.`];
    case "factory/notPushed":
      return [text(event.why)];
    case "factory/held":
      return [`No further turn: ${text(event.why)}`];
    case "factory/dropped":
      return ["What waited to be sent was dropped."];
    case "system":
      return system(event);
    case "factory/exited":
      return [event.stopped ? "Stopped." : `Claude ended${event.code === 0 ? "" : ` with exit code ${event.code}`}.`];
    default:
      return [];
  }
}

function system(event: Json): string[] {
  switch (event.subtype) {
    case "api_retry":
      return [`The API failed (${event.error_status ?? "no answer"}); it is asked again.`];
    case "compact_boundary":
      return ["The conversation so far was summed up to make room."];
    default:
      return [];
  }
}

function wasInterrupted(event: Json): boolean {
  return text(event.terminal_reason).startsWith("aborted");
}

function reason(event: Json): string {
  return text(event.result) || text(event.api_error) || text(event.subtype) || "The turn failed.";
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function object(value: unknown): Json {
  return typeof value === "object" && value !== null ? (value as Json) : {};
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(object) : [];
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(text).filter((line) => line !== "") : [];
}

/** A tool's answer: a string, or blocks of which the text is kept. */
function plain(content: unknown): string {
  return typeof content === "string"
    ? content
    : list(content)
        .map((block) => text(block.text))
        .join("\n");
}
