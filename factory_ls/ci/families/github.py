"""Workflow commands: `::error file=…,line=…::message`, Azure's `##vso[task.logissue …]`, TeamCity's service messages.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

# ruff: noqa: E501, RUF001 (the tools' own lines and their patterns)

import re
from urllib.parse import unquote

from factory_ls.ci.frames import Frame, place
from factory_ls.ci.naming import tool_of
from factory_ls.ci.paths import plausible, tidy
from factory_ls.ci.rules import Family, Found, Here, Rule, sample, severity_of

_TITLE = re.compile(r"^(?P<tool>[A-Za-z][\w.-]*)(?: \((?P<code>[\w./-]+)\))?")
_CODE = re.compile(r"[A-Z]{1,5}\d{2,5}$")
_RULE_NAME = re.compile(r"@?[a-z][\w-]*(?:/[\w-]+)+$|[a-z][\w-]*\([\w/-]+\)$|(?:format|parse|organizeImports)$")
_REPEATED = re.compile(
    r"^(?:\S+?:\d+(?::\d+)?: (?:(?P<code>[A-Z]+\d+) |(?P<name>[a-z]+(?:-[a-z0-9]+)+): )?|\d+:\d+ \[(?P<rule>[\w-]+)\] )"
)
_TRAILING = re.compile(r"(?P<msg>.+) \((?P<code>report\w+|[a-z@][\w-]*/[\w/-]+)\)$")


def _properties(text: str, separator: str) -> dict[str, str]:
    pairs = (item.partition("=") for item in text.split(separator))
    return {name.strip().lower(): unquote(value.strip()) for name, _, value in pairs if value.strip()}


def _command(match: re.Match[str], here: Here) -> Found | None:
    values = _properties(match["properties"] or "", ",")
    path = values.get("file", "")
    message = unquote(match["msg"]).strip()
    if not path and not message:
        return None
    titled = values.get("title", "")
    title = None if _CODE.match(titled) or _RULE_NAME.match(titled) else _TITLE.match(titled)
    repeated = _REPEATED.match(message)
    if repeated:
        message = message[repeated.end() :]
    trailing = _TRAILING.match(message)
    found = here.found(
        trailing["msg"] if trailing else message,
        path,
        _digits(values.get("line")),
        column=_digits(values.get("col")),
        severity=severity_of(match["level"]),
        code=(title and title["code"])
        or (repeated and (repeated["code"] or repeated["rule"] or repeated["name"]))
        or (trailing and trailing["code"])
        or (titled if _CODE.match(titled) or _RULE_NAME.match(titled) else None)
        or None,
        tool=title["tool"].lower() if title and path else "",
    )
    found.repeats = bool(path)
    if path and not title:
        found.tool = tool_of(found.path, found.code, found.message, here.step.command)
        if titled.startswith(("lint/", "assist/")) or titled in ("format", "parse"):
            found.tool = "biome"
        elif "(" in titled:
            found.tool = "oxlint"
    found.end_line = int(_digits(values.get("endline")) or 0) or None
    found.end_column = int(_digits(values.get("endcolumn")) or 0) or None
    return found


def _azure(match: re.Match[str], here: Here) -> Found:
    values = _properties(match["properties"], ";")
    found = here.found(
        match["msg"],
        values.get("sourcepath", ""),
        _digits(values.get("linenumber")),
        column=_digits(values.get("columnnumber")),
        severity=severity_of(values.get("type")),
        code=values.get("code"),
    )
    if found.path:
        found.tool = tool_of(found.path, found.code, found.message, here.step.command)
    return found


_ESCAPED = re.compile(r"\|(?:0x(?P<code>[0-9a-fA-F]{4})|(?P<letter>.))")
_CITED = re.compile(
    r"(?:File \"|^\s*(?:at |❯ )?(?:\S+ \()?)(?P<path>(?:[A-Za-z]:)?[^\s:\"()]+\.\w+)(?:\", line |:)(?P<line>\d+)"
)


def _unescape(text: str) -> str:
    return _ESCAPED.sub(
        lambda one: chr(int(one["code"], 16)) if one["code"] else {"n": "\n", "r": ""}.get(one["letter"], one["letter"]), text
    )  # fmt: skip


def _teamcity(match: re.Match[str], here: Here) -> Found | None:
    """https://www.jetbrains.com/help/teamcity/service-messages.html"""
    values = {name: _unescape(value) for name, value in re.findall(r"(\w+)='((?:[^'|]|\|.)*)'", match["properties"])}
    message = values.get("message", "")
    if match["kind"] == "inspection" and values.get("file"):
        found = here.found(message or values.get("typeId", ""), values["file"], _digits(values.get("line")), code=values.get("typeId"), severity=severity_of(values.get("SEVERITY")))  # fmt: skip
        found.tool = tool_of(found.path, found.code, message, here.step.command)
        return found
    told = values.get("details", "")
    if match["kind"] == "testStdErr" and values.get("out", "").startswith("SubTest "):
        told = values["out"]
    elif match["kind"] != "testFailed" or not values.get("name"):
        return None
    details = told.split("\n")
    frames = [Frame(one["path"], int(one["line"])) for text in details if (one := _CITED.search(text))]
    found = here.found(message or next(iter(details)) or values["name"], test=values["name"])
    python = any('File "' in text or re.match(r"E {3,}\S|(?:_ ){9}", text) for text in details)
    return place(found, frames, innermost_last=python)


