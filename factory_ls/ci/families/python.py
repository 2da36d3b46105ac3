"""Python itself: uncaught exceptions, syntax errors, and what `warnings` prints."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.frames import Frame, place, read_traceback
from factory_ls.ci.rules import Family, Found, Here, Rule, Severity, sample


def _traceback(_: re.Match[str], here: Here) -> Found | list[Found] | None:
    read = read_traceback(here)
    if read is None:
        return None
    here.claim(read.last)
    if read.name == "Cython.Compiler.Errors.CompileError":
        return []  # the compiler told what and where
    text = f"{read.name}: {read.message}" if read.message else read.name
    found = here.found(text, code=read.name.rsplit(".", 1)[-1], at=read.raised)
    found.stray = True
    return place(found, read.frames, innermost_last=True)


def _syntax(match: re.Match[str], here: Here) -> Found | None:
    """`  File "x.py", line 3` with no function: the code, a caret and the error follow."""
    for count, (text, line) in enumerate(here.below(6)):
        if (raised := re.match(r"\s*((?:Syntax|Indentation|Tab)Error): (.*)", text)) and count >= 1:
            here.claim(line)
            found = here.found(f"{raised[1]}: {raised[2]}", code=raised[1], at=line)
            return place(found, [Frame(match["path"], int(match["line"]))], innermost_last=True)
    return None


def _rich(_: re.Match[str], here: Here) -> Found | None:
    frames: list[Frame] = []
    for text, line in here.below(400):
        if matched := re.match(r"\s*[│|] (?P<path>\S+?\.pyx?):(?P<line>\d+) in (?P<function>\S+)", text):
            frames.append(Frame(matched["path"], int(matched["line"]), matched["function"]))
        elif re.match(r"\s*[╰└+]", text):
            for below, at in here.below(line.number - here.line.number + 2):
                if at.number > line.number and (raised := re.match(r"(?P<name>[\w.]+)(?:: (?P<message>.*))?$", below)):
                    here.claim(at)
                    found = here.found(below, code=raised["name"].rsplit(".", 1)[-1], at=at)
                    found.stray = True
                    return place(found, frames, innermost_last=True)
            return None
    return None


def _crash(match: re.Match[str], here: Here) -> Found | None:
    """faulthandler: `Current thread 0x… (most recent call first):` and `File "x", line 3 in f` lines."""
    frames: list[Frame] = []
    last = here.line
    for text, line in here.below(200):
        if matched := re.match(r"\s*File \"(?P<path>[^\"]+)\", line (?P<line>\d+) in (?P<function>\S+)", text):
            frames.append(Frame(matched["path"], int(matched["line"]), matched["function"]))
            last = line
        elif frames:
            break
    if not frames:
        return None
    here.claim(last)
    return place(here.found(match["msg"], last=last), frames, innermost_last=False)


def _doctest(match: re.Match[str], here: Here) -> Found | None:
    """`File "calc.py", line 4, in calc.add`, `Failed example:`, then what was expected and what came."""
    told: list[str] = []
    last = here.line
    for count, (text, line) in enumerate(here.below(60)):
        if count == 0 and text.strip() != "Failed example:":
            return None
        if re.match(r"\*{20}", text):
            break
        told.append(text.strip())
        last = line
    if not told:
        return None
    here.claim(last)
    expected = re.search(r"Expected(?: nothing|:) ?(?P<want>.*?) Got(?: nothing|:) ?(?P<got>.*)", " ".join(told))
    message = f"Expected {expected['want']}, got {expected['got']}" if expected else told[-1]
    found = here.found(f"{' '.join(told[1:2])}: {message}", match["path"], match["line"], last=last)
    found.tool, found.test = "doctest", match["test"]
    return found


def _cut(match: re.Match[str], here: Here) -> Found | None:
    """A traceback whose first line is not printed: frames, and an exception one step to the left."""
    frames = [Frame(match["path"], int(match["line"]), match["function"])]
    indent = len(match["indent"])
    for text, line in here.below(120):
        if one := re.match(r"\s*File \"(?P<path>[^\"]+)\", line (?P<line>\d+), in (?P<function>\S+)$", text):
            frames.append(Frame(one["path"], int(one["line"]), one["function"]))
        elif len(text) - len(text.lstrip()) < indent:
            raised = re.match(
                r"\s*(?P<name>[\w.]*[A-Z]\w*(?:Error|Exception|Exit|Interrupt|Failure)): (?P<msg>.+)", text
            )
            if not raised or not any(frame.usable for frame in frames):
                return None
            here.claim(line)
            found = here.found(text, code=raised["name"].rsplit(".", 1)[-1], at=line)
            found.stray = True
            return place(found, frames, innermost_last=True)
    return None


FAMILY = Family(
    name="python",
    about="uncaught exceptions, syntax errors, warnings",
    rules=(
        Rule(
            "Traceback (most recent call last)",
            r"(?!.*:\d+:\d+: ).*Traceback \(most recent call last\)(?!.*─)",
            _traceback,
        ),
        Rule(
            '", line ',
            r"\s*File \"(?P<path>[^\"]+)\", line (?P<line>\d+), in (?P<function>\S+): (?P<msg>.+) \[(?P<code>[\w-]+)\]$",
            tool="pytype",
        ),
        Rule("Traceback (most recent call last)", r"\s*[╭┌+]─* ?Traceback \(most recent call last\)", _rich),
        Rule(", line ", r"\s*(?:\*\*\* )?(?:Sorry: .*)?File \"(?P<path>[^\"]+)\", line (?P<line>\d+)$", _syntax),
        Rule(
            "syntax error in your configuration file",
            r".*?(?P<msg>There is a syntax error in your configuration file: .*) \((?P<path>[^\s()]+\.py), line (?P<line>\d+)\)",
            tool="sphinx",
        ),
        # pip: the second line says it again in fewer words.
        Rule(
            (
                "ERROR: Could not find a version that satisfies",
                "ERROR: Cannot install ",
                "ERROR: Failed building wheel for ",
            ),
            r"ERROR: (?P<msg>(?:Could not find a version|Cannot install|Failed building wheel).*)",
            lambda match, here: here.found(match["msg"], tool="pip"),
        ),
        Rule("Fatal Python error: ", r".*?(?P<msg>Fatal Python error: .*)", _crash),
        Rule(", line ", r"\s*File \"(?P<path>[^\"]+)\", line (?P<line>\d+), in (?P<test>\S+)$", _doctest),
        Rule(
            ", line ",
            r"(?P<indent> {2,}|\t)File \"(?P<path>[^\"]+)\", line (?P<line>\d+), in (?P<function>\S+)$",
            _cut,
        ),
        Rule(
            "Error: ",
            r".*\b(?P<code>(?:Syntax|Indentation|Tab)Error): (?P<msg>.+) \((?P<path>[^\s()]+\.pyi?), line (?P<line>\d+)\)",
        ),
        Rule(
            "Warning: ",
            r"\s*(?P<path>(?:[A-Za-z]:)?[^\s:]+\.py):(?P<line>\d+): (?P<code>(?:\w+\.)*\w*Warning): (?P<msg>.+)",
            severity=Severity.WARNING,
        ),
    ),
    samples=(
        sample(
            """
