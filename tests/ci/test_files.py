"""Printed paths → the repository's files."""

# ruff: noqa: E501 (the tools' own lines and their patterns)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory_ls.ci.files import Ambiguous, FileIndex, Resolved
from factory_ls.ci.paths import external, plausible, tidy

INDEX = FileIndex(
    ["src/app/main.py", "js/tests/cookies.test.js", "js/src/index.js", "lib/src/index.js", "Makefile", "README.md"]
)


@pytest.mark.parametrize(
    ("printed", "path"),
    [
        ("src/app/main.py", "src/app/main.py"),
        ("./src/app/main.py", "src/app/main.py"),
        ("/home/runner/work/shop/shop/src/app/main.py", "src/app/main.py"),
        ("/Users/runner/work/shop/shop/src/app/main.py", "src/app/main.py"),
        (r"D:\a\shop\shop\src\app\main.py", "src/app/main.py"),
        ("file:///D:/a/shop/shop/js/tests/cookies.test.js", "js/tests/cookies.test.js"),
        (r"tests\cookies.test.js", "js/tests/cookies.test.js"),
        ("/__w/shop/shop/src/app/main.py", "src/app/main.py"),
        ("/github/workspace/src/app/main.py", "src/app/main.py"),
        ("/tmp/.cache/sandbox/12/execroot/_main/src/app/main.py", "src/app/main.py"),
        ("app/main.py", "src/app/main.py"),
        ("/somewhere/else/src/app/main.py", "src/app/main.py"),
        ("SRC/App/Main.py", "src/app/main.py"),
        ("src/app/../app/main.py", "src/app/main.py"),
    ],
)
def test_resolves(printed: str, path: str) -> None:
    assert INDEX.resolve(printed) == Resolved(path)


def test_ambiguous_is_said_not_guessed() -> None:
    assert INDEX.resolve("src/index.js") == Ambiguous(("js/src/index.js", "lib/src/index.js"))
    assert INDEX.resolve("src/index.js", cwd="js") == Resolved("js/src/index.js")


@pytest.mark.parametrize("printed", ["missing.py", "/etc/passwd", "../../etc/passwd", "other/main.py", ""])
def test_unknown_is_none(printed: str) -> None:
    assert INDEX.resolve(printed) is None


@given(st.text(max_size=80))
def test_never_resolves_to_a_file_that_is_not_there(printed: str) -> None:
    resolved = INDEX.resolve(printed)
    if isinstance(resolved, Resolved):
        assert resolved.path in INDEX


@given(st.text(alphabet="ab./\\:C ", max_size=30))
def test_tidy_settles(printed: str) -> None:
    once = tidy(printed)
    assert "\\" not in once
    assert "/../" not in once.lstrip("./") or once.startswith("..")


@pytest.mark.parametrize(
    "path",
    ["/usr/lib/python3.11/json/decoder.py", "node:internal/modules/esm/loader", "/root/.cargo/registry/src/x/lib.rs",
     "/opt/hostedtoolcache/go/1.22.0/x64/src/runtime/panic.go", "node_modules/jest/build/index.js", "<frozen importlib>"],
)  # fmt: skip
def test_external(path: str) -> None:
    assert external(path)


@pytest.mark.parametrize(
    "path", ["src/a.py", "/home/runner/work/a/a/b.ts", "internal/server.go", "lib/node.rb", "usr/share.c"]
)
def test_the_repositorys_own(path: str) -> None:
    assert not external(path)


@pytest.mark.parametrize("text", ["localhost", "10.0.0.1", "example.com", "https://x.org/a.py", "and", "12", ""])
def test_implausible(text: str) -> None:
    assert not plausible(text)
