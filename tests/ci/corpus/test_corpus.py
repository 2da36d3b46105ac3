"""Real outputs of real tools: `outputs/<name>.txt`, made by `make.py`, and what is read from them: `expected.json`.

`python -m tests.ci.corpus.test_corpus` writes what is read now; look at the difference before it is kept.
"""

import json
from pathlib import Path

import pytest

from factory_ls.ci.diagnose import diagnose

HERE = Path(__file__).parent
OUTPUTS = sorted((HERE / "outputs").glob("*.txt"))
EXPECTED: dict[str, list[str]] = json.loads((HERE / "expected.json").read_text())


def read(path: Path) -> list[str]:
    """Each problem as `path:line:column severity tool code message`, each failure as `- tool message`."""
    report = diagnose(path.read_bytes())
    problems = []
    for problem in report.problems:
        place = ":".join(str(part) for part in (problem.path, problem.line, problem.column) if part)
        problems.append(f"{place} {problem.severity} {problem.tool} {problem.code or '-'} {problem.message[:60]}")
    return problems + [f"- {failure.tool} {failure.message[:60]}" for failure in report.failures]


@pytest.mark.parametrize("path", OUTPUTS, ids=lambda path: path.stem)
def test_output_is_read_as_expected(path: Path) -> None:
    assert read(path) == EXPECTED[path.stem]


def test_every_expectation_has_its_output() -> None:
    assert {path.stem for path in OUTPUTS} == set(EXPECTED)


if __name__ == "__main__":
    (HERE / "expected.json").write_text(
        json.dumps({path.stem: read(path) for path in OUTPUTS}, indent=1, ensure_ascii=False) + "\n"
    )
