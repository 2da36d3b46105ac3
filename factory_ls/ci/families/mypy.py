"""mypy (and dmypy, basedmypy): `path:line[:col]: error: message  [code]`."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.rules import Family, Found, Here, Rule, sample
from factory_ls.model.problem import Related

_SHAPE = (
    r"(?P<path>(?:[A-Za-z]:)?[^\s:][^:]*?\.(?:pyi?|ipynb|md|rst)):(?P<line>\d+)(?::(?P<col>\d+))?(?::(?P<eline>\d+):(?P<ecol>\d+))?"
    r": (?P<sev>error|warning|note): (?P<msg>.*?)(?:  \[(?P<code>[a-z][a-z0-9-]*)\])?$"
)
_HEADED = re.compile(r"\S+\.pyi?(?::\d+)?: ")
_CODED = re.compile(r"(?P<msg>.*?)  \[(?P<code>[a-z][a-z0-9-]*)\]$")


def _error(match: re.Match[str], here: Here) -> Found | list[Found] | None:
    place = (match["path"], match["line"])
    previous = here.memory.get("mypy")
    if match["sev"] == "note" and isinstance(previous, tuple) and previous[0] == place:
        # A note belongs to the error above it. Alone (`reveal_type`) it is what was asked for.
        previous[1].related.append(Related(path=match["path"], line=int(match["line"]), message=match["msg"]))
        return []
    found = here.located(match, tool="mypy")
    if found is None:
        return None
    if not match["code"]:
        _wrapped(found, here)
    here.memory["mypy"] = (place, found) if match["sev"] == "error" else None
    return found


def _wrapped(found: Found, here: Here) -> None:
    """`--pretty` breaks a message over lines, the code at its end; the source and carets follow."""
    message = found.message
    for text, _ in here.below(4):
        if not text or text.startswith((" ", "\t", "Found ", "Success")) or _HEADED.match(text):
            return
        message = f"{message} {text.strip()}"
        if coded := _CODED.match(message):
            found.message, found.code = coded["msg"], coded["code"]
            return


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
src/app.py:23: error: No overload variant of "get" matches argument type
"None"  [call-overload]
        get(None)
        ^~~~~~~~~
src/app.py:23: note: Possible overload variants:
src/app.py:23: note:     def get(key: int) -> str
""",
            "src/app.py:23 error call-overload",
            title="--pretty",
        ),
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
