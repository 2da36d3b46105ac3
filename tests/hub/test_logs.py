import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from factory_ls.hub import logs
from factory_ls.model.settings import LogLevel, Settings, resolve

log = logging.getLogger("factory_ls.test")
Configure = Callable[..., Path | None]


@pytest.fixture
def configure(tmp_path: Path) -> Iterator[Configure]:
    root = logging.getLogger()
    level, ours = root.level, list[logging.Handler]()

    def run(**environ: str) -> Path | None:
        root.handlers.clear()  # pytest's own, which raise on a bad record
        path = logs.configure(settings(tmp_path, **environ))
        ours.extend(root.handlers)
        return path

    yield run
    for handler in ours:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)


def settings(folder: Path, **environ: str) -> Settings:
    return resolve({"HOME": str(folder), "BASE_DIR": str(folder / "base"), **environ}, checkout=False).settings


def lines(path: Path | None) -> list[logs.Line]:
    assert path is not None
    return [msgspec.json.decode(line, type=logs.Line) for line in path.read_bytes().splitlines()]


def test_a_line_is_one_json_object_and_the_file_is_private(configure: Configure) -> None:
    path = configure()
    log.info("started %s\nwith two lines", "hub")
    (line,) = lines(path)
    assert (line.level, line.logger, line.message) == ("info", "factory_ls.test", "started hub\nwith two lines")
    assert line.time.endswith("Z")
    assert path is not None
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_no_secret_and_no_escape_is_kept_in_messages_or_tracebacks(configure: Configure) -> None:
    path = configure()
    token = "ghp_" + "x" * 36
    try:
        int(f"{token} \x1b[31m")
    except ValueError:
        log.exception("while using %s\x1b]0;title\x07", token)
    assert path is not None
    assert token not in path.read_text()
    (line,) = lines(path)
    assert "\x1b" not in line.message + (line.error or "")
    assert line.error is not None
    assert "ValueError: invalid literal" in line.error


def test_level_is_kept_and_can_change(configure: Configure) -> None:
    path = configure(LOG_LEVEL="warn")
    log.info("not this")
    log.warning("this")
    logs.set_level(LogLevel.DEBUG)
    log.debug("and this")
    logging.getLogger("pygls.protocol").info("never a body")
    assert [(line.level, line.message) for line in lines(path)] == [("warn", "this"), ("debug", "and this")]


def test_a_huge_message_is_cut_in_the_middle(configure: Configure) -> None:
    path = configure()
    log.info("a" * 5_000_000 + "end")
    (line,) = lines(path)
    assert len(line.message) < 21_000
    assert line.message.endswith("end")


def test_arguments_that_do_not_fit_lose_nothing(configure: Configure) -> None:
    path = configure()
    log.info("%d files", "many")
    assert lines(path)[0].message == "%d files ('many',)"


def test_rotation_keeps_the_newest_and_stays_private(configure: Configure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MAX_BYTES", 2_000)
    monkeypatch.setattr(logs, "KEPT_FILES", 2)
    path = configure()
    for number in range(100):
        log.info("line %d", number)
    assert path is not None
    files = sorted(path.parent.iterdir())
    assert [file.name for file in files] == ["hub.log", "hub.log.1", "hub.log.2"]
    assert all(file.stat().st_size <= 2_000 and file.stat().st_mode & 0o777 == 0o600 for file in files)
    assert lines(path)[-1].message == "line 99"


def test_development_also_speaks_on_stderr(configure: Configure, capsys: pytest.CaptureFixture[str]) -> None:
    configure(NODE_ENV="development")
    log.warning("hello \x1b[31mred")
    assert capsys.readouterr().err.endswith("warn  factory_ls.test: hello red\n")
    configure(NODE_ENV="production")
    log.warning("quiet")
    assert not capsys.readouterr().err


def test_without_a_writable_folder_it_goes_to_stderr(
    configure: Configure, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "base").write_text("a file where the folder should be")
    assert configure() is None
    log.error("still here")
    assert "still here" in capsys.readouterr().err
