import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as vscode from "vscode";
import { type Connection, repositoryFolders } from "../connection";
import { linkTo } from "../links";
import { currentWorkspace, input, pick, pickWorkspace } from "../pick";
import type { Issue, Workspace } from "../types";
import type { Command } from "./command";

export const createWorkspace: Command = async ({ connection }) => {
  const folders = await repositoryFolders();
  const repoPath =
    folders.length === 1 && folders[0] !== undefined
      ? folders[0]
      : await pick(
          folders.map((path) => ({ label: vscode.workspace.asRelativePath(path), detail: path, value: path })),
          "Repository",
        );
  const kind = await pick(
    [
      { label: "New Branch", value: "MANUAL" },
      { label: "Existing Branch…", value: "RESUME_BRANCH" },
      { label: "GitHub Issue…", value: "GITHUB_ISSUE" },
    ],
    "Create a workspace from",
  );
  const source = { kind, ...(await sourceOf(connection, kind, repoPath)) };
  const name = await input("Create workspace", { prompt: "Name. Empty: the server chooses one." });
  const prompt = await input("Create workspace", { prompt: "What should Claude do there? Empty: nothing yet." });
  const workspace = await connection.execute<Workspace>("factory.workspace.create", {
    repoPath,
    source,
    ...(name !== "" && { name }),
    ...(prompt !== "" && { prompt }),
  });
  const open = "Open in New Window";
  const chosen = await vscode.window.showInformationMessage(
    [`Factory: ${workspace.name} is ready on ${workspace.branch}.`, ...workspace.warnings].join(" "),
    open,
  );
  if (chosen === open) {
    await openFolder(workspace, true);
  }
};

async function sourceOf(connection: Connection, kind: string, repoPath: string): Promise<object> {
  if (kind === "RESUME_BRANCH") {
    const branches = await branchesOf(repoPath);
    return { branch: await pick(branches, "Existing branch") };
  }
  if (kind === "GITHUB_ISSUE") {
    const { id } = await connection.execute<{ id: string }>("factory.project.add", { repoPath });
    const issues = await connection.execute<Issue[]>("factory.issue.list", { project: id });
    if (issues.length === 0) {
      throw new Error("The repository has no open issue.");
    }
    const items = issues.map(({ number, title, author }) => ({
      label: `#${number} ${title}`,
      description: author ?? "",
      value: number,
    }));
    return { issue: await pick(items, "GitHub issue") };
  }
  return {};
}

/** Local and remote branches, the latest first. */
async function branchesOf(repository: string): Promise<(vscode.QuickPickItem & { value: string })[]> {
  const format = "%(refname)%09%(committerdate:relative)%09%(subject)";
  const refs = ["for-each-ref", "--sort=-committerdate", `--format=${format}`, "refs/heads", "refs/remotes"];
  const { stdout } = await promisify(execFile)("git", ["-C", repository, ...refs], { maxBuffer: 1 << 24 });
  const found = new Map<string, vscode.QuickPickItem & { value: string }>();
  for (const line of stdout.split("\n")) {
    const [ref = "", date = "", subject = ""] = line.split("\t");
    const name = ref.replace(/^refs\/(heads|remotes\/[^/]+)\//, "");
    if (name !== "" && name !== "HEAD" && !found.has(name)) {
      found.set(name, { label: name, description: date, detail: subject, value: name });
    }
  }
  if (found.size === 0) {
    throw new Error("The repository has no branch yet.");
  }
  return [...found.values()];
}

/** To paste into a chat or an issue: opens the workspace in VS Code on the machine that has it. */
export const copyLink: Command = async ({ connection }, target) => {
  const link = linkTo(await currentWorkspace(connection, target));
  await vscode.env.clipboard.writeText(link);
  void vscode.window.showInformationMessage(`Factory: copied ${link}`);
};

export const openWorkspace: Command = async ({ connection }, target) => {
  const workspace = target.workspace ?? (await pickWorkspace(connection));
  const newWindow = await pick(
    [
      { label: "Open in New Window", value: true },
      { label: "Open in This Window", value: false },
    ],
    workspace.name,
  );
  await openFolder(workspace, newWindow);
};

export async function openFolder(workspace: Workspace, forceNewWindow: boolean): Promise<void> {
  await vscode.commands.executeCommand("vscode.openFolder", vscode.Uri.file(workspace.path), { forceNewWindow });
}

/** Removes the worktree; what is not committed is kept in git by the server. */
export const archiveWorkspace: Command = async ({ connection }, target) => {
  const workspace = await currentWorkspace(connection, target);
  const archive = "Archive";
  const detail = "Its worktree is removed and its sessions end. The branch and the pull request stay.";
  const question = `Archive the workspace ${workspace.name}?`;
  if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, archive)) === archive) {
    await connection.execute("factory.workspace.archive", { workspace: workspace.id, force: true });
  }
};

export const retrySetup: Command = async ({ connection }, target) => {
  const { id } = await currentWorkspace(connection, target);
  await connection.execute("factory.workspace.retrySetup", { workspace: id });
};
