// The yardstick: the smallest extension there is that does what is measured, without a server. VS Code's own samples
// ("helloworld", "diagnostic-related-information", "tree-view", "webview") in one file.
const vscode = require("vscode");

exports.activate = (context) => {
  const collection = vscode.languages.createDiagnosticCollection("hello");
  const show = (document) => {
    if (document.uri.scheme === "file") {
      const range = new vscode.Range(0, 0, 0, 10);
      collection.set(document.uri, [new vscode.Diagnostic(range, "hello", vscode.DiagnosticSeverity.Error)]);
    }
  };
  vscode.workspace.textDocuments.forEach(show);
  context.subscriptions.push(
    vscode.workspace.onDidOpenTextDocument(show),
    vscode.window.registerTreeDataProvider("hello.tree", {
      getTreeItem: (row) => row,
      getChildren: () => Array.from({ length: 500 }, (_, n) => new vscode.TreeItem(`hello-${n + 1}`)),
    }),
    vscode.commands.registerCommand("hello.page", () => {
      const panel = vscode.window.createWebviewPanel("hello", "Hello", vscode.ViewColumn.Beside, {});
      const rows = Array.from({ length: 10_000 }, (_, n) => `<article><h2>You</h2><div>row ${n + 1}</div></article>`);
      panel.webview.html = `<!DOCTYPE html><html><body>${rows.join("")}<p id="end">the end</p></body></html>`;
    }),
  );
};
