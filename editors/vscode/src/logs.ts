import * as vscode from "vscode";
import type { Connection } from "./connection";
import { describe } from "./errors";
import { places } from "./log";
import { type Look, lookOf, type Style } from "./styles";
import type { Workspaces } from "./workspaces";

const SCHEME = "factory-log";
const MOST_KEPT = 20;

/** The checks' logs as documents: the text is the server's; steps fold, `file:line` opens the file, colours stay. */
export class Logs implements vscode.FoldingRangeProvider, vscode.DocumentLinkProvider, vscode.Disposable {
  readonly #listeners: vscode.Disposable[];
  /** Look → its decoration. Made once: a log has a dozen of them. */
  readonly #decorations = new Map<string, vscode.TextEditorDecorationType>();
  /** Address → how the text is coloured, for the text as it was when asked. */
  readonly #styles = new Map<string, { readonly text: string; readonly styles: readonly Style[] }>();

  constructor(
    readonly connection: Connection,
    readonly workspaces: Workspaces,
  ) {
    this.#listeners = [
      vscode.languages.registerFoldingRangeProvider({ scheme: SCHEME }, this),
      vscode.languages.registerDocumentLinkProvider({ scheme: SCHEME }, this),
      vscode.window.onDidChangeVisibleTextEditors(() => this.#colourAll()),
      vscode.workspace.onDidChangeTextDocument(({ document }) => document.uri.scheme === SCHEME && this.#colourAll()),
      connection.onDidChange((ids) => !ids && this.#colourAll()),
    ];
    this.#colourAll();
  }

  async show(workspace: string, check: string): Promise<void> {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${workspace}/${check}.log` });
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
  }

  /** The job's steps and the groups in them. */
  async provideFoldingRanges(document: vscode.TextDocument): Promise<vscode.FoldingRange[]> {
    const found = await this.connection.folds(document.uri);
    return found.map(({ startLine, endLine }) => new vscode.FoldingRange(startLine, endLine));
  }

  /** `path:line` in a log, where the worktree has such a file. */
  async provideDocumentLinks(document: vscode.TextDocument): Promise<vscode.DocumentLink[]> {
    const { workspace } = whose(document.uri);
    const root = this.workspaces.all.find(({ id }) => id === workspace)?.path;
    if (!root) {
      return [];
    }
    const exists = new Map<string, Promise<boolean>>();
    const links = places(document.getText()).map(async ({ start, end, path, line }) => {
      const file = vscode.Uri.joinPath(vscode.Uri.file(root), path);
      const known = exists.get(path) ?? isFile(file);
      exists.set(path, known);
      const range = new vscode.Range(document.positionAt(start), document.positionAt(end));
      return (await known) ? new vscode.DocumentLink(range, file.with({ fragment: `L${line}` })) : undefined;
    });
    return (await Promise.all(links)).filter((link) => link !== undefined);
  }

  #colourAll(): void {
    for (const editor of vscode.window.visibleTextEditors) {
      if (editor.document.uri.scheme === SCHEME && this.connection.offers("factory.ci.log")) {
        void this.#colour(editor);
      }
    }
  }

  async #colour(editor: vscode.TextEditor): Promise<void> {
    try {
      const styles = await this.#stylesOf(editor.document);
      const ranges = new Map<string, vscode.Range[]>([...this.#decorations.keys()].map((look) => [look, []]));
      for (const [line, start, end, look] of styles) {
        ranges.set(look, [...(ranges.get(look) ?? []), new vscode.Range(line, start, line, end)]);
      }
      for (const [look, where] of ranges) {
        editor.setDecorations(this.#decoration(look), where);
      }
    } catch (error) {
      this.connection.output.warn(`Colours of ${editor.document.uri.path}: ${describe(error)}`);
    }
  }

  async #stylesOf(document: vscode.TextDocument): Promise<readonly Style[]> {
    const key = document.uri.toString();
    const text = document.getText();
    const known = this.#styles.get(key);
    if (known?.text === text) {
      return known.styles;
    }
    const params = { ...whose(document.uri), styles: true };
    const log = await this.connection.ask<{ text: string; styles: readonly Style[] | null }>("factory.ci.log", params);
    const styles = log.text === text ? (log.styles ?? []) : [];
    this.#styles.delete(key);
    this.#styles.set(key, { text, styles });
    for (const oldest of [...this.#styles.keys()].slice(0, -MOST_KEPT)) {
      this.#styles.delete(oldest);
    }
    return styles;
  }

  #decoration(look: string): vscode.TextEditorDecorationType {
    const known = this.#decorations.get(look);
    const made = known ?? vscode.window.createTextEditorDecorationType(rendered(lookOf(look)));
    this.#decorations.set(look, made);
    return made;
  }

  dispose(): void {
    for (const one of [...this.#listeners, ...this.#decorations.values()]) {
      one.dispose();
    }
  }
}

/** The theme's terminal colours, so that a log looks as the terminal would show it. */
function rendered(look: Look): vscode.DecorationRenderOptions {
  const colour = (name: string): string | vscode.ThemeColor =>
    name.startsWith("#") ? name : new vscode.ThemeColor(`terminal.ansi${name[0]?.toUpperCase()}${name.slice(1)}`);
  return {
    ...(look.front && { color: colour(look.front) }),
    ...(look.back && { backgroundColor: colour(look.back) }),
    ...(look.bold && { fontWeight: "bold" }),
    ...(look.italic && { fontStyle: "italic" }),
    ...(look.dim && { opacity: "0.7" }),
    ...(look.decoration && { textDecoration: look.decoration }),
  };
}

/** `/WORKSPACE/CHECK.log`; a check's name may hold slashes itself. */
function whose(uri: vscode.Uri): { workspace: string; check: string } {
  const [, workspace = "", ...check] = uri.path.split("/");
  return { workspace, check: check.join("/").replace(/\.log$/, "") };
}

async function isFile(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    (found) => found.type === vscode.FileType.File,
    () => false,
  );
}
