"""A session as a document to be read: Markdown with turns, tools folded, edits as diffs, costs. Pure.

It grows at its end, so an editor that shows it need only be told what was added. Only the last lines, which stand for
what is being said right now, are replaced by what follows.
"""

import difflib
import os.path
import re
from collections.abc import Mapping
from typing import Any

from factory_ls.model.text import clean, one_line

_SHOWN = 4000
"""Characters of a tool's output; the whole is in the session's events."""


class Document:
    """Events in, in their order; `text` is the document so far. `worktree` is left out of paths."""

    def __init__(self, title: str, worktree: str) -> None:
        self._parts = [f"# {one_line(title)}\n"]
        self._worktree = worktree
        self._speaking = ""
        self._answered: set[str] = set()
        self._tools: dict[str, str] = {}
        self._cost = 0.0

    @property
    def text(self) -> str:
        """Ends in what Claude is saying and in the tools that run, while there are any."""
        now = [self._speaking.rstrip() + " ▌\n"] if self._speaking else []
        now += [f"{_code(title)} runs …\n" for title in self._tools.values()]
        return "\n".join([*self._parts, *now])

    def add(self, event: Mapping[str, Any], at: str) -> None:
        """One stored event, ours or Claude's. What is not for reading is passed over; a strange shape too."""
        match event:
            case {"type": "factory/prompt", "text": str(text)}:
                again = " (sent again)" if event.get("again") else ""
                self._parts.append(f"## You · {_time(at)}{again}\n\n{_quoted(text)}\n")
            case {"type": "stream_event", "event": {"delta": {"type": "text_delta", "text": str(text)}}} if (
                not event.get("parent_tool_use_id")
            ):
                self._speaking += clean(text)
            case {"type": "assistant", "message": {"content": list(blocks)}}:
                self._speaking = ""
                for block in blocks:
                    self._said(block, aside=bool(event.get("parent_tool_use_id")))
            case {"type": "user", "message": {"content": list(blocks)}}:
                for block in blocks:
                    self._used(block)
            case {"type": "control_request", "request": {"subtype": "can_use_tool", "tool_name": str(tool)} as request}:
                self._parts.append(f"**Asked you:** {_code(_title(tool, request.get('input'), self._worktree))}\n")
            case {"type": "factory/answer", "decision": str(decision)}:
                words = {"allow": "Allowed", "allowAlways": "Allowed for good", "deny": "Denied"}
                self._parts.append(f"**{words.get(decision, one_line(decision))}** · {_time(at)}\n")
            case {"type": "factory/held", "why": str(why)}:
                self._parts.append(f"*No further turn: {one_line(why, 500)}*\n")
            case {"type": "factory/dropped"}:
                self._parts.append("*What waited to be sent was dropped.*\n")
            case {"type": "result"}:
                self._result(event)
            case {"type": "system", "subtype": "api_retry"}:
                status = event.get("error_status") or "no answer"
                self._parts.append(f"*The API failed ({one_line(str(status))}); it is asked again.*\n")
            case {"type": "system", "subtype": "compact_boundary"}:
                self._parts.append("*The conversation so far was summed up to make room.*\n")
            case {"type": "factory/exited"}:
                self._exited(event, at)

    def _said(self, block: Any, *, aside: bool) -> None:
        match block:
            case {"type": "text", "text": str(text)} if text.strip():
                body = clean(text).strip()
                self._parts.append(f"{_quoted(body)}\n" if aside else f"{body}\n")
            case {"type": "thinking", "thinking": str(text)} if text.strip():
                self._parts.append(_folded("Thought", clean(text).strip()))
            case {"type": "tool_use", "name": str(name), "id": str(key)}:
                given = block.get("input")
                title = _title(name, given, self._worktree)
                self._tools[key] = title
                if diff := _diff(name, given):
                    self._parts.append(f"**{name}** {_code(title.partition(': ')[2])}\n\n{_fenced(diff, 'diff')}\n")

    def _used(self, block: Any) -> None:
        match block:
            case {"type": "tool_result", "tool_use_id": str(key)}:
                title = self._tools.pop(key, "A tool")
                output = clean(_text_of(block.get("content"))).strip()
                cut = f"\n… {len(output) - _SHOWN} more characters" if len(output) > _SHOWN else ""
                failed = " — failed" if block.get("is_error") else ""
                self._parts.append(_folded(f"{title}{failed}", _fenced(output[:_SHOWN] + cut) if output else ""))

    def _result(self, event: Mapping[str, Any]) -> None:
        self._speaking = ""
        self._unfinished("stopped")
        reason = str(event.get("terminal_reason") or "")
        if reason.startswith("aborted"):
            self._parts.append("*Interrupted.*\n")
        elif event.get("is_error"):
            text = event.get("result") or "; ".join(map(str, event.get("errors") or [])) or event.get("subtype")
            self._parts.append(f"**Failed:** {one_line(str(text), 500)}\n")
        total, seconds = event.get("total_cost_usd"), event.get("duration_ms")
        figures = []
        if isinstance(seconds, (int, float)):
            figures.append(f"{seconds / 1000:.1f} s")
        if isinstance(total, (int, float)):
            # A process that was started again counts from zero again.
            spent = total - self._cost if total >= self._cost else total
            self._cost = total
            figures.append(f"${spent:.4f}")
        self._parts.append(f"*{' · '.join(figures)}*\n\n---\n" if figures else "---\n")

    def _exited(self, event: Mapping[str, Any], at: str) -> None:
        self._speaking = ""
        self._unfinished("ended with the process")
        code = event.get("code")
        how = "Stopped" if event.get("stopped") else f"The process ended{'' if code is None else f' with code {code}'}"
        self._parts.append(f"*{how} · {_time(at)}*\n\n---\n")
        self._cost = 0.0

    def _unfinished(self, how: str) -> None:
        for title in self._tools.values():
            self._parts.append(f"{_code(title)} — {how}\n")
        self._tools.clear()


