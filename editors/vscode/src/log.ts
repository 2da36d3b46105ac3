// What a job's log tells an editor: where its steps begin and end, and which files it speaks of.

/** First and last line, 0-based. */
export interface Fold {
  readonly first: number;
  readonly last: number;
}

/** GitHub Actions writes `##[group]title` … `##[endgroup]`; a group without an end goes to the next one. */
export function folds(lines: readonly string[]): Fold[] {
  const found: Fold[] = [];
  let first: number | undefined;
  const close = (last: number): void => {
    if (first !== undefined && last > first) {
      found.push({ first, last });
    }
    first = undefined;
  };
  for (const [index, line] of lines.entries()) {
    if (line.includes("##[group]")) {
      close(index - 1);
      first = index;
    } else if (line.includes("##[endgroup]")) {
      close(index);
    }
  }
  close(lines.length - 1);
  return found;
}

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
