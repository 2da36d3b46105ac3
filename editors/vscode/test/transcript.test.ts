import assert from "node:assert/strict";
import { test } from "node:test";
import { Transcript } from "../src/transcript";

const delta = (index: number, text: string) => ({
  type: "stream_event",
  event: { type: "content_block_delta", index, delta: { type: "text_delta", text } },
});
const begin = (id: string) => ({ type: "stream_event", event: { type: "message_start", message: { id } } });
const whole = (id: string, block: object) => ({ type: "assistant", message: { id, content: [block] } });
const edit = { type: "tool_use", id: "t1", name: "Edit", input: { file_path: "a.py" } };
const result = { type: "tool_result", tool_use_id: "t1", content: [{ type: "text", text: "done" }], is_error: false };
const STREAM = [
  { type: "factory/prompt", uuid: "u1", text: "repair it" },
  begin("m1"),
  delta(0, "First "),
  delta(0, "this."),
  whole("m1", { type: "text", text: "First this." }),
  whole("m1", edit),
  { type: "user", message: { content: [result] } },
  begin("m2"),
  delta(0, "Done."),
  whole("m2", { type: "text", text: "Done." }),
  { type: "something/new", message: 7 },
  { type: "factory/exited", code: 1, stopped: false },
];

function folded(events: readonly object[]): Transcript {
  const transcript = new Transcript();
  for (const [index, event] of events.entries()) {
    transcript.add(index + 1, event as Record<string, unknown>);
  }
  return transcript;
}

test("a stream is what was said, with tools and their answers in place", () => {
  assert.deepEqual(
    folded(STREAM).items.map((item) => (item.kind === "tool" ? [item.name, item.output] : [item.kind, item.text])),
    [
      ["you", "repair it"],
      ["claude", "First this."],
      ["Edit", "done"],
      ["claude", "Done."],
      ["note", "Claude ended with exit code 1."],
    ],
  );
});

test("streamed text shows before its block is whole, and is not shown twice", () => {
  assert.deepEqual(folded(STREAM.slice(0, 3)).items.at(-1), {
    kind: "claude",
    id: "m1/0",
    text: "First ",
    partial: true,
  });
  assert.deepEqual(folded(STREAM.slice(0, 5)).items.at(-1), { kind: "claude", id: "m1/0", text: "First this." });
  assert.equal(folded(STREAM.slice(0, 5)).items.length, 2);
});

test("an event that comes again changes nothing", () => {
  const transcript = folded(STREAM);
  const before = JSON.stringify(transcript.items);
  for (const [index, event] of STREAM.entries()) {
    assert.deepEqual(transcript.add(index + 1, event as Record<string, unknown>), []);
  }
  assert.equal(JSON.stringify(transcript.items), before);
});

test("a failed turn says why", () => {
  const failed = { type: "result", is_error: true, result: "API Error: 529" };
  assert.deepEqual(folded([failed]).items, [{ kind: "failure", id: "result/1", text: "API Error: 529" }]);
});

test("what a tool's own Claude streams is not mixed into what is said", () => {
  const aside = { ...delta(0, "of another"), parent_tool_use_id: "t1" };
  assert.deepEqual(folded([begin("m1"), delta(0, "First "), aside, delta(0, "this.")]).items, [
    { kind: "claude", id: "m1/0", text: "First this.", partial: true },
  ]);
});

test("why nothing goes on is said", () => {
  const events = [
    { type: "factory/notPushed", why: "Somebody pushed." },
    { type: "factory/handedBack", why: ["`make test` still fails", 7] },
    { type: "factory/held", why: "The login has ended." },
    { type: "factory/dropped" },
    { type: "system", subtype: "api_retry", error_status: 529 },
    { type: "system", subtype: "compact_boundary" },
    { type: "system", subtype: "init" },
    { type: "result", is_error: true, terminal_reason: "aborted_streaming", subtype: "error_during_execution" },
  ];
  assert.deepEqual(
    folded(events).items.map((item) => item.kind === "note" && item.text),
    [
      "Somebody pushed.",
      "The fix was handed back: it cannot be pushed yet.\n`make test` still fails",
      "No further turn: The login has ended.",
      "What waited to be sent was dropped.",
      "The API failed (529); it is asked again.",
      "The conversation so far was summed up to make room.",
      "Interrupted.",
    ],
  );
});
