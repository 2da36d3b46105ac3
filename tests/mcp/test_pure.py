"""Tokens, ranking and log excerpts: no server."""

import json
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from factory_ls.mcp import excerpt
from factory_ls.mcp.ranking import fold, rank
from factory_ls.mcp.tokens import Tokens
from factory_ls.mcp.tools.catalogue import TOOLS
from factory_ls.model.problem import Placement, Problem, Severity


def test_a_token_is_known_until_it_is_revoked() -> None:
    tokens = Tokens()
    one = tokens.mint(workspace_id="w1", session_id="s1")
    two = tokens.mint(workspace_id="w2", session_id="s2")
    caller = tokens.caller(one)
    assert caller is not None
    assert (caller.kind, caller.session_id, caller.workspace_id) == ("session", "s1", "w1")
    tokens.revoke("s1")
    assert tokens.caller(one) is None
    assert tokens.caller(two) is not None


def test_what_is_stored_opens_the_next_hub_but_is_not_the_token() -> None:
    tokens = Tokens()
    token = tokens.mint(workspace_id="w", session_id="s")
    (record,) = tokens.records("s")
    assert token.partition(".")[2] not in repr(record)
    after_restart = Tokens()
    assert after_restart.caller(token) is None
    after_restart.restore(record)
    assert after_restart.caller(token) == tokens.caller(token)


@given(st.text(max_size=80))
def test_no_other_text_is_a_token(text: str) -> None:
    tokens = Tokens()
    token = tokens.mint(workspace_id="w", session_id="s")
    selector = token.partition(".")[0]
    assert tokens.caller(text) is None
    assert tokens.caller(f"{selector}.{text}") is None


PROBLEMS = st.builds(
    Problem,
    id=st.uuids().map(str),
    path=st.sampled_from(["a.py", "b.py"]),
    line=st.none() | st.integers(1, 9),
    severity=st.sampled_from(Severity),
    tool=st.sampled_from(["ruff", "mypy"]),
    code=st.none() | st.sampled_from(["E1", "E2"]),
    message=st.sampled_from(["m", "n"]),
    test=st.none() | st.just("t"),
    placement=st.sampled_from(Placement),
)


@given(st.lists(PROBLEMS, max_size=30))
def test_folding_and_ranking_lose_nothing_and_put_errors_first(problems: list[Problem]) -> None:
    ranked = rank(fold(problems))
    assert sum(item.times for item in ranked) == len(problems)
    assert {item.problem.message for item in ranked} == {problem.message for problem in problems}
    order = list(Severity)
    severities = [order.index(item.problem.severity) for item in ranked]
    assert severities == sorted(severities)


def test_one_rule_does_not_hide_the_others() -> None:
    noise = [Problem(id=f"n{n}", path=f"{n}.py", tool="ruff", code="F401", message="unused") for n in range(40)]
    gone = Problem(id="gone", path="x.py", tool="tsc", code="TS1", message="gone", placement=Placement.GONE)
    rare = Problem(id="rare", path="x.py", tool="mypy", code="arg-type", message="wrong")
    ids = [item.problem.id for item in rank(fold([gone, *noise, rare]))]
    assert ids[:4] == ["n0", "n1", "n2", "rare"]
    assert ids[-1] == "gone"


LINES = st.lists(st.sampled_from(["a", "needle", "x" * 2000, "", "##[group]Run b", "é\x1b[31m"]), max_size=60)


@given(LINES, st.integers(1, 70), st.integers(1, 20))
def test_around_holds_the_line_and_never_more_than_asked(log: list[str], line: int, count: int) -> None:
    part = excerpt.around(log, line, count)
    assert len(part.lines) <= count
    assert line in part.numbers or line > len(log)
    assert list(part.numbers) == list(range(part.numbers[0], part.numbers[-1] + 1)) if part.numbers else not log
    assert all(len(shown) <= excerpt.MAX_LINE for shown in part.lines)


@given(LINES, st.integers(1, 9))
def test_cursors_reach_every_line_once(log: list[str], count: int) -> None:
    def walk(first: excerpt.Excerpt, step: Callable[[int], excerpt.Excerpt]) -> list[int]:
        numbers, part = list(first.numbers), first
        while part.next is not None:
            part = step(part.next)
            numbers += part.numbers
        return numbers

    onward = walk(excerpt.forward(log, 1, count), lambda line: excerpt.forward(log, line, count))
    assert onward == list(range(1, len(log) + 1))
    backward = walk(excerpt.tail(log, None, count), lambda line: excerpt.tail(log, line, count))
    assert sorted(backward) == onward
    hits = walk(excerpt.search(log, "NEED", 1, count), lambda line: excerpt.search(log, "NEED", line, count))
    assert hits == [number for number, line in enumerate(log, 1) if line == "needle"]


def test_an_excerpt_has_a_size_whatever_was_asked() -> None:
    log = ["y" * 100_000] * 400
    part = excerpt.forward(log, 1, 400)
    assert sum(map(len, part.lines)) <= excerpt.MAX_CHARACTERS
    assert part.next == part.numbers[-1] + 1


def test_stamps_and_job_columns_are_left_out() -> None:
    assert excerpt.shown("2026-01-01T00:00:00.1234567Z hello") == "hello"
    assert excerpt.shown("build\tRun tests\t2026-01-01T00:00:00.1234567Z hello") == "hello"
    assert excerpt.shown("\ufeff2026-01-01T00:00:00Z hello") == "hello"
    assert excerpt.shown("2026 is a year") == "2026 is a year"


def test_every_declaration_is_a_schema_with_an_object_at_its_top() -> None:
    for tool in TOOLS.values():
        declared = json.loads(json.dumps(tool.declaration()))
        for side in ("inputSchema", "outputSchema"):
            assert declared[side]["type"] == "object"
            references = json.dumps(declared[side]).count('"$ref"')
            assert references == 0 or declared[side]["$defs"]
