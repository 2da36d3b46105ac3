"""Shapes that many tools share. Tried last; careful about what may be a path and what may be a message.

path:line:col: error: message        path(line,col): error X1: message      "path", line 3: message
error: path:line:col: message        path:line:col message                  message in path on line 3
"""

# ruff: noqa: E501, RUF001 (the tools' own lines and their patterns)

import re

from factory_ls.ci.naming import tool_of
from factory_ls.ci.paths import external, plausible, tidy
from factory_ls.ci.rules import Family, Found, Here, Rule, sample, severity_of
from factory_ls.model.problem import Severity

_P = r"(?P<path>(?:[A-Za-z]:[\\/]|file://+(?:[A-Za-z]:)?)?[^\s:\"'`<>|*?(){},;=!]+)"
_ABSOLUTE = r"(?P<path>(?:[A-Za-z]:[\\/]|/|file://+|\.{0,2}/)[^:\"'<>|*?\n]*?\.\w{1,10})"
_SEVERITY = (
    r"(?P<sev>(?i:fatal error|syntax error|parse error|internal error|compile error|error|warning|fatal|note|info|hint|remark|warn|notice|"
    r"style|convention|refactor|performance|portability|information|suggestion|critical|blocker|major|minor|message|debug|err))\b"
)
_CODE = r"(?:\s*\[?(?P<code>[A-Z][A-Za-z]{0,11}[-_]?\d{1,6}[a-z]?|#\d+(?:-[A-Z])?|[A-Z]{2,6}-[\w-]+|[A-Z]\d+)\]?)?"
_RANGE = r"(?P<line>\d{1,8})(?:[:.,](?P<col>\d{1,6}))?(?:-(?:(?P<eline>\d{1,8})[:.])?(?P<ecol>\d{1,6}))?"
_PROSE = re.compile(r"^(?:at|in|from|see|and|or|to|the|a|an|is|was|of|on|by)\b", re.IGNORECASE)
_TRAILING = re.compile(r"\s+(?:\((?P<paren>[A-Za-z][\w/@.:-]*[\w])\)|\[(?P<bracket>[A-Za-z][\w/@.:+ -]*[\w+])\])\s*$")
_LEADING = re.compile(
    r"\[?(?P<code>[A-Z]{1,6}[-_]?\d{1,5}[a-z]?|[a-z]+(?:-[a-z]+){1,5}|[A-Z]\w*/\w+)\]?(?::|\s)\s*(?=\S)"
)
_LETTER = re.compile(r"(?:\[(?P<a>[EWCRIFNH])(?P<code>\d*)\]|(?P<b>[EWCRIFNH]):)\s*(?=\S)")
_LETTERS = {
    "E": Severity.ERROR,
    "F": Severity.ERROR,
    "W": Severity.WARNING,
    "C": Severity.INFO,
    "R": Severity.INFO,
    "I": Severity.INFO,
    "N": Severity.INFO,
    "H": Severity.HINT,
}


def _diagnostic(match: re.Match[str], here: Here) -> Found | list[Found] | None:
    groups = match.groupdict()
    path, message = groups["path"], (groups.get("msg") or "").strip()
    if not plausible(tidy(path)) or _PROSE.match(path + " "):
        return None
    word = groups.get("sev")
    code = groups.get("code")
    severity = severity_of(word, Severity.ERROR)
    message = message.lstrip(":- ")
    if code is None and (coded := _LEADING.match(message)):
        code, message = coded["code"], message[coded.end() :]
    if code is None and (trailing := _TRAILING.search(message)):
        code = trailing["paren"] or trailing["bracket"]
        message = message[: trailing.start()]
    if re.match(r"in [\w.<]", message) and path.endswith((".py", ".pyx", ".rb", ".sh")):
        return None  # a stack frame
    if not message and code is None and not word:
        return None
    found = here.found(
        message or match[0], path, groups.get("line"), column=groups.get("col"), severity=severity, code=code
    )
    found.end_line = int(groups["eline"]) if groups.get("eline") else None
    found.end_column = int(groups["ecol"]) if groups.get("ecol") else None
    found.tool = tool_of(found.path, code, found.message, here.step.command)
    if severity is Severity.INFO and word and word.lower() == "note" and _follows(here, found):
        return []
    if word and word.lower() != "note":
        here.memory["generic"] = found
    return found


def _follows(here: Here, note: Found) -> bool:
    previous = here.memory.get("generic")
    if isinstance(previous, Found) and note.log_line - previous.log_line < 40:
        previous.related.append(here.relate(note))
        return True
    return False


def _bare(match: re.Match[str], here: Here) -> Found | list[Found] | None:
    """`path:line:col: message` without a word for how bad: a linter's finding, if it looks like one."""
    message = match["msg"].strip()
    path = match["path"]
    if external(path) or not plausible(tidy(path)) or not re.search(r"[A-Za-z]{2}", message):
        return None
    if re.match(
        r"\d|[-+*/=<>|&.)\]}]|(?:at|in|from) |\(?(?:passed|ok|PASS|INFO|DEBUG|running|Running|done)\b", message
    ):
        return None
    if lettered := _LETTER.match(message):
        letter = lettered["a"] or lettered["b"]
        found = _diagnostic(match, here)
        if isinstance(found, Found):
            found.severity = _LETTERS[letter]
            found.message = message[lettered.end() :]
            if lettered["code"]:
                found.code = letter + lettered["code"]
        return found
    return _diagnostic(match, here)


