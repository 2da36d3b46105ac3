import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

interface Declared {
  command: string;
  category: string;
  enablement?: string;
}

const contributes = JSON.parse(readFileSync("package.json", "utf8")).contributes;
const declared: Declared[] = contributes.commands;

test("every command declared in package.json is implemented, and the other way round", () => {
  const source = readFileSync("src/commands/index.ts", "utf8").split("export const COMMANDS")[1] ?? "";
  const implemented = [...source.matchAll(/^ {2}(\w+),$/gm)].map((match) => `factory.${match[1]}`);
  assert.deepEqual(declared.map(({ command }) => command).sort(), implemented.sort());
  assert.ok(declared.every(({ category }) => category === "Factory"));
});

test("menus, keys, welcome views and the walkthrough name commands that there are", () => {
  const { menus, keybindings, viewsWelcome, walkthroughs } = contributes;
  const named = JSON.stringify({ menus, keybindings, viewsWelcome, walkthroughs }).matchAll(
    /factory\.[a-z]\w+(?=[")])/g,
  );
  const known = new Set([
    ...declared.map(({ command }) => command),
    "factory.workspaces",
    "factory.start",
    "factory.review",
  ]);
  assert.deepEqual(
    [...named].map(([name]) => name).filter((name) => !known.has(name)),
    [],
  );
});

test("settings that the server reads have no value of their own, which would beat the environment", () => {
  const { properties } = contributes.configuration;
  for (const [name, { default: value }] of Object.entries<{ default: unknown }>(properties)) {
    assert.ok(/^factory\.(server|trace)\./.test(name) || value === null, name);
  }
});