def _grouped(match: re.Match[str], here: Here) -> Found | None:
    """yamllint: a group with the file's name, and annotations in it whose places the runner took off."""
    if here.level not in ("error", "warning"):
        return None
    for _, line in here.above(500):
        if line.level == "group":
            path = line.text.strip()
            if not plausible(tidy(path)):
                return None
            return here.found(
                match["msg"], path, match["line"], column=match["col"], code=match["code"],
                severity=severity_of(here.level), tool="yamllint",
            )  # fmt: skip
        if line.level not in ("error", "warning"):
            return None
    return None


def _digits(text: str | None) -> str | None:
    return text if text and re.fullmatch(r"\d{1,8}", text) else None


FAMILY = Family(
    name="github",
    about="workflow commands of GitHub and Azure",
    names=("azure", "teamcity", "git"),
    rules=(
        Rule(
            ("::error", "::warning", "::notice"),
            r"(?:.*[\s>│|])?::(?P<level>error|warning|notice)(?: (?P<properties>[^:]*(?::(?!:)[^:]*)*))?::(?P<msg>.*)",
            _command,
        ),
        Rule(
            "##teamcity[",
            r".*##teamcity\[(?P<kind>inspection|testFailed|testStdErr) (?P<properties>.*)\]",
            _teamcity,
            tool="teamcity",
        ),
        Rule(
            "CONFLICT (",
            r"CONFLICT \((?P<code>[\w/ ]+)\): (?P<msg>.*\b(?:in|of|deleted in \S+ and modified in) (?P<path>[^\s()]+\.\w+))(?:\s.*)?$",
            tool="git",
        ),
        Rule(
            "] ",
            r"(?P<line>\d+):(?P<col>\d+) \[(?P<code>[\w-]+)\] (?P<msg>.*)",
            _grouped,
            scan=r"##\[(?:error|warning)\][0-9]+:[0-9]+ \[",
        ),
        Rule(
            " (Line: ",
            r"(?:.*\bnot valid\. )?(?P<path>[^\s()]+\.ya?ml) \(Line: (?P<line>\d+), Col: (?P<col>\d+)\): (?P<msg>.*)",
            tool="actions",
        ),
        Rule("##vso[task.logissue", r".*##vso\[task\.logissue (?P<properties>[^\]]*)\](?P<msg>.*)", _azure),
    ),
    samples=(
        sample(
            "::error file=src/app.js,line=10,col=15,title=ESLint (no-undef)::'x' is not defined.",
            "src/app.js:10:15 error no-undef",
        ),
        sample("::warning file=a.py,line=3,endLine=4,endColumn=9::Watch%0Athis", "a.py:3 warning"),
        sample("::notice::Nothing to see", title="not a failure and nowhere"),
        sample(
            "##vso[task.logissue type=error;sourcepath=src/a.cs;linenumber=3;columnnumber=5;code=CS1002;]; expected",
            "src/a.cs:3:5 error CS1002",
        ),
    ),
)
