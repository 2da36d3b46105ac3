"""A program in a terminal of its own (tmux): keys in, screens out. What was on the screen is kept: see `artifacts`."""

import io
import re
import shlex
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tests.editors.scenario import pictures, wait_until
from tests.tools import require


class Terminal:
    def __init__(self, socket: Path, artifacts: Path) -> None:
        self._tmux = [str(require("tmux") / "tmux"), "-S", str(socket), "-f", "/dev/null"]
        self._artifacts = artifacts

    def run(self, *arguments: str, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> str:
        command = [*self._tmux, *arguments]
        return subprocess.run(command, env=env, cwd=cwd, capture_output=True, text=True, check=True).stdout

    def keys(self, *names: str) -> None:
        """As tmux names them: `Escape`, `Enter`, `C-x`; other words are typed."""
        self.run("send-keys", *names)

    def screen(self) -> str:
        return self.run("capture-pane", "-p")

    def until(self, text: str) -> str:
        """The screen, once it shows `text`."""
        seen = ""

        def shows() -> bool:
            nonlocal seen
            seen = self.screen()
            return text in seen

        try:
            wait_until(shows, f"the screen shows {text!r}")
        except AssertionError as error:
            raise AssertionError(f"{error}; it shows:\n{seen}") from None
        return seen

    def until_gone(self, text: str) -> str:
        wait_until(lambda: text not in self.screen(), f"{text!r} goes from the screen")
        return self.screen()

    def cursor(self) -> tuple[int, int]:
        """Row and column, from 0."""
        row, column = self.run("display-message", "-p", "#{cursor_y} #{cursor_x}").split()
        return int(row), int(column)

    def keep(self, name: str, picture: str | None = None) -> None:
        """The screen with its colours, as a picture; `picture` is its name among the README's."""
        # rich would take the colour of an underline, `58;2;R;G;B`, for "dim".
        captured = re.sub(r"\x1b\[58[;:][\d;:]*m", "", self.run("capture-pane", "-p", "-e", "-N"))
        text = Text.from_ansi(captured)
        columns = int(self.run("display-message", "-p", "#{pane_width}"))
        console = Console(width=columns, record=True, file=io.StringIO(), force_terminal=True, color_system="truecolor")
        console.print(text, no_wrap=True, crop=False)
        console.save_svg(str(self._artifacts / f"{name}.svg"), title=name, clear=False)
        if picture and (folder := pictures()):
            console.save_svg(str(folder / f"{picture}.svg"), title=picture)


@contextmanager
def terminal(
    command: Sequence[str], *, env: Mapping[str, str], cwd: Path, artifacts: Path, size: tuple[int, int] = (110, 24)
) -> Iterator[Terminal]:
    # A path short enough for a unix socket, which pytest's own is not.
    with tempfile.TemporaryDirectory(prefix="fls-") as folder:
        found = Terminal(Path(folder) / "tmux", artifacts)
        columns, lines = map(str, size)
        place = {**env, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        found.run("new-session", "-d", "-x", columns, "-y", lines, shlex.join(command), env=place, cwd=cwd)
        try:
            yield found
        finally:
            subprocess.run([*found._tmux, "kill-server"], capture_output=True, check=False)
