"""A message, then the place on a line of its own behind an arrow: rustc, cargo, clippy, ty, biome, deno, terraform
providers, buf, elm, swc, oxlint, miette, ariadne, codespan, Elixir.

    error[E0308]: mismatched types
      --> src/main.rs:2:18
"""

# ruff: noqa: E501, RUF001 (the tools' own lines and their patterns)

import re

from factory_ls.ci.naming import tool_of
from factory_ls.ci.paths import plausible, tidy
from factory_ls.ci.rules import Family, Found, Here, Rule, sample, severity_of
from factory_ls.ci.window import Line
from factory_ls.model.problem import Related, Severity

_HEAD = re.compile(
    r"\s*(?:[×✖⚠!❌x☞>]\s+)?(?:\[\w+\]\s+)?(?P<sev>error|warning|note|help|info|hint|advice|bug|failure|fatal|panic)(?P<code>\[[^\]]+\])?(?: ?\((?P<rule>[\w@/:.-]+)\))?: (?P<msg>.+)",
    re.IGNORECASE,
)
_CODED = re.compile(r"\s*(?P<sev>ERROR|WARN|INFO) (?P<msg>.+?) \[(?P<code>[a-z-]+)\]$")  # pyrefly
_MARKED = re.compile(r"\s*(?P<mark>[×✖❌x⚠!])\s+(?P<msg>\S.+)")
_FRAME = re.compile(r"\s*\d*\s*[|│╎┃:·]|\s*[╭╰└┌─|│]|\s*\.\.\.|\s*$")
_NOTE = re.compile(
    r".*rust-lang\.github\.io/rust-clippy/[^#]*#(?P<clippy>\w+)"
    r"|\s*= (?:note|help): .*?`?#\[(?:warn|deny|forbid|expect)\((?P<code>[\w:-]+)\)\]|\s*= help: .*index\.html#(?P<lint>\w+)"
    r"|\s*= note: `-[DFW] (?P<denied>[\w:-]+)` implied by"
)
_BRACKETED = re.compile(r"\[(?P<rule>[A-Z][A-Z_]{3,})\] (?P<msg>.+)")  # rolldown
_RULE = re.compile(r"(?P<rule>[a-z@][\w@-]*(?:/[\w-]+)+|[a-z][\w@-]*\([\w/-]+\)|[A-Z]{1,4}\d{2,5})(?::? (?P<msg>.+))?$")


# Words below a problem that only one tool writes.
_SIGNED = (("docs.deno.com/lint", "deno"), ("note: audit confidence", "zizmor"))


def _above(here: Here) -> tuple[str, Line] | None:
    """The line that says what is wrong: the nearest above that is not part of a code frame."""
    fallback: tuple[str, Line] | None = None
    for count, (text, line) in enumerate(here.above(8)):
        if _HEAD.match(text) or _MARKED.match(text) or _CODED.match(text):
            return text, line
        if not text.strip() and count:
            break
        if not _FRAME.match(text) and fallback is None and not re.match(r"\s*-->", text):
            fallback = (text, line)
    return fallback


def _arrow(match: re.Match[str], here: Here) -> Found | list[Found] | None:
    told = _above(here)
    if told is None or not plausible(tidy(match["path"])):
        return None
    text, line = told
    head = _HEAD.match(text)
    severity, code = Severity.ERROR, None
    if head:
        message, code = head["msg"], (head["code"] or "").strip("[]") or head["rule"]
        severity = severity_of(head["sev"])
        aside = head["sev"].lower() in ("note", "help") and code is None
        if aside or (head["sev"] == "info" and not code and "arrow" in here.memory):
            _relate(here, match, message)
            return []
    elif coded := _CODED.match(text):
        message, code, severity = coded["msg"], coded["code"], severity_of(coded["sev"])
    elif marked := _MARKED.match(text):
        message = marked["msg"]
        severity = Severity.WARNING if marked["mark"] in "⚠!" else Severity.ERROR
    else:
        message = text.strip()
    if ruled := _RULE.match(message):
        code, message = ruled["rule"], ruled["msg"] or message
    elif bracketed := _BRACKETED.match(message):
        code, message = bracketed["rule"], bracketed["msg"]
    found = here.found(
        message,
        match["path"],
        match["line"],
        column=match.groupdict().get("col"),
        severity=severity,
        code=code,
        at=line,
        tool="pyrefly" if _CODED.match(text) else _tool(match["path"], code, text, here.step.command),
    )
    framed = match.groupdict().get("col") == "1" and "-->" not in here.text
    if framed and (number := _marked_line(here)) and number != found.line:
        found.line, found.column = number, None
    last = here.line
    for below, at in here.below(60):
        if (not below.strip() and code) or _HEAD.match(below) or at.number - here.line.number > 40:
            break
        last = at
        if (noted := _NOTE.match(below)) and not found.code:
            name = noted["code"] or noted["lint"] or (noted["denied"] or "").replace("-", "_") or noted["clippy"]
            found.code = f"clippy::{name}" if noted["clippy"] else name
        if not below.strip():
            break
    for below, _ in here.below(16):
        if _HEAD.match(below):
            break
        found.tool = next((tool for words, tool in _SIGNED if words in below), found.tool)
    if last is not here.line:
        found.excerpt = here.found("", at=line, last=last).excerpt
    if found.code and found.code.startswith("clippy::"):
        found.tool = "clippy"
    here.memory["arrow"] = found
    return found


