"""PHP: the interpreter, PHPUnit and Pest, PHPStan, Psalm, PHP_CodeSniffer, PHP-CS-Fixer."""

# ruff: noqa: E501, RUF001 (the tools' own lines and their patterns)

import re

from factory_ls.ci.frames import Frame, place
from factory_ls.ci.rules import Family, Found, Here, Rule, sample, severity_of

_LOCATION = re.compile(r"\s*(?:at )?(?P<path>(?:[A-Za-z]:)?[^\s:]+\.(?:php|phpt)):(?P<line>\d+)$")


def _numbered(match: re.Match[str], here: Here) -> Found | None:
    """`1) src/A.php:12`: rector's change, or what PHPUnit 10 tells of deprecations and warnings by their place."""
    message = next((text.strip() for text, _ in here.below(3) if text.strip()), "")
    if "begin diff" in message:
        return here.located(match, message="Would be changed by Rector", tool="rector")
    for text, _ in here.above(400):
        if headed := re.match(r"\d+ tests? triggered \d+ (?:PHP(?:Unit)? )?(?P<sev>\w+?)s?:$", text):
            severity = "warning" if headed["sev"] != "error" else "error"
            return here.located(match, message=message, severity=severity_of(severity), tool="phpunit")
    return None


def _phpunit(match: re.Match[str], here: Here) -> Found | None:
    """`1) Ns\\ATest::testX`, message, empty line, `/w/tests/ATest.php:12`."""
    frames: list[Frame] = []
    message: list[str] = []
    told, last = here.line, here.line
    for text, line in here.below(80):
        if re.match(r"\d+\) |FAILURES!|ERRORS!|Tests: |--$|There (?:was|were) ", text):
            break
        if one := _LOCATION.match(text):
            frames.append(Frame(one["path"], int(one["line"])))
        elif text.strip() and not frames and len(message) < 3:
            if not message:
                told = line
            message.append(text.strip())
        last = line
    if not message and not frames:
        return None
    here.claim(last)
    found = here.found(" ".join(message), at=told, last=last, tool="phpunit", test=match["test"])
    return place(found, frames, innermost_last=False)


def _phpstan(match: re.Match[str], here: Here) -> list[Found] | None:
    """A table headed `Line   src/a.php`, a row a finding, continued rows indented."""
    path = match["path"].strip().split(" (in context")[0]
    found: list[Found] = []
    last = here.line
    ruled = False
    for text, line in here.below(600):
        if re.match(r"\s*-{3,}", text):
            last = line
            if ruled and found:
                break
            ruled = True
            continue
        if row := re.match(r"\s{1,6}(?P<line>\d+|:\d+)\s{2,}(?P<msg>\S.*)", text):
            found.append(here.found(row["msg"], path, row["line"].strip(":"), tool="phpstan", at=line))
        elif not text.strip():
            if found:
                break
        elif found and (marked := re.match(r"\s+🪪\s+(?P<code>\S+)", text)):
            found[-1].code = marked["code"]
        elif found and text.startswith("    ") and not re.match(r"\s+(?:💡|✏|at )", text):
            found[-1].message += " " + text.strip()
        last = line
    here.claim(last)
    return found or None


def _collision(match: re.Match[str], here: Here) -> Found | None:
    """Pest and Laravel: `FAILED  Ns\\ATest > it adds  TypeError`, the message, `at a.php:3`, `12  b.php:7`."""
    frames: list[Frame] = []
    message: list[str] = []
    told, last = here.line, here.line
    for text, line in here.below(120):
        if re.match(r"\s*(?:─{20,}|Tests: |FAILED  )", text):
            break
        if one := re.match(r"\s+(?:at|\d+) +(?P<path>\S+\.php):(?P<line>\d+)$", text):
            frames.append(Frame(one["path"], int(one["line"])))
        elif text.strip() and not frames and len(message) < 3:
            told = line if not message else told
            message.append(text.strip())
        last = line
    if not frames:
        return None
    here.claim(last)
    found = here.found(
        " ".join(message) or match["test"], at=told, last=last, tool="pest", test=match["test"], code=match["code"]
    )
    return place(found, frames, innermost_last=False)


