"""Prompts: Markdown with a front matter, and placeholders that are filled with quoted data.

    ---
    name: fix-ci
    description: Repair failed checks
    arguments: problems, branch
    ---
    Repair what CI found on {{branch}}:

    {{problems}}

A placeholder alone on its line becomes a fenced block, one inside a sentence a short piece of code. What it is filled
with is never read for placeholders again.
"""

import re
from collections.abc import Mapping, Sequence

from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.problem import Failure, Problem
from factory_ls.model.text import clean
from factory_ls.model.wire import Wire
from factory_ls.ratchet.fence import Fence, escape_placeholders
from factory_ls.ratchet.ranking import BUDGET_TOKENS, failures_text

PROBLEMS = "problems"
"""The placeholder for the ranked failures."""

FROM_THE_USER = frozenset({"request"})
"""Arguments the user wrote as an instruction: the only ones that are not quoted."""

_FRONT = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_PLACEHOLDER = re.compile(r"^[ \t]*\{\{\s*(?P<block>\w+)\s*\}\}[ \t]*$|\{\{\s*(?P<inline>\w+)\s*\}\}", re.MULTILINE)
_HINT = "A prompt begins with `---`, then `name:`, `description:` and `arguments:` (separated by commas), then `---`."


class Prompt(Wire, frozen=True, kw_only=True):
    name: str
    description: str
    arguments: tuple[str, ...] = ()
    body: str = ""

    def render(
        self,
        *,
        problems: Sequence[Problem] = (),
        failures: Sequence[Failure] = (),
        values: Mapping[str, str] | None = None,
        fence: Fence | None = None,
        tokens: int = BUDGET_TOKENS,
    ) -> str:
        """The text for Claude: failures within `tokens`, everything foreign behind `fence` (by default a new one).

        A declared argument without a value reads `(none)`; a value the prompt does not use is left out.
        """
        fence = fence or Fence.new()
        given = dict(values or {})
        if problems or failures:
            given[PROBLEMS] = failures_text(problems, failures, tokens=tokens)
        quoted = False

        def fill(found: re.Match[str]) -> str:
            nonlocal quoted
            block, name = bool(found["block"]), found["block"] or found["inline"]
            value = given.get(name, "")
            if not value.strip():
                return "(none)"
            if name in FROM_THE_USER:
                return escape_placeholders(clean(value))
            quoted = quoted or block
            return fence.block(value) if block else fence.inline(value)

        text = _PLACEHOLDER.sub(fill, self.body)
        return f"{fence.rule}\n\n{text}" if quoted else text


def parse_prompt(text: str) -> Prompt:
    """Raises FactoryError `invalid` that names what is wrong: no front matter, no name, an undeclared placeholder."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    front = _FRONT.match(text)
    if front is None:
        raise FactoryError(ErrorKind.INVALID, "The prompt has no front matter.", _HINT)
    fields: dict[str, str] = {}
    for line in front[1].split("\n"):
        key, colon, value = line.partition(":")
        if line.strip() and not line.lstrip().startswith("#"):
            if not colon:
                raise FactoryError(ErrorKind.INVALID, f"The prompt's front matter has {line.strip()!r}.", _HINT)
            fields[key.strip()] = value.strip().strip("\"'")
    if unknown := sorted(fields.keys() - {"name", "description", "arguments"}):
        raise FactoryError(ErrorKind.INVALID, f"The prompt's front matter has {', '.join(unknown)}.", _HINT)
    if not fields.get("name"):
        raise FactoryError(ErrorKind.INVALID, "The prompt's front matter has no name.", _HINT)
    arguments = tuple(name for part in fields.get("arguments", "").strip("[]").split(",") if (name := part.strip()))
    body = text[front.end() :].strip() + "\n"
    used = {found["block"] or found["inline"] for found in _PLACEHOLDER.finditer(body)}
    if undeclared := sorted(used - set(arguments)):
        message = f"The prompt {fields['name']!r} uses {', '.join(undeclared)} but does not declare it."
        raise FactoryError(ErrorKind.INVALID, message, _HINT)
    return Prompt(name=fields["name"], description=fields.get("description", ""), arguments=arguments, body=body)
