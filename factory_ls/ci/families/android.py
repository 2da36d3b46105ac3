"""What Android's Gradle plugin says of resources and layouts: AGPBI messages, data binding, doubled resources."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import json
import re

from factory_ls.ci.rules import Family, Found, Here, Rule, sample, severity_of


def _message(match: re.Match[str], here: Here) -> Found | list[Found] | None:
    """`AGPBI: {"kind":"error","text":…,"sources":[{"file":…,"position":{"startLine":10}}]}`: counted from 0."""
    try:
        told = json.loads(match["json"])
        severity = severity_of(told["kind"])
        text = told["text"].split("\n")[0]
        sources = [(source["file"], source.get("position", {})) for source in told["sources"] if source.get("file")]
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    if told["kind"] not in ("error", "warning"):
        return []
    if not sources:
        return [] if told["kind"] == "warning" else here.found(text, tool="aapt")
    path, position = sources[0]
    if not isinstance(path, str):
        return None
    line, column = ((position[name] + 1 if name in position else None) for name in ("startLine", "startColumn"))
    return here.found(text, path, line, column=column, severity=severity, tool="aapt")


def _binding(match: re.Match[str], here: Here) -> Found | None:
    """`[databinding] {"msg":…,"file":…,"pos":[{"line0":36,"col0":28}]}`: counted from 0."""
    try:
        told = json.loads(match["json"])
        position = (told.get("pos") or [{}])[0]
        text = told["msg"].split("\n")[0]
        return here.found(
            text, told["file"], position.get("line0", -1) + 1 or None, column=position.get("col0"), tool="databinding"
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _old_binding(match: re.Match[str], here: Here) -> Found:
    return here.found(match["msg"], match["path"], int(match["line"]) + 1, tool="databinding")


FAMILY = Family(
    name="android",
    about="Android's resources: AGPBI messages, data binding, doubled resources",
    names=("aapt", "databinding"),
    rules=(
        Rule("AGPBI: {", r"\s*AGPBI: (?P<json>\{.*\})$", _message),
        Rule("[databinding] {", r".*?\[databinding\] (?P<json>\{.*\})$", _binding),
        Rule(
            "data binding error ****",
            r"\s*\*{4}/ data binding error \*{4}msg:(?P<msg>.*?),? file:(?://)?(?P<path>\S.*?) loc:(?P<line>\d+):\d+.*",
            _old_binding,
        ),
        Rule(
            ": Error: Duplicate resources",
            r"\W*\[[\w-]+/[\w.]+\] (?P<path>[^\t\[\]]+?)\s+\[(?P<name>[\w-]+/[\w.]+)\] (?P<other>.+?): Error: (?P<msg>Duplicate resources)$",
            lambda match, here: here.found(
                f"{match['msg']}: {match['name']}, also in {match['other']}", match["path"], tool="aapt"
            ),
        ),
    ),
    samples=(
        sample(
            """
AGPBI: {"kind":"error","text":"resource color/wing not found.","sources":[{"file":"/home/runner/work/zoo/zoo/app/src/main/res/layout/bird.xml","position":{"startLine":8,"startColumn":4}}],"tool":"AAPT"}
AGPBI: {"kind":"warning","text":"The option 'nest' is deprecated.","sources":[{}]}
""",
            "app/src/main/res/layout/bird.xml:9 error",
        ),
        sample(
            """
e: [kapt] An exception occurred: android.databinding.tool.util.LoggedErrorException: Found data binding error(s):

[databinding] {"msg":"Could not find identifier \\u0027wing\\u0027\\n\\nCheck its spelling.","file":"app/src/main/res/layout/bird.xml","pos":[{"line0":18,"col0":12,"line1":18,"col1":30}]}
""",
            "app/src/main/res/layout/bird.xml:19 error",
            title="data binding",
        ),
        sample(
            r"****/ data binding error ****msg:Identifiers must have user defined types. wing is missing it file:app/src/main/res/layout/bird.xml loc:36:28 - 36:32 ****\ data binding error ****",
            "app/src/main/res/layout/bird.xml:37 error",
            title="data binding of old",
        ),
        sample(
            "> [string/nest] /home/runner/work/zoo/zoo/app/src/main/res/values/strings.xml\t[string/nest] /w/app/src/main/res/values/birds.xml: Error: Duplicate resources",
            "app/src/main/res/values/strings.xml error",
            title="a doubled resource",
        ),
    ),
)