# One expression finds the lines of all shapes: a place behind a word.
_SCAN = r"[A-Za-z_)\]\"'][:(\[][0-9]+[]:,.) -]|[A-Za-z][0-9]:[0-9]+:|[Ll]ine:? [0-9]|[A-Za-z] \([0-9]+,"

FAMILY = Family(
    name="generic",
    about="shapes many tools share",
    rules=(
        # path:line:col: error X: message, also after other words on the line
        Rule(
            ":",
            _P
            + r":"
            + _RANGE
            + r"\s*(?::|-|–|\s)\s*[\[(]?"
            + _SEVERITY
            + r"[\])]?\s*:?"
            + _CODE
            + r"\s*(?::|-|\s|$)\s*(?P<msg>.*)$",
            _diagnostic,
            scan=_SCAN,
        ),
        Rule(
            ":",
            _ABSOLUTE + r":" + _RANGE + r"\s*:\s*" + _SEVERITY + r"\s*:?" + _CODE + r"\s*(?::|\s|$)\s*(?P<msg>.*)$",
            _diagnostic,
            scan=_SCAN,
        ),
        # path(line,col): error X: message
        Rule(
            "(",
            r"\s*(?P<path>(?:[A-Za-z]:[\\/]|\\\\)?[^:\"'<>|*?()\[\]]*?[^\s:\"'<>|*?()])\s?\((?P<line>\d{1,8})(?:[,:.-](?P<col>\d{1,6}))?(?:[,-](?P<eline>\d{1,8}),(?P<ecol>\d{1,6}))?\)\s?:\s*(?:\w+ )??"
            + _SEVERITY
            + r"\s*:?"
            + _CODE
            + r"\s*:?\s*(?P<msg>.*)$",
            _diagnostic,
            scan=_SCAN,
        ),
        # error: path:line:col: message
        Rule(
            ":",
            r"\s*(?:\[?"
            + _SEVERITY
            + r"\]?)\s*:?\s*(?:\[(?P<code>[\w/-]+)\]:?\s*)?(?:in |at |-+ ?)?"
            + _P
            + r"(?::|\[|\()"
            + _RANGE
            + r"[\])]?\s*(?::|\s|-|$)\s*(?P<msg>.*)$",
            _diagnostic,
            scan=_SCAN,
        ),
        # "path", line 3: message; File "path", line 3
        Rule(
            "line ",
            r"\s*(?:"
            + _SEVERITY
            + r"[: ]+)?(?:[Ff]ile |in |at )?[\"'`](?P<path>[^\"'`]+)[\"'`],? (?:at )?line[: ]+(?P<line>\d{1,8})(?:[.,]\s*(?:col(?:umn)?|pos|char(?:acters?)?|position)?\.?\s*(?P<col>\d{1,6})(?:-(?P<ecol>\d+))?)?[:.,]?\s+(?:-+ )?(?P<msg>\S.*)$",
            _diagnostic,
            scan=_SCAN,
        ),
        # path: line 3: message; path, line 3: message; path line 3 col 4: message
        Rule(
            "line ",
            r"\s*"
            + _P
            + r"(?::|,)?\s+\(?(?:on |at )?[Ll]ine:? (?P<line>\d{1,8})(?:,?\s*(?:col(?:umn)?|char|pos)\.?:? (?P<col>\d{1,6}))?\)?\s*[:,-]\s*(?:"
            + _SEVERITY
            + r"\s*:?)?\s*(?P<msg>\S.*)$",
            _bare,
            scan=_SCAN,
        ),
        # error message … in path on line 3; error at path line 3
        Rule(
            "line ",
            r"(?:.*?\b)??"
            + _SEVERITY
            + r":?\s+(?P<msg>.*?) (?:in|at) (?P<path>[^\s:\"'(),]+) (?:on )?line (?P<line>\d{1,8})\b.*$",
            _diagnostic,
            scan=_SCAN,
        ),
        # path:line:col: message
        Rule(
            ":",
            r"\s*" + _P + r":(?P<line>\d{1,8}):(?P<col>\d{1,6})(?:-(?P<ecol>\d{1,6}))?\s*(?::|-|\s)\s*(?P<msg>\S.*)$",
            _bare,
            scan=_SCAN,
        ),
        Rule(":", _P + r":(?P<line>\d{1,8}): (?P<msg>\S.*)$", _bare, scan=_SCAN),
    ),
    samples=(
        sample("lib/app.rb:3:5: error: unexpected token", "lib/app.rb:3:5 error"),
        sample("src/A.fs(3,5): warning FS0025: Incomplete pattern matches", "src/A.fs:3:5 warning FS0025"),
        sample("ERROR: /w/app/BUILD:17:11: no such target '//a:b'", "/w/app/BUILD:17:11 error"),
        sample('"conf/app.cfg", line 12: syntax error at end', "conf/app.cfg:12 error"),
        sample("setup.sh: line 12: syntax error near unexpected token `fi'", "setup.sh:12 error"),
        sample("PHP Parse error:  syntax error, unexpected '}' in src/a.php on line 9", "src/a.php:9 error"),
        sample("app/models.py:12:1: C901 'load' is too complex (14)", "app/models.py:12:1 error C901"),
        sample(
            "Listening on http://localhost:8080: ready\n12:30:45: started\nhost.example.com:443: error: no route",
            title="hosts and times",
        ),
    ),
)
