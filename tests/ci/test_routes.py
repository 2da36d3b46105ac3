"""Paths through folders that a router's brackets are in: `app/(tabs)/[id]/page.tsx`."""

# ruff: noqa: E501, RUF001 (the tools' own lines)

import pytest

from factory_ls.ci.diagnose import diagnose

OUTPUTS = [
    "PATH(14,9): error TS2741: Property 'title' is missing",
    "PATH:14:9 - error TS2741: Property 'title' is missing",
    "/home/runner/work/m/m/PATH\n  14:9  error  'x' is defined but never used  no-unused-vars\n\n✖ 1 problem (1 error, 0 warnings)",
    "./PATH\n14:9  Error: 'x' is defined but never used.  no-unused-vars",
    "./PATH:14:9\nType error: Property 'titel' does not exist on type 'Post'.",
    " FAIL  PATH > renders\nAssertionError: expected 1 to be 2 // Object.is equality\n ❯ PATH:14:9",
    "FAIL PATH\n  ● Home › renders\n\n    expect(received).toBe(expected)\n\n      at Object.getByText (PATH:14:9)",
    'FAIL PATH\n  ● Test suite failed to run\n\n    SyntaxError: /home/runner/work/m/m/PATH: Unexpected token, expected "," (14:9)',
    "Error: boom\n    at run (/home/runner/work/m/m/PATH:14:9)\n    at async main (file:///home/runner/work/m/m/PATH:20:1)",
    "Error: boom\n    at /home/runner/work/m/m/PATH:14:9",
    "  1) PATH:3:5 › home › renders ──────\n\n    Error: expect(locator).toBeVisible() failed\n\n        at /home/runner/work/m/m/PATH:14:9",
    "PATH:14:9 lint/suspicious/noExplicitAny ━━━━━━━━━━━━━━━\n\n  × Unexpected any. Specify a different type.",
    '✘ [ERROR] Could not resolve "x"\n\n    PATH:14:9:\n      14 │ import x from "x"',
    "PATH:14:9: error: Something is wrong here",
    "ERROR in ./PATH:14:9\nTS2741: Property 'title' is missing",
    "./PATH:14:9\nModule not found: Can't resolve '../x'\n  12 | import a",
    "PATH:14:9 - Unknown word (teh)",
    "Metro error: Unable to resolve module ../missing from /home/runner/work/m/m/PATH: \n\nNone of these files exist:\n  * missing(.ts)\n  12 | import a\n> 14 | import x\n    |   ^",
]


@pytest.mark.parametrize("path", ["app/(tabs)/[id]/page.tsx", "app/[[...slug]]/@modal/(.)photo/page.tsx"])
@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: output.strip().split("\n")[0][:30])
def test_route(output: str, path: str) -> None:
    report = diagnose((output.replace("PATH", path) + "\n").encode())
    assert [(problem.path, problem.line) for problem in report.problems] == [(path, 14)]


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("call(src/a.c:3): error: bad", ["src/a.c:3"]),
        ("[x](docs/a.md:3): error: broken link", ["docs/a.md:3"]),
    ],
)
def test_a_bracket_before_a_path_is_none_of_it(line: str, place: list[str]) -> None:
    problems = diagnose(f"{line}\n".encode()).problems
    assert [f"{problem.path}:{problem.line}" for problem in problems] in (place, [])
