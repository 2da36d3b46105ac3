"""The GraphQL we send, one file a query, with just the fragments it uses."""

import re
from functools import cache
from importlib.resources import files

_FRAGMENT = re.compile(r"^fragment (\w+) on .*?^\}", re.DOTALL | re.MULTILINE)
_SPREAD = re.compile(r"\.\.\.(\w+)")


def _read(name: str) -> str:
    return files(__package__).joinpath(f"{name}.graphql").read_text()


@cache
def _fragments() -> dict[str, str]:
    return {match[1]: match[0] for match in _FRAGMENT.finditer(_read("pull_request"))}


def with_fragments(query: str) -> str:
    """`query` followed by every fragment it spreads, directly or through another."""
    needed: dict[str, str] = {}
    waiting = [query]
    while waiting:
        for name in _SPREAD.findall(waiting.pop()):
            if name not in needed:
                needed[name] = _fragments()[name]
                waiting.append(needed[name])
    return "\n".join([query, *needed.values()])


@cache
def load(name: str) -> str:
    """The query of `<name>.graphql`, ready to send."""
    return with_fragments(_read(name))


@cache
def batch(count: int) -> str:
    """One query for `count` pull requests, as `p0`, `p1`, …, each found by the variables `o0`, `r0`, `n0`, …"""
    variables = ", ".join(f"$o{i}: String!, $r{i}: String!, $n{i}: Int!" for i in range(count))
    asked = "\n".join(
        f"  p{i}: repository(owner: $o{i}, name: $r{i}) {{ pullRequest(number: $n{i}) {{ ...PullRequestFields }} }}"
        for i in range(count)
    )
    return with_fragments(f"query Observe({variables}) {{\n  rateLimit {{ cost }}\n{asked}\n}}")
