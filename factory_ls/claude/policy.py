"""What one conversation's Claude may do: the mode, and what the user has allowed for good."""

import os.path
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Any

from factory_ls.claude.permissions import INTERACTIVE, Allow, Ask, Decision, Resolve, decide, rule
from factory_ls.model.session import PermissionMode


@dataclass
class Policy:
    """`worktree` is an absolute path. `remembered` holds the rules (`permissions.rule`) allowed for good, and may
    change; without it the conversation keeps its own in `always`."""

    mode: PermissionMode
    worktree: str
    fixer: bool = False
    resolve: Resolve = field(default=os.path.realpath, compare=False)
    remembered: Container[str] | None = None
    always: set[str] = field(default_factory=set)

    def decide(self, tool: str, tool_input: Mapping[str, Any]) -> Decision:
        decision = decide(self.mode, tool, tool_input, self.worktree, fixer=self.fixer, resolve=self.resolve)
        if not isinstance(decision, Ask) or tool in INTERACTIVE:
            return decision
        allowed = self.always if self.remembered is None else self.remembered
        return Allow() if rule(tool, tool_input) in allowed else decision
