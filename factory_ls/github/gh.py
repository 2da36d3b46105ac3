"""The one place that runs `gh`. The token, the keyring, proxies and Enterprise hosts stay gh's own business."""

import asyncio
import os
import re
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from factory_ls.github import answer as answers
from factory_ls.github import queries
from factory_ls.github.answer import Answer, clean
from factory_ls.github.process import Finished, run
from factory_ls.model.clock import from_iso
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.hub import GithubBudget

MINIMUM = (2, 23, 0)
"""Debian 12's, the oldest that tests run with."""
SECONDS = 30.0
SECONDS_LOOKUP = 10.0
"""For the user's name and reviews: something waits for these."""
SECONDS_LARGE = 60.0
"""For diffs and logs."""
_KEPT_ANSWERS, _KEPT_BYTES = 200, 200_000
"""How many REST answers are kept to be asked for by their ETag, and how large one may be."""
_AT_ONCE = 6
"""GitHub's guidance is to send few requests at a time; its hard limit is 100."""

_QUIET = {
    "GH_PROMPT_DISABLED": "1",
    "GH_NO_UPDATE_NOTIFIER": "1",
    "GH_NO_EXTENSION_UPDATE_NOTIFIER": "1",
    "GH_SPINNER_DISABLED": "1",
    "GH_TELEMETRY": "false",
    "DO_NOT_TRACK": "1",
    "GH_PAGER": "cat",
    "PAGER": "cat",
    "NO_COLOR": "1",
    "LC_ALL": "C.UTF-8",
}
_LEFT_OUT = ("GH_DEBUG", "DEBUG", "GH_FORCE_TTY", "CLICOLOR_FORCE", "GH_REPO", "GH_HOST")
"""Settings of a user's shell that would change what is printed, or put headers into it."""

_PATH = re.compile(r"[a-z]+([/?][!-~]*)?")
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*(:\d+)?")


class GraphqlAnswer(NamedTuple):
    """`data` with null where something failed, and the failures as GitHub's error objects."""

    data: dict[str, Any]
    errors: list[dict[str, Any]]


class _Envelope(msgspec.Struct):
    data: dict[str, Any] | None = None
    errors: list[dict[str, Any]] = []


