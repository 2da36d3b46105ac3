"""LSP values this server sends, as msgspec Structs: encoding them is 30 times cheaper than lsprotocol's classes.

What editors send is read into lsprotocol's classes, which check it; these are only for the way out. Lines and
characters are 0-based here, characters in the units agreed at `initialize`. None can be part of a cycle, so the
garbage collector need not look at ten thousand of them (`gc=False`).
"""

from typing import Any

import msgspec


class Position(msgspec.Struct, frozen=True, gc=False):
    line: int
    character: int


class Range(msgspec.Struct, frozen=True, gc=False):
    start: Position
    end: Position


class Location(msgspec.Struct, frozen=True, gc=False):
    uri: str
    range: Range


class Outgoing(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """Absent rather than null: what most of the protocol's optional fields want."""


class CodeDescription(msgspec.Struct, frozen=True, gc=False):
    href: str


class RelatedInformation(msgspec.Struct, frozen=True, gc=False):
    location: Location
    message: str


class ProblemData(msgspec.Struct, frozen=True, gc=False):
    """What a diagnostic's `data` holds: the problem's id."""

    problem: str


class Diagnostic(Outgoing, frozen=True, gc=False):
    range: Range
    severity: int
    source: str
    message: str
    code: str | None = None
    code_description: CodeDescription | None = None
    related_information: tuple[RelatedInformation, ...] = ()
    data: ProblemData | None = None
    tags: tuple[int, ...] = ()


class Command(msgspec.Struct, frozen=True):
    title: str
    command: str
    arguments: list[dict[str, Any]]


class Disabled(msgspec.Struct, frozen=True):
    """Why an action is shown but cannot be taken now."""

    reason: str


class CodeLens(Outgoing, frozen=True):
    range: Range
    command: Command


class FoldingRange(Outgoing, frozen=True, gc=False):
    """Whole lines."""

    start_line: int
    end_line: int
    kind: str | None = None


class CodeAction(Outgoing, frozen=True):
    title: str
    kind: str
    command: Command
    diagnostics: list[Any] | None = None
    is_preferred: bool = False
    disabled: Disabled | None = None


class MarkupContent(msgspec.Struct, frozen=True):
    kind: str
    value: str


class Hover(msgspec.Struct, frozen=True):
    contents: MarkupContent
    range: Range
