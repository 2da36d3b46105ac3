"""What one run is."""

from typing import NamedTuple


class Case(NamedTuple):
    """`files` are written to an empty folder; `command` is run there by sh, its output and errors kept together.

    `modules`: the tool looks for npm packages beside the project.
    """

    name: str
    program: str
    command: str
    files: dict[str, str]
    modules: bool = False
