import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, constants } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, delimiter, isAbsolute, join } from "node:path";
import { createInterface } from "node:readline";
import * as vscode from "vscode";
import { Cancelled } from "./errors";
import { OWN } from "./serverPath";

/** Programs that install the server for the user alone, best first. */
const INSTALLERS = [
  { program: "uv", install: ["tool", "install", "factory-ls"], update: ["tool", "upgrade", "factory-ls"] },
  { program: "pipx", install: ["install", "factory-ls"], update: ["upgrade", "factory-ls"] },
] as const;

/** Says that there is no server, and has it installed by one click. */
export async function offerInstall(message: string): Promise<void> {
  const install = "Install";
  const settings = "Open Settings";
  const chosen = await vscode.window.showErrorMessage(message, install, settings);
  if (chosen === install) {
    await vscode.commands.executeCommand("factory.install");
  } else if (chosen === settings) {
    await vscode.commands.executeCommand("workbench.action.openSettings", "factory.server.path");
  }
}

export async function offerUpdate(message: string, output: vscode.LogOutputChannel): Promise<void> {
  const update = "Update";
  if ((await vscode.window.showWarningMessage(message, update)) === update) {
    await installServer(output, "update");
  }
}

/** Runs the installer, its words in the output channel, and starts the server once it has ended. */
export async function installServer(
  output: vscode.LogOutputChannel,
  what: "install" | "update" = "install",
): Promise<void> {
  const found = await firstInstalled();
  if (!found) {
    const page = "How to Install uv";
    const message = "Factory: neither uv nor pipx is on PATH. One of them installs factory-ls.";
    if ((await vscode.window.showErrorMessage(message, page)) === page) {
      await vscode.env.openExternal(vscode.Uri.parse("https://docs.astral.sh/uv/getting-started/installation/"));
    }
    return;
  }
  const command = [found.program, ...found[what]].join(" ");
  const options = { location: vscode.ProgressLocation.Notification, title: `Factory: ${command}`, cancellable: true };
  await vscode.window.withProgress(options, (_, closed) => run(found.path, found[what], output, closed));
  await vscode.commands.executeCommand("factory.restartServer");
}

async function run(
  program: string,
  args: readonly string[],
  output: vscode.LogOutputChannel,
  closed: vscode.CancellationToken,
): Promise<void> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  closed.onCancellationRequested(() => child.kill());
  let last = "";
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      output.info(line);
      last = line.trim() || last;
    });
  }
  const [code] = await once(child, "close");
  if (closed.isCancellationRequested) {
    throw new Cancelled();
  }
  if (code !== 0) {
    throw new Error(`${basename(program)} ended with exit code ${code}: ${last}`);
  }
}

async function firstInstalled(): Promise<((typeof INSTALLERS)[number] & { path: string }) | undefined> {
  const folders = [...(process.env.PATH ?? "").split(delimiter).filter(isAbsolute), join(homedir(), OWN)];
  for (const installer of INSTALLERS) {
    for (const folder of folders) {
      const path = join(folder, process.platform === "win32" ? `${installer.program}.exe` : installer.program);
      if (
        await access(path, constants.X_OK).then(
          () => true,
          () => false,
        )
      ) {
        return { ...installer, path };
      }
    }
  }
  return undefined;
}
