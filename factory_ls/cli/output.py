"""How commands print results and errors, and what they exit with."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from factory_ls.model.errors import FactoryError

FAILED = 1


def print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def print_error(error: FactoryError) -> None:
    sys.stderr.write(msgspec.json.encode({"error": error.object}).decode() + "\n")


@contextmanager
def errors_as_json() -> Iterator[None]:
    """A FactoryError becomes an error object on stderr and exit code 1."""
    try:
        yield
    except FactoryError as error:
        print_error(error)
        raise SystemExit(FAILED) from error
