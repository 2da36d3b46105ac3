"""mypy (and dmypy, basedmypy): `path:line[:col]: error: message  [code]`."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.rules import Family, Found, Here, Rule, sample
from factory_ls.model.problem import Related

_SHAPE = (
    r"(?P<path>(?:[A-Za-z]:)?[^\s:][^:]*?\.(?:pyi?|ipynb|md|rst)):(?P<line>\d+)(?::(?P<col>\d+))?(?::(?P<eline>\d+):(?P<ecol>\d+))?"
    r": (?P<sev>error|warning|note): (?P<msg>.*?)(?:  \[(?P<code>[a-z][a-z0-9-]*)\])?$"
)
_NOTE = re.compile(_SHAPE)


def _error(match: re.Match[str], here: Here) -> Found | list[Found] | None:
    if match["sev"] == "note":
        # A note belongs to the error above it. Alone (`reveal_type`) it is what was asked for.
        for text, _ in here.above(1):
            if (above := _NOTE.match(text)) and (above["path"], above["line"]) == (match["path"], match["line"]):
                return []
    found = here.located(match, tool="mypy")
    if found is None:
        return None
    for text, _ in here.below(6):
        note = _NOTE.match(text)
        if not note or note["sev"] != "note" or (note["path"], note["line"]) != (match["path"], match["line"]):
            break
        found.related.append(Related(path=note["path"], line=int(note["line"]), message=note["msg"]))
    return found


FAMILY = Family(
    name="mypy",
    about="type errors and notes",
    rules=(
        Rule((": error: ", ": note: ", ": warning: "), _SHAPE, _error),
        Rule(
            ": error: ",
            r"(?P<path>[^\s:]+\.pyi?): error: (?P<msg>(?:Source file found twice|Cannot find|Duplicate module|Module|Non-ASCII|can't|mypy|Invalid).*)",
        ),
    ),
    samples=(
        sample(
            """
src/app.py:3: error: Incompatible return value type (got "int", expected "str")  [return-value]
src/app.py:7:5: error: Name "x" is not defined  [name-defined]
src/app.py:9: note: Revealed type is "builtins.int"
src/db.py:12: error: No overload variant of "get" matches argument types  [call-overload]
src/db.py:12: note: Possible overload variants:
src/db.py:12: note:     def get(self, key: str) -> int
Found 3 errors in 2 files (checked 4 source files)
""",
            "src/app.py:3 error return-value",
            "src/app.py:7:5 error name-defined",
            "src/app.py:9 info",
            "src/db.py:12 error call-overload",
        ),
    ),
)
