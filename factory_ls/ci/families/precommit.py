"""pre-commit's own hooks: what they print when they fixed or refused a file.

https://github.com/pre-commit/pre-commit-hooks
"""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.rules import Family, Found, Here, Rule, sample

_HOOK = re.compile(r"- hook id: (?P<hook>\S+)")


def _hook(here: Here, limit: int = 300) -> str | None:
    """The hook that is speaking, from the `- hook id:` line above; None outside of pre-commit."""
    for text, _ in here.above(limit):
        if matched := _HOOK.match(text.strip()):
            return matched["hook"]
        if re.search(r"\.{4,}(?:\(no files to check\))?(?:Passed|Skipped)$", text):
            return None
    return None


def _fixed(match: re.Match[str], here: Here) -> Found | None:
    hook = _hook(here)
    if hook is None:
        return None
    return here.found(match[0], match["path"], tool=hook, code=hook)


def _yaml(match: re.Match[str], here: Here) -> Found | list[Found] | None:
    """PyYAML: a message, then `  in "file", line 3, column 5`, sometimes twice (context, then problem)."""
    message, told = "", here.line
    for text, line in here.above(3):
        if text.strip() and not re.match(r"\s+in \"", text):
            message, told = text.strip(), line
            break
    last = here.line
    place = match
    # `while …` is only the context; what is wrong, and where, follows.
    for text, line in here.below(2) if message.startswith("while ") else ():
        if re.match(r"\s+in \"", text):
            again = re.match(r"\s+in \"(?P<path>[^\"]+)\", line (?P<line>\d+), column (?P<col>\d+)", text)
            if again:
                place, last = again, line
        elif re.match(r"\S", text):
            message, told = text.strip(), line
    if last is not here.line:
        here.claim(last)
    found = here.found(
        message or "not valid YAML", place["path"], place["line"], column=place["col"], at=told, last=last
    )
    found.tool = _hook(here) or "yaml"
    return found


def _plain(match: re.Match[str], here: Here) -> Found | None:
    found = here.located(match)
    if found:
        hook = _hook(here)
        found.code = hook
        found.tool = hook or "pre-commit"
    return found


def _unparsed(match: re.Match[str], here: Here) -> Found | list[Found] | None:
    """check-ast, whose traceback below says where."""
    return [] if any("Traceback (" in text for text, _ in here.below(3)) else _plain(match, here)


FAMILY = Family(
    name="pre-commit",
    about="hooks that fix or refuse files; PyYAML's errors",
    names=(
        "check-yaml",
        "trailing-whitespace",
        "end-of-file-fixer",
        "check-json",
        "check-toml",
        "check-merge-conflict",
        "yaml",
    ),
    rules=(
        Rule(
            ("Fixing ", "Rewriting ", "Sorting ", "reformatted ", "Formatted ", "Reformatted "),
            r"(?:Fixing|Rewriting|Sorting|[Rr]eformatted|Formatted) (?P<path>\S.*)$",
            _fixed,
        ),
        # prettier --write under pre-commit: `src/a.ts 12ms`
        Rule("ms", r"(?P<path>\S+\.\w+) \d+m?s$", _fixed, scan=r"(?m:\.[a-z]+ [0-9]+m?s$)"),
        Rule('  in "', r"\s+in \"(?P<path>[^\"<]+)\", line (?P<line>\d+), column (?P<col>\d+)", _yaml),
        Rule(
            "Failed to json decode",
            r"(?P<path>\S.*?): (?P<msg>Failed to json decode \(.*?line (?P<line>\d+) column (?P<col>\d+).*)",
            _plain,
        ),
        Rule("Merge conflict string", r"(?P<path>\S.*?):(?P<line>\d+): (?P<msg>Merge conflict string .*)", _plain),
        Rule("marked executable but has no", r"(?P<path>\S.*?): (?P<msg>marked executable but has no.*)", _plain),
        Rule(
            "has a shebang but is not marked",
            r"(?P<path>\S.*?): (?P<msg>has a shebang but is not marked executable.*)",
            _plain,
        ),
        Rule(" exceeds ", r"(?P<path>\S.*?) (?P<msg>\(\d+ KB\) exceeds \d+ KB\.?)", _plain),
        Rule("Private key found: ", r"(?P<msg>Private key found): (?P<path>\S.*)", _plain),
        Rule("does not match pattern", r"(?P<path>\S+\.py) (?P<msg>does not match pattern `.*)", _plain),
        Rule("is not pretty-formatted", r"File (?P<path>\S.*?) (?P<msg>is not pretty-formatted.*)", _plain),
        Rule(
            "(at line ",
            r"(?:ERROR )?(?:Failed to parse )?(?P<path>\S+\.toml): (?P<msg>.*\(at line (?P<line>\d+), column (?P<col>\d+)\))",
            _plain,
        ),
        Rule("failed parsing with", r"(?P<path>\S+\.py): (?P<msg>failed parsing with .*)", _unparsed),
    ),
    samples=(
        sample(
            """
Trim Trailing Whitespace.................................................Failed
- hook id: trailing-whitespace
- exit code: 1
- files were modified by this hook

Fixing docs/guide.md
Fixing setup.py

Check Yaml...............................................................Failed
- hook id: check-yaml
- exit code: 1

mapping values are not allowed in this context
  in ".github/workflows/ci.yml", line 32, column 13
while scanning a simple key
  in "conf/app.yml", line 35, column 1
could not find expected ':'
  in "conf/app.yml", line 36, column 1
""",
            "docs/guide.md error trailing-whitespace",
            "setup.py error trailing-whitespace",
            ".github/workflows/ci.yml:32:13 error",
            "conf/app.yml:36:1 error",
        ),
        sample("Fixing the build\nRewriting history is fun", title="prose"),
    ),
)
