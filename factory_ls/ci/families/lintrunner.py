"""lintrunner: below a file's name each finding of the linters it runs, its lines framed, or the patch it would apply."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.rules import Family, Found, Here, Rule, Severity, sample

_GRADES = {"Error": Severity.ERROR, "Warning": Severity.WARNING}
_NEXT = re.compile(r"\s*>>> Lint for |  (?:Error|Warning|Advice|Disabled) \([A-Z]")
_ADVICE = re.compile(r"(?:^|(?<= ))(?:See https?://\S+|Run `lintrunner [^`]*` to apply \S+ \w+\.)")
_CHANGED = re.compile(r"\s+(?P<line>\d+)(?:\s+\d+)?\s+\|[+-]")


def _headed(match: re.Match[str], here: Here) -> list[Found]:
    here.memory["lintrunner"] = match["path"]
    return []


def _linted(match: re.Match[str], here: Here) -> Found | None:
    path = here.memory.get("lintrunner")
    if not isinstance(path, str):
        return None
    said: list[str] = []
    number, last = None, here.line
    for text, line in here.below(300):
        if _NEXT.match(text):
            break
        pointed = re.match(r"\s+>>>\s*(?P<line>\d+)\s+\|", text) or _CHANGED.match(text)
        if pointed and number is None:
            number = pointed["line"]
        if number is None and re.match(r"    \S", text) and (not said or last.text.strip()):
            said.append(text.strip())
        elif text.strip() and not text.startswith(("  ", "----")):
            break
        last = line
    here.claim(last)
    code = match["code"].strip("[]")
    message = _ADVICE.sub("", " ".join(said))[:300].strip() or f"{match['linter']}: {code}"
    return here.found(
        message,
        path,
        number,
        severity=_GRADES.get(match["sev"], Severity.INFO),
        tool=match["linter"].lower(),
        code=code,
    )


FAMILY = Family(
    name="lintrunner",
    about="findings of the linters that lintrunner runs",
    rules=(
        Rule(">>> Lint for ", r"\s*>>> Lint for (?P<path>.+?):", _headed),
        Rule(
            ("Error (", "Warning (", "Advice ("),
            r"  (?P<sev>Error|Warning|Advice) \((?P<linter>[A-Z][A-Z0-9_-]+)\) (?P<code>\S.*)$",
            _linted,
            scan=r"(?:Error|Warning|Advice) \([A-Z][A-Z0-9_-]+\) ",
        ),
    ),
    samples=(
        sample(
            """
>>> Lint for torch/utils.py:

  Error (MYPY) [attr-defined]
    Module has no attribute "foo"; maybe "fop"?

        3510  |
        3511  |def f(mod: Module) -> int:
    >>> 3512  |    return mod.foo
        3513  |

  Warning (RUFF) F401
    `os` imported but unused
    See https://docs.astral.sh/ruff/rules/unused-import

         10  |import sys
    >>>  11  |import os


>>> Lint for src/Context.cpp:

  Error (CLANGFORMAT) format
    See https://clang.llvm.org/docs/ClangFormat.html.
    Run `lintrunner -a` to apply this patch.

    You can run `lintrunner -a` to apply this patch.

     80  80 | }
     81     |-int  x;
         81 |+int x;


  Error (NEWLINE) [newlines]
    Trailing newline found. Run `lintrunner --take NEWLINE -a` to apply changes.

##[error]lintrunner: Some lints failed
""",
            "torch/utils.py:3512 error attr-defined",
            "torch/utils.py:11 warning F401",
            "src/Context.cpp:81 error format",
            "src/Context.cpp error newlines",
            title="lintrunner",
        ),
    ),
)
