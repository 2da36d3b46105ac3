import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { findServer, isOlder, ServerNotFound } from "../src/serverPath";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "factory-"));
});
afterEach(() => rm(root, { recursive: true }));

async function program(...parts: string[]): Promise<string> {
  const path = join(root, ...parts);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, "#!/bin/sh\n");
  await chmod(path, 0o755);
  return path;
}

test("the setting wins over the environment, PATH and .venv", async () => {
  const chosen = await program("mine");
  const variable = await program("other");
  await program("bin", "factory-ls");
  const env = { FACTORY_LS: variable, PATH: join(root, "bin") };
  assert.equal(await findServer({ setting: chosen, env, folders: [root] }), chosen);
  assert.equal(await findServer({ setting: "", env, folders: [root] }), variable);
});

test("PATH comes before ~/.local/bin, and that before .venv", async () => {
  const own = await program("home", ".local", "bin", "factory-ls");
  await program(".venv", "bin", "factory-ls");
  const find = (PATH: string) => findServer({ setting: "", env: { PATH, HOME: join(root, "home") }, folders: [root] });
  assert.equal(await find(join(root, "bin")), own);
  const onPath = await program("bin", "factory-ls");
  assert.equal(await find(join(root, "bin")), onPath);
});

test("PATH comes before .venv, and a relative entry of PATH is never used", async () => {
  const onPath = await program("bin", "factory-ls");
  const inVenv = await program(".venv", "bin", "factory-ls");
  const find = (PATH: string) => findServer({ setting: "", env: { HOME: root, PATH }, folders: [root] });
  assert.equal(await find(join(root, "bin")), onPath);
  assert.equal(await find(""), inVenv);
  assert.equal(await find("."), inVenv);
});

test("a relative setting is relative to the opened folder", async () => {
  const path = await program("tools", "factory-ls");
  assert.equal(await findServer({ setting: "tools/factory-ls", env: { HOME: root }, folders: [root] }), path);
});

test("a setting that names no program is an error, even with one on PATH", async () => {
  await program("bin", "factory-ls");
  const looked = findServer({
    setting: join(root, "gone"),
    env: { HOME: root, PATH: join(root, "bin") },
    folders: [root],
  });
  await assert.rejects(
    looked,
    (error) => error instanceof ServerNotFound && /factory\.server\.path/.test(error.message),
  );
});

test("nothing found says where it looked", async () => {
  await assert.rejects(findServer({ setting: "", env: { HOME: root }, folders: [root] }), /PATH.*\.venv/);
});

test("a server is too old when its series is", () => {
  assert.deepEqual(
    ["0.0.9", "0.1.0", "0.1.0.dev3", "0.2.0", "1.0", "0-toy", undefined].map((version) => isOlder(version, "0.1.7")),
    [true, false, false, false, false, false, false],
  );
});
