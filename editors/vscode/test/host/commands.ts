// Runs in VS Code's extension host: every contributed command once, against tests/editors/toy_server.py, each with an
// effect that can be seen. What a command asks of the user is answered here, by title.
// Writes `{ran, declared, failed}` as JSON to $FACTORY_HOST_RESULT.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import * as vscode from "vscode";

const ID = "factory-ls.factory-ls";
/** Needs a review thread's widget: tests/editors/test_vscode.py clicks these. */
const IN_WIDGETS = ["factory.fixThread", "factory.replyToThread", "factory.resolveThread"];

/** Messages shown, addresses opened, folders opened, the clipboard: since the command began. */
let seen: string[] = [];
/** Label or text to answer pickers, boxes and messages with, in order; a picker takes its first entry by default. */
let answers: string[] = [];

type Message = (text: string, ...rest: unknown[]) => Promise<unknown>;
const message: Message = async (text, ...rest) => {
  seen.push(text);
  const items = rest.filter((one) => typeof one === "string");
  const wanted = answers.find((one) => items.includes(one));
  return wanted;
};
const pickers = {
  showInformationMessage: message,
  showWarningMessage: message,
  showErrorMessage: async (text: string) => void seen.push(`ERROR ${text}`),
  showInputBox: async () => answers.shift() ?? "",
  async showQuickPick(items: readonly (string | vscode.QuickPickItem)[]) {
    const labels = items.map((item) => (typeof item === "string" ? item : `${item.label} ${item.description ?? ""}`));
    seen.push(labels.join(" | "));
    const wanted = answers.shift() ?? "";
    return items[labels.findIndex((label) => label.includes(wanted))];
  },
};

/** Commands the server got. */
function sent(): string[] {
  const lines = readFileSync(process.env.TOY_RECORD ?? "", "utf8")
    .trim()
    .split("\n");
  return lines.map((line) => JSON.parse(line)).map((one) => `${one.command} ${JSON.stringify(one.arguments[0])}`);
}

const shown = (text: string) => () =>
  vscode.window.visibleTextEditors.some((one) => one.document.getText().includes(text));
const said = (text: string) => () => seen.some((one) => one.includes(text));
const tab = (label: string) => () =>
  vscode.window.tabGroups.all.some((group) => group.tabs.some((one) => one.isActive && one.label.includes(label)));
const tabs = () => vscode.window.tabGroups.all.flatMap((group) => group.tabs.map(({ label }) => label));
const asked = (text: string) => {
  let before = 0;
  return {
    begin: () => {
      before = sent().filter((one) => one.includes(text)).length;
    },
    now: () => sent().filter((one) => one.includes(text)).length > before,
  };
};

interface Step {
  readonly answers?: readonly string[];
  readonly given?: unknown;
  /** The server got a line with this. */
  readonly sends?: string;
  readonly sees?: () => boolean;
}

