"""Prompts: Markdown files that come with the program, each of which a repository may replace (`.factory/prompts/`)."""

import asyncio
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from factory_ls.factory.command import Command, Context, NoParams
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.wire import Wire
from factory_ls.ratchet.prompt import Prompt, parse_prompt

OVERRIDES = ".factory/prompts"
MAX_BYTES = 200_000


class PromptInfo(Wire, frozen=True, kw_only=True):
    name: str
    description: str
    arguments: tuple[str, ...]


class Prompts:
    def commands(self) -> list[Command]:
        return [Command("factory.prompt.list", "List prompts", NoParams, self._list)]

    async def _list(self, _: NoParams, __: Context) -> list[PromptInfo]:
        return [
            PromptInfo(name=prompt.name, description=prompt.description, arguments=prompt.arguments)
            for prompt in await self.shipped()
        ]

    async def shipped(self) -> list[Prompt]:
        """Those that come with the program, as it has them."""
        return await asyncio.to_thread(lambda: [parse_prompt(text) for _, text in _walk(_shipped(), "")])

    async def load(self, name: str, worktree: Path | None = None) -> Prompt:
        """The prompt in file `name` (`ratchet/fix-ci.md`), the repository's own before ours."""
        return parse_prompt(await asyncio.to_thread(_text, name, worktree))


def _text(name: str, worktree: Path | None) -> str:
    if worktree is not None:
        own = worktree / OVERRIDES / name
        # A link could bring any file of the user's into a prompt.
        if own.resolve().is_relative_to(worktree.resolve()) and own.is_file() and own.stat().st_size <= MAX_BYTES:
            return own.read_text(encoding="utf-8", errors="replace")
    try:
        return _shipped().joinpath(*name.split("/")).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise FactoryError(
            ErrorKind.NOT_FOUND, f"There is no prompt {name!r}.", "`factory.prompt.list` names them."
        ) from None


def _shipped() -> Traversable:
    """The wheel carries the prompts inside the package; a checkout has them beside it."""
    inside = resources.files("factory_ls") / "prompts"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "prompts"


def _walk(folder: Traversable, prefix: str) -> list[tuple[str, str]]:
    found = []
    for item in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if item.is_dir():
            found += _walk(item, f"{prefix}{item.name}/")
        elif item.name.endswith(".md"):
            found.append((prefix + item.name, item.read_text(encoding="utf-8")))
    return found
