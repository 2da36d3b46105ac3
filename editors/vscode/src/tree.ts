import * as vscode from "vscode";
import { checkIcon, dollars, state } from "./summary";
import type { Target } from "./target";
import { hasEnded, type Workspace } from "./types";
import type { Workspaces } from "./workspaces";

/** A row, and with it the target of the commands in its menu. */
interface Node extends Target {
  readonly item: vscode.TreeItem;
  readonly children?: () => Node[];
}

/** VS Code knows a row by its object: a workspace's stays the same one, whatever it shows. */
type Root = { -readonly [Key in keyof Node]: Node[Key] };

/** What waits for the user on top, then workspaces, each with its pull request, checks, ratchet and sessions. */
export class Tree implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<Node[] | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #view: vscode.TreeView<Node>;
  readonly #listener: vscode.Disposable;
  /** Workspace id → its row, for those that VS Code was given. */
  readonly #rows = new Map<string, Root>();
  /** Ids of what waits for the user, as shown on top. */
  #waiting = "";

  constructor(readonly workspaces: Workspaces) {
    this.#view = vscode.window.createTreeView("factory.workspaces", { treeDataProvider: this });
    this.#listener = workspaces.onDidChange((ids) => this.#refresh(ids));
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return node.item;
  }

  getChildren(node?: Node): Node[] {
    if (node) {
      return node.children?.() ?? [];
    }
    const { all } = this.workspaces;
    this.#rows.clear();
    for (const workspace of all) {
      this.#rows.set(workspace.id, row(workspace));
    }
    return [...all.flatMap(asks), ...this.#rows.values()];
  }

  /** Of hundreds of workspaces only the rows of those that changed are made again. */
  #refresh(ids: readonly string[] | undefined): void {
    const { all } = this.workspaces;
    const waiting = all.flatMap(asks);
    const count = waiting.length;
    this.#view.badge = count > 0 ? { value: count, tooltip: `${count} waiting for you` } : undefined;
    const shown = waiting.map(({ item }) => item.id).join();
    const same = shown === this.#waiting;
    this.#waiting = shown;
    if (ids === undefined || !same) {
      this.#changed.fire(undefined);
      return;
    }
    const changed = new Set(ids);
    const rows = all.flatMap((workspace) => {
      const known = changed.has(workspace.id) ? this.#rows.get(workspace.id) : undefined;
      return known ? [Object.assign(known, row(workspace))] : [];
    });
    if (rows.length > 0) {
      this.#changed.fire(rows);
    }
  }

  dispose(): void {
    this.#listener.dispose();
    this.#view.dispose();
    this.#changed.dispose();
  }
}

function asks(workspace: Workspace): Node[] {
  return workspace.sessions.flatMap((session) =>
    session.pending.map((request) => ({
      workspace,
      session,
      request,
      item: item(request.title, {
        id: `${session.id}/${request.request}`,
        description: workspace.name,
        icon: new vscode.ThemeIcon("question", new vscode.ThemeColor("list.warningForeground")),
        context: "ask",
        command: "factory.answer",
        target: { workspace, session, request },
      }),
    })),
  );
}

function row(workspace: Workspace): Root {
  const here = vscode.workspace.workspaceFolders?.some((folder) => folder.uri.fsPath === workspace.path) ?? false;
  return {
    workspace,
    item: item(workspace.name, {
      id: workspace.id,
      description: [here ? "this window" : "", ...state(workspace)].filter((part) => part !== "").join(" · "),
      icon: workspace.pr ? checkIcon(workspace.pr.ciStatus) : new vscode.ThemeIcon("git-branch"),
      context: `workspace ratchet:${workspace.ratchet.enabled ? "on" : "off"} status:${workspace.status}`,
      tooltip: [`${workspace.name} (${workspace.branch})`, workspace.path, ...workspace.warnings].join("\n"),
      collapsed: here ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.Collapsed,
    }),
    children: () => [...pullRequest(workspace), ratchet(workspace), ...sessions(workspace)],
  };
}

