"""Tokens to the failing place: `list_problems` beside the last 500 lines of the job's log, and the whole log.

    python -m benchmarks.mcp_tokens [--json FILE] [--logs DIR]

For each failed run of a folder of real CI logs with labels (`gold.jsonl` beside `logs/`): the answer is the place and
the message of its first labelled error, or the message of its first failure without a place. By us it is looked for as
a model would: pages of `list_problems`, `get_problem` where the row has the place but not the whole message, and where
no place was found `get_check_log` around what is said to have failed, then for "fail", then the end. The last 500 lines
are what a GitHub MCP server's log tool gives. A token is four characters; of our two halves, text and structured, the
longer one counts.
"""

import argparse
import asyncio
import json
import re
import statistics
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from factory_ls.ci.diagnose import diagnose
from factory_ls.factory.caller import Caller
from factory_ls.mcp.server import run
from factory_ls.mcp.tool import Call, Peer, Tool
from factory_ls.mcp.tools.catalogue import TOOLS
from factory_ls.model.problem import Placement
from factory_ls.model.text import clean
from tests.mcp.fake import FakeFactory

CHARACTERS_A_TOKEN = 4
TAIL_LINES = 500
MAX_PAGES = 20
MAX_FAILURES = 5
LOGS = Path(__file__).parents[2] / "shared" / "ci-logs"


@dataclass
class Row:
    log: str
    ours: int
    found: bool
    tail: int
    tail_found: bool
    whole: int


@dataclass
class Answer:
    message: str
    locations: list[tuple[str, int | None]]
    """Empty: there is no place."""

    def said(self, text: str) -> bool:
        return _folded(self.message)[:80] in _folded(text)

    def placed(self, path: str, line: int | None, more: list[int]) -> bool:
        return any(
            _same(path, wanted) and (at in {line, *more} or (at is None and line in {None, 1}))
            for wanted, at in self.locations
        )


# The same failure on a runner of another system has another path before the same rest.
_RUNNER = re.compile(r"(?:/(?:home|Users)/runner/work|[A-Z]:/a)/[^/\s]+/[^/\s]+/")


def _folded(text: str) -> str:
    return re.sub(r"[\s|^~=]+", " ", _RUNNER.sub("", clean(text).replace("\\", "/"))).strip().casefold()


def _same(one: str, other: str) -> bool:
    """Whether one path is the end of the other."""
    a, b = one.replace("\\", "/").split("/"), other.replace("\\", "/").split("/")
    return a[-len(b) :] == b or b[-len(a) :] == a


def answer_of(gold: dict[str, Any]) -> Answer | None:
    for problem in gold["problems"]:
        if problem["severity"] == "error":
            return Answer(problem["message"], [(path, line) for path, line in problem["locations"]])
    for failure in gold.get("no_location", []):
        return Answer(failure["message"], [])
    return None


