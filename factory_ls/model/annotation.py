"""A check-run annotation as GitHub's API gives it."""

from factory_ls.model.wire import Wire


class Annotation(Wire, frozen=True, kw_only=True):
    """Lines and columns are 1-based; columns are null unless start and end are on one line.

    Fields as in GitHub's REST description, "List check run annotations". Everything in it is untrusted text.
    """

    path: str
    start_line: int | None = None
    end_line: int | None = None
    start_column: int | None = None
    end_column: int | None = None
    level: str = "failure"
    """`failure`, `warning` or `notice` (GraphQL gives them in upper case)."""
    message: str
    title: str | None = None
    raw_details: str | None = None