def _psalm(match: re.Match[str], here: Here) -> Found | None:
    return here.located(match, tool="psalm")


def _sniffer(match: re.Match[str], here: Here) -> Found | None:
    for text, _ in here.above(400):
        if header := re.match(r"FILE: (?P<path>\S.*)$", text):
            message = match["msg"]
            for more, _ in here.below(6):
                if not (wrapped := re.match(r"\s*\|\s+\|(?P<rest> {2,}\S.*)", more)):
                    break
                message = f"{message} {wrapped['rest'].strip()}"
            code = re.search(r"\((?P<code>[A-Z]\w*(?:\.\w+){2,})\)$", message)
            return here.found(
                re.sub(r"^\[[x ]\] ", "", message),
                header["path"],
                match["line"],
                severity=severity_of(match["sev"]),
                tool="phpcs",
                code=code["code"] if code else None,
            )
        if re.match(r"FOUND |Time: ", text) and "FOUND" not in text:
            return None
    return None


def _testdox(match: re.Match[str], here: Here) -> Found | None:
    """`✘ Adds`, then the message and the place behind bars."""
    frames: list[Frame] = []
    message: list[str] = []
    last = here.line
    for text, line in here.below(60):
        body = re.match(r"\s*[│├┐┴┊](?P<rest>.*)", text)
        if not body:
            break
        if one := _LOCATION.match(body["rest"]):
            frames.append(Frame(one["path"], int(one["line"])))
        elif body["rest"].strip() and not frames and len(message) < 3:
            message.append(body["rest"].strip())
        last = line
    if not frames:
        return None
    here.claim(last)
    found = here.found(" ".join(message), last=last, tool="phpunit", test=match["test"])
    return place(found, frames, innermost_last=False)


def _compact(match: re.Match[str], here: Here) -> Found | None:
    for text, _ in here.above(400):
        if header := re.match(r"FILE: (?P<path>\S.*)$", text):
            return here.found(
                match["msg"], header["path"], match["line"], severity=severity_of(match["sev"]), code=match["code"], tool="psalm"
            )  # fmt: skip
    return None


def _console(match: re.Match[str], here: Here) -> Found | None:
    """Symfony's console: `In Cart.php line 12:`, an empty line, the message."""
    message = next((text.strip() for text, _ in here.below(4) if text.strip()), "")
    if told := re.match(r"\"?(?P<path>[^\s\"]+\.json)\"? does not contain valid JSON", message):
        for text, line in here.below(8):
            if at := re.match(r"\s*Parse error on line (?P<line>\d+):", text):
                return here.found(message, told["path"], at["line"], tool="composer", last=line)
    return here.located(match, message=message, tool="php") if message else None


def _behat(match: re.Match[str], here: Here) -> list[Found]:
    """`--- Failed scenarios:`, then `features/a.feature:6` a line."""
    found: list[Found] = []
    last = here.line
    for text, line in here.below(500):
        one = re.match(r"\s+(?P<path>\S+\.feature):(?P<line>\d+)(?: \(on line \d+\))?$", text)
        if one:
            found.append(here.found("Scenario failed", one["path"], one["line"], tool="behat", at=line, last=line))
        elif text.strip():
            break
        last = line
    here.claim(last)
    return found


