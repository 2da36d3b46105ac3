"""Where forwarders and the hub meet, and who may."""

import os
import socket
from pathlib import Path

import pytest

from factory_ls.hub import rendezvous
from factory_ls.hub.listener import newer
from tests.hub.support import environment


def test_each_database_has_its_own_place(tmp_path: Path) -> None:
    env = environment(tmp_path)
    other = {**env, "DATABASE_PATH": str(tmp_path / "other.db")}
    assert rendezvous.locate(env) == rendezvous.locate(env)
    assert rendezvous.locate(env).socket != rendezvous.locate(other).socket
    assert rendezvous.locate(env).lock.parent == tmp_path / "base"


def test_one_holder_at_a_time(tmp_path: Path) -> None:
    place = rendezvous.locate(environment(tmp_path))
    lock = rendezvous.claim(place.lock)
    assert lock is not None
    assert rendezvous.claim(place.lock) is None
    os.close(lock)
    again = rendezvous.claim(place.lock)
    assert again is not None
    os.close(again)


def test_a_socket_left_by_a_dead_hub_is_replaced(tmp_path: Path) -> None:
    place = rendezvous.locate(environment(tmp_path))
    lock = rendezvous.claim(place.lock)
    assert lock is not None
    rendezvous.listen(place, lock).close()
    assert place.socket.is_socket()
    assert rendezvous.dial(place, 1) is None
    with rendezvous.listen(place, lock):
        connection = rendezvous.dial(place, 1)
        assert connection is not None
        connection.close()
    os.close(lock)


def test_the_holder_is_found_from_another_runtime_folder(tmp_path: Path) -> None:
    env = environment(tmp_path)
    place = rendezvous.locate(env)
    lock = rendezvous.claim(place.lock)
    assert lock is not None
    with rendezvous.listen(place, lock):
        elsewhere = rendezvous.locate({**env, "XDG_RUNTIME_DIR": str(tmp_path)})
        assert elsewhere.socket != place.socket
        connection = rendezvous.dial(elsewhere, 1)
        assert connection is not None
        connection.close()
    os.close(lock)


def test_a_folder_others_can_enter_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env = environment(tmp_path)
    (tmp_path / "run" / "factory-ls").mkdir(mode=0o755)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert rendezvous.locate(env).socket.parent == tmp_path / f"factory-ls-{os.geteuid()}"
    (tmp_path / f"factory-ls-{os.geteuid()}").chmod(0o777)
    with pytest.raises(PermissionError):
        rendezvous.locate(env)


def test_too_long_a_path_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / ("x" * 100)
    deep.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    with pytest.raises(OSError, match="too long"):
        rendezvous.locate({**environment(tmp_path), "XDG_RUNTIME_DIR": str(deep)})


def test_the_other_end_must_be_this_user(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert rendezvous.peer_uid(ours) == os.geteuid()
        rendezvous.require_same_user(ours)
        monkeypatch.setattr(rendezvous, "peer_uid", lambda _: os.geteuid() + 1)
        with pytest.raises(PermissionError):
            rendezvous.require_same_user(ours)


@pytest.mark.parametrize(
    ("theirs", "ours", "expected"),
    [
        ("0.2.0", "0.1.9", True),
        ("0.10.0", "0.9.0", True),
        ("0.1.0", "0.1.0", False),
        ("0.1.0", "0.2.0", False),
        ("1", "0.9", True),
        ("1.0.dev3", "1.0", False),
        ("", "0.1", False),
        ("nonsense", "0.1", False),
    ],
)
def test_versions(theirs: str, ours: str, expected: bool) -> None:
    assert newer(theirs, ours) is expected
