"""Real VS Code: code-server with the packed extension, in headless Chromium."""

import fcntl
import json
import os
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.editors.scenario import wait_until
from tests.tools import require

EXTENSION = Path(__file__).parents[2] / "editors" / "vscode"

SETTINGS = {
    "chat.disableAIFeatures": True,
    "comments.openView": "never",
    "extensions.autoCheckUpdates": False,
    "extensions.autoUpdate": False,
    "files.autoSave": "off",  # in a browser it is on: a change must be there to be reverted
    "extensions.ignoreRecommendations": True,
    "security.workspace.trust.enabled": False,
    "telemetry.telemetryLevel": "off",
    "update.mode": "none",
    "workbench.enableExperiments": False,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": False,
    "editor.quickSuggestions": {"other": "off", "comments": "off", "strings": "off"},
}


def packed() -> Path:
    """The .vsix: $FACTORY_VSIX, or the one in editors/vscode, made again when a source is newer."""
    if given := os.environ.get("FACTORY_VSIX"):
        return Path(given)
    with (EXTENSION / "package.json").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # workers of pytest-xdist come here at the same time
        return _packed()


def _packed() -> Path:
    vsix = EXTENSION / "factory-ls.vsix"
    code = [file for folder in ("media", "src", "webview") for file in EXTENSION.glob(f"{folder}/**/*.*")]
    sources = [*code, EXTENSION / "package.json", EXTENSION / "package-lock.json"]
    if not vsix.exists() or vsix.stat().st_mtime < max(source.stat().st_mtime for source in sources):
        modules()
        npm("run", "package")
    return vsix


def modules() -> Path:
    found = EXTENSION / "node_modules"
    if not found.exists():
        npm("ci", "--ignore-scripts", "--no-audit", "--no-fund")
    return found


def axe() -> str:
    """The source of axe-core, which checks a page against the rules for accessibility (WCAG)."""
    return (modules() / "axe-core" / "axe.min.js").read_text()


def host_tests() -> Path:
    """Tests for the extension host, bundled: made where the package is."""
    packed()
    npm("run", "--silent", "bundle-tests")
    return EXTENSION / "out" / "test" / "host" / "commands.js"


def npm(*arguments: str) -> None:
    ran = subprocess.run(["npm", *arguments], cwd=EXTENSION, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, f"npm {' '.join(arguments)}\n{ran.stdout}{ran.stderr}"


@contextmanager
def code_server(
    folder: Path, env: Mapping[str, str], *, trust: bool = False, vsix: Path | None = None, **settings: object
) -> Iterator[str]:
    """Its address; the extension is installed, and nothing of the user's is read or written.

    `trust`: folders have to be trusted first. `vsix`: another extension in place of ours."""
    program = str(require("code-server") / "code-server")
    user, home = folder / "user", folder / "home"
    (user / "User").mkdir(parents=True)
    home.mkdir(exist_ok=True)
    (user / "User" / "settings.json").write_text(json.dumps({**SETTINGS, **settings}))
    common = [program, "--user-data-dir", str(user), "--extensions-dir", str(folder / "extensions")]
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "EXTENSIONS_GALLERY": '{"serviceUrl":""}', **env}
    subprocess.run(
        [*common, "--install-extension", str(vsix or packed())], env=environment, check=True, capture_output=True
    )
    port = free_port()
    options = ["--auth", "none", "--bind-addr", f"127.0.0.1:{port}", "--disable-telemetry", "--disable-update-check"]
    options += ["--disable-getting-started-override", *([] if trust else ["--disable-workspace-trust"])]
    with (folder / "code-server.log").open("wb") as log:
        server = subprocess.Popen([*common, *options], env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/healthz"), "code-server answers")
        yield f"http://127.0.0.1:{port}"
    finally:
        # Its extension hosts outlive it for a while, and their language servers would start a hub that was stopped.
        os.killpg(server.pid, signal.SIGKILL)
        server.wait(timeout=60)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=1):
            return True
    except (urllib.error.URLError, OSError):
        return False


class Window:
    """One page of VS Code; every method of `drive_vscode.mjs` as a call."""

    def __init__(self, driver: "subprocess.Popen[str]", address: str) -> None:
        self._driver = driver
        self._address = address

    def open(self, folder: Path, file: str) -> None:
        uri = self._address.replace("http:", "vscode-remote:") + str(folder / file)
        payload = json.dumps([["openFile", uri]])
        self("open", f"{self._address}/?folder={quote(str(folder))}&payload={quote(payload)}")

    def open_workspace(self, workspace: Path, file: Path) -> None:
        payload = json.dumps([["openFile", self._address.replace("http:", "vscode-remote:") + str(file)]])
        self("open", f"{self._address}/?workspace={quote(str(workspace))}&payload={quote(payload)}")

    def run_tests(self, folder: Path, extension: Path, tests: Path) -> None:
        """Runs a JavaScript module's `run()` in the extension host, with `extension` (a folder) under development."""
        remote = self._address.replace("http:", "vscode-remote:")
        payload = [["extensionDevelopmentPath", f"{remote}{extension}"], ["extensionTestsPath", f"{remote}{tests}"]]
        self("openTests", f"{self._address}/?folder={quote(str(folder))}&payload={quote(json.dumps(payload))}")

    def __call__(self, step: str, *arguments: object) -> Any:
        assert self._driver.stdin is not None
        assert self._driver.stdout is not None
        self._driver.stdin.write(json.dumps([step, *arguments]) + "\n")
        self._driver.stdin.flush()
        answer = json.loads(self._driver.stdout.readline() or '{"error": "the driver of the browser ended"}')
        assert "error" not in answer, answer["error"]
        return answer["ok"]


@contextmanager
def window(address: str, artifacts: Path) -> Iterator[Window]:
    tools = require("code-server")
    command = [str(tools / "node" / "bin" / "node"), str(Path(__file__).parent / "drive_vscode.mjs")]
    command += [str(tools), str(require("chromium") / "chromium"), str(artifacts)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as driver:
        try:
            yield Window(driver, address)
        finally:
            assert driver.stdin is not None
            driver.stdin.close()
            driver.wait(timeout=60)