def _codeception(match: re.Match[str], here: Here) -> Found | None:
    """`1) CartCest: Adds items`, ` Test  path:method`, ` Fail  message`, then steps with their places, the last first."""
    path, message, line, last = None, "", None, here.line
    for text, below in here.below(40):
        if re.match(r"\d+\) |FAILURES!|ERRORS!", text):
            break
        if one := re.match(r"\s*Test\s{1,4}(?P<path>\S+?\.\w+)(?::\S.*)?$", text):
            path = one["path"]
        elif (path and (one := re.match(r"\s*(?:Fail|Error)\s{1,4}(?P<msg>\S.*)", text))) or (
            path and not message and (one := re.match(r"\s*\[[\w\\]+\] (?P<msg>\S.*)", text))
        ):
            message = one["msg"]
        elif path and (
            one := re.match(
                rf"\s*(?:#?\d+\.? .* (?:at )?|#\d+ +)\S*{re.escape(path.rsplit('/', 1)[-1])}:(?P<line>\d+)$", text
            )
        ):
            line, last = one["line"], below
            break
        last = below
    if path is None:
        return None
    here.claim(last)
    return here.found(message or match["test"], path, line, tool="codeception", test=match["test"])


def _deptrac(match: re.Match[str], here: Here) -> Found | None:
    for text, line in here.below(3):
        if one := re.match(r"\s+(?P<path>\S+\.php):(?P<line>\d+)\s*$", text):
            here.claim(line)
            return here.found(match["msg"].strip(), one["path"], one["line"], tool="deptrac", last=line)
    return None


def _fixer(match: re.Match[str], here: Here) -> Found | None:
    if not here.text[:1].isspace():
        # ECS tells of its fixers below the change it would make.
        shown = any("begin diff" in text for text, _ in here.below(3))
        return here.located(match, message="Not formatted: " + match["path"], tool="ecs") if shown else None
    return here.found("Not formatted: " + (match["rules"] or match["path"]), match["path"], tool="php-cs-fixer")


