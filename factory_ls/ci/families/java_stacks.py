"""Java stacks: which of their frames are the repository's."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import re

from factory_ls.ci.frames import Frame
from factory_ls.ci.rules import Here
from factory_ls.ci.window import Line

_FRAME = re.compile(
    r"\s*at (?:[\w.$@/-]*//?)?(?P<class>[\w$.]+?)\.(?P<method>[\w$<> -]+)\((?P<file>[\w$.-]+\.(?:java|kt|kts|scala|groovy)):(?P<line>\d+)\)"
)
_LIBRARY = re.compile(
    r"(?:java|javax|jakarta|jdk|sun|com\.sun|kotlin|kotlinx|scala|groovy|org\.(?:junit|opentest4j|assertj|hamcrest|mockito|gradle|apache|testng|"
    r"codehaus|scalatest|specs2|spockframework|springframework|hibernate|jetbrains|eclipse|slf4j|scalacheck|scalamock)|com\.(?:google|fasterxml|intellij|"
    r"zaxxer|mysql|h2database|android\.(?:tools|build|builder|ide|utils|manifmerger|dx|sdklib|repository))|io\.(?:kotest|mockk|netty|reactivex|micronaut|quarkus)|net\.bytebuddy|reactor|munit|sbt|worksheet|ch\.qos|android|androidx|com\.tngtech|org\.(?:easymock|powermock|awaitility|robolectric|testcontainers|jboss|graalvm|aspectj|openjdk)|com\.(?:sun|jayway|thoughtworks)|cucumber|io\.(?:cucumber|restassured|strikt)|net\.jqwik|strikt|zio|cats|dalvik|worker\.org)\."
)
RAISED = re.compile(
    r"\s*(?:Caused by: |Exception in thread \"[^\"]*\" |\[ERROR\] )*(?P<name>(?:[a-z_]\w*\.)+[A-Z][\w$]*(?:Error|Exception|Failure|Failed\w*|Throwable|Violation)?)(?::\s*(?P<msg>.*))?$"
)
_GOES_ON = re.compile(r"\s+\S|Expected|Actual|expected|but:?|Wanted|Argument|You |->|\s*$")
ASSERTED = re.compile(r"\s*(?P<name>[\w.]*(?:Error|Exception|Failure\w*))(?:: (?P<msg>.*))?$")


def frame_of(text: str) -> Frame | None:
    """A stack frame; its path is the class's package and file, which a file of the repository ends in."""
    matched = _FRAME.match(text)
    if not matched:
        return None
    owner = matched["class"].rsplit(".", 1)[0] if "." in matched["class"] else ""
    if _LIBRARY.match(matched["class"] + "."):
        return Frame("<library>", int(matched["line"]))
    folder = owner.replace(".", "/") + "/" if owner and matched["file"].endswith(".java") else ""
    return Frame(folder + matched["file"], int(matched["line"]), matched["method"])


def read_stack(here: Here, limit: int = 300) -> tuple[list[Frame], Line, str | None]:
    """Frames below, of the last cause that has one of the repository's."""
    blocks: list[list[Frame]] = [[]]
    last, cause = here.line, None
    apart = False
    for text, line in here.below(limit):
        if apart and not re.match(r"\s+Caused by:", text):
            break  # only Gradle leaves a line before a cause
        apart = not text.strip() and any(blocks)
        if one := frame_of(text):
            blocks[-1].append(one)
        elif apart or (cause == "" and (cause := text.strip())):
            pass
        elif re.match(r"\s*Caused by:", text):
            blocks.append([])
            cause = re.sub(r"^\s*Caused by:\s*", "", text)
        elif not re.match(r"\s*(?:at |\.\.\. \d+ more|Suppressed: |\[.*\] at )", text) and (
            any(blocks) or line.number - here.line.number > 14 or not _GOES_ON.match(text)
        ):
            break
        last = line
    for block in reversed(blocks):
        if any(one.usable for one in block):
            return block, last, cause if block is not blocks[0] else None
    return blocks[0], last, None
