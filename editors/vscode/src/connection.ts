import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import type { Asks } from "./asks";
import { describe } from "./errors";
import { isInRepository } from "./git";
import { offerInstall, offerUpdate } from "./install";
import { findServer, isOlder, ServerNotFound } from "./serverPath";
import type { SessionEvent } from "./types";

/** The server this window talks to: found, started, asked, restarted. */
export class Connection implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<readonly string[] | undefined>();
  /** Ids of workspaces that may look otherwise now; undefined when the server came or went. */
  readonly onDidChange = this.#changed.event;
  readonly #sessionEvents = new vscode.EventEmitter<{ readonly session: string } & SessionEvent>();
  readonly onSessionEvent = this.#sessionEvents.event;
  #client: LanguageClient | undefined;
  #offers: ReadonlySet<string> = new Set();
  #queue: Promise<void> = Promise.resolve();

  constructor(
    readonly output: vscode.LogOutputChannel,
    readonly asks: Asks,
    /** Of this extension: the server should be of the same one. */
    readonly version: string,
  ) {}

  /** Whether a server runs and has the command. */
  offers(command: string): boolean {
    return this.#offers.has(command);
  }

  /** Starts the server if a folder of the window lies in a repository and none runs yet; stops it when none does. */
  async update(): Promise<void> {
    return this.#serially(async () => {
      const folders = await repositoryFolders();
      if (folders.length === 0) {
        await this.#stop();
      } else if (!this.#client) {
        await this.#start(folders);
      }
    });
  }

  async restart(): Promise<void> {
    return this.#serially(async () => {
      await this.#stop();
      await this.#start(await repositoryFolders());
    });
  }

  /** Like `ask`, for what the user started: the window shows that something runs. */
  execute<T>(command: string, params: object = {}): Thenable<T> {
    const options = { location: vscode.ProgressLocation.Window, title: "Factory" };
    return vscode.window.withProgress(options, () => this.ask<T>(command, params));
  }

  /** Sends `workspace/executeCommand`. Rejects with the server's error. */
  async ask<T>(command: string, params: object): Promise<T> {
    if (!this.#client) {
      throw new Error("The Factory server is not running in this window: open a folder of a Git repository.");
    }
    if (!this.offers(command)) {
      throw new Error(`This server does not have ${command}: update factory-ls.`);
    }
    return this.#client.sendRequest<T>("workspace/executeCommand", { command, arguments: [params] });
  }

  /** Folds of a document that the server made, lines 0-based. */
  async folds(uri: vscode.Uri): Promise<readonly { startLine: number; endLine: number }[]> {
    const params = { textDocument: { uri: uri.toString() } };
    return (
      (await this.#client?.sendRequest<{ startLine: number; endLine: number }[]>(
        "textDocument/foldingRange",
        params,
      )) ?? []
    );
  }

  async stop(): Promise<void> {
    return this.#serially(() => this.#stop());
  }

  dispose(): void {
    this.#changed.dispose();
    this.#sessionEvents.dispose();
  }

  async #start(folders: readonly string[]): Promise<void> {
    try {
      const path = await this.serverPath(folders);
      this.output.info(`Starting ${path}`);
      // Loaded only when a server is: a window without Git pays nothing for it.
      const { createClient } = await import("./languageClient");
      const client = createClient(path, folders[0], this.output);
      client.onNotification("factory/stateChanged", ({ workspaces }) => this.#changed.fire(workspaces));
      client.onNotification("factory/sessionEvent", (event) => this.#sessionEvents.fire(event));
      client.onRequest("window/showMessageRequest", (question, taken) => this.asks.show(question, taken));
      this.#client = client;
      await client.start();
      await this.#setOffers(client.initializeResult?.capabilities.executeCommandProvider?.commands ?? []);
      const version = client.initializeResult?.serverInfo?.version;
      if (isOlder(version, this.version)) {
        void offerUpdate(`Factory: ${path} is version ${version}; this extension needs ${this.version}.`, this.output);
      }
    } catch (error) {
      await this.#client?.dispose().catch(() => undefined); // it failed to start: the reason is in `error`
      this.#client = undefined;
      this.output.error(describe(error));
      await this.#setOffers([]);
      void this.#offerHelp(error);
    }
  }

  async #stop(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.dispose().catch((error) => this.output.warn(`The server did not stop cleanly: ${describe(error)}`));
    await this.#setOffers([]);
  }

  async serverPath(folders?: readonly string[]): Promise<string> {
    return findServer({
      setting: vscode.workspace.getConfiguration("factory").get("server.path", ""),
      env: process.env,
      folders: folders ?? (await repositoryFolders()),
    });
  }

  /** Remembers the server's commands, and tells the palette: `factory.offers.session.start` and so on. */
  async #setOffers(commands: readonly string[]): Promise<void> {
    const before = this.#offers;
    this.#offers = new Set(commands);
    const told = [...new Set([...before, ...commands])].map((command) => {
      const key = command.replace(/^factory\./, "factory.offers.");
      return vscode.commands.executeCommand("setContext", key, this.#offers.has(command));
    });
    await Promise.all(told);
    this.#changed.fire(undefined);
  }

  async #offerHelp(error: unknown): Promise<void> {
    if (error instanceof ServerNotFound) {
      await offerInstall(`Factory: ${error.message}`);
      return;
    }
    const show = "Show Output";
    if (
      (await vscode.window.showErrorMessage(`Factory: the server did not start. ${describe(error)}`, show)) === show
    ) {
      this.output.show(true);
    }
  }

  #serially(step: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(step);
    this.#queue = done.catch(() => undefined);
    return done;
  }
}

/** Opened folders on disk that lie in a repository. */
export async function repositoryFolders(): Promise<string[]> {
  const folders = (vscode.workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === "file");
  const inside = await Promise.all(folders.map((folder) => isInRepository(folder.uri.fsPath)));
  return folders.filter((_, index) => inside[index]).map((folder) => folder.uri.fsPath);
}
