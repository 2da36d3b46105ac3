import * as vscode from "vscode";

/** `window/showMessageRequest` */
interface Question {
  readonly message: string;
  readonly actions?: readonly { readonly title: string }[] | null;
}

/** How the server begins what Claude asks. */
const OF_CLAUDE = /^Claude in /;
const COMMAND = "factory.choose";

/**
 * What Claude asks, as a notification whose choices are links, and which goes when it is answered elsewhere: VS Code
 * cannot take back a notification with buttons, only one of a progress.
 */
export class Asks implements vscode.Disposable {
  readonly #open = new Map<number, (title?: string) => void>();
  readonly #command = vscode.commands.registerCommand(COMMAND, (id: number, title: string) =>
    this.#open.get(id)?.(title),
  );
  #last = 0;

  /** The chosen title; null when it was closed without an answer or taken back by the server. */
  async show(question: Question, taken: vscode.CancellationToken): Promise<{ title: string } | null> {
    const titles = (question.actions ?? []).map(({ title }) => title);
    if (!OF_CLAUDE.test(question.message)) {
      const chosen = await vscode.window.showInformationMessage(unlinked(question.message), ...titles);
      return chosen === undefined ? null : { title: chosen };
    }
    const id = ++this.#last;
    const links = titles.map(
      (title) => `[${title}](command:${COMMAND}?${encodeURIComponent(JSON.stringify([id, title]))})`,
    );
    const title = `${unlinked(question.message)} — ${links.join(" · ")}`;
    const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
    const chosen = await vscode.window.withProgress(options, (progress, closed) => {
      progress.report({ increment: 100 }); // nothing runs: it waits for the user
      return new Promise<string | undefined>((resolve) => {
        this.#open.set(id, resolve);
        closed.onCancellationRequested(() => resolve(undefined));
        taken.onCancellationRequested(() => resolve(undefined));
      });
    });
    this.#open.delete(id);
    return chosen !== undefined && titles.includes(chosen) ? { title: chosen } : null;
  }

  dispose(): void {
    this.#command.dispose();
  }
}

/** Notifications make links of `[text](command:…)`: what Claude or a log says must not. */
export function unlinked(text: string): string {
  return text.replace(/\]\(/g, "] (");
}