def _title(tool: str, given: Any, worktree: str) -> str:
    keys = ("command", "file_path", "notebook_path", "path", "url", "query", "pattern", "description", "prompt")
    subject = next((str(given[key]) for key in keys if isinstance(given, dict) and given.get(key)), "")
    if worktree and subject.startswith(worktree + os.path.sep):
        subject = subject[len(worktree) + 1 :]
    return one_line(f"{tool}: {subject}" if subject else tool, 160)


def _diff(tool: str, given: Any) -> str:
    """What an edit changes; empty for anything else."""
    if not isinstance(given, dict):
        return ""
    match tool:
        case "Edit":
            pairs = [(given.get("old_string"), given.get("new_string"))]
        case "MultiEdit":
            edits = given.get("edits")
            pairs = [(e.get("old_string"), e.get("new_string")) for e in edits or [] if isinstance(e, dict)]
        case "Write":
            pairs = [("", given.get("content"))]
        case _:
            return ""
    lines: list[str] = []
    for old, new in pairs:
        if isinstance(old, str) and isinstance(new, str):
            compared = difflib.unified_diff(clean(old).splitlines(), clean(new).splitlines(), lineterm="", n=2)
            lines += [line for line in compared if not line.startswith(("---", "+++", "@@"))]
    text = "\n".join(lines)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "\n…"


def _text_of(content: Any) -> str:
    if isinstance(content, str):
        return content
    blocks = content if isinstance(content, list) else []
    return "\n".join(str(block.get("text") or f"[{block.get('type')}]") for block in blocks if isinstance(block, dict))


def _folded(summary: str, body: str) -> str:
    escaped = summary.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<details><summary>{escaped}</summary>\n\n{body}\n\n</details>\n" if body else f"{_code(summary)}\n"


def _fenced(text: str, language: str = "") -> str:
    """A fence longer than any in the text, so that nothing in it can end it."""
    ticks = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{ticks}{language}\n{text}\n{ticks}"


def _code(text: str) -> str:
    ticks = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    pad = " " if "`" in text else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in clean(text).strip().splitlines())


def _time(at: str) -> str:
    return at[:19].replace("T", " ") if at else ""
