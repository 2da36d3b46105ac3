"""What JavaScript's tools say of a file as a whole, or before their own report: configurations that cannot be read,
rules that crash, documents that are not as their schema wants them.

    Cannot read config file: /w/.eslintrc.json
    Error: Expected double-quoted property name in JSON at position 21
"""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.families.phrases import under
from factory_ls.ci.families.stacks import frame
from factory_ls.ci.paths import external
from factory_ls.ci.places import find_place
from factory_ls.ci.rules import Family, Found, Here, Rule, sample

_MARK = re.compile(r"^(?:\[(?:error|FAILED)\] |Error: )")


def _next(here: Here, limit: int = 3) -> str:
    """What the next line says that says something."""
    return next((_MARK.sub("", text.strip()) for text, _ in here.below(limit) if text.strip()), "")


def _config(match: re.Match[str], here: Here) -> Found | None:
    message = _next(here)
    if any(not external(told.path) for text, _ in here.below(4) if (told := find_place(text))):
        return None  # a place in it is told
    found = here.located(match, message=message) if message and not external(match["path"]) else None
    if found and (at := re.search(r"\((\d+):(\d+)\)$", message)):
        found.line, found.column = int(at[1]), int(at[2])
    return found


def _referenced(match: re.Match[str], here: Here) -> Found | None:
    """`ESLint couldn't find the config "x"`, a hint, and who wanted it: `file » package` is the file's."""
    path = match["path"].split(" » ", 1)[0]
    above = (text.strip() for text, _ in here.above(14))
    message = next((text for text in above if re.match(r"ESLint couldn't |Failed to load ", text)), "")
    plausible = "/" in path or "." in path  # not `CLIOptions`
    return here.found(message, path, tool="eslint") if message and plausible and not external(path) else None


def _crashed(match: re.Match[str], here: Here) -> Found | None:
    """A rule crashed: the file it was at, when no other place is told."""
    message = next((text.strip() for text, _ in here.above(2) if text.strip()), "")
    last = here.line
    for text, line in here.below(30):
        if one := frame(text):
            if one.usable:
                return None
            last = line
        elif last is not here.line:
            break
    here.claim(last)
    return here.located(match, message=message) if message and not external(match["path"]) else None


def _pointed(_match: re.Match[str], here: Here) -> Found | None:
    """textlint's pretty-error: `rule: message`, `path:5:1`, then source between a `v` and a `^`."""
    place: re.Match[str] | None = None
    for text, _ in here.above(5):
        if place is None and not (place := re.match(r"(?P<path>[^\s:]+\.\w+):(?P<line>\d+):(?P<col>\d+)$", text)):
            return None
        if told := re.match(r"(?P<code>[\w@/-]+): (?P<msg>\S.*)", text):
            return here.located(place, message=told["msg"], code=told["code"])
    return None


def _location(_: re.Match[str], here: Here) -> Found | None:
    """astro: the message, `  Location:`, and the place below."""
    message = next((text.strip() for text, _ in here.above(1)), "")
    below = next((text for text, _ in here.below(1)), "")
    place = re.match(r"\s+(?P<path>\S+\.\w+):(?P<line>\d+):(?P<col>\d+)$", below)
    return here.located(place, message=message) if place and message else None


def _uncovered(match: re.Match[str], here: Here) -> Found | None:
    """type-coverage: `path:1:22: name` of each name without a type, and at the end how many have one."""
    below = next((text for text, _ in here.below(1)), "")
    if re.match(r"\(\d+ / \d+\) ", below) or re.match(r"\S+:\d+:\d+: [\w$]+$", below):
        return here.located(match, message=f"{match['msg']} has no type", code="any")
    return None


def _read(match: re.Match[str], here: Here) -> Found | None:
    """api-extractor: `Error reading "path":`, then what and where."""
    told = re.match(r"(?P<msg>.*) at (?P<line>\d+):(?P<col>\d+)$", _next(here))
    return here.found(told["msg"], match["path"], told["line"], column=told["col"]) if told else None


def _parsed(match: re.Match[str], here: Here) -> Found | None:
    """jsonlint: `File: a.json`, `Parse error on line 4, column 1:`, an excerpt and a pointer, what is wrong."""
    for text, _ in here.above(1):
        if headed := re.match(r"File: (?P<path>\S+)$", text):
            message = [text.strip() for text, _ in here.below(3)]
            if any(text.startswith(f"{headed['path']}: line ") for text, _ in here.below(4)):
                return None  # told in one line too
            return here.found(message[-1], headed["path"], match["line"], column=match["col"], tool="jsonlint")
    return None


def _imported(_match: re.Match[str], here: Here) -> Found | None:
    """web-test-runner: `test/a.test.js:`, what the browser logged, and that it could not be imported."""
    message = "Could not import the test module"
    for text, _ in here.above(200):
        if re.match(r"\s+(?:\w*Error): \S", text):
            message = text.strip()
        if headed := re.match(r"(?P<path>\S+\.[cm]?[jt]sx?):$", text):
            return here.found(message, headed["path"], tool="web-test-runner")
    return None


