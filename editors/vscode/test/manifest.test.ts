import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

interface Declared {
  command: string;
  category: string;
  enablement?: string;
}

test("every command declared in package.json is implemented, and the other way round", () => {
  const declared: Declared[] = JSON.parse(readFileSync("package.json", "utf8")).contributes.commands;
  const source = readFileSync("src/commands/index.ts", "utf8");
  const implemented = [...source.matchAll(/^ {2}(\w+),$/gm)].map((match) => `factory.${match[1]}`);
  assert.deepEqual(declared.map(({ command }) => command).sort(), implemented.sort());
  assert.ok(declared.every(({ category }) => category === "Factory"));
});
