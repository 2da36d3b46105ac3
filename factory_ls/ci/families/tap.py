"""TAP and node:test: `not ok 1 - name` with a YAML block, node's spec report, ava, linters that print TAP."""

# ruff: noqa: RUF001 (the tools' own signs)

import re

from factory_ls.ci.families.stacks import ERROR, frame
from factory_ls.ci.frames import Frame, place
from factory_ls.ci.paths import plausible, tidy
from factory_ls.ci.rules import Family, Found, Here, Rule, sample


def _node_test(match: re.Match[str], here: Here) -> Found | list[Found] | None:
    """`test at file:line:column`, `✖ name (1ms)`, error, stack: the end of node:test's spec report."""
    frames: list[Frame] = []
    message, told, last, name = "", here.line, here.line, None
    for count, (text, line) in enumerate(here.below(120)):
        if text.startswith(("test at ", "##[")):
            break
        if count == 0 and (named := re.match(r"\s*[✖✗x] (?P<name>.*?)(?: \([\d.]+ms\))?(?P<todo> # .*)?$", text)):
            name = named["name"] + (named["todo"] or "")
            continue
        if one := frame(text):
            frames.append(one)
        elif not message and text.strip():
            message, told = text.strip(), line
        if not text.strip() and frames:
            break
        last = line
    here.claim(last)
    if not message or name is None:
        return None
    if re.search(r" # (?:TODO|SKIP)\b", name) or "was cancelled" in message:
        return []  # allowed to fail; or not run because another failed
    file = re.match(r"\S+\.[cm]?[jt]sx?$", name)
    error = here.memory.get(f"broken {name.rsplit('/', 1)[-1]}")
    if file and isinstance(error, Found):
        error.stray, error.tool = False, "node:test"
        return []  # the file failed as a whole, with an error that was told
    named_error = ERROR.match(message)
    found = here.found(message, at=told, last=last, tool="node:test", test=name)
    found.code = (named_error["code"] or named_error["name"]) if named_error else None
    header = Frame(match["path"], int(match["line"]), "", int(match["col"]))
    if plausible(tidy(header.path)):
        frames.append(header)
    if message.startswith("'") and not any(one.usable for one in frames[:-1]):
        # A file that failed as a whole: what made it fail was printed by the file.
        found.summary = True
    return place(found, frames, innermost_last=False)


def _tap(match: re.Match[str], here: Here) -> Found | list[Found] | None:
    """`not ok 1 - name` with a YAML block that has `location:` or `at:` and `error:`."""
    values: dict[str, str] = {}
    frames: list[Frame] = []
    last = here.line
    block = False
    for text, line in here.below(80):
        if line.level or re.match(r"\s*(?:not )?ok \d|\s*\.\.\.$|\s*# Subtest|TAP version", text):
            break
        if not block and re.match(r"[^\s#-]", text):
            break
        if "in test file " in text:
            return None  # bats: the place is there
        if pair := re.match(
            r"\s*(?P<key>location|error|at|file|line|column|code|failureType|message|name)(?:Name|Number)?:\s*(?P<value>.*)",
            text,
        ):
            values.setdefault(pair["key"], pair["value"].strip(" '\"|>-"))
            if pair["value"].strip() in ("|-", "|", ">-", ">"):
                values[pair["key"]] = ""
        elif one := frame(text) or frame(f"at {text.strip()}") if re.search(r":\d+:\d+\)?$", text) else None:
            frames.append(one)
        elif broken := re.match(r"(?P<path>(?:/|[A-Za-z]:)\S+\.[cm]?[jt]sx?):(?P<line>\d+)$", text):
            frames.append(Frame(broken["path"], int(broken["line"])))  # node's own: the source and a caret follow
        elif values.get("error") == "" and "message" not in values and text.strip():
            values["error"] = text.strip()
        elif text.strip() == "---":
            block = True
        elif not block and not values and re.match(r"  +(?!\d+\.\.\d)\S", text):
            values["error"] = text.strip()  # mocha prints no YAML
        last = line
    if listed := _tap_findings(match, here):
        return listed
    if not values and not frames:
        return _whole_file(match, here)
    if values.get("failureType") == "subtestsFailed":
        here.claim(here.line)
        return []
    here.claim(last)
    if re.search(r"# (?:TODO|SKIP)\b", here.text, re.IGNORECASE) or values.get("failureType") == "cancelledByParent":
        return []
    found = here.found(
        values.get("error") or _named(values) or match["name"],
        last=last,
        tool="node:test" if "location" in values else "tap",
        test=match["name"],
        code=values.get("code"),
    )
    frames = [one for one in frames if one.usable]
    where = values.get("location") or values.get("at") or ""
    if located := re.search(r"(?P<path>[^\s('\"]+):(?P<line>\d+):(?P<col>\d+)", where):
        frames.append(Frame(located["path"], int(located["line"]), "", int(located["col"])))
    elif values.get("file") and values.get("line", "").isdigit():
        frames.append(Frame(values["file"], int(values["line"])))
    if not frames and (file := re.search(r"\((?P<path>/\S+\.[cm]?[jt]sx?)\)", found.message)):
        frames.append(Frame(file["path"], 0))
    if not any(one.usable for one in frames) and (file_name := _file_of(match["name"], here)):
        frames.append(Frame(file_name, 0))
    return place(found, frames, innermost_last=False)


