"""The table of tool families, most specific first: the first rule that reads a line has it."""

from factory_ls.ci.families import (
    arrows,
    eslint,
    gcc,
    generic,
    github,
    go,
    mypy,
    pytest,
    python,
    ruff,
    rust,
    typescript,
    unittest,
)
from factory_ls.ci.rules import Family

FAMILIES: tuple[Family, ...] = (
    github.FAMILY,
    pytest.FAMILY,
    unittest.FAMILY,
    python.FAMILY,
    mypy.FAMILY,
    ruff.FAMILY,
    typescript.FAMILY,
    go.FAMILY,
    rust.FAMILY,
    arrows.FAMILY,
    eslint.FAMILY,
    gcc.FAMILY,
    generic.FAMILY,
)
