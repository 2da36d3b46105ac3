"""JavaScript errors with stacks, whoever prints them: node, bun, deno, a browser's driver.

A message, then `at function (file:line:column)` lines (vitest: ` ❯ file:line:column`). The runners put a line with the
test's name before it, or (bun) after; `runners` reads those that have a layout of their own.
"""

# ruff: noqa: E501, RUF001, RUF002 (the tools' own lines and their patterns)

import re

from factory_ls.ci.frames import Frame, place
from factory_ls.ci.rules import Family, Found, Here, Rule, sample
from factory_ls.ci.window import Line

_SCHEME = r"(?:(?:file|webpack|webpack-internal|https?|node|internal|deno|ext|bun|vite|rsbuild|app|jsr|npm):/{0,3})?"
_AT = re.compile(
    r"\s*(?:⁃ )?(?:at|❯|→)\s+(?:async )?(?:(?P<function>[^()\s][^()]*?) (?:\(|(?=\S+$)))?(?P<path>"
    + _SCHEME
    + r"(?:[A-Za-z]:)?(?:\((?:[\w@-][\w.@-]*\)(?=/)|\.{1,3}\))|[^():])*?[^():\s]):(?P<line>\d+)(?::(?P<col>\d+))?\)?(?:,.*)?(?: \{)?$"
)
_HIDDEN = re.compile(
    r"\s*(?:\.\.\. \d+ lines matching .*|at async Promise\.\w+ \(index \d+\))$|\s*at .*(?:<\w+>|\(native\)|native code\)|\[as \w+\].*)$|\s*at (?:async )?[\w.<>$\[\] ]+$"
)
ERROR = re.compile(
    r"\s*(?:[×✖✗⨯●]\s*|\d+\) |→\s*|Uncaught |Unhandled rejection |\[?cause\]?: |thrown: \"?|error: )*(?P<message>(?P<name>(?:\w+\.)*[A-Z]\w* ?(?:Error|Exception|Failure|Warning|Issue|ERR|Rejection))(?: \[(?P<code>\w+)\])?(?::|$).*)"
)
_TESTED = re.compile(
    r"\s*(?:●|\d+\) |# Unhandled error between tests|✖ |✗ |✘ | ?FAIL |not ok |\(fail\)|× |.* FAILED$|.*<<<)"
)
_ENDS = re.compile(
    r"\s*(?:●|Tests?:? |Test Suites:|⎯{4}|ℹ |\d+\) |✔|✓|\(pass\)|\(fail\)|PASS |FAIL |Summary of all failing)"
)


# A browser names what a server gave it: cypress, karma and vite put the repository's path behind their own.
_SERVED = re.compile(
    r"https?://[^/\s()]+/(?:__cypress/tests\?p=|_karma_webpack_/(?:webpack:/+)?|base/|@fs(?=/)|(?=(?:src|tests?|spec|e2e|cypress)/))"
)
# karma names the bundle behind the source, webpack the loader behind the file.
_BUNDLED = re.compile(r" <- [^()]*|\?\w*(?=:\d+:\d+)")
_HOST = re.compile(r"(https?://[^/\s():]+):\d+/")


def frame(text: str) -> Frame | None:
    if "://" in text:
        text = _BUNDLED.sub("", _HOST.sub(r"\1/", _SERVED.sub("", text)))
    matched = _AT.match(text)
    if not matched:
        return None
    return Frame(
        matched["path"],
        int(matched["line"]),
        matched["function"] or "",
        int(matched["col"]) if matched["col"] else None,
    )


