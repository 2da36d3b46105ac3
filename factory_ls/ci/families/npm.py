"""npm, pnpm and yarn: why a package could not be installed or a script not run. That a script failed is told elsewhere."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.rules import Family, Found, Here, Rule, sample

# A script failed: its own output says why.
_SCRIPTS = frozenset({"ELIFECYCLE", "ERR_PNPM_RECURSIVE_RUN_FIRST_FAIL", "ERR_PNPM_RECURSIVE_EXEC_FIRST_FAIL"})
_SAID = re.compile(r"npm (?:ERR!|error)(?: [A-Z]+(?:\.\w+)?)?\s+(?P<msg>.*)")


def _npm(match: re.Match[str], here: Here) -> Found | list[Found] | None:
    """`npm error code ERESOLVE` and the lines that follow; `npm error path …/package.json` may name the file."""
    if match["code"] in _SCRIPTS:
        return []
    said: list[str] = []
    path, last = "", here.line
    for text, line in here.below(12):
        told = _SAID.match(text)
        if not told:
            break
        message = told["msg"].strip()
        last = line
        if named := re.match(r"path (?P<path>\S.*package\.json)$", message):
            path = named["path"]
        if message and len(said) < 3 and not re.match(r"(?:code|errno|syscall|path|A complete log|[\d-]+T)", message):
            said.append(message)
    here.claim(last)
    message = " ".join(said) or match["code"]
    found = here.found(message, code=match["code"], tool="npm", last=last)
    if match["code"] == "EJSONPARSE" and (at := re.search(r"\(line (\d+) column (\d+)\)", message)):
        return here.found(message, path or "package.json", at[1], column=at[2], code=match["code"], last=last)
    if match["code"] in ("EJSONPARSE", "ENOENT") and re.search(r"(?<!_)\bpackage\.json\b", message):
        found.path = found.printed = "package.json"
    return found


def _plain(match: re.Match[str], here: Here) -> Found | list[Found]:
    if match.groupdict().get("code") in _SCRIPTS:
        return []
    return here.found(match["msg"].strip(), code=match.groupdict().get("code"))


FAMILY = Family(
    name="npm",
    about="npm, pnpm, yarn: installing and scripts that are missing",
    names=("pnpm", "yarn"),
    rules=(
        Rule(("npm ERR! code ", "npm error code "), r"npm (?:ERR!|error) code (?P<code>E\w+)$", _npm),
        Rule("Missing script: ", r"npm (?:ERR!|error) (?P<msg>Missing script: .*)", _plain),
        Rule(
            "ERR_PNPM_",
            r"\s*(?:\[?ERROR\]?|Error:)?\s*(?P<code>ERR_PNPM_\w+)\s+(?P<msg>\S.*)",
            _plain,
            tool="pnpm",
        ),
        Rule(
            ("YN00", "error Your lockfile needs to be updated"),
            r"(?:➤ (?P<code>YN\d{4}): (?:│ )?|error )(?P<msg>.*(?:lockfile|wouldn't be|would have been|not found|No candidates|doesn't|can't).*)",
            _plain,
            tool="yarn",
        ),
    ),
    samples=(
        sample(
            """
npm error code ERESOLVE
npm error ERESOLVE unable to resolve dependency tree
npm error
npm error While resolving: shop@1.0.0
npm error Found: react@19.0.0
""",
            "- npm",
        ),
        sample(
            'npm error code EJSONPARSE\nnpm error path /w/package.json\nnpm error JSON.parse Invalid package.json: JSONParseError: Expected "," at position 43',
            "package.json error EJSONPARSE",
        ),
        sample(" ERR_PNPM_OUTDATED_LOCKFILE  Cannot install with frozen-lockfile", "- pnpm"),
        sample("npm ERR! code ELIFECYCLE\nnpm ERR! errno 1", title="a script failed"),
    ),
)
