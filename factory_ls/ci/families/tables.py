"""Reports as tables of values between commas, a row a finding, below a row that names the columns.

    "Problem","Package","File","Priority","Line","Description","Rule set","Rule"

PMD, coffeelint, phpcs, swiftlint, flawfinder, bandit, tfsec and others.
"""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import csv
import re

from factory_ls.ci.naming import tool_of
from factory_ls.ci.paths import plausible, tidy
from factory_ls.ci.rules import Family, Found, Here, Rule, Severity, sample, severity_of

_PATHS = ("file", "filename", "filepath", "path", "sourcefile")
_LINES = ("line", "linenumber", "startline", "beginline")
_COLUMNS = ("column", "col", "character", "startcolumn", "begincolumn")
_MESSAGES = ("message", "description", "reason", "issuetext", "warning", "msg", "text")
_RULES = ("rule", "ruleid", "source", "testid", "code", "check", "name")
_GRADES = ("severity", "level", "type", "issueseverity", "priority", "errorlevel")
_MOST = 2000


def _cells(text: str) -> list[str]:
    return next(csv.reader([text.strip()]), [])


def _grade(word: str) -> Severity:
    if not word.isdigit():
        return severity_of(word)
    return Severity.ERROR if int(word) <= 2 else Severity.WARNING  # PMD counts priorities from the highest


def _table(_: re.Match[str], here: Here) -> list[Found] | None:
    names = [re.sub(r"[^a-z]", "", name.lower()) for name in _cells(here.text)]

    def column(keys: tuple[str, ...]) -> int | None:
        return next((names.index(key) for key in keys if key in names), None)

    path, line, message = column(_PATHS), column(_LINES), column(_MESSAGES)
    if path is None or line is None or message is None:
        return None
    others = {"column": column(_COLUMNS), "code": column(_RULES)}
    grades = [names.index(name) for name in _GRADES if name in names]
    findings: list[Found] = []
    for text, at in here.below(_MOST):
        row = _cells(text)
        if len(row) > len(names) and message == len(names) - 1:
            row[message:] = [",".join(row[message:])]  # coffeelint quotes nothing
        if len(row) != len(names):
            break
        here.claim(at)
        value = {key: row[index].strip() if index is not None else "" for key, index in others.items()}
        where, number = row[path].strip(), row[line].strip()
        if not plausible(tidy(where)) or not re.fullmatch(r"\d*", number) or not row[message].strip():
            continue
        found = here.found(row[message], where, number, code=value["code"] or None, at=at, last=at)
        words = sorted((row[index].strip() for index in grades), key=str.isdigit)
        if value["column"].isdigit():
            found.column = int(value["column"]) or None
        # A word tells more than a number, whose scale differs from tool to tool.
        found.severity = _grade(words[0]) if words and words[0] else Severity.ERROR
        found.tool = tool_of(found.path, found.code, found.message, here.step.command)
        findings.append(found)
    return findings or None


FAMILY = Family(
    name="tables",
    about="reports as values between commas",
    names=("csv",),
    rules=(
        Rule(
            (",line,", ",Line,", ',"Line",', ",line_number,", ",lineNumber,", ",start_line,", ",begin_line,"),
            r"(?:\"?[A-Za-z][\w -]*\"?,){3,}\"?[A-Za-z][\w -]*\"?,?$",
            _table,
        ),
    ),
    samples=(
        sample(
            '"Problem","Package","File","Priority","Line","Description","Rule set","Rule"\n"1","shop","/w/src/main/java/shop/Cart.java","3","18","Avoid unused private fields, such as \'sum\'","Best Practices","UnusedPrivateField"',
            "/w/src/main/java/shop/Cart.java:18 warning UnusedPrivateField",
            title="PMD",
        ),
        sample(
            "path,lineNumber,lineNumberEnd,level,message\nsrc/cart.coffee,12,,error,Line contains a trailing semicolon.\nsrc/cart.coffee,14,,warn,Unnecessary fat arrow.",
            "src/cart.coffee:12 error",
            "src/cart.coffee:14 warning",
            title="coffeelint",
        ),
        sample(
            "name,file,line,hits\nadd,src/cart.py,12,4\nsum,src/cart.py,14,0",
            title="a table of something else",
        ),
    ),
)