def _stack(_: re.Match[str], here: Here) -> Found | list[Found] | None:
    """The first frame of a stack: the message is above, the other frames below."""
    first = frame(here.text)
    if first is None or any(re.match(r"(?:ERROR|INFO): [A-Z]\w+$", text) for text, _ in here.above(1)):
        return None  # psalm's
    frames, last = [first], here.line
    for text, line in here.below(60):
        if following := frame(text):
            frames.append(following)
            last = line
        elif _HIDDEN.match(text):
            last = line
        else:
            break
    message, told, tested, code = _message(here)
    here.claim(last)
    if told is None:
        return []
    if _SUMS_UP.match(message):
        return []
    found = here.found(message, at=told, last=last, tool="node", code=code)
    found.stray = not tested and not _ended_its_script(here)
    if code and re.fullmatch(r"TS\d+", code):
        found.tool, found.stray = "deno", False
    if tested:
        found.tool = _runner(here)
    place(found, frames, innermost_last=False)
    if not found.path and (header := _thrown_at(here, told)):
        place(found, [header], innermost_last=True)
    if not found.path and (importer := re.search(r"Cannot find .* imported from (\S+\.[cm]?[jt]sx?)$", message)):
        place(found, [Frame(importer[1], 0)], innermost_last=True)
    if told.text.lstrip().startswith("[cause]: ") and isinstance(outer := here.memory.get("js"), Found):
        outer.related += [here.relate(place(found, frames, innermost_last=False))]
        return []
    if _just_told(here, told, always=not found.path):
        return []  # the tool's own stack under what it said
    here.memory["js"] = found
    return found


# Says that what was told before, or is told below, was an error.
_SUMS_UP = re.compile(r"(?:Error: )?(?:Transform|Build|Compilation) failed with \d+ errors?")


def _just_told(here: Here, line: Line, *, always: bool) -> bool:
    """Whether a problem with a place was told of on this very line, or (`always`) in the lines just above."""
    for name in ("js", "bundler", "rollup", "arrow"):
        told = here.memory.get(name)
        if not isinstance(told, Found) or not told.path or told.step is not here.step:
            continue
        if told.log_line == line.number or (always and 0 <= line.number - told.log_line < 30):
            return True
    return False


def _ended_its_script(here: Here) -> bool:
    """`Node.js v20.1.0` below the stack, and a package manager that says at once that its script failed."""
    died = False
    for text, _ in here.below(40):
        if died and text.strip():
            return bool(re.match(r"npm (?:error|ERR!) |\S*ELIFECYCLE|error Command failed", text.strip()))
        died = died or text.startswith("Node.js v")
    return False


def _runner(here: Here) -> str:
    command = here.step.command or ""
    for name in ("jest", "vitest", "mocha", "playwright", "cypress", "karma", "jasmine", "bun", "deno", "ava", "tap"):
        if name in command:
            return name
    return "mocha" if here.memory.get("mocha") is here.step else "node"


def _message(here: Here) -> tuple[str, Line | None, bool, str | None]:
    """What the stack's error says: the nearest line above that names an error, else the block's first line."""
    nearest: tuple[str, Line] | None = None
    for count, (text, line) in enumerate(here.above(60)):
        if matched := ERROR.match(text):
            return matched["message"].strip(), line, _is_test(line, here), matched["code"] or matched["name"]
        if re.match(r"\s*(?:error|Error|failed|AssertionError|panic|Uncaught):? \S|\s*Error:$", text):
            return re.sub(r"^\s*(?:error: )?", "", text), line, _is_test(line, here), None
        if checked := re.match(r"\s*(?P<code>TS\d+) \[(?:ERROR|WARN)\]: (?P<msg>.*)", text):
            return checked["msg"], line, False, checked["code"]
        if nearest and re.match(r"\S.* FAILED$|\s+[✖✗] \S", text):  # karma
            return nearest[0].strip(), nearest[1], True, None
        if frame(text) or _ENDS.match(text) or line.level in ("group", "endgroup"):
            if _TESTED.match(text) and nearest:
                return nearest[0].strip(), nearest[1], True, None
            break
        if (
            text.strip()
            and not text.rstrip().endswith(":")
            and not _HIDDEN.match(text)
            and (nearest is None or count < 12)
            and not re.match(r"\s*(?:\d+ ?\||[|^>~]|[-+] |\d+ |\S.* \((?:Linux|Mac OS|Windows) [^()]*\)$)", text)
        ):
            nearest = (text, line)
    return (
        (nearest[0].strip(), nearest[1], False, None)
        if nearest and nearest[0].startswith((" ", "\t"))
        else ("", None, False, None)
    )


