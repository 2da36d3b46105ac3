import type { Connection } from "../connection";
import type { Reports } from "../report";

export interface Tools {
  readonly connection: Connection;
  readonly reports: Reports;
}

/** What runs when the user chooses a command. Throwing shows the error; `Cancelled` says nothing. */
export type Command = (tools: Tools) => Promise<void>;
