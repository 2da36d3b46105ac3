"""The part of `gh` that factory-ls uses, for machines without it: `factory-ls demo` runs on this.

It answers `gh --version`, `gh auth status` and `gh api` as gh does, in output, exit codes and settings, and reaches
only a unix socket (`http_unix_socket` in `$GH_CONFIG_DIR/config.yml`). Standard library only: it starts often.
"""

import argparse
import http.client
import json
import os
import re
import shlex
import socket
import sys
from pathlib import Path
from urllib.parse import urlsplit

VERSION = "2.102.0"
_NOT_LOGGED_IN = 4


class _Connection(http.client.HTTPConnection):
    """HTTP in the clear over a unix socket, whatever the host."""

    def __init__(self, host: str, path: str) -> None:
        super().__init__(host)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self._path)


def install(folder: Path) -> Path:
    """Writes a program `gh` into `folder` that runs this file; returns its path."""
    program = folder / "gh"
    # Run as a file, not as a module: the current folder and PYTHONPATH then do not matter.
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -I {shlex.quote(__file__)} "$@"\n')
    program.chmod(0o755)
    return program


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--version"]:
        print(f"gh version {VERSION} (stand-in)")
        return 0
    if arguments[:2] == ["api", "--help"]:
        print("Flags:\n      --allow-escape-sequences   Allow printing terminal escape sequences")
        return 0
    if arguments[:2] == ["auth", "status"]:
        known = _token("github.com")
        print("github.com\n  ✓ Logged in (GH_TOKEN)" if known else "You are not logged into any GitHub hosts.")
        return 0 if known else 1
    if arguments[:1] == ["api"]:
        return _api(arguments[1:])
    print(f"unknown command {arguments[:1]} for the gh stand-in", file=sys.stderr)
    return 1


def _api(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="gh api")
    parser.add_argument("endpoint")
    parser.add_argument("--method", default="")
    parser.add_argument("--hostname", default="github.com")
    parser.add_argument("--header", action="append", default=[])
    parser.add_argument("--input")
    parser.add_argument("--include", action="store_true")
    parser.add_argument("--allow-escape-sequences", action="store_true")
    asked = parser.parse_args(arguments)
    token = _token(asked.hostname)
    if not token:
        print("To get started with GitHub CLI, please run:  gh auth login", file=sys.stderr)
        return _NOT_LOGGED_IN
    body = sys.stdin.buffer.read() if asked.input == "-" else None
    headers = {"Authorization": f"token {token}", "User-Agent": f"GitHub CLI {VERSION}"}
    headers |= dict(line.split(": ", 1) for line in asked.header)
    host, path = _address(asked.hostname, asked.endpoint)
    method = asked.method or ("GET" if body is None else "POST")
    try:
        answer = _send(method, host, path, body, headers)
        while answer.status in {301, 302, 307} and method == "GET":
            to = urlsplit(answer.headers["location"])
            answer = _send("GET", to.netloc, to.path, None, {})
        return _show(answer, answer.read(), include=asked.include, escapes=asked.allow_escape_sequences)
    except (OSError, http.client.HTTPException) as error:
        sys.stdout.flush()
        print(f"error connecting to {host}: {error!r}", file=sys.stderr)
        return 1


def _show(answer: http.client.HTTPResponse, body: bytes, *, include: bool, escapes: bool) -> int:
    out = sys.stdout.buffer
    if include:
        out.write(f"HTTP/1.1 {answer.status} {answer.reason}\n".encode())
        out.writelines(f"{name}: {value}\r\n".encode("latin-1") for name, value in sorted(answer.getheaders()))
        out.write(b"\r\n")
    if b"\x1b" in body and not escapes:
        print("the response contains terminal escape sequences", file=sys.stderr)
        return 1
    out.write(body)
    out.flush()
    is_json = "json" in answer.headers.get("content-type", "")
    said = json.loads(body) if is_json and body.startswith(b"{") else {}
    failed = answer.status > 299 or bool(said.get("errors"))
    if failed:
        print(f"gh: {said.get('message', '')} (HTTP {answer.status})", file=sys.stderr)
    return 1 if failed else 0


def _send(method: str, host: str, path: str, body: bytes | None, headers: dict[str, str]) -> http.client.HTTPResponse:
    config = Path(os.environ["GH_CONFIG_DIR"], "config.yml").read_text()
    found = re.search(r"^http_unix_socket: *(.+?) *$", config, re.MULTILINE)
    if not found:
        raise OSError("the stand-in needs the setting http_unix_socket")
    connection = _Connection(host, found[1])
    connection.request(method, path, body, headers)
    return connection.getresponse()


def _address(hostname: str, endpoint: str) -> tuple[str, str]:
    """Host header and path, as gh has them for github.com and for Enterprise hosts."""
    if hostname == "github.com":
        return "api.github.com", f"/{endpoint}"
    return hostname, "/api/graphql" if endpoint == "graphql" else f"/api/v3/{endpoint}"


def _token(hostname: str) -> str:
    names = ("GH_TOKEN", "GITHUB_TOKEN") if hostname == "github.com" else ("GH_ENTERPRISE_TOKEN",)
    return next((os.environ[name] for name in names if os.environ.get(name)), "")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
