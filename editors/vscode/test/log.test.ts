import assert from "node:assert/strict";
import { test } from "node:test";
import { folds, places } from "../src/log";

test("each step of a log folds, also one that was cut off", () => {
  const lines = ["##[group]Run a", "x", "##[endgroup]", "y", "##[group]Run b", "z", "##[group]Run c", "end"];
  assert.deepEqual(folds(lines), [
    { first: 0, last: 2 },
    { first: 4, last: 5 },
    { first: 6, last: 7 },
  ]);
});

test("places are path:line, and never outside the folder", () => {
  const text = "tests/test_a.py:13: in f\n  --> src/lib.rs:3:8 and ../../etc/passwd.txt:1 at 10:30:12, http://h.io:80";
  assert.deepEqual(
    places(text).map(({ path, line, start, end }) => [path, line, text.slice(start, end)]),
    [
      ["tests/test_a.py", 13, "tests/test_a.py:13"],
      ["src/lib.rs", 3, "src/lib.rs:3"],
    ],
  );
});