FAMILY = Family(
    name="php",
    about="PHP, PHPUnit, Pest, PHPStan, Psalm, phpcs, php-cs-fixer",
    names=("phpunit", "pest", "phpstan", "psalm", "phpcs", "php-cs-fixer", "behat", "codeception", "deptrac"),
    rules=(
        Rule(
            "PHP ",
            r"(?:PHP )?(?P<sev>Fatal error|Parse error|Warning|Notice|Deprecated|Recoverable fatal error): +(?P<msg>.*) in (?P<path>\S+\.\w+)(?: on line |:)(?P<line>\d+)",
            tool="php",
        ),
        Rule(
            (" error:  ", "error: "),
            r"(?P<sev>Fatal error|Parse error|Warning|Notice|Deprecated): (?P<msg>.*) in (?P<path>\S+\.php)(?: on line |:)(?P<line>\d+)",
            tool="php",
        ),
        Rule(
            ".php:",
            r"\d+\) (?P<path>[^\s:]+\.(?:php|phtml)):(?P<line>\d+)$",
            _numbered,
            scan=r"[0-9]\) [^ \n]+\.ph(?:p|tml):[0-9]+",
        ),
        Rule("FAILED  ", r"\s+FAILED  (?P<test>\S+ > \S.*?)(?:\s{2,}(?P<code>\w+))?\s*$", _collision),
        Rule("::", r"\d+\) (?P<test>[A-Za-z_\\][\w\\]*::\S.*)$", _phpunit, scan=r"[0-9]\) [A-Za-z_\\]+::"),
        Rule(
            "Line ", r"\s+Line\s{2,}(?P<path>\S+\.(?:php|phtml|inc|module|theme)(?: \(in context.*\))?)\s*$", _phpstan
        ),
        Rule(
            ("ERROR: ", "INFO: "),
            r"(?P<sev>ERROR|INFO|WARNING): (?P<code>[A-Z]\w+) - (?P<path>\S+?):(?P<line>\d+):(?P<col>\d+) - (?P<msg>.*?)(?: \(see .*\))?$",
            _psalm,
        ),
        Rule(" line ", r"\s*In (?P<path>\S+\.php) line (?P<line>\d+):$", _console, scan=r"In [^ \n]+\.php line [0-9]"),
        Rule("Failed scenarios:", r"--- Failed scenarios:", _behat),
        Rule(
            ": ",
            r"\d+\) (?P<test>\w+(?:Cest|Cept|Test|Cest\.\w+): \S.*)$",
            _codeception,
            scan=r"[0-9]\) [A-Za-z]+(?:Cest|Cept|Test): ",
        ),
        Rule(
            ("Violation ", "Uncovered ", "Skipped "),
            r"\s+(?:Violation)\s{2,}(?P<msg>\S.* must not depend on .*)",
            _deptrac,
        ),
        Rule("✘ ", r"\s*✘ (?P<test>\S.*)$", _testdox),
        Rule(
            ("| ERROR ", "| INFO ", "| WARNING "),
            r"\| (?P<sev>ERROR|INFO|WARNING)\s+\| (?P<line>\d+)\s+\| (?P<code>[A-Z]\w+)\s*\| (?P<msg>.*?)\s*\|?$",
            _compact,
        ),
        Rule(
            (" | ERROR ", " | WARNING ", "|ERROR|", "|WARNING|"),
            r"\s*(?P<line>\d+) \| (?P<sev>ERROR|WARNING)\s+\| (?P<msg>.*)$",
            _sniffer,
        ),
        Rule(".php", r"\s*\d+\) (?P<path>\S+\.php)(?: \((?P<rules>[\w, ]+)\))?$", _fixer, scan=r"[0-9]\) [^ \n]+\.php"),
        Rule("⨯ ", r"\s*⨯ (?P<path>\S+\.php)\s+(?P<rules>[\w, ]+)$", _fixer),
    ),
    samples=(
        sample(
            """
1) src/Cart.php

    ---------- begin diff ----------
@@ -9,7 +9,7 @@
     {
-        return  1;
+        return 1;
     }
    ----------- end diff -----------

Applied checkers:

 * PhpCsFixer\\Fixer\\Whitespace\\NoExtraBlankLinesFixer

 [ERROR] 1 error is fixable! Just add "--fix" to console command and rerun to apply.
""",
            "src/Cart.php error",
            title="ECS",
        ),
        sample("PHP Fatal error:  Uncaught TypeError: f(): Argument #1 in /w/src/a.php:9", "/w/src/a.php:9 error"),
        sample(
            """
There was 1 failure:

1) Acme\\CartTest::testTotal
Failed asserting that 20 is identical to 30.

/home/runner/work/shop/shop/tests/CartTest.php:14

FAILURES!
Tests: 1, Assertions: 1, Failures: 1.
""",
            "tests/CartTest.php:14 error",
            title="phpunit",
        ),
        sample(
            """
 ------ -----------------------------------------------
  Line   src/Cart.php
 ------ -----------------------------------------------
  12     Call to an undefined method Cart::sum().
         🪪  method.notFound
  19     Property Cart::$x is never read, only
         written.
 ------ -----------------------------------------------

 [ERROR] Found 2 errors
""",
            "src/Cart.php:12 error method.notFound",
            "src/Cart.php:19 error",
            title="phpstan",
        ),
        sample(
            "ERROR: UndefinedMethod - src/Cart.php:12:9 - Method Cart::sum does not exist (see https://psalm.dev/022)",
            "src/Cart.php:12:9 error UndefinedMethod",
            title="psalm",
        ),
        sample(
            """
FILE: /home/runner/work/shop/shop/src/Cart.php
----------------------------------------------------------------------
FOUND 1 ERROR AND 1 WARNING AFFECTING 2 LINES
----------------------------------------------------------------------
  3 | WARNING | Line exceeds 120 characters; contains 130 characters
 12 | ERROR   | [x] Expected 1 space after IF keyword; 0 found
----------------------------------------------------------------------
""",
            "src/Cart.php:3 warning",
            "src/Cart.php:12 error",
            title="phpcs",
        ),
    ),
)
