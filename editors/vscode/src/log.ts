// Which files a job's log speaks of.

export interface Place {
  /** Offsets in the text. */
  readonly start: number;
  readonly end: number;
  /** As printed: relative, and never out of the folder it is relative to. */
  readonly path: string;
  readonly line: number;
}

const MOST_PLACES = 2000;
const PLACE = /(?<![\w./\\-])((?:[\w-][\w.-]*\/)*[\w-][\w.-]*\.\w{1,10}):(\d{1,6})\b/g;

export function places(text: string): Place[] {
  const found: Place[] = [];
  for (const match of text.matchAll(PLACE)) {
    const [whole, path, line] = match;
    if (path !== undefined && !path.includes("..")) {
      found.push({ start: match.index, end: match.index + whole.length, path, line: Number(line) });
    }
    if (found.length === MOST_PLACES) {
      break;
    }
  }
  return found;
}
