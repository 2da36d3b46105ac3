import assert from "node:assert/strict";
import { test } from "node:test";
import { places } from "../src/log";

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
