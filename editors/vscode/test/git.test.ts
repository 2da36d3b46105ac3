import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isInRepository } from "../src/git";

test("a repository, a folder deep in one, a worktree; not a bare folder", async () => {
  const root = await mkdtemp(join(tmpdir(), "factory-"));
  try {
    await mkdir(join(root, "repo", ".git"), { recursive: true });
    await mkdir(join(root, "repo", "a", "b"), { recursive: true });
    await mkdir(join(root, "tree"));
    await writeFile(join(root, "tree", ".git"), "gitdir: ../repo/.git/worktrees/tree\n");
    await mkdir(join(root, "plain"));
    assert.equal(await isInRepository(join(root, "repo")), true);
    assert.equal(await isInRepository(join(root, "repo", "a", "b")), true);
    assert.equal(await isInRepository(join(root, "tree")), true);
    assert.equal(await isInRepository(join(root, "plain")), false);
  } finally {
    await rm(root, { recursive: true });
  }
});
