/** `[line, start, end, look]`, 0-based, in UTF-16 units, as `factory.ci.log` tells it with `styles`. */
export type Style = readonly [number, number, number, string];

export interface Look {
  /** A colour of terminals (`red`, `brightRed`), `#rrggbb`, or none. */
  readonly front: string;
  readonly back: string;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly italic: boolean;
  /** CSS `text-decoration`. */
  readonly decoration: string;
}

const MODES = new Set(["bold", "dim", "italic", "underline", "strike"]);

/** `bold red on-white` */
export function lookOf(text: string): Look {
  const words = text.split(" ");
  const has = (word: string): boolean => words.includes(word);
  const front = words.find((word) => !MODES.has(word) && !word.startsWith("on-") && word !== "default") ?? "";
  return {
    front,
    back: words.find((word) => word.startsWith("on-"))?.slice(3) ?? "",
    bold: has("bold"),
    dim: has("dim"),
    italic: has("italic"),
    decoration: [has("underline") ? "underline" : "", has("strike") ? "line-through" : ""].join(" ").trim(),
  };
}
