import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, isAbsolute, join, resolve } from "node:path";

export interface Discovery {
  /** The setting `factory.server.path`; empty when not set. */
  readonly setting: string;
  readonly env: NodeJS.ProcessEnv;
  /** Opened folders that lie in a repository, first one first. */
  readonly folders: readonly string[];
}

export class ServerNotFound extends Error {}

const NAME = process.platform === "win32" ? "factory-ls.exe" : "factory-ls";
const VENV = process.platform === "win32" ? join(".venv", "Scripts") : join(".venv", "bin");

/** Where `uv tool` and pipx put programs; an editor started from a desktop often does not have it on PATH. */
export const OWN = join(".local", "bin");

/**
 * Absolute path of the server: the setting, then `FACTORY_LS`, `PATH`, `~/.local/bin`, `.venv` of an opened folder.
 * A setting or variable that names no program is an error, not a reason to look further: the user meant that one.
 */
export async function findServer({ setting, env, folders }: Discovery): Promise<string> {
  for (const [source, text] of [
    ["the setting factory.server.path", setting],
    ["the environment variable FACTORY_LS", env.FACTORY_LS ?? ""],
  ] as const) {
    if (text.trim() !== "") {
      const path = absolute(text.trim(), folders[0]);
      if (await isExecutable(path)) {
        return path;
      }
      throw new ServerNotFound(`${path} (from ${source}) is not a program that can be run.`);
    }
  }
  const onPath = (env.PATH ?? "").split(delimiter).filter(isAbsolute);
  const places = [...onPath, join(env.HOME ?? homedir(), OWN), ...folders.map((at) => join(at, VENV))];
  for (const path of places.map((at) => join(at, NAME))) {
    if (await isExecutable(path)) {
      return path;
    }
  }
  throw new ServerNotFound("factory-ls was not found on PATH, in ~/.local/bin, nor in .venv of the opened folder.");
}

function absolute(text: string, folder: string | undefined): string {
  if (text === "~" || text.startsWith("~/")) {
    return join(homedir(), text.slice(1));
  }
  return resolve(folder ?? homedir(), text);
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Whether a server is of an older series than what is needed: of `major.minor.patch` the first two count. */
export function isOlder(version: string | undefined, needed: string): boolean {
  const series = (text: string): readonly number[] | undefined =>
    /^(\d+)\.(\d+)\./.exec(`${text}.`)?.slice(1).map(Number);
  const [has, wants] = [series(version ?? ""), series(needed)];
  if (!has || !wants) {
    return false; // a build that names no version is somebody's own
  }
  const [major = 0, minor = 0] = has;
  const [wantedMajor = 0, wantedMinor = 0] = wants;
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
}
