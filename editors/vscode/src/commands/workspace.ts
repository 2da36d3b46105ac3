import * as vscode from "vscode";
import { repositoryFolders } from "../connection";
import { input, pick, pickWorkspace, requiredInput } from "../pick";
import type { Workspace } from "../types";
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
  const source = { kind, ...(await sourceOf(kind)) };
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

async function sourceOf(kind: string): Promise<object> {
  if (kind === "RESUME_BRANCH") {
    return { branch: await requiredInput("Existing branch", "Name of a local or remote branch") };
  }
  if (kind === "GITHUB_ISSUE") {
    const number = await input("GitHub issue", {
      prompt: "Number of the issue",
      validateInput: (text) => (/^#?\d+$/.test(text.trim()) ? undefined : "A number, as in #42."),
    });
    return { issue: Number(number.replace("#", "")) };
  }
  return {};
}

export const openWorkspace: Command = async ({ connection }) => {
  const workspace = await pickWorkspace(connection);
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
