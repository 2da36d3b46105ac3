"""Java, Kotlin, Scala, Groovy: compilers, Maven, Gradle, test reports with JVM stacks, style checkers."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.families.java_stacks import ASSERTED, RAISED, frame_of, read_stack
from factory_ls.ci.frames import Frame, place
from factory_ls.ci.naming import tool_of
from factory_ls.ci.rules import Family, Found, Here, Rule, Severity, sample, severity_of


def _thrown(match: re.Match[str], here: Here) -> Found | list[Found] | None:
    if frame_of(here.text) or re.search(r":\d+:\d+: (?:fatal )?error: ", match["msg"] or ""):
        return None
    frames, last, cause = read_stack(here)
    usable = [one for one in frames if one.usable]
    if not frames:
        return None
    here.claim(last)
    if not usable:
        return []
    told = match["msg"] or match["name"].rsplit(".", 1)[-1]
    if not match["msg"] and cause:
        told = cause
    found = here.found(told, last=last, tool="java", code=match["name"].rsplit(".", 1)[-1])
    test = _test_above(here)
    found.test, found.stray = test, test is None
    if test:
        found.tool = "junit"
    return place(found, frames, innermost_last=False)


def _test_above(here: Here) -> str | None:
    for count, (text, _) in enumerate(here.above(4)):
        if surefire := re.match(
            r"(?:\[ERROR\] )?(?P<test>[\w.$()\[\] ,-]+?)\s+(?:-- )?Time elapsed: .*<<< (?:FAILURE|ERROR)!", text
        ):
            return surefire["test"]
        if gradle := re.match(r"(?P<test>\S.* > .*?)(?:\(\))? FAILED$", text):
            return gradle["test"]
        if count == 0 and (scala := re.match(r".*(?:\*\*\* FAILED \*\*\*|==> X )(?P<test>.*)", text)):
            return scala["test"].strip() or text.strip()
    return None


def _gradle_test(match: re.Match[str], here: Here) -> Found | list[Found] | None:
    """`ATest > adds FAILED` and the exception indented below."""
    for text, line in here.below(4):
        if text.strip() in ("Condition not satisfied:", "Condition failed with Exception:"):
            return _spock(match, Here(line, text, here.peel, here.step, here.memory))
        raised = RAISED.match(text) or ASSERTED.match(text)
        if raised and text.startswith(" "):
            inner = Here(line, text, here.peel, here.step, here.memory)
            frames, last, cause = read_stack(inner)
            at = re.search(r" at (?P<file>[\w$-]+\.(?:java|kt|groovy|scala)):(?P<line>\d+)$", text)
            if at:
                frames = [Frame(at["file"], int(at["line"])), *frames]
            here.claim(last)
            found = here.found(
                (raised["msg"] or cause or raised["name"]).strip(),
                at=line,
                last=last,
                tool="junit",
                test=match["test"],
                code=raised["name"].rsplit(".", 1)[-1],
            )
            return place(found, frames, innermost_last=False)
        if at := re.match(r"\s+(?P<name>[\w.$]+) at (?P<file>[\w$-]+\.(?:java|kt|groovy|scala)):(?P<line>\d+)$", text):
            last = line
            inner = Here(line, text, here.peel, here.step, here.memory)
            for below, below_line in inner.below(12):
                if not re.match(r"\s+Caused by: ", below) and not re.match(r"\s{8,}\S", below):
                    break
                last = below_line
            here.claim(last)
            found = here.found(
                at["name"].rsplit(".", 1)[-1],
                at=line,
                last=last,
                tool="junit",
                test=match["test"],
                code=at["name"].rsplit(".", 1)[-1],
            )
            return place(found, [Frame(at["file"], int(at["line"]))], innermost_last=False)
        if text.strip():
            break
    return None


def _spock(match: re.Match[str], here: Here) -> Found:
    """The condition drawn with its values, then frames."""
    frames: list[Frame] = []
    message, last = "", here.line
    for text, line in here.below(60):
        if one := frame_of(text):
            frames.append(one)
        elif (text.strip() and frames) or re.match(r"\S", text):
            break
        message = message or text.strip()
        last = line
    here.claim(last)
    found = here.found(f"Condition not satisfied: {message}", last=last, tool="spock", test=match["test"])
    return place(found, frames, innermost_last=False)


def _surefire(match: re.Match[str], here: Here) -> Found | None:
    """`[ERROR]   ATest.adds:12 expected: <4> but was: <3>`: the summary; the class's file is known by its name."""
    chain = re.findall(r"([\w$]+)\.[\w$]+:(\d+)", match["where"])
    name, line = chain[0]
    found = here.found(
        match["msg"] or match[0], f"{name.split('$')[0]}.java", line, tool="surefire", test=match["where"].split(":")[0]
    )
    found.summary = True
    return found


