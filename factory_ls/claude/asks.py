"""What Claude asks of the user, in words. Pure."""

from collections.abc import Mapping
from typing import Any

from factory_ls.claude.failures import clean

_PATHS = ("file_path", "notebook_path", "path")


def ask_title(tool: str, tool_input: Mapping[str, Any], worktree: str) -> str:
    """One line a person can decide by, without control characters. Paths in the worktree are shown from its root."""
    if tool == "ExitPlanMode":
        return "Approve the plan"
    questions = tool_input.get("questions")
    if tool == "AskUserQuestion" and isinstance(questions, list):
        subject = " · ".join(str(q.get("question")) for q in questions if isinstance(q, dict))
    else:
        key = next((key for key in ("command", *_PATHS, "url", "query", "description") if key in tool_input), "")
        subject = str(tool_input.get(key, ""))
        if key in _PATHS:
            subject = subject.removeprefix(worktree.rstrip("/") + "/") or subject
    line = " ".join(clean(f"{tool}: {subject}" if subject else tool).split())
    return line if len(line) <= 200 else line[:199] + "…"
