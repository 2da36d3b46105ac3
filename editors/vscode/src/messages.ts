// What the session panel's page and the extension say to each other.
import type { Item } from "./transcript";
import type { Session } from "./types";

export type ToPage =
  | { readonly kind: "session"; readonly session: Session; readonly ended: boolean }
  | { readonly kind: "items"; readonly items: readonly Item[]; readonly fresh: boolean }
  | { readonly kind: "insert"; readonly text: string };

export type FromPage =
  | { readonly kind: "ready" | "stop" | "interrupt" | "resume" | "mention" }
  | { readonly kind: "send"; readonly text: string }
  | { readonly kind: "answer"; readonly request: string; readonly decision: "allow" | "allowAlways" | "deny" }
  | { readonly kind: "ask"; readonly request: string }
  | { readonly kind: "set"; readonly what: "model" | "permissions"; readonly value: string }
  /** Of an edit: a tool's item, or what a request asks for. */
  | { readonly kind: "diff"; readonly item?: string; readonly request?: string };
