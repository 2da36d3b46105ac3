import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import * as vscode from "vscode";

/** Programs that install the server for the user alone, best first. */
const INSTALLERS = [
  { program: "uv", command: "uv tool install factory-ls" },
  { program: "pipx", command: "pipx install factory-ls" },
] as const;

/** Says that there is no server, and has it installed in a terminal the user sees. */
export async function offerInstall(message: string): Promise<void> {
  const install = "Install";
  const settings = "Open Settings";
  const chosen = await vscode.window.showErrorMessage(message, install, settings);
  if (chosen === install) {
    await installServer();
  } else if (chosen === settings) {
    await vscode.commands.executeCommand("workbench.action.openSettings", "factory.server.path");
  }
}

/** Runs the installer, and tells what to do once it has ended. */
export async function installServer(): Promise<void> {
  const found = await firstInstalled();
  if (!found) {
    const page = "How to Install uv";
    const chosen = await vscode.window.showErrorMessage(
      "Factory: neither uv nor pipx is on PATH. One of them installs factory-ls.",
      page,
    );
    if (chosen === page) {
      await vscode.env.openExternal(vscode.Uri.parse("https://docs.astral.sh/uv/getting-started/installation/"));
    }
    return;
  }
  const terminal = vscode.window.createTerminal("Install factory-ls");
  terminal.show();
  terminal.sendText(found.command);
  const restart = "Restart Server";
  const done = await vscode.window.showInformationMessage(
    `Factory: \`${found.command}\` runs in the terminal. When it is done, start the server.`,
    restart,
  );
  if (done === restart) {
    await vscode.commands.executeCommand("factory.restartServer");
  }
}

async function firstInstalled(): Promise<(typeof INSTALLERS)[number] | undefined> {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  for (const installer of INSTALLERS) {
    for (const folder of folders) {
      const name = process.platform === "win32" ? `${installer.program}.exe` : installer.program;
      if (
        await access(join(folder, name), constants.X_OK).then(
          () => true,
          () => false,
        )
      ) {
        return installer;
      }
    }
  }
  return undefined;
}
