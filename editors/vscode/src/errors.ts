/** Ends a command without a word: the user closed a picker. */
export class Cancelled extends Error {}

/** What the server says of an error: a JSON-RPC error whose data is `{kind, message, hint}`. */
interface ErrorObject {
  readonly kind: string;
  readonly message: string;
  readonly hint?: string;
}

export function errorObject(error: unknown): ErrorObject | undefined {
  const data = (error as { data?: unknown } | undefined)?.data as Partial<ErrorObject> | null | undefined;
  return typeof data?.kind === "string" && typeof data.message === "string" ? (data as ErrorObject) : undefined;
}

/** One line for a notification: what went wrong and the next step. */
export function describe(error: unknown): string {
  const object = errorObject(error);
  if (object) {
    return object.hint ? `${sentence(object.message)} ${sentence(object.hint)}` : sentence(object.message);
  }
  return error instanceof Error ? error.message : String(error);
}

function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?…:]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}