def _flakes(_: re.Match[str], here: Here) -> list[Found]:
    """`[WARNING] Flakes:` and tests that failed, and passed when run again: they failed nothing."""
    found, last = [], here.line
    for text, line in here.below(500):
        if named := re.match(r"(?:\[WARNING\] )?(?P<test>[\w$.]+\.[\w$.]+.*)$", text):
            one = here.found(f"{named['test']} passed when run again", at=line, tool="surefire", test=named["test"])
            one.flaky, one.severity = True, Severity.WARNING
            found.append(one)
        elif not re.match(r"(?:\[\w+\])?\s+Run \d+: ", text):
            break
        last = line
    here.claim(last)
    return found


def _kotlin_old(match: re.Match[str], here: Here) -> Found | None:
    return here.located(
        match,
        message=match["msg"] or next((text.strip() for text, _ in here.below(1)), ""),
        severity=severity_of({"e": "error", "w": "warning", "i": "info"}.get(match["sev"], "error")),
        tool="kotlin",
    )


def _script(match: re.Match[str], here: Here) -> Found | None:
    """Gradle: `Build file '/w/build.gradle' line: 12`, then `* What went wrong:` and the message."""
    message, seen, last = "", False, here.line
    for text, line in here.below(12):
        if text.startswith("* What went wrong"):
            seen = True
        elif seen and text.strip():
            message, last = f"{message} {text.strip(' >')}".strip(), line
            if not text.rstrip().endswith(("occurred evaluating root project.", ".", ":")) or message.count(".") > 2:
                break
        elif seen and message:
            break
    return here.found(message or match[0], match["path"], match["line"], tool="gradle", last=last)


def _maven(match: re.Match[str], here: Here) -> Found | None:
    found = here.located(match, tool=tool_of(match["path"], None, "", None))
    if found and found.message.startswith("error: "):
        found.message = found.message[7:]
    if found and found.message.startswith("warning: "):
        found.severity = Severity.WARNING
    return found


def _scala3(match: re.Match[str], here: Here) -> Found:
    message, last = match["kind"], here.line
    for text, line in here.below(8):
        body = re.sub(r"^\s*(?:\[\w+\] )?\s*\d*\s*\|\s?", "", text).strip(" ^")
        if body and not re.match(r"\s*(?:\[\w+\] )?\s*\d+\s*\|", text):
            message, last = body, line
            break
    severity = Severity.WARNING if "Warning" in match["kind"] else Severity.ERROR
    return here.found(
        message,
        match["path"],
        match["line"],
        column=match["col"],
        severity=severity,
        code=match["code"],
        tool="scala",
        last=last,
    )


def _sbt(match: re.Match[str], here: Here) -> Found | None:
    """The message may go on, then come the line of code and a caret."""
    for text, line in here.below(8):
        if not text.startswith(f"[{match['sev']}] "):
            break
        if re.match(r"\[\w+\]\s+\^", text):
            here.claim(line)
            break
    return here.located(match, tool="scala")


def _spotless(match: re.Match[str], here: Here) -> list[Found] | None:
    found, last = [], here.line
    for text, line in here.below(400):
        if named := re.match(r"(?:\[ERROR\])?\s{2,8}(?P<path>[\w./-]+\.\w+)$", text):
            found.append(here.found("Not formatted: " + named["path"], named["path"], at=line, tool="spotless"))
        elif text.strip() and not re.match(r"(?:\[ERROR\])?\s", text):
            break
        last = line
    here.claim(last)
    return found or None


def _styled(match: re.Match[str], here: Here) -> Found | None:
    code = match["code"] or match["code_"]
    tool = "checkstyle" if match["path"].endswith(".java") else "detekt" if match["code_"] else "ktlint"
    return here.located(match, code=code, tool=tool)


