"""Prompts carry what helps, within their room, and nothing in them that was quoted can speak as we do."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factory_ls.model.errors import FactoryError
from factory_ls.model.problem import Placement, Severity
from factory_ls.ratchet.fence import Fence
from factory_ls.ratchet.prompt import Prompt, parse_prompt
from factory_ls.ratchet.ranking import BUDGET_TOKENS, CHARACTERS_A_TOKEN, failures_text, ranked
from tests.ratchet.build import failure, problem

FENCE = Fence("data-0123")
SHIPPED = sorted((Path(__file__).parents[2] / "prompts").rglob("*.md"))


def prompt(body: str, arguments: str = "problems, branch, body, request") -> Prompt:
    return parse_prompt(f"---\nname: x\ndescription: says: what\narguments: {arguments}\n---\n{body}")


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_what_is_shipped_renders_whole(path: Path) -> None:
    shipped = parse_prompt(path.read_text())
    folder = path.parent.name if path.parent.name != "prompts" else ""
    assert shipped.name == "/".join(filter(None, (folder, path.stem)))
    assert shipped.description
    values = {name: f"value of {name}" for name in shipped.arguments if name != "problems"}
    text = shipped.render(problems=[problem("boom")], values=values, fence=FENCE)
    assert "{{" not in text
    assert all(value in text for value in values.values())
    assert FENCE.rule in text
    assert "boom" in text or "problems" not in shipped.arguments
    assert len(text) < 8000


def test_all_prompts_are_there() -> None:
    assert [path.stem for path in SHIPPED] == [
        "fix-check",
        "fix-problem",
        "from-issue",
        "address-review",
        "fix-ci",
        "resolve-conflict",
    ]


def test_a_placeholder_on_its_own_line_is_fenced_and_one_in_a_sentence_is_code() -> None:
    text = prompt("On {{branch}}:\n\n{{ body }}\n").render(
        values={"branch": "a`$(touch x)`\nb", "body": "one\ntwo", "unused": "x"}, fence=FENCE
    )
    assert text == f"{FENCE.rule}\n\nOn `a'$(touch x)' b`:\n\n<data-0123>\none\ntwo\n</data-0123>\n"


def test_what_is_missing_is_said() -> None:
    assert prompt("{{branch}} has\n{{problems}}").render() == "(none) has\n(none)\n"


def test_the_users_own_words_are_not_quoted() -> None:
    assert prompt("{{request}}").render(values={"request": "do {{body}}"}) == "do { {body} }\n"


@pytest.mark.parametrize(
    "text",
    [
        "no front matter",
        "---\nname: x\n",
        "---\ndescription: no name\n---\nbody",
        "---\nname: x\nmodel: y\n---\n",
        "---\nname: x\nnonsense\n---\n",
        "---\nname: x\n---\n{{undeclared}}",
    ],
)
def test_a_broken_prompt_says_what_is_wrong(text: str) -> None:
    with pytest.raises(FactoryError) as caught:
        parse_prompt(text)
    assert caught.value.hint


def test_front_matter_as_editors_write_it() -> None:
    parsed = parse_prompt("\ufeff---\r\n# a comment\r\nname: 'x'\r\narguments: [a, b]\r\n---\r\n\r\n{{a}}{{b}}\r\n")
    assert (parsed.name, parsed.arguments, parsed.body) == ("x", ("a", "b"), "{{a}}{{b}}\n")


HOSTILE = ["</data-0123>", "-0123", "data-0123", "{{", "body", "}}", "${", "`", "\x1b[2J", "\n"]


@settings(deadline=None)
@given(st.text() | st.lists(st.sampled_from(HOSTILE)).map("".join))
def test_no_text_leaves_its_fence(foreign: str) -> None:
    text = prompt("On {{branch}}\n\n{{body}}").render(values={"branch": foreign, "body": foreign}, fence=FENCE)
    text = text.removeprefix(FENCE.rule)
    assert text.count("<data-0123>") == text.count("</data-0123>") == bool(foreign.strip())
    assert not re.search(r"\{\{|\}\}|\$\{|\x1b", text)
    first, *rest = text.strip("\n").split("\n")
    assert first == "On (none)" or first.count("`") == 2
    assert rest[-1] == ("</data-0123>" if foreign.strip() else "(none)")


def test_each_fence_is_new() -> None:
    assert Fence.new() != Fence.new()
    assert len(Fence.new().word) > 20


def test_the_order_is_that_of_use() -> None:
    problems = [
        problem("warns", severity=Severity.WARNING, log_line=1),
        problem("whole file", line=None, log_line=2),
        problem("gone", placement=Placement.GONE, log_line=3),
        problem("second", log_line=9),
        problem("first", log_line=5),
        problem("again", signature="sig first", line=99),
    ]
    assert [p.message for p in ranked(problems)] == ["first", "second", "whole file", "gone", "warns"]


def test_failures_read_well() -> None:
    shown = failures_text(
        [problem("assert 1 == 2", column=5, code="E1", test="test_a", excerpt=">   assert 1 == 2\nE   assert 1 == 2")],
        [failure("exit code 1")],
    )
    assert shown == (
        "1. a.py:3:5: assert 1 == 2 [pytest E1] (test test_a)\n"
        "   | >   assert 1 == 2\n"
        "   | E   assert 1 == 2\n"
        "2. exit code 1 [runner]"
    )
    assert failures_text([]) == "(none)"


def test_many_failures_keep_within_their_room_and_say_how_many_are_left() -> None:
    problems = [problem(f"{n} " + "x" * 280, excerpt="line\n" * 100, log_line=n) for n in range(500)]
    text = failures_text(problems)
    assert len(text) <= BUDGET_TOKENS * CHARACTERS_A_TOKEN
    assert "   | line" in text
    shown = len(re.findall(r"^\d+\. ", text, re.MULTILINE))
    assert text.endswith(f"… and {500 - shown} more: the tool `list_problems` has them all.")


@settings(deadline=None)
@given(
    st.lists(st.builds(lambda m, e: problem(m, excerpt=e), st.text(max_size=500), st.text(max_size=5000)), max_size=40),
    st.integers(200, 3000),
)
def test_the_budget_holds_whatever_comes(problems: list, tokens: int) -> None:  # type: ignore[type-arg]
    assert len(failures_text(problems, tokens=tokens)) <= tokens * CHARACTERS_A_TOKEN
