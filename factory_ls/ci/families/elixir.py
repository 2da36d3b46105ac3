"""Elixir: the compiler, mix, ExUnit, Credo."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.frames import Frame, place
from factory_ls.ci.rules import Family, Found, Here, Rule, Severity, sample, severity_of


def _own(app: str, version: str, test: str) -> bool:
    """Whether `(app version) lib/a.ex:3` is of the application under test rather than of one it depends on."""
    name = app.replace("_", "").lower()
    return version == "0.1.0" or any(part.lower().startswith(name) for part in re.findall(r"\((\w+)", test))


def _exunit(match: re.Match[str], here: Here) -> Found | None:
    """`  1) test adds (CartTest)`, `     test/cart_test.exs:5`, the message, a stacktrace."""
    header: Frame | None = None
    frames: list[Frame] = []
    message, told, last = "", here.line, here.line
    for count, (text, line) in enumerate(here.below(80)):
        if re.match(r"\s{1,3}\d+\) |\S|Finished in", text):
            break
        one = re.match(
            r"\s+(?:\((?P<app>\S+) (?P<version>\S+)\) )?(?P<path>[\w./-]+\.(?:exs?|[hl]?eex|erl)):(?P<line>\d+)(?:: .*)?$",
            text,
        )
        if count == 0:
            if not one:
                return None
            header = Frame(one["path"], int(one["line"]))
        elif one and one["app"] and not _own(one["app"], one["version"], match["test"]):
            pass
        elif one:
            frames.append(Frame(one["path"], int(one["line"])))
        elif text.strip() and not message:
            message, told = text.strip(), line
        last = line
    if header is None:
        return None
    here.claim(last)
    found = here.found(message or match["test"], at=told, last=last, tool="exunit", test=match["test"])
    return place(found, [*frames, header], innermost_last=False)


def _mix(match: re.Match[str], here: Here) -> Found | None:
    """`warning: message` or `error: message` with `  lib/a.ex:3: Mod.fun/1` below, perhaps after a code frame."""
    for text, line in here.below(10):
        if one := re.match(
            r"\s+(?:└─ )?(?P<path>[\w./-]+\.(?:exs?|eex|heex|erl)):(?P<line>\d+)(?::(?P<col>\d+))?(?:: .*)?$", text
        ):
            here.claim(line)
            return here.found(
                match["msg"],
                one["path"],
                one["line"],
                column=one["col"],
                severity=severity_of(match["sev"]),
                tool="elixir",
            )
        if text.strip() and not re.match(r"\s+(?!--> )\S", text):
            return None
    return None


def _mix_format(_: re.Match[str], here: Here) -> list[Found] | None:
    found, last = [], here.line
    for text, line in here.below(200):
        if one := re.match(r"\s{2,}(?:\* )?(?P<path>[\w./-]+\.(?:exs?|eex|heex|leex))$", text):
            found.append(here.found("Not formatted: " + one["path"], one["path"], tool="mix format", at=line))
        elif text.strip() and not text.startswith((" ", "**", "The")):
            break
        last = line
    here.claim(last)
    return found or None


_CREDO = {"W": Severity.WARNING, "E": Severity.ERROR}


def _credo_line(match: re.Match[str], here: Here) -> Found | None:
    found = here.located(match, code=match["kind"], severity=_CREDO.get(match["kind"], Severity.INFO), tool="credo")
    if found:
        found.gates = True
    return found


def _credo(match: re.Match[str], here: Here) -> Found | None:
    for text, line in here.below(2):
        if one := re.match(r"[┃|\s]*(?P<path>[\w./-]+\.exs?):(?P<line>\d+)(?::(?P<col>\d+))?", text):
            here.claim(line)
            severity = _CREDO.get(match["kind"], Severity.INFO)
            found = here.found(
                match["msg"],
                one["path"],
                one["line"],
                column=one["col"],
                severity=severity,
                code=match["kind"],
                tool="credo",
            )
            found.gates = True
            return found
    return None


FAMILY = Family(
    name="elixir",
    about="Elixir",
    names=(
        "exunit",
        "mix",
        "credo",
    ),
    rules=(
        Rule(
            ("test ", "property ", "doctest "),
            r"\s{1,3}\d+\) (?P<test>(?:test|property|doctest) .* \([\w.]+\))$",
            _exunit,
            scan=r" [0-9]+\) (?:test|property|doctest) ",
        ),
        Rule(
            ("** (CompileError)", "** (SyntaxError)", "** (TokenMissingError)", "** (MismatchedDelimiterError)"),
            r"(?:== Compilation error in file \S+ ==)?\*\* \((?P<code>\w+)\) (?:(?:invalid syntax found on|token missing on|mismatched delimiter found on) )?(?P<path>\S+?\.(?:exs?|heex)):(?P<line>\d+)(?::(?P<col>\d+))?:?\s*(?P<msg>.*)",
            tool="elixir",
        ),
        Rule(
            "not formatted",
            r"(?:\*\* \(Mix\) )?.*(?:mix format failed|[Tt]he following files (?:are|were) not formatted)",
            _mix_format,
        ),
        Rule(("warning: ", "error: "), r"\s*(?P<sev>warning|error): (?P<msg>.*)$", _mix),
        Rule(
            "] ",
            r"\[(?P<kind>[RCFWD])\]\s+[↗→↘↑↓]?\s*(?P<path>[^\s:]+\.(?:exs?|heex)):(?P<line>\d+)(?::(?P<col>\d+))? (?P<msg>.*)",
            _credo_line,
            scan=r"\[[RCFWD]\] ",
        ),
        Rule("] ", r"[┃|\s]*\[(?P<kind>[RCFWD])\]\s+[↗→↘↑↓]?\s*(?P<msg>\S.*)", _credo, scan=r"\[[RCFWD]\] "),
    ),
    samples=(
        sample(
            """
  1) test adds (CartTest)
     test/cart_test.exs:5
     Assertion with == failed
     code:  assert Cart.total() == 30
     left:  20
     right: 30
     stacktrace:
       test/cart_test.exs:6: (test)

Finished in 0.03 seconds
""",
            "test/cart_test.exs:6 error",
            title="ExUnit",
        ),
        sample("** (CompileError) lib/a.ex:3: undefined function foo/0", "lib/a.ex:3 error CompileError"),
        sample('warning: variable "x" is unused\n  lib/a.ex:3: A.f/0\n', "lib/a.ex:3 warning"),
    ),
)
