"""Who decides whether Claude may use a tool: the mode, or the user. Pure; symbolic links are resolved by a function
that is passed in.

| | reading in the worktree | editing in it | commands, network, other tools | questions and plans |
|---|---|---|---|---|
| strict | allow | ask | ask | ask |
| relaxed | allow | allow | ask | ask |
| yolo | allow | allow | allow | ask |

Edits outside the worktree, and of files that decide what runs later (`.git`, Claude's own settings), are asked for in
every mode. A fixer has nobody to ask: it is refused those, and it never pushes or merges.
"""

import os.path
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from factory_ls.claude.shell import forbidden_to_fixers
from factory_ls.model.session import PermissionMode


@dataclass(frozen=True)
class Allow:
    pass


@dataclass(frozen=True)
class Deny:
    reason: str
    """Read by the model: says what to do instead."""


@dataclass(frozen=True)
class Ask:
    reason: str


Decision = Allow | Deny | Ask
Resolve = Callable[[str], str]
"""An absolute path with its symbolic links followed, like os.path.realpath. May raise OSError or ValueError."""

INTERACTIVE = frozenset({"AskUserQuestion", "ExitPlanMode"})
_READ = {"Read": "file_path", "NotebookRead": "notebook_path", "Glob": "path", "Grep": "path", "LS": "path"}
_EDIT = {"Write": "file_path", "Edit": "file_path", "MultiEdit": "file_path", "NotebookEdit": "notebook_path"}
_HARMLESS = frozenset(
    {"Task", "Agent", "TodoWrite", "TodoRead", "TaskCreate", "TaskUpdate", "TaskGet", "TaskList", "TaskOutput"}
    | {"TaskStop", "BashOutput", "KillShell", "ToolSearch", "EnterPlanMode", "ReportFindings"}
)
"""Change nothing outside the session; what a sub-agent does is asked for by itself."""
_FIXERS_OWN = frozenset({"mcp__factory__run_failing_command", "mcp__factory__submit_fix"})
"""What a fixer is sent to use: the hub decides what they run, and nobody is there to be asked."""
_COMMANDS = frozenset({"Bash", "Monitor", "PowerShell"})
_PROTECTED = (".git", ".claude/settings.json", ".claude/settings.local.json", ".claude/hooks", ".mcp.json")


def decide(
    mode: PermissionMode,
    tool: str,
    tool_input: Mapping[str, Any],
    worktree: str,
    *,
    fixer: bool = False,
    resolve: Resolve = os.path.realpath,
) -> Decision:
    """Decides on one use of a tool. `worktree` is an absolute path; relative ones in the input are taken from it."""
    if tool in INTERACTIVE:
        return Ask("It asks you.")
    if tool in _HARMLESS or tool.startswith(("mcp__factory__list_", "mcp__factory__get_")):
        return Allow()
    if fixer and tool in _FIXERS_OWN:
        return Allow()
    yolo = mode is PermissionMode.YOLO
    if tool in _READ:
        if yolo or _READ[tool] not in tool_input:
            return Allow()
        outside = _outside(tool_input[_READ[tool]], worktree, resolve)
        return Ask(f"It reads {outside}.") if outside else Allow()
    if tool in _EDIT:
        unsafe = _unsafe_to_edit(tool_input.get(_EDIT[tool]), worktree, resolve)
        if unsafe and fixer:
            return Deny(f"A fixer may not edit {unsafe}. Change files of the repository in the worktree only.")
        if unsafe or mode is PermissionMode.STRICT:
            return Ask(f"It edits {unsafe or 'a file'}.")
        return Allow()
    if fixer and tool in _COMMANDS:
        command = tool_input.get("command")
        if found := forbidden_to_fixers(command if isinstance(command, str) else ""):
            return Deny(f"A fixer may not run {found}: commit the fix, it is checked and pushed for you.")
    if yolo:
        return Allow()
    return Ask("It runs a command." if tool in _COMMANDS else f"It uses {tool}.")


def rule(tool: str, tool_input: Mapping[str, Any]) -> str:
    """What "always" means: this tool with this very command, file or address; a tool that has none, as a whole."""
    subject = next(
        (tool_input[key] for key in ("command", "file_path", "notebook_path", "url") if key in tool_input), ""
    )
    return f"{tool}:{subject}"


def _outside(path: object, worktree: str, resolve: Resolve) -> str | None:
    """None for a path inside the worktree, else words for where it is."""
    inside = _inside(path, worktree, resolve)
    return inside if isinstance(inside, str) else None


def _unsafe_to_edit(path: object, worktree: str, resolve: Resolve) -> str | None:
    inside = _inside(path, worktree, resolve)
    if isinstance(inside, str):
        return inside
    # Some file systems do not tell cases apart, and a nested repository has a .git of its own.
    folded = inside.as_posix().casefold()
    for protected in _PROTECTED:
        if f"/{protected}/" in f"/{folded}/":
            return f"{protected}, which decides what runs later"
    return None


def _inside(path: object, worktree: str, resolve: Resolve) -> PurePosixPath | str:
    """The path relative to the worktree, or words for why it is not in it."""
    if not isinstance(path, str) or not path or "\0" in path:
        return "a path that cannot be read"
    if path.startswith("~"):
        return "a file in a home folder"
    try:
        root = PurePosixPath(resolve(worktree))
        whole = PurePosixPath(resolve(os.path.join(worktree, path)))  # noqa: PTH118 (an absolute path wins)
    except (OSError, ValueError):
        return "a path that cannot be resolved"
    if ".." in whole.parts or not whole.is_relative_to(root):
        return "a path outside the worktree"
    return whole.relative_to(root)