def tokens(text: str) -> int:
    return -(-len(text) // CHARACTERS_A_TOKEN)


async def ask(factory: FakeFactory, tool: str, **arguments: Any) -> tuple[dict[str, Any], int]:
    peer = Peer(Caller(kind="session", session_id="s1", workspace_id="ws-a"))
    result = await run(Call.of(factory, peer), tool, arguments)
    if result["isError"]:
        raise RuntimeError(result["content"][0]["text"])
    structured: dict[str, Any] = result["structuredContent"]
    halves = (result["content"][0]["text"], json.dumps(structured, ensure_ascii=False))
    return structured, tokens(max(halves, key=len))


async def by_us(log: bytes, answer: Answer) -> tuple[int, bool]:
    """Tokens until the answer was read, or of everything, and whether it was."""
    report = diagnose(log)
    factory = FakeFactory()
    # The worktree is the checked commit: every problem stands where CI said.
    factory.set_problems([_as_placed(problem) for problem in report.problems])
    factory.failures = report.failures
    spent, cursor = 0, None
    for _ in range(MAX_PAGES):
        page, cost = await ask(factory, "list_problems", **({"cursor": cursor} if cursor else {}))
        spent += cost
        if not answer.locations:
            told = [*page.get("failures", []), *page.get("problems", [])]
            if any(answer.said(row["message"]) for row in told):
                return spent, True
        for row in page.get("problems", []):
            if answer.placed(row["path"], row.get("line"), row.get("moreLines", [])):
                if answer.said(row["message"]):
                    return spent, True
                detail, cost = await ask(factory, "get_problem", problem=row["id"])
                if answer.said(f"{detail['message']}\n{detail.get('excerpt', '')}"):
                    return spent + cost, True
        cursor = page.get("next")
        if cursor is None:
            break
    factory.log = log.decode("utf-8", "replace")
    places = [{"line": failure.log_line} for failure in report.failures[:MAX_FAILURES] if failure.log_line]
    for place in [*places, {"search": "fail"}, {}] if not answer.locations else []:
        part, cost = await ask(factory, "get_check_log", **place)
        spent += cost
        if answer.said(part["text"]):
            return spent, True
    return spent, False


def _as_placed(problem: Any) -> Any:
    import msgspec

    return msgspec.structs.replace(problem, placement=Placement.EXACT)


def measure(folder: Path) -> list[Row]:
    rows = []
    for line in (folder / "gold.jsonl").read_text().splitlines():
        gold = json.loads(line)
        answer = answer_of(gold) if gold["failed"] else None
        if answer is None:
            continue
        log = (folder / gold["file"]).read_bytes()
        text = clean(log.decode("utf-8", "replace"))
        last = "\n".join(text.splitlines()[-TAIL_LINES:])
        spent, found = asyncio.run(by_us(log, answer))
        rows.append(Row(gold["id"], spent, found, tokens(last), answer.said(last), tokens(text)))
    return rows


def summary(rows: list[Row]) -> dict[str, Any]:
    return {
        "logs": len(rows),
        "found": sum(row.found for row in rows),
        "tail_found": sum(row.tail_found for row in rows),
        "ours_tokens": sum(row.ours for row in rows),
        "tail_tokens": sum(row.tail for row in rows),
        "whole_tokens": sum(row.whole for row in rows),
        "ratio_to_tail": sum(row.ours for row in rows) / sum(row.tail for row in rows),
        "median_ratio": statistics.median(row.ours / row.tail for row in rows),
        "largest_answer": max(row.ours for row in rows),
        "catalogue_tokens": tokens(
            json.dumps(
                [{k: v for k, v in tool.declaration().items() if k != "outputSchema"} for tool in TOOLS.values()]
            )
        ),
    }


def _shown(tool: Tool) -> dict[str, Any]:
    """What a model is given of a tool."""
    return {name: value for name, value in tool.declaration().items() if name in ("name", "description", "inputSchema")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--logs", type=Path, default=LOGS, help="folder with gold.jsonl and logs/")
    options = parser.parse_args()
    if not (options.logs / "gold.jsonl").is_file():
        sys.exit(f"There are no labelled logs in {options.logs}: name their folder with --logs.")
    rows = measure(options.logs)
    print(f"{'log':52} {'ours':>7} {'':3} {'tail':>8} {'':3} {'whole':>8} {'ratio':>6}")
    for row in rows:
        marks = ["yes" if found else "NO" for found in (row.found, row.tail_found)]
        print(
            f"{row.log:52} {row.ours:7} {marks[0]:3} {row.tail:8} {marks[1]:3} {row.whole:8} {row.ours / row.tail:6.3f}"
        )
    figures = summary(rows)
    for name, value in figures.items():
        print(f"{name:18} {value:.3f}" if isinstance(value, float) else f"{name:18} {value}")
    if options.json:
        options.json.write_text(json.dumps({"logs": [asdict(row) for row in rows], **figures}, indent=1))


if __name__ == "__main__":
    main()
