"""A check run's annotation: what a check says of a line, in GitHub's own terms."""

from factory_ls.model.wire import Wire


class Annotation(Wire, frozen=True, kw_only=True):
    """Lines and columns are 1-based; columns are null when the annotation spans several lines.

    Fields as in GitHub's REST description, "List check run annotations". Everything in it is untrusted text.
    """

    path: str
    start_line: int
    end_line: int
    start_column: int | None = None
    end_column: int | None = None
    level: str
    """`notice`, `warning` or `failure`."""
    message: str = ""
    title: str | None = None
    raw_details: str | None = None
