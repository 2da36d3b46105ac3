import assert from "node:assert/strict";
import { test } from "node:test";
import { lookOf } from "../src/styles";

test("a look's words are colours and modes", () => {
  const plain = { front: "", back: "", bold: false, dim: false, italic: false, decoration: "" };
  assert.deepEqual(lookOf("bold underline brightRed on-#010203"), {
    ...plain,
    front: "brightRed",
    back: "#010203",
    bold: true,
    decoration: "underline",
  });
  assert.deepEqual(lookOf("default on-blue"), { ...plain, back: "blue" });
  assert.deepEqual(lookOf("dim strike"), { ...plain, dim: true, decoration: "line-through" });
});