_FILE = re.compile(r"\S+\.[cm]?[jt]sx?$")


def _file_of(name: str, here: Here) -> str | None:
    """vitest: the file is the first of a flat name, or of the blocks in braces that a name is in."""
    if _FILE.match(first := name.split(" > ", 1)[0].strip()) and plausible(tidy(first)):
        return first
    if here.text.startswith(" "):
        for text, _ in here.above(400):
            if headed := re.match(r"not ok \d+ - (?P<path>\S+) # time=\S+ \{$", text):
                return headed["path"]
            if text and not text.startswith((" ", "}")):
                break
    return None


def _whole_file(match: re.Match[str], here: Here) -> Found | None:
    """node-tap: `not ok 1 - test/a.js` and in its block an exit code: the file, where no test in it failed before."""
    path = match["name"].strip()
    if not _FILE.match(path) or not plausible(tidy(path)):
        return None
    if not any(re.match(r"\s+exitCode: [1-9]", text) for text, _ in here.below(40)):
        return None
    for text, _ in here.above(400):
        if re.match(r"\s+not ok ", text):
            return None
        if re.match(r"(?:not )?ok |TAP version", text):
            break
    return here.found("the file failed", path, tool="tap", test=path)


def _terse(_: re.Match[str], here: Here) -> Found | None:
    """node-tap's terse, base and classic reports: ` ✖ name` or `not ok name`, much more, then `stack: |`."""
    for text, line in here.above(80):
        if told := re.match(r"\s*(?:✖|not ok) (?P<name>[^\d\s].*)", text):
            frames, last = [], here.line
            for below, under in here.below(30):
                one = frame(f"at {below.strip()}") if re.search(r":\d+:\d+\)?$", below) else None
                if one is None:
                    break
                frames.append(one)
                last = under
            if not any(one.usable for one in frames):
                return None
            here.claim(last)
            return place(here.found(told["name"], at=line, tool="tap", test=told["name"]), frames, innermost_last=False)
        if re.match(r"\s*stack: \|", text):
            return None
    return None


def _named(values: dict[str, str]) -> str:
    return ": ".join(values[key] for key in ("name", "message") if values.get(key))


def _allowed(_: re.Match[str], here: Here) -> list[Found]:
    """`✖ name # TODO` may fail: what is indented below it says how."""
    own = len(here.text) - len(here.text.lstrip())
    for text, line in here.below(120):
        if text.strip() and len(text) - len(text.lstrip()) <= own:
            break
        here.claim(line)
    return []


