"""The demo's throw-away repository, and the edits the scripted model makes in it."""

import json
from collections.abc import Mapping

from factory_ls.demo.messages_api import Reply, Request, Text, Tool

BRANCH = "average-price"
BROKEN = "basket/totals.py"

_WORKFLOW = {
    "name": "CI",
    "on": ["push"],
    "jobs": {
        "test": {"runs-on": "ubuntu-latest", "steps": [{"name": "Test", "run": "python -m pytest -q"}]},
        "lint": {
            "runs-on": "ubuntu-latest",
            "steps": [{"name": "Lint", "run": "python -m ruff check --output-format=full ."}],
        },
    },
}

_TOTALS = '''"""Totals of a basket. Prices are in cents."""

from collections.abc import Sequence


def total(prices: Sequence[int]) -> int:
    return sum(prices)
'''

_AVERAGE_BROKEN = '''

def average(prices: Sequence[int]) -> int:
    """The average price, rounded to a cent; 0 for an empty basket."""
    return round(total(prices) / len(prices))
'''

_IMPORT = "import math\n"

_TEST = """from basket.totals import total


def test_total() -> None:
    assert total([250, 250]) == 500
"""

_TEST_AVERAGE = """from basket.totals import average, total


def test_total() -> None:
    assert total([250, 250]) == 500


def test_average() -> None:
    assert average([100, 201]) == 150


def test_average_of_an_empty_basket() -> None:
    assert average([]) == 0
"""

MAIN: Mapping[str, str] = {
    # A workflow may be written in JSON: YAML holds it.
    ".github/workflows/ci.yml": json.dumps(_WORKFLOW, indent=2) + "\n",
    ".gitignore": "__pycache__/\n.pytest_cache/\n.ruff_cache/\n",
    "README.md": "# basket\n\nA small package for a demonstration.\n",
    "basket/__init__.py": "",
    BROKEN: _TOTALS,
    "tests/test_totals.py": _TEST,
}
"""The repository's main branch: green."""

CHANGE: Mapping[str, str] = {
    BROKEN: _TOTALS.replace("from collections", _IMPORT + "from collections", 1) + _AVERAGE_BROKEN,
    "tests/test_totals.py": _TEST_AVERAGE,
}
"""What the branch changes: a function that divides by zero (a test fails) and an unused import (the linter fails)."""

_EDITS = (
    (_IMPORT, ""),
    (
        "    return round(total(prices) / len(prices))\n",
        "    return round(total(prices) / len(prices)) if prices else 0\n",
    ),
)


def fix(request: Request) -> Reply:
    """The stand-in model: asks the factory what fails, reads the file, makes the two edits, and says so.

    Scripted for this repository. What each step answers is decided by how many tool calls the conversation holds, so
    that it does not matter how the command line phrases its prompts.
    """
    if not request.tools:
        return Reply(blocks=(Text('{"title": "Fix CI"}'),))
    return repair(tools_used(request))


def tools_used(request: Request) -> int:
    """How many tools the model has called in the conversation so far."""
    contents = [message.get("content") for message in request.messages if message.get("role") == "assistant"]
    blocks = [block for content in contents if isinstance(content, list) for block in content]
    return sum(block["type"] == "tool_use" for block in blocks)


def repair(step: int) -> Reply:
    """What the stand-in model says after `step` tool calls."""
    steps = [
        Reply(blocks=(Text("First I ask the factory what fails."), Tool("mcp__factory__list_problems", {}))),
        Reply(blocks=(Text("Two problems in one file; I read it."), Tool("Read", {"file_path": BROKEN}))),
        *(
            Reply(blocks=(Text(why), Tool("Edit", {"file_path": BROKEN, "old_string": old, "new_string": new})))
            for why, (old, new) in zip(
                ("The import is not used.", "An empty basket must not divide by zero."), _EDITS, strict=True
            )
        ),
        Reply(blocks=(Text("The unused import is gone, and the average of an empty basket is 0."),)),
    ]
    return steps[min(step, len(steps) - 1)]