const STEPS: readonly (readonly [string, Step])[] = [
  ["walkthrough", { sees: tab("Welcome") }],
  ["fixProblem", { answers: ["assert"], sends: 'factory.ci.fix {"workspace":"w1","problem":"p1"}' }],
  ["fixFile", { sends: 'factory.ci.fix {"workspace":"w1","path":"src/broken.py"}' }],
  ["fixCheck", { answers: ["tests"], sends: 'factory.ci.fix {"workspace":"w1","check":"tests"}' }],
  ["openLog", { answers: ["tests"], sees: shown("1 failed in 0.01s") }],
  ["rerunFailed", { sends: "factory.pr.rerunFailed" }],
  ["refreshPullRequest", { sends: "factory.pr.refresh" }],
  ["push", { sends: "factory.pr.push", sees: said("toy is pushed") }],
  ["createPullRequest", { answers: ["A title"], sends: '"title":"A title"', sees: said("#1 is open") }],
  ["openPullRequest", { sees: said("https://github.invalid/o/r/pull/1") }],
  [
    "createWorkspace",
    {
      answers: ["Existing", "feature", "mine", "do it"],
      sends: '"source":{"kind":"RESUME_BRANCH","branch":"feature"}',
    },
  ],
  ["createWorkspace", { answers: ["Issue", "#7"], sends: '"source":{"kind":"GITHUB_ISSUE","issue":7}' }],
  ["openWorkspace", { answers: ["toy", "New Window"], sees: said("vscode.openFolder") }],
  ["copyLink", { sees: said("://factory-ls.factory-ls/workspace/toy") }],
  ["retrySetup", { sends: "factory.workspace.retrySetup" }],
  ["archiveWorkspace", { answers: ["Archive"], sends: "factory.workspace.archive" }],
  ["startSession", { answers: ["make it green"], sends: '"prompt":"make it green"', sees: tab("Claude in toy") }],
  ["openSession", { sees: tab("Claude in toy") }],
  ["openTranscript", { sends: "factory.session.openTranscript" }],
  ["sendMessage", { answers: ["and quickly"], sends: '"prompt":"and quickly"' }],
  ["sendSelection", { answers: ["Why?"], sends: "Why?\\n\\nsrc/broken.py:3-3" }],
  ["interruptSession", { sends: "factory.session.interrupt" }],
  ["answer", { answers: ["Run make test", "Deny", "Not now"], sends: '"decision":"deny","message":"Not now"' }],
  ["stopSession", { sends: "factory.session.stop" }],
  ["continueSession", { sends: "factory.session.resume", sees: tab("Claude in toy") }],
  ["enableRatchet", { sends: "factory.ratchet.enable", sees: said("the ratchet of toy is on") }],
  ["disableRatchet", { sends: "factory.ratchet.disable", sees: said("the ratchet of toy is off") }],
  ["toggleRatchet", { sends: "factory.ratchet.enable", sees: said("the ratchet of toy is on") }],
  ["checkRatchet", { sends: "factory.ratchet.check", sees: said("Tests fail.") }],
  ["explainRatchet", { sees: shown("1 failed check") }],
  ["showFix", { sees: shown("+assert True") }],
  ["pushFix", { sends: "factory.fix.push", sees: said("the fix is pushed") }],
  ["discardFix", { sends: "factory.fix.discard", sees: said("refs/factory/kept/1") }],
  ["showStatus", { answers: ["factory-ls"], sees: said("factory-ls 0-toy") }],
  ["doctor", { sees: shown("git  found") }],
  ["showOutput", { sees: () => vscode.window.visibleTextEditors.some((one) => one.document.uri.scheme === "output") }],
  ["restartServer", { sends: "initialized" }],
  ["restartHub", { sends: "hub restart" }],
  ["install", { sends: "initialized" }],
];

async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!condition()) {
    assert.ok(Date.now() < deadline, `not in time: ${what}; seen: ${seen.join(" / ")}; tabs: ${tabs().join(" / ")}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function one(name: string, step: Step, file: vscode.Uri): Promise<void> {
  const editor = await vscode.window.showTextDocument(file, { viewColumn: vscode.ViewColumn.One });
  const line = name === "fixProblem" ? 0 : 2;
  editor.selection = new vscode.Selection(line, 0, line, name === "fixProblem" ? 0 : 6);
  seen = [];
  answers = [...(step.answers ?? [])];
  const got = asked(step.sends ?? "");
  got.begin();
  await vscode.commands.executeCommand(`factory.${name}`);
  if (step.sends) {
    await until(`the server got ${step.sends}`, got.now);
  }
  if (step.sees) {
    await until("what the user sees", step.sees);
  }
  assert.deepEqual(
    seen.filter((text) => text.startsWith("ERROR")),
    [],
  );
}

export async function run(): Promise<void> {
  const failed: string[] = [];
  const extension = vscode.extensions.getExtension(ID);
  try {
    assert.ok(extension);
    await extension.activate();
    answerForTheUser();
    const folder = vscode.workspace.workspaceFolders?.[0];
    assert.ok(folder);
    const file = vscode.Uri.joinPath(folder.uri, "src/broken.py");
    await vscode.window.showTextDocument(file);
    await until("diagnostics", () => vscode.languages.getDiagnostics(file).length > 0);
    for (const [name, step] of STEPS) {
      await one(name, step, file).catch((error: Error) => failed.push(`${name}: ${error.message}`));
    }
  } catch (error) {
    failed.push(error instanceof Error ? `${error.stack}` : String(error));
  }
  const ran = [...new Set(STEPS.map(([name]) => `factory.${name}`)), ...IN_WIDGETS].sort();
  const declared = extension?.packageJSON.contributes.commands.map((one: { command: string }) => one.command).sort();
  writeFileSync(process.env.FACTORY_HOST_RESULT ?? "", JSON.stringify({ ran, declared, failed }));
}

/** VS Code leaves its API open to be replaced in the window of an extension's tests. */
function answerForTheUser(): void {
  const execute = vscode.commands.executeCommand;
  Object.assign(vscode.window, pickers);
  Object.assign(vscode.env, { openExternal: async (uri: vscode.Uri) => seen.push(uri.toString(true)) > 0 });
  Object.assign(vscode.commands, {
    executeCommand: async (command: string, ...rest: unknown[]) =>
      command === "vscode.openFolder" ? void seen.push(command) : execute.call(vscode.commands, command, ...rest),
  });
}