class Gh:
    """`gh api` with errors told apart, a time limit each, and the rate limits obeyed before they are met."""

    def __init__(self, program: str = "gh", env: Mapping[str, str] | None = None) -> None:
        base = os.environ if env is None else env
        self._program = program
        self._env = {name: value for name, value in base.items() if name not in _LEFT_OUT} | _QUIET
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._version: tuple[int, int, int] | None = None
        self._escapes: bool | None = None
        self._requests: dict[str, int] = {}
        self._budgets: dict[str, GithubBudget] = {}
        self._paused: dict[tuple[str, str], FactoryError] = {}
        self._answers: OrderedDict[tuple[str, str], Answer] = OrderedDict()

    async def version(self) -> tuple[int, int, int]:
        """gh's version; raises `notInstalled` when there is none, or one that is too old."""
        if self._version:
            return self._version
        finished = await self._run(["--version"], seconds=SECONDS_LOOKUP)
        match = re.match(rb"gh version (\d+)\.(\d+)(?:\.(\d+))?", finished.stdout)
        if finished.code or not match:
            raise FactoryError(
                ErrorKind.NOT_INSTALLED,
                f"`{self._program} --version` does not answer as the GitHub command line does.",
                "Check the setting FACTORY_GH, or install gh from https://cli.github.com.",
            )
        found = (int(match[1]), int(match[2]), int(match[3] or 0))
        if found < MINIMUM:
            shown, least = (".".join(map(str, v)) for v in (found, MINIMUM))
            raise FactoryError(
                ErrorKind.NOT_INSTALLED,
                f"gh {shown} is too old: {least} is the oldest that works.",
                "Install a newer gh from https://cli.github.com.",
            )
        self._version = found
        return found

    async def login(self, host: str) -> str:
        """The name of the account gh is logged in with at `host`."""
        data = await self.graphql(host, queries.load("viewer"), seconds=SECONDS_LOOKUP)
        return str((data.get("viewer") or {}).get("login") or "")

    async def rest(
        self,
        host: str,
        path: str,
        *,
        method: str = "GET",
        fields: Mapping[str, Any] | None = None,
        etag: str | None = None,
        seconds: float = SECONDS,
        text: bool = False,
    ) -> Answer:
        """One REST call. `path` has no leading slash and its variable parts are quoted (`segment`).

        What was answered before is asked for with its ETag, so that it costs no budget when it has not changed. With an
        `etag` of the caller's the answer may be `not_modified`. `text`: the body is a file, not JSON, and
        may hold terminal escape sequences.
        """
        if not _PATH.fullmatch(path):
            raise FactoryError(ErrorKind.INVALID, f"Not a path of GitHub's API: {clean(path)}")
        arguments = [f"--method={method}", path]
        before = self._answers.get((host, path)) if method == "GET" and not etag else None
        etag = etag or (before.etag if before else None)
        if etag:
            arguments.insert(0, f"--header=If-None-Match: {clean(etag)}")
        if text and await self._allows_escapes():
            arguments.insert(0, "--allow-escape-sequences")
        body = None if fields is None else msgspec.json.encode(fields)
        answer, finished = await self._api(host, "core", arguments, body, seconds, large=text)
        if finished.code and answer.status < 300:
            raise _broke_off(host, finished)
        if before and answer.not_modified:
            self._answers.move_to_end((host, path))
            return before
        if method == "GET" and answer.status == 200 and answer.etag and len(answer.body) <= _KEPT_BYTES:
            self._answers[host, path] = answer
            while len(self._answers) > _KEPT_ANSWERS:
                self._answers.popitem(last=False)
        return answer

    async def graphql(
        self, host: str, query: str, variables: Mapping[str, Any] | None = None, *, seconds: float = SECONDS
    ) -> dict[str, Any]:
        """The query's `data`; any GraphQL error is raised."""
        answer, errors = await self._graphql(host, query, variables, seconds)
        if errors:
            raise errors[0]
        return answer.data

    async def graphql_partial(
        self, host: str, query: str, variables: Mapping[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, FactoryError]]:
        """`data`, and by the first name of its path (an alias) each error that left a null there.

        Errors of the whole query (no data, or without a path) are raised.
        """
        answer, errors = await self._graphql(host, query, variables, SECONDS)
        by_alias: dict[str, FactoryError] = {}
        for raw, error in zip(answer.errors, errors, strict=True):
            path = raw.get("path")
            if not answer.data or not isinstance(path, list) or not path:
                raise error
            by_alias.setdefault(str(path[0]), error)
        return answer.data, by_alias

    def budget(self) -> tuple[GithubBudget, ...]:
        """GraphQL points left, as last read, and requests sent; a host at a time."""
        return tuple(
            msgspec.structs.replace(budget, requests=self._requests.get(host, 0))
            for host, budget in sorted(self._budgets.items())
        )

    async def _graphql(
        self, host: str, query: str, variables: Mapping[str, Any] | None, seconds: float
    ) -> tuple[GraphqlAnswer, list[FactoryError]]:
        body = msgspec.json.encode({"query": query, "variables": dict(variables or {})})
        answer, finished = await self._api(host, "graphql", ["--method=POST", "graphql"], body, seconds)
        try:
            envelope = msgspec.json.decode(answer.body, type=_Envelope)
        except (msgspec.DecodeError, msgspec.ValidationError) as reason:
            if finished.code and not _looks_whole(answer):
                raise _broke_off(host, finished) from None
            raise answers.not_json(answer.status, str(reason)) from None
        now = datetime.now(UTC)
        errors = [answers.graphql_error(host, answer, raw, now) for raw in envelope.errors]
        for error in errors:
            self._pause(host, "graphql", answer, error)
        self._note_cost(host, envelope.data or {})
        if envelope.data is None and not errors:
            raise answers.not_json(answer.status, "neither data nor errors")
        return GraphqlAnswer(envelope.data or {}, envelope.errors), errors

    async def _api(
        self,
        host: str,
        resource: str,
        arguments: list[str],
        body: bytes | None,
        seconds: float,
        *,
        large: bool = False,
    ) -> tuple[Answer, Finished]:
        if not _HOST.fullmatch(host):
            raise FactoryError(ErrorKind.INVALID, f"Not a host name: {clean(host)}")
        await self.version()
        self._raise_if_paused(host, resource)
        argv = ["api", "--include", f"--hostname={host}", *arguments, *(["--input=-"] if body is not None else [])]
        async with self._slots:
            self._requests[host] = self._requests.get(host, 0) + 1
            finished = await self._run(argv, stdin=body, seconds=seconds, host=host, large=large)
        answer = answers.parse(finished.stdout, finished.body)
        if answer is None:
            raise (
                answers.not_logged_in(host)
                if finished.code == answers.NOT_LOGGED_IN_EXIT
                else _unreachable(host, finished)
            )
        self._note_budget(host, answer)
        error = answers.http_error(host, answer, datetime.now(UTC))
        if error:
            self._pause(host, resource, answer, error)
            raise error
        return answer, finished

    async def _run(
        self, argv: list[str], *, stdin: bytes | None = None, seconds: float, host: str = "", large: bool = False
    ) -> Finished:
        try:
            return await run([self._program, *argv], env=self._env, stdin=stdin, seconds=seconds, large=large)
        except TimeoutError:
            raise FactoryError(
                ErrorKind.TIMEOUT,
                f"gh did not answer within {seconds:g} s{f' for {host}' if host else ''}.",
                "Check the network and proxy; it is tried again.",
            ) from None
        except OSError as error:
            raise FactoryError(
                ErrorKind.NOT_INSTALLED,
                f"gh cannot be started (`{self._program}`: {error.strerror}).",
                "Install it from https://cli.github.com and run `gh auth login`, or set FACTORY_GH to where it is.",
            ) from None

    async def _allows_escapes(self) -> bool:
        """Newer versions print no escape sequences, which logs are full of, without a flag that older ones lack."""
        if self._escapes is None:
            helped = await self._run(["api", "--help"], seconds=SECONDS_LOOKUP)
            self._escapes = b"--allow-escape-sequences" in helped.stdout
        return self._escapes

    def _pause(self, host: str, resource: str, answer: Answer, error: FactoryError) -> None:
        """Remembers until when not to ask. A limit that is not this budget's end counts for everything at the host."""
        if error.kind is not ErrorKind.RATE_LIMITED:
            return
        spent = answer.headers.get("x-ratelimit-remaining") == "0" and "retry-after" not in answer.headers
        for each in (resource,) if spent else ("core", "graphql"):
            self._paused[host, each] = error

    def _raise_if_paused(self, host: str, resource: str) -> None:
        error = self._paused.get((host, resource))
        if error and error.retry_at:
            if datetime.now(UTC) < from_iso(error.retry_at):
                raise FactoryError(error.kind, error.message, error.hint, retry_at=error.retry_at)
            del self._paused[host, resource]

    def _note_budget(self, host: str, answer: Answer) -> None:
        headers = answer.headers
        limit, remaining, reset = (headers.get(f"x-ratelimit-{name}", "") for name in ("limit", "remaining", "reset"))
        if headers.get("x-ratelimit-resource") != "graphql" or not (limit + remaining + reset).isdecimal():
            return
        at = datetime.fromtimestamp(min(int(reset or 0), 2**40), UTC) if len(reset) < 12 else datetime.now(UTC)
        last = self._budgets.get(host)
        self._budgets[host] = GithubBudget(
            host=host,
            cost=last.cost if last else 0,
            limit=int(limit or 0),
            remaining=int(remaining or 0),
            reset_at=at.isoformat().replace("+00:00", "Z"),
        )

    def _note_cost(self, host: str, data: Mapping[str, Any]) -> None:
        """Only observations ask for their cost (`rateLimit`); it is null on hosts without limits."""
        said = data.get("rateLimit")
        if isinstance(said, dict) and host in self._budgets:
            self._budgets[host] = msgspec.structs.replace(self._budgets[host], cost=int(said.get("cost") or 0))


def _looks_whole(answer: Answer) -> bool:
    length = answer.headers.get("content-length", "")
    return not length.isdecimal() or len(answer.body) >= int(length)


def _broke_off(host: str, finished: Finished) -> FactoryError:
    return FactoryError(
        ErrorKind.NETWORK, f"The answer of {host} broke off: {_last_line(finished)}", "It is tried again."
    )


def _unreachable(host: str, finished: Finished) -> FactoryError:
    return FactoryError(
        ErrorKind.NETWORK,
        f"gh could not reach {host} (exit code {finished.code}): {_last_line(finished)}",
        "Check the network, the proxy and the host's name.",
    )


def _last_line(finished: Finished) -> str:
    lines = finished.stderr.decode(errors="replace").strip().splitlines()
    return clean(lines[-1]) if lines else "no reason given"
