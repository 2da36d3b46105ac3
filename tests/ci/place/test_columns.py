import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory_ls.ci.place.columns import Encoding, from_units, to_units

TEXT = st.text(st.characters(exclude_categories=()), max_size=12)
ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "utf-32")


def width(character: str, encoding: Encoding) -> int:
    code = ord(character)
    if encoding == "utf-8":
        return 1 + (code > 0x7F) + (code > 0x7FF) + (code > 0xFFFF)
    return 1 + (encoding == "utf-16" and code > 0xFFFF)


@given(TEXT, st.sampled_from(ENCODINGS))
def test_each_character_has_its_width(line: str, encoding: Encoding) -> None:
    units = 0
    for column, character in enumerate(line):
        assert to_units(line, column, encoding) == units
        for inside in range(width(character, encoding)):
            assert from_units(line, units + inside, encoding) == column
        units += width(character, encoding)
    assert to_units(line, len(line), encoding) == units
    assert from_units(line, units, encoding) == len(line)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("line", ["", "ab", "é😀"])
def test_out_of_range_is_clamped(line: str, encoding: Encoding) -> None:
    assert to_units(line, -5, encoding) == from_units(line, -5, encoding) == 0
    assert to_units(line, 10**20, encoding) == to_units(line, len(line), encoding)
    assert from_units(line, 10**20, encoding) == len(line)
