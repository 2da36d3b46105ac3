import * as vscode from "vscode";
import { folds, places } from "./log";

const SCHEME = "factory-report";

/** Read-only documents made by commands. Their language follows from their name. */
export class Reports
  implements
    vscode.TextDocumentContentProvider,
    vscode.FoldingRangeProvider,
    vscode.DocumentLinkProvider,
    vscode.Disposable
{
  readonly #texts = new Map<string, { readonly text: string; readonly root: string | undefined }>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #registrations = [
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
    vscode.languages.registerFoldingRangeProvider({ scheme: SCHEME, pattern: "**/*.log" }, this),
    vscode.languages.registerDocumentLinkProvider({ scheme: SCHEME, pattern: "**/*.log" }, this),
  ];
  readonly onDidChange = this.#changed.event;

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.path)?.text ?? "This report is from an earlier run of VS Code: make it again.\n";
  }

  /** The steps of a job's log. */
  provideFoldingRanges(document: vscode.TextDocument): vscode.FoldingRange[] {
    return folds(document.getText().split("\n")).map(({ first, last }) => new vscode.FoldingRange(first, last));
  }

  /** `path:line` in a log, where the worktree has such a file. */
  async provideDocumentLinks(document: vscode.TextDocument): Promise<vscode.DocumentLink[]> {
    const root = this.#texts.get(document.uri.path)?.root;
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

  /** `root`: the worktree whose files the text speaks of. */
  add(name: string, text: string, root?: string): vscode.Uri {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${name}` });
    this.#texts.set(uri.path, { text, root });
    this.#changed.fire(uri);
    return uri;
  }

  async show(name: string, text: string, root?: string): Promise<void> {
    const uri = this.add(name.replace(/[\\/]/g, "-"), text, root);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
  }

  dispose(): void {
    for (const registration of this.#registrations) {
      registration.dispose();
    }
    this.#changed.dispose();
  }
}

async function isFile(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    (found) => found.type === vscode.FileType.File,
    () => false,
  );
}
