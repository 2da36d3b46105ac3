import assert from "node:assert/strict";
import { test } from "node:test";
import { describe } from "../src/errors";

test("the server's error is its message and its hint, as sentences", () => {
  const data = { kind: "notLoggedIn", message: "gh is not logged in", hint: "Run gh auth login" };
  assert.equal(describe(Object.assign(new Error("rpc"), { data })), "gh is not logged in. Run gh auth login.");
  assert.equal(describe(Object.assign(new Error("rpc"), { data: { ...data, hint: "" } })), "gh is not logged in.");
});

test("an error without that object is its own message", () => {
  assert.equal(describe(new Error("pipe closed")), "pipe closed");
  assert.equal(describe(Object.assign(new Error("plain"), { data: "text" })), "plain");
});