def _is_test(line: Line, here: Here) -> bool:
    near = Here(line, line.text, here.peel, here.step, here.memory)
    if _TESTED.match(line.text):
        return True
    return any(_TESTED.match(text) for text, _ in near.above(6) if text.strip())


def _thrown_at(here: Here, told: Line) -> Frame | None:
    """`/w/a.js:3`, the code and a caret stand before an uncaught error's message."""
    near = Here(told, told.text, here.peel, here.step, here.memory)
    for text, _ in near.above(8):
        if matched := re.match(r"(?:file://)?(?P<path>(?:/|[A-Za-z]:)[^:]*|\S+\.[cm]?[jt]sx?):(?P<line>\d+)$", text):
            return Frame(matched["path"], int(matched["line"]))
    return None


def _syntax(match: re.Match[str], here: Here) -> Found | None:
    """`/w/a.mjs:3`, code, caret, empty line, `SyntaxError: …` with frames of node alone."""
    caret, blank, thrown = False, True, ""
    for count, (text, line) in enumerate(here.below(9)):
        blank = blank and not text.strip()
        caret = caret or bool(re.match(r"\s*[\^~]+\s*$", text)) or (blank and count == 2)  # at the file's end
        if caret and (matched := ERROR.match(text)):
            below = Here(line, text, here.peel, here.step, here.memory)
            frames = [one for one in (frame(text) for text, _ in below.below(20)) if one]
            if any(one.usable for one in frames):
                return None  # the stack's own frames say more
            here.claim(line)
            found = here.found(matched["message"], at=line, tool="node", code=matched["code"] or matched["name"])
            here.memory[f"broken {match['path'].rsplit('/', 1)[-1]}"] = found
            return place(found, [Frame(match["path"], int(match["line"]))], innermost_last=True)
        if caret and text.startswith("(Use `node --trace-uncaught"):  # thrown, but no error
            found = here.found(f"Uncaught {thrown}", at=line, tool="node")
            return place(found, [Frame(match["path"], int(match["line"]))], innermost_last=True)
        thrown = text.strip() or thrown
    return None


FAMILY = Family(
    name="javascript",
    about="errors with stacks",
    names=("node", "mocha", "cypress", "karma", "jasmine"),
    rules=(
        Rule(
            ("at ", "❯ "),
            r"\s*(?:⁃ )?(?:at|❯) \S.*:\d+(?::\d+)?\)?(?: \{|,.*)?$",
            _stack,
            scan=r"(?:\bat |\xe2\x9d\xaf )[^\n]*:[0-9]+",
        ),
        Rule(
            ("js:", "ts:", "jsx:", "tsx:"),
            r"(?:  )?(?:file://)?(?P<path>(?:/|[A-Za-z]:[\\/]|\./)?[^\s:]+\.[cm]?[jt]sx?):(?P<line>\d+)$",
            _syntax,
            scan=r"(?m:[jt]sx?:[0-9]+[ \t]*$)",
        ),
    ),
    samples=(
        sample(
            """
Checking for changesets...
node:fs:1521
  const result = binding.readdir(
                         ^

Error: ENOENT: no such file or directory, scandir '.changeset'
    at readdirSync (node:fs:1521:26)
    at main (file:///home/runner/work/start/start/scripts/merge.mjs:189:26)
    at file:///home/runner/work/start/start/scripts/merge.mjs:263:1
    at ModuleJob.run (node:internal/modules/esm/module_job:325:25) {
  errno: -2,
  code: 'ENOENT'
}

Node.js v20.20.2
""",
            "scripts/merge.mjs:189:26 error",
            title="node: uncaught",
        ),
        sample(
            """
  1 passing (5ms)
  1 failing

  1) math
       adds:

      AssertionError [ERR_ASSERTION]: 3 == 4
      + expected - actual

      -3
      +4

      at Context.<anonymous> (test/sum.js:7:12)
      at process.processImmediate (node:internal/timers:476:21)
""",
            "test/sum.js:7:12 error",
            title="mocha",
        ),
    ),
)
