"""What Claude asks of the user, in words. Pure."""

from collections.abc import Mapping
from typing import Any

from factory_ls.claude.failures import clean


def ask_title(tool: str, tool_input: Mapping[str, Any]) -> str:
    """One line a person can decide by, without control characters."""
    if tool == "ExitPlanMode":
        return "Approve the plan"
    questions = tool_input.get("questions")
    if tool == "AskUserQuestion" and isinstance(questions, list):
        subject = " · ".join(str(q.get("question")) for q in questions if isinstance(q, dict))
    else:
        keys = ("command", "file_path", "notebook_path", "path", "url", "query", "description")
        subject = next((str(tool_input[key]) for key in keys if key in tool_input), "")
    line = " ".join(clean(f"{tool}: {subject}" if subject else tool).split())
    return line if len(line) <= 200 else line[:199] + "…"