def _marked_line(here: Here) -> int | None:
    """swc names where its code frame begins; what is wrong is the line over the first mark."""
    number = None
    for text, _ in here.below(14):
        if numbered := re.match(r"\s*(\d+) [|│]", text):
            number = int(numbered[1])
        elif number is not None and re.match(r"\s*[:·]\s+[\^─┬╭|╰]", text):
            return number
    return None


def _relate(here: Here, match: re.Match[str], message: str) -> None:
    previous = here.memory.get("arrow")
    if isinstance(previous, Found):
        previous.related.append(Related(path=match["path"], line=int(match["line"] or 0) or None, message=message))


def _tool(path: str, code: str | None, text: str, command: str | None) -> str:
    lower = path.lower()
    if lower.endswith(".rs"):
        return "rustc"
    if lower.endswith((".py", ".pyi")):
        return "ruff" if code and re.match(r"[A-Z]+\d", code) else "ty"
    if lower.endswith((".tf", ".tfvars", ".hcl")):
        return "terraform"
    if lower.endswith((".ex", ".exs")):
        return "elixir"
    if lower.endswith(("cargo.toml", "cargo.lock")):
        return "cargo"
    if code and ("eslint" in code or "(" in code):
        return "oxlint"
    if re.search(r"`\w+` should be `\w+`", text):
        return "typos"
    if code and code.isupper() and not code[-1].isdigit():
        return "vite"
    return tool_of(path, code, text, command)


FAMILY = Family(
    name="arrows",
    about="a message, then the place behind an arrow",
    names=("rustc", "clippy", "cargo", "ty", "oxlint", "miette", "elixir", "deno"),
    rules=(
        Rule(
            (" --> ", "--> ", "——▶ "),
            r"\s*(?:-->|——▶)\s+(?P<path>[^\s:].*?):(?P<line>\d+)(?::(?P<col>\d+))?:?(?:\s.*)?$",
            _arrow,
        ),
        # solc, of a file as a whole
        Rule("--> ", r"\s*-->\s+(?P<path>[^\s:]+\.sol)(?::(?P<line>\d+))?$", _arrow),
        Rule(
            ("╭─[", "╭─ ", "┌─ ", "┌─[", ",-[", "└─ ", "╭▸ "),
            r"\s*\d*\s*(?:[╭┌,]─?-?\[|┌─+|╭─+|└─|╭▸)\s*\[?\s*(?P<path>[^\s:\[\]].*?):(?P<line>\d+)(?::(?P<col>\d+))?\]?:?(?:\s.*)?$",
            _arrow,
        ),
    ),
    samples=(
        sample(
            """
error[E0308]: mismatched types
 --> src/main.rs:2:18
  |
2 |     let x: i32 = "one";
  |            ---   ^^^^^ expected `i32`, found `&str`
  |            |
  |            expected due to this

warning: unused variable: `y`
  --> src/lib.rs:9:9
   |
9  |     let y = 1;
   |         ^ help: if this is intentional, prefix it with an underscore: `_y`
   |
   = note: `#[warn(unused_variables)]` on by default

error: could not compile `demo` (bin "demo") due to 1 previous error; 1 warning emitted
""",
            "src/main.rs:2:18 error E0308",
            "src/lib.rs:9:9 warning unused_variables",
        ),
        sample(
            """
  × Expected ';' but found 'x'
   ╭─[src/index.ts:3:7]
 2 │
 3 │ const x y
   ·       ─
   ╰────
""",
            "src/index.ts:3:7 error",
        ),
    ),
)