function pullRequest(workspace: Workspace): Node[] {
  const { pr } = workspace;
  if (!pr) {
    const label = "No pull request yet";
    const icon = new vscode.ThemeIcon("git-pull-request-create");
    return [{ workspace, item: item(label, { id: `${workspace.id}/pr`, icon, context: "noPullRequest" }) }];
  }
  const failedFirst = [...pr.checks].sort((a, b) => Number(b.outcome === "FAILURE") - Number(a.outcome === "FAILURE"));
  const ended = pr.checks.filter((check) => check.outcome === "SUCCESS").length;
  return [
    {
      workspace,
      item: item(`#${pr.number} ${pr.title}`, {
        id: `${workspace.id}/pr`,
        description: `${pr.state.toLowerCase().replace("_", " ")} · ${ended} of ${pr.checks.length} checks passed`,
        icon: new vscode.ThemeIcon("git-pull-request"),
        context: "pullRequest",
        tooltip: pr.url,
        collapsed: vscode.TreeItemCollapsibleState.Expanded,
      }),
      children: () =>
        failedFirst.map((check) => ({
          workspace,
          check: check.name,
          item: item(check.name, {
            id: `${workspace.id}/check/${check.workflow ?? ""}/${check.name}`,
            description: check.workflow ?? "",
            icon: checkIcon(check.outcome),
            context: `check ${check.outcome}`,
          }),
        })),
    },
  ];
}

function ratchet(workspace: Workspace): Node {
  const { enabled, state, reason, attempts, maxAttempts, spentUsd, budgetUsd } = workspace.ratchet;
  const spent = `${attempts} of ${maxAttempts} attempts, ${dollars(spentUsd)} of ${dollars(budgetUsd)}`;
  return {
    workspace,
    item: item(enabled ? `Ratchet: ${state}` : "Ratchet off", {
      id: `${workspace.id}/ratchet`,
      description: enabled ? reason : "",
      icon: new vscode.ThemeIcon(enabled ? "debug-start" : "debug-pause"),
      context: `ratchet:${enabled ? "on" : "off"}`,
      tooltip: enabled ? `${reason}\n${spent}` : "It watches the pull request and moves it to mergeable.",
      command: "factory.explainRatchet",
      target: { workspace },
    }),
  };
}

function sessions(workspace: Workspace): Node[] {
  return workspace.sessions.map((session) => ({
    workspace,
    session,
    item: item(session.workflow === "default" ? "Claude" : `Claude: ${session.workflow}`, {
      id: session.id,
      description: [session.status.toLowerCase(), session.model, dollars(session.costUsd)].join(" · "),
      icon: new vscode.ThemeIcon(session.status === "RUNNING" ? "loading~spin" : "comment-discussion"),
      context: `session ${hasEnded(session) ? "ended" : "open"}`,
      tooltip: session.error ?? session.id,
      command: "factory.openSession",
      target: { workspace, session },
    }),
  }));
}

interface Row {
  readonly id: string;
  readonly icon: vscode.ThemeIcon;
  readonly context: string;
  readonly description?: string;
  readonly tooltip?: string;
  readonly command?: string;
  readonly target?: Target;
  readonly collapsed?: vscode.TreeItemCollapsibleState;
}

function item(label: string, row: Row): vscode.TreeItem {
  const made = new vscode.TreeItem(label, row.collapsed ?? vscode.TreeItemCollapsibleState.None);
  made.id = row.id;
  made.iconPath = row.icon;
  made.contextValue = row.context;
  made.description = row.description ?? "";
  made.tooltip = row.tooltip ?? label;
  made.accessibilityInformation = { label: [label, row.description].filter(Boolean).join(", ") };
  if (row.command) {
    made.command = { command: row.command, title: label, arguments: [row.target] };
  }
  return made;
}
