"""Where things lie on disk, from the environment alone. Standard library only: the forwarder imports this."""

import os
from collections.abc import Mapping
from pathlib import Path

APPLICATION = "factory-factory"

IS_CHECKOUT = (Path(__file__).parents[2] / ".git").exists()
"""Whether this package runs from a source checkout rather than from an installation."""


def expand(text: str, environ: Mapping[str, str]) -> Path:
    """`~` and `$NAME` expanded from `environ`, the same way wherever a path is configured; made absolute."""
    home = environ.get("HOME") or str(Path("~").expanduser())
    if text == "~" or text.startswith("~/"):
        text = home + text[1:]
    for name, value in sorted(environ.items(), key=lambda item: -len(item[0])):
        text = text.replace("${" + name + "}", value).replace("$" + name, value) if "$" in text else text
    return Path(os.path.normpath(Path.cwd() / text))


def base_dir(environ: Mapping[str, str]) -> Path:
    return expand(environ.get("BASE_DIR") or f"~/{APPLICATION}", environ)


def database_path(environ: Mapping[str, str]) -> Path:
    given = environ.get("DATABASE_PATH")
    return expand(given, environ) if given else base_dir(environ) / "data.db"
