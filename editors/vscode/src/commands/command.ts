import type { Connection } from "../connection";
import type { Logs } from "../logs";
import type { Reports } from "../report";
import type { Reviews } from "../reviews";
import type { SessionPanels } from "../sessionPanel";
import type { Target } from "../target";

export interface Tools {
  readonly connection: Connection;
  readonly reports: Reports;
  readonly panels: SessionPanels;
  readonly logs: Logs;
  readonly reviews: Reviews;
}

/** What runs when the user chooses a command, on something or on nothing. Throwing shows the error; `Cancelled` does not. */
export type Command = (tools: Tools, target: Target) => Promise<void>;
