"""What logs look like as documents."""

from factory_ls.lsp.log_documents import fold

LOG = """2026-01-01T00:00:00.1Z ##[group]Run actions/checkout@v4
2026-01-01T00:00:00.2Z with:
2026-01-01T00:00:00.3Z ##[endgroup]
2026-01-01T00:00:00.4Z ##[group]Fetching
2026-01-01T00:00:00.5Z done
2026-01-01T00:00:00.6Z ##[endgroup]
2026-01-01T00:00:01.0Z ##[group]Run pytest -q
2026-01-01T00:00:01.1Z shell: bash
2026-01-01T00:00:01.2Z ##[endgroup]
2026-01-01T00:00:01.3Z FAILED
2026-01-01T00:00:01.4Z Post job cleanup.
2026-01-01T00:00:01.5Z bye"""


def test_folds_are_the_steps_and_the_groups_in_them() -> None:
    assert [(one.start_line, one.end_line) for one in fold(LOG.split("\n"))] == [(0, 5), (3, 5), (6, 9), (10, 11)]
    assert fold(["one", "two"]) == []
    assert fold(["##[endgroup]", "##[group]a"]) == []