_EXT = r"\.(?:java|kts?|scala|sc|groovy|gradle|aj|jsp|xml)"

FAMILY = Family(
    name="jvm",
    about="javac, kotlinc, scalac, Maven, Gradle, JUnit, ktlint, detekt, checkstyle, SpotBugs, Spotless",
    names=(
        "javac",
        "javadoc",
        "kotlin",
        "scala",
        "maven",
        "gradle",
        "junit",
        "surefire",
        "ktlint",
        "detekt",
        "checkstyle",
        "spotbugs",
        "pmd",
        "spotless",
    ),
    rules=(
        Rule(
            ":[",
            r"\[(?P<sev>ERROR|WARNING|WARN|INFO)\]\s+(?:COMPILATION ERROR.*)?(?P<path>\S.*?"
            + _EXT
            + r"):\[(?P<line>\d+),(?P<col>\d+)\] (?P<msg>.*)",
            _maven,
        ),
        Rule(
            ":[line ",
            r"\[(?P<sev>ERROR|WARN\w*)\] (?P<msg>.*?) (?:At|In) (?P<path>[\w$]+\.java):\[lines? (?P<line>\d+)[^\]]*\](?: (?P<code>[A-Z_]+))?",
            tool="spotbugs",
        ),
        Rule(
            ("e: ", "w: "),
            r"(?P<sev>[ewi]): (?:\[ksp\] )?(?:file://)?(?P<path>(?:[A-Za-z]:)?\S[^:(]*?\.(?:kts?|java)):(?P<line>\d+)(?::(?P<col>\d+))?(?::?$|:? (?P<msg>.*))",
            _kotlin_old,
        ),
        Rule(
            ("e: ", "w: "),
            r"(?P<sev>[ewi]): (?:file://)?(?P<path>(?:[A-Za-z]:)?\S[^:]*?\.(?:kts?|java)): \((?P<line>\d+), ?(?P<col>\d+)\): (?P<msg>.*)",
            _kotlin_old,
        ),
        Rule(" FAILED", r"(?P<test>\S.* > .*?)(?:\(\))? FAILED$", _gradle_test),
        Rule(
            ("Exception", "Error", "Caused by", "Failure"),
            r"\s*(?:Exception in thread \"[^\"]*\" |\[ERROR\] )?(?P<name>(?:[a-z_]\w*\.)+[A-Z][\w$]*)(?::\s*(?P<msg>.*))?$",
            _thrown,
            scan=r"[a-z0-9_]+\.[A-Z][A-Za-z0-9$]*(?:Exception|Error|Failure|Failed)",
        ),
        Rule(
            "[ERROR] ",
            r"\[ERROR\] {2,}(?P<where>[\w$]+\.[\w$]+(?:\[[^\]]*\])?:\d+(?:->[\w$.]+:\d+)*)(?: » | )?(?P<msg>.*)$",
            _surefire,
        ),
        Rule("Flakes:", r"(?:\[WARNING\] )?Flakes:\s*$", _flakes),
        Rule(
            (" file '", "Script '"),
            r"(?:Build|Settings|Init|Initialization) (?:file|script) '(?P<path>[^']+)' line: (?P<line>\d+)|Script '(?P<path_>[^']+)' line: (?P<line_>\d+)",
            lambda match, here: _script(match, here) if match["path"] else None,
        ),
        Rule(
            "-- ",
            r"(?:\[(?:error|warn)\] )?-- (?:\[(?P<code>E\d+)\] )?(?P<kind>[\w ]*(?:Error|Warning)): (?P<path>\S+?):(?P<line>\d+):(?P<col>\d+)(?: -|$)",
            _scala3,
        ),
        Rule(
            ("[error] ", "[warn] "),
            r"\[(?P<sev>error|warn)\] (?P<path>\S+?\.(?:scala|sc|java)):(?P<line>\d+)(?::(?P<col>\d+))?: (?P<msg>.*)",
            _sbt,
        ),
        Rule(
            ".java:",
            r"\[(?P<sev>ERROR|WARN|INFO)\] (?P<path>(?:[A-Za-z]:)?[^\s:]+\.java):(?P<line>\d+)(?::(?P<col>\d+))?: (?P<msg>.*) \[(?P<code>[A-Z]\w+)\]$",
            tool="checkstyle",
        ),
        Rule("had format violations", r".*The following files had format violations:", _spotless),
        Rule(
            ".java:",
            r"(?P<path>\S+\.java):(?P<line>\d+):\s*\t?(?P<code>[A-Z]\w+):\t(?P<msg>.*)",
            tool="pmd",
        ),
        Rule(
            (".kt:", ".kts:", ".java:"),
            r"(?:.*- )?(?P<path>(?:[A-Za-z]:)?[^\s:]+\.(?:kts?|java)):(?P<line>\d+):(?P<col>\d+):? (?P<msg>.*?) (?:\((?P<code>[\w:-]+)\)|\[(?P<code_>\w+)\])$",
            _styled,
        ),
        Rule(
            " at ",
            r"\s*(?:- )?(?P<code>[A-Z]\w+) - .*?(?:\[(?P<msg>[^\]]*)\] )?at (?P<path>\S+\.kts?):(?P<line>\d+):(?P<col>\d+)",
            tool="detekt",
            scan=r" at [^ \n]+\.kts?:[0-9]+",
        ),
        Rule(
            ".groovy: ",
            r"(?:.*?file:)?(?P<path>\S+\.groovy): (?P<line>\d+): (?P<msg>.*?)(?: @ line \d+, column (?P<col>\d+)\.?)?$",
            tool="groovy",
        ),
    ),
    samples=(
        sample(
            "src/main/java/A.java:5: error: cannot find symbol\n    foo();\n    ^\n  symbol:   method foo()\n1 error",
            "src/main/java/A.java:5 error",
            title="javac",
        ),
        sample(
            "[ERROR] /home/runner/work/a/a/src/main/java/A.java:[5,9] cannot find symbol",
            "src/main/java/A.java:5:9 error",
            title="maven",
        ),
        sample(
            """
[ERROR] com.acme.CalcTest.adds -- Time elapsed: 0.02 s <<< FAILURE!
org.opentest4j.AssertionFailedError: expected: <4> but was: <3>
	at org.junit.jupiter.api.AssertionUtils.fail(AssertionUtils.java:55)
	at com.acme.CalcTest.adds(CalcTest.java:12)
	at java.base/java.lang.reflect.Method.invoke(Method.java:566)

[ERROR] Failures:
[ERROR]   CalcTest.adds:12 expected: <4> but was: <3>
""",
            "com/acme/CalcTest.java:12 error AssertionFailedError",
            title="surefire",
        ),
        sample(
            """
CalcTest > adds() FAILED
    org.opentest4j.AssertionFailedError: expected: <4> but was: <3>
        at app//org.junit.jupiter.api.AssertionUtils.fail(AssertionUtils.java:55)
        at app//com.acme.CalcTest.adds(CalcTest.java:12)
""",
            "com/acme/CalcTest.java:12 error AssertionFailedError",
            title="gradle",
        ),
        sample(
            "CalcTest > adds() FAILED\n    org.opentest4j.AssertionFailedError at CalcTest.java:12",
            "CalcTest.java:12 error",
            title="gradle, short",
        ),
        sample(
            "e: file:///home/runner/work/a/a/src/A.kt:9:10 Unresolved reference 'x'.",
            "src/A.kt:9:10 error",
            title="kotlin",
        ),
        sample("w: /w/src/A.kt: (9, 10): 'x' is deprecated", "/w/src/A.kt:9:10 warning"),
        sample(
            '/w/src/A.kt:3:1: Unexpected blank line(s) before "}" (standard:no-blank-line-before-rbrace)',
            "/w/src/A.kt:3:1 error",
            title="ktlint",
        ),
        sample(
            '[error] -- [E007] Type Mismatch Error: src/A.scala:3:14 ---\n[error] 3 |  val x: Int = "a"\n[error]   |               ^^^\n[error]   |  Found: String',
            "src/A.scala:3:14 error E007",
            title="scala 3",
        ),
        sample(
            "[ERROR] Medium: Null passed for non-null parameter [com.acme.A] At A.java:[line 12] NP_NULL_PARAM_DEREF",
            "A.java:12 error NP_NULL_PARAM_DEREF",
            title="spotbugs",
        ),
    ),
)
