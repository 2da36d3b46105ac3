import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.repository_file import MAX_BYTES, RepositoryFile, Scripts, parse


def test_a_whole_file() -> None:
    text = b"""{"$schema": "x", "scripts": {"setup": "make", "run": "make r", "cleanup": "make c"},
               "checks": {"test": "pytest -q"}, "settings": {"defaultModel": "opus"}, "carry": [".env", "c/*.toml"]}"""
    assert parse(text) == RepositoryFile(
        schema="x",
        scripts=Scripts(setup="make", run="make r", cleanup="make c"),
        checks={"test": "pytest -q"},
        settings={"defaultModel": "opus"},
        carry=(".env", "c/*.toml"),
    )
    assert parse(b"{}") == RepositoryFile()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (b"", "truncated"),
        (b"[]", "object"),
        (b'{"scripts": "make"}', "$.scripts"),
        (b'{"scripts": {"setpu": "make"}}', "setpu"),
        (b'{"check": {}}', "check"),
        (b'{"checks": {"test": ["pytest"]}}', "$.checks"),
        (b'{"checks": {"test": " "}}', "$.checks"),
        (b'{"carry": ["../secret"]}', "../secret"),
        (b'{"carry": ["/etc/passwd"]}', "/etc/passwd"),
        (b'{"carry": [".git/config"]}', ".git/config"),
        (b'{"\\u001b[31m": 1}', "unknown field `"),
        (b'{"carry": [""]}', "$.carry"),
        (b'{"checks": {"a": "\xff"}}', "utf-8"),
        (b" " * (MAX_BYTES + 1), "bytes"),
    ],
)
def test_a_bad_file_is_refused_with_the_place(text: bytes, named: str) -> None:
    with pytest.raises(FactoryError) as caught:
        parse(text)
    assert caught.value.kind is ErrorKind.INVALID
    assert named in caught.value.message
    assert caught.value.message.startswith("factory-factory.json: ")
    assert caught.value.message.isprintable()
    assert caught.value.hint


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_give_a_file_or_a_clear_error(text: bytes) -> None:
    with contextlib.suppress(FactoryError):  # anything else fails the test
        assert isinstance(parse(text), RepositoryFile)
