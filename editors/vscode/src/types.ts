// The parts of the server's answers that the extension reads. Any of them may hold more.

export interface Workspace {
  readonly id: string;
  readonly name: string;
  readonly status: "NEW" | "PROVISIONING" | "READY" | "FAILED" | "ARCHIVING" | "ARCHIVED";
  readonly path: string;
  readonly branch: string;
  readonly projectId: string;
  readonly pr: PullRequest | null;
  readonly ratchet: Ratchet;
  readonly sessions: readonly Session[];
  readonly warnings: readonly string[];
}

export type Outcome = "UNKNOWN" | "PENDING" | "SUCCESS" | "FAILURE";

export interface PullRequest {
  readonly number: number;
  readonly title: string;
  readonly url: string;
  readonly state: string;
  readonly ciStatus: Outcome;
  readonly checks: readonly Check[];
  readonly threads?: readonly ReviewThread[];
}

export interface ReviewThread {
  readonly id: string;
  readonly isResolved: boolean;
  readonly comments: readonly {
    readonly author: string | null;
    readonly body: string;
    readonly createdAt?: string | null;
  }[];
}

export interface Check {
  readonly name: string;
  readonly workflow: string | null;
  readonly outcome: Outcome;
}

export interface Ratchet {
  readonly enabled: boolean;
  readonly state: string;
  readonly reason: string;
  readonly attempts: number;
  readonly maxAttempts: number;
  readonly spentUsd: number;
  readonly budgetUsd: number;
  /** Filled by `factory.ratchet.explain` only. */
  readonly trace?: readonly { readonly rule: string; readonly saw: string; readonly said: string }[];
}

export interface Session {
  readonly id: string;
  readonly workflow: string;
  readonly model: string;
  readonly status: "STARTING" | "IDLE" | "RUNNING" | "WAITING" | "COMPLETED" | "FAILED" | "STOPPED";
  readonly permissions: string;
  readonly error: string | null;
  readonly costUsd: number;
  readonly pending: readonly PendingRequest[];
}

/** What Claude waits for: a permission, a plan to approve, or questions to answer. */
export interface PendingRequest {
  readonly request: string;
  readonly tool: string;
  readonly title: string;
  /** The tool's own. */
  readonly input: {
    readonly questions?: readonly Question[];
    readonly command?: string;
    readonly plan?: string;
    readonly file_path?: string;
  };
}

/** A line of a session's stream: Claude's JSON, or the server's own with a type `factory/…`. */
export interface SessionEvent {
  readonly seq: number;
  readonly event: Readonly<Record<string, unknown>>;
}

export interface Question {
  readonly question: string;
  readonly multiSelect?: boolean;
  readonly options: readonly { readonly label: string; readonly description?: string }[];
}

export interface Problem {
  readonly id: string;
  readonly path: string;
  readonly line: number | null;
  readonly tool: string;
  readonly message: string;
}

export interface Issue {
  readonly number: number;
  readonly title: string;
  readonly author: string | null;
}

export interface HubStatus {
  readonly pid: number;
  readonly version: string;
  readonly editors: number;
  readonly sessions: number;
}

export function hasEnded(session: Session): boolean {
  return session.status === "COMPLETED" || session.status === "FAILED" || session.status === "STOPPED";
}