def _tap_findings(match: re.Match[str], here: Here) -> list[Found]:
    """Linters' TAP: `not ok 1 - src/a.js`, and in the block a `message`, `severity`, `line` for each finding."""
    path = match["name"].strip()
    if not plausible(tidy(path)):
        return []
    found: list[Found] = []
    message, severity = "", ""
    for text, line in here.below(2000):
        if re.match(r"\s*\.\.\.$|(?:not )?ok \d", text):
            break
        pair = re.match(r"\s*(?:- )?(?P<key>message|severity|line|column|ruleId): (?P<value>.+)", text)
        if not pair:
            continue
        value = pair["value"].strip()
        if value[:1] in "'\"" and value[-1:] == value[:1]:
            value = value[1:-1].replace("''", "'").replace('\\"', '"')
        if pair["key"] == "message":
            message = value
        elif pair["key"] == "severity":
            severity = value
        elif pair["key"] == "line" and message and value.isdigit():
            found.append(here.found(message, path, value, severity=here.severity(severity), at=line, tool="eslint"))
            here.claim(line)
        elif found and pair["key"] == "column" and value.isdigit():
            found[-1].column = int(value)
        elif found and pair["key"] == "ruleId" and value:
            found[-1].code = value
    return found


def _ava(match: re.Match[str], here: Here) -> Found | None:
    """`  ✘ [fail]: adds`, again the name, `  test.js:4`, a code frame, the difference."""
    name, message = "", ""
    for text, _ in here.above(4):
        if text.strip():
            name = text.strip()
            break
    framed, last = False, here.line
    for text, line in here.below(20):
        if re.match(r"\s+\d+: ", text):
            framed = True
        elif text.strip() and framed:
            message, last = text.strip(), line
            break
    if (
        not framed
        or not message
        or not any(
            "[fail]" in text or "failed" in text or text.strip().startswith(f"✖ {name}") for text, _ in here.above(400)
        )
    ):
        return None
    frames = []
    for text, line in here.below(60):
        if re.match(r"\s{2}\S+\.[cm]?[jt]sx?:\d+$", text):
            break
        if thrown := re.match(r"\s+› (?P<frame>.*:\d+:\d+\)?)$", text):
            frames += [one] if (one := frame(f"at {thrown['frame']}")) else []
            here.claim(line)
    found = here.found(f"{name}: {message}", tool="ava", test=name, last=last)
    return place(found, [*frames, Frame(match["path"], int(match["line"]))], innermost_last=False)


FAMILY = Family(
    name="tap",
    about="TAP, node:test, ava",
    names=("node:test", "ava"),
    rules=(
        Rule("test at ", r"test at (?P<path>\S.*?):(?P<line>\d+):(?P<col>\d+)$", _node_test),
        Rule("stack: |", r"\s+stack: \|-?$", _terse),
        Rule("# TODO", r"\s*[✖✔⚠] .* # TODO", _allowed),
        Rule("not ok ", r"\s*not ok \d+ -? ?(?P<name>.*?)(?: # (?:time|TODO|SKIP).*)?$", _tap),
        Rule(
            "  ", r"\s{2}(?P<path>[^\s:]+\.[cm]?[jt]sx?):(?P<line>\d+)$", _ava, scan=r"  [^ \n:]+\.[cm]?[jt]sx?:[0-9]+"
        ),
    ),
    samples=(
        sample(
            """
test at tests/sum.test.js:5:3
✖ adds (1.2ms)
  AssertionError [ERR_ASSERTION]: 3 == 4
      at TestContext.<anonymous> (file:///w/app/tests/sum.test.js:6:12)
      at Test.run (node:internal/test_runner/test:796:25) {
    code: 'ERR_ASSERTION',
    actual: 3
  }
""",
            "/w/app/tests/sum.test.js:6:12 error ERR_ASSERTION",
            title="node:test",
        ),
        sample(
            """
not ok 2 - src/cart.test.ts > cart > adds # time=7.97ms
    ---
    error:
        name: "AssertionError"
        message: "expected 2 to be 1"
    at: "/home/runner/work/shop/shop/src/cart.test.ts:7:17"
    ...
""",
            "src/cart.test.ts:7:17 error",
            title="vitest",
        ),
        sample(
            """
not ok 1 - /home/runner/work/web/web/src/cart.js
  ---
  message: '\'\'unused\'\' is never used.'
  severity: error
  data:
    line: 2
    column: 9
    ruleId: no-unused-vars
  ...
""",
            "src/cart.js:2:9 error no-unused-vars",
            title="eslint",
        ),
    ),
)