def _running(match: re.Match[str], here: Here) -> Found | None:
    """mocha: the file that cannot be read, its source and a caret, then the error."""
    for text, line in here.below(6):
        if re.match(r"\w*Error: ", text):
            here.claim(line)
            return here.located(match, message=text.strip())
    return None


def _invalid(match: re.Match[str], here: Here) -> Found | None:
    """ajv: `data.json invalid`, then what is wrong as a sentence or as a list of objects."""
    for text, _ in here.below(12):
        if told := re.match(
            r"(?P<msg>data(?:/\S*)? must .*)|.*?\"?message\"?: ?(?P<quote>['\"])(?P<words>.*?)(?P=quote)", text
        ):
            return here.located(match, message=told["msg"] or told["words"])
    return None


FAMILY = Family(
    name="javascript-files",
    about="what JavaScript's tools say of a file as a whole",
    names=("ajv", "yaml-lint"),
    rules=(
        Rule("Cannot read config file: ", r"Cannot read config file: (?P<path>\S+)$", _config, tool="eslint"),
        Rule(
            ("JSON Error in ", "YAML Error in "),
            r".*\b(?:JSON|YAML) Error in \"?(?P<path>[^\s:\"]+)\"?:?$",
            _config,
            tool="prettier",
        ),
        Rule(
            "was referenced from the config file in ",
            r".* was referenced from the config file in \"(?P<path>[^\"]+)\"\.",
            _referenced,
        ),
        Rule(
            "Occurred while linting ",
            r"Occurred while linting (?P<path>\S+?):(?P<line>\d+)$",
            _crashed,
            tool="eslint",
        ),
        Rule(
            "[error] ",
            r"\[error\] (?P<msg>.*) \((?P<line>\d+):(?P<col>\d+)\)$",
            under(r"\[log\] (?P<path>\S+)$", 2),
            tool="yaml-lint",
            scan=r"(?m:\[error\] .*\([0-9]+:[0-9]+\)$)",
        ),
        Rule("Location:", r"\s+Location:$", _location, tool="astro", scan=r"(?m:^ +Location:$)"),
        Rule(
            ", file:",
            r"(?:\[11ty\] )?(?:\d+\. )?(?P<msg>\S.*?), file:(?P<path>[^\s,]+), line:(?P<line>\d+)(?:, col:(?P<col>\d+))?\b",
            tool="liquid",
        ),
        Rule(
            "Could not import your test module",
            r"\s*❌ Could not import your test module\b",
            _imported,
        ),
        Rule(
            ": ",
            r"(?P<path>\S+\.[cm]?tsx?):(?P<line>\d+):(?P<col>\d+): (?P<msg>[A-Za-z_$][\w$]*)$",
            _uncovered,
            tool="type-coverage",
            scan=r"(?m:tsx?:[0-9]+:[0-9]+: [A-Za-z_$][A-Za-z0-9_$]*$)",
        ),
        Rule("Error reading ", r"Error reading \"(?P<path>[^\"]+)\":$", _read, tool="api-extractor"),
        Rule(
            "Failed to load schema from ",
            r".*Failed to load schema from (?P<path>[^\s:*]+\.\w+):$",
            _config,
            tool="graphql-codegen",
        ),
        Rule(
            "package.json > ",
            r"✘ (?P<msg>\S+ .*?) (?P<path>\S*package\.json) > [\w.]+(?: \[(?P<code>\w+)\])?$",
            tool="syncpack",
        ),
        Rule("Parse error on line ", r"Parse error on line (?P<line>\d+), column (?P<col>\d+):$", _parsed),
        Rule(" v", r"\s+v$", _pointed, tool="textlint", scan=r"(?m:^ +v$)"),
        Rule(
            "Exception during run: ",
            r"\s*(?:Error: )?Exception during run: (?P<path>\S+?):(?P<line>\d+)$",
            _running,
            tool="mocha",
        ),
        Rule(
            " invalid",
            r"(?P<path>\S+\.(?:json[5c]?|ya?ml)) invalid$",
            _invalid,
            tool="ajv",
            scan=r"(?:json|ml) invalid",
        ),
        Rule(
            "error:  ",
            r"error:  (?P<path>\S+\.(?:json[5c]?|ya?ml)): (?P<msg>.*)",
            tool="ajv",
        ),
    ),
    samples=(
        sample(
            "Failed to read JSON file at /w/.eslintrc.json:\n\nCannot read config file: /w/.eslintrc.json\nError: Expected double-quoted property name in JSON at position 21",
            "/w/.eslintrc.json error",
            title="eslint",
        ),
        sample(
            """
TypeError: Cannot read properties of undefined (reading 'getAllComments')
Occurred while linting /w/src/cart.js:1
Rule: "unicorn/expiring-todo-comments"
    at Object.Program (/w/node_modules/eslint/lib/rules/no-warning-comments.js:193:45)
""",
            "/w/src/cart.js:1 error",
            title="eslint, a rule that crashes",
        ),
        sample(
            "[error] YAML Lint failed for 1 file\n[log] /w/src/data.yml\n[error] bad indentation of a mapping entry (4:2)\n",
            "/w/src/data.yml:4:2 error",
            title="yaml-lint",
        ),
        sample("src/item.json invalid\ndata must have required property 'name'\n", "src/item.json error", title="ajv"),
    ),
)