Traceback (most recent call last):
  File "/home/runner/work/app/app/run.py", line 12, in <module>
    main()
  File "/home/runner/work/app/app/app/core.py", line 7, in main
    return json.loads(text)
           ^^^^^^^^^^^^^^^^
  File "/usr/lib/python3.11/json/__init__.py", line 346, in loads
    return _default_decoder.decode(s)
json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)
""",
            "app/core.py:7 error JSONDecodeError",
        ),
        sample(
            """
Traceback (most recent call last):
  File "a.py", line 2, in <module>
    first()
KeyError: 'x'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "a.py", line 4, in <module>
    raise RuntimeError("second")
RuntimeError: second
""",
            "a.py:4 error RuntimeError",
            title="chained: the last one ended the program",
        ),
        sample(
            """
  + Exception Group Traceback (most recent call last):
  |   File "tasks.py", line 9, in <module>
  |     asyncio.run(main())
  |   File "/usr/lib/python3.12/asyncio/runners.py", line 194, in run
  |     return runner.run(main)
  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "tasks.py", line 4, in work
    |     raise ValueError("no")
    | ValueError: no
    +------------------------------------
""",
            "tasks.py:4 error ValueError",
            title="the member of a group that failed",
        ),
        sample(
            """
Fatal Python error: Segmentation fault

Current thread 0x00007f37c0a56b80 (most recent call first):
  File "/usr/lib/python3.11/ctypes/__init__.py", line 519 in string_at
  File "/home/runner/work/app/app/app/native.py", line 5 in read
  File "/home/runner/work/app/app/run.py", line 2 in <module>
""",
            "app/native.py:5 error",
            title="a crash of the interpreter: the innermost frame first",
        ),
        sample(
            """
**********************************************************************
File "calc.py", line 4, in calc.add
Failed example:
    add(1, 2)
Expected:
    4
Got:
    3
**********************************************************************
1 items had failures:
""",
            "calc.py:4 error",
            title="doctest",
        ),
        sample(
            """
  File "broken.py", line 3
    def f(:
          ^
SyntaxError: invalid syntax
""",
            "broken.py:3 error SyntaxError",
        ),
        sample(
            "src/old.py:14: DeprecationWarning: datetime.utcnow() is deprecated\n  return datetime.utcnow()",
            "src/old.py:14 warning DeprecationWarning",
        ),
    ),
)
