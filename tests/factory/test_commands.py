"""The commands there are: those that editors are offered before the application is imported, and what bad ones say."""

from pathlib import Path

import pytest

from factory_ls.factory.app import Factory
from factory_ls.lsp.commands import OWN
from factory_ls.lsp.greeting import COMMANDS
from factory_ls.lsp.ports import HOST_COMMANDS
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.settings import resolve


@pytest.fixture
async def factory(tmp_path: Path):  # type: ignore[no-untyped-def]
    settings = resolve({"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}).settings
    opened = await Factory.open(settings)
    yield opened
    await opened.close()


async def test_editors_are_offered_what_there_is(factory: Factory) -> None:
    assert sorted(COMMANDS) == sorted({*factory.commands, *HOST_COMMANDS, *OWN})


async def test_a_wrong_name_gets_near_ones(factory: Factory) -> None:
    with pytest.raises(FactoryError) as refused:
        await factory.execute("factory.workspace.lst", {})
    assert refused.value.kind is ErrorKind.NOT_FOUND
    assert "factory.workspace.list" in refused.value.hint


@pytest.mark.parametrize(
    ("arguments", "named"), [({"workspce": "x"}, "workspce"), (b"{", "truncated"), (b"[]", "object"), ({}, "workspace")]
)
async def test_wrong_arguments_are_named(factory: Factory, arguments: bytes | dict[str, str], named: str) -> None:
    with pytest.raises(FactoryError) as refused:
        await factory.execute("factory.workspace.get", arguments)
    assert refused.value.kind is ErrorKind.INVALID
    assert named in refused.value.message
