"""Scala's tests and formatter, and Java checkers that name a class rather than a path."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.families.java_stacks import frame_of
from factory_ls.ci.frames import Frame, place
from factory_ls.ci.rules import Family, Found, Here, Rule, sample, severity_of

_LEAD = r"(?:\[(?:info|error|warn)\]\s?)?"


def _scalatest(match: re.Match[str], here: Here) -> Found | None:
    """ScalaTest and specs2: `- adds *** FAILED ***` or `x adds`, below it `20 did not equal 30 (ASpec.scala:14)`."""
    test = None
    for text, _ in here.above(12):
        if named := re.match(_LEAD + r"\s*(?:- (?P<a>.*?) (?:\*\*\* FAILED \*\*\*|\d+ms$)|[x!✗✘] (?P<b>\S.*))", text):
            test = (named["a"] or named["b"]).strip()
            break
        if not re.match(_LEAD + r"\s{2,}\S", text):
            break
    if test is None:
        return None
    return here.found(match["msg"].strip(), match["path"], match["line"], tool="scalatest", test=test)


def _munit(match: re.Match[str], here: Here) -> Found:
    message, last = "", here.line
    for text, line in here.below(12):
        if re.match(_LEAD + r"\s*\d+: ", text) or not text.strip():
            continue
        message, last = re.sub("^" + _LEAD, "", text).strip(), line
        break
    return here.found(
        message or match["code"], match["path"], match["line"], code=match["code"], test=match["test"], tool="munit", last=last
    )  # fmt: skip


def _unformatted(match: re.Match[str], here: Here) -> Found:
    found = here.found("Not formatted: " + match["path"], match["path"], tool="scalafmt")
    found.severity = severity_of(match["sev"])
    found.gates = True
    return found


def _scala_cli(match: re.Match[str], here: Here) -> Found | None:
    """scala-cli and bloop: `[error] ./A.scala:3:16`, the message on the lines below."""
    message, last = "", here.line
    for text, line in here.below(3):
        body = re.sub("^" + _LEAD, "", text)
        if not body.strip() or not text.startswith(f"[{match['sev']}]"):
            break
        message, last = f"{message} {body.strip()}".strip(), line
        if not body.rstrip().endswith((":", ",")):
            break
    if not message:
        return None
    here.claim(last)
    return here.located(match, message=message, tool="scala")


def _spotbugs(match: re.Match[str], here: Here) -> Found:
    rank = {"H": "high", "M": "medium"}.get(match["sev"], "low")
    return here.found(
        match["msg"], match["path"], match["line"], severity=severity_of(rank), code=match["code"], tool="spotbugs"
    )


def _console(match: re.Match[str], here: Here) -> Found | None:
    """JUnit's console launcher: `=> org.opentest4j.AssertionFailedError: message`, frames without `at`."""
    frames: list[Frame] = []
    last = here.line
    for text, line in here.below(30):
        if not (one := frame_of(f"at {text.strip()}")):
            break
        frames.append(one)
        last = line
    if not frames:
        return None
    here.claim(last)
    test = next((m[1] for text, _ in here.above(3) if (m := re.match(r"\s+(?:JUnit \w+:)(.*)", text))), None)
    code = match["code"].rsplit(".", 1)[-1]
    found = here.found(match["msg"] or code, last=last, tool="junit", code=code, test=test)
    return place(found, frames, innermost_last=False)


def _ecj(match: re.Match[str], here: Here) -> Found | None:
    """Eclipse's compiler: the place, the line of code, carets, what is wrong."""
    marked = False
    for text, line in here.below(24):
        if text.startswith("-----"):
            break
        if marked:
            here.claim(line)
            return here.located(match, message=text.strip(), tool="ecj")
        marked = re.match(r"\s*\^+\s*$", text) is not None
    return None


def _pmd(match: re.Match[str], here: Here) -> Found:
    path = match["name"].split("$")[0].replace(".", "/") + ".java"
    found = here.found(
        match["msg"], path, match["line"], severity=severity_of("warning"), code=match["code"], tool="pmd"
    )
    found.gates = True
    return found


FAMILY = Family(
    name="scala-tests",
    about="ScalaTest, specs2, munit, scalafmt, scala-cli; SpotBugs and PMD by class",
    names=("scalatest", "specs2", "munit", "scalafmt", "scala-cli"),
    rules=(
        Rule(
            ".scala:",
            _LEAD + r"\s{2,}(?!at )(?P<msg>\S.*?) \((?P<path>[\w$/.-]+\.scala):(?P<line>\d+)\)$",
            _scalatest,
            scan=r"(?m: \([A-Za-z0-9_$/.-]+\.scala:[0-9]+\)[ \t]*$)",
        ),
        Rule(
            "==> X ",
            _LEAD
            + r"==> X (?P<test>\S.*?)\s+[\d.]+s\s+(?P<code>[\w.]+): (?P<path>(?:[A-Za-z]:)?[^\s:]+\.scala):(?P<line>\d+)",
            _munit,
        ),
        Rule(
            "isn't formatted properly",
            r"(?:\[(?P<sev>error|warn)\] )?(?P<path>\S+\.(?:scala|sbt|sc)) isn't formatted properly!?",
            _unformatted,
        ),
        Rule(
            ("[error] ", "[warn] "),
            r"\[(?P<sev>error|warn)\] (?P<path>(?:\./|/|[A-Za-z]:)?[^\s:]+\.(?:scala|sc|java|mill)):(?P<line>\d+):(?P<col>\d+)$",
            _scala_cli,
        ),
        Rule(
            ":[line",
            r"(?P<sev>[HML]) [A-Z] (?P<code>\w+): (?P<msg>.*?)\s+(?:[A-Z]\w+ )*?(?:[Aa]t|[Ii]n) (?P<path>[\w$]+\.\w+):\[lines? (?P<line>\d+)",
            _spotbugs,
        ),
        Rule(
            "=> ",
            r"\s+=> (?P<code>[\w.]+\.[A-Z]\w+)(?:: (?P<msg>.*))?$",
            _console,
            scan=r"=> [a-z][A-Za-z0-9_.]*\.[A-Z]",
        ),
        Rule(
            (". ERROR in ", ". WARNING in ", ". INFO in "),
            r"\d+\. (?P<sev>ERROR|WARNING|INFO) in (?P<path>\S.*?) \(at line (?P<line>\d+)\)$",
            _ecj,
        ),
        Rule(
            "PMD Failure: ",
            r"(?:\[\w+\] )?PMD Failure: (?P<name>[\w.$]+):(?P<line>\d+) Rule:(?P<code>\w+) Priority:\d (?P<msg>.*?)\.*$",
            _pmd,
        ),
    ),
    samples=(
        sample(
            "[info] CartSpec:\n[info] Cart\n[info] - should add prices *** FAILED ***\n[info]   20 did not equal 30 (CartSpec.scala:14)\n[info] *** 1 TEST FAILED ***",
            "CartSpec.scala:14 error",
            title="ScalaTest",
        ),
        sample(
            "==> X com.acme.CartSuite.adds  0.02s munit.ComparisonFailException: /w/src/test/scala/CartSuite.scala:14\n13:    val got = total\nvalues are not the same",
            "/w/src/test/scala/CartSuite.scala:14 error munit.ComparisonFailException",
            title="munit",
        ),
        sample(
            "[error] ./Cart.scala:3:16\n[error] Found:    String\n[error]   val x: Int = s",
            "Cart.scala:3:16 error",
            title="scala-cli",
        ),
        sample(
            "M D NP: Possible null pointer dereference of x in com.acme.Cart.total()  Dereferenced at Cart.java:[line 12]",
            "Cart.java:12 warning NP",
            title="SpotBugs",
        ),
    ),
)
