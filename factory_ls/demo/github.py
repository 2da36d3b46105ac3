"""A GitHub on this machine: bare git repositories, pull requests, checks that really run, behind GitHub's own API.

    async with GithubStandin(folder) as github:
        repository = await github.add_repository("acme", "widget")
        # push to repository.path; point gh at it with github.environment()
        await github.idle()

It listens on a unix socket, which the real gh uses when its setting `http_unix_socket` says so, whatever the host.
`factory-ls demo` runs on it, and so do tests; `faults` and `account` are theirs to play with.
"""

import asyncio
import contextlib
import hashlib
import json
import re
import secrets
import shlex
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Self

import uvicorn
from graphql import GraphQLSchema

from factory_ls.demo import github_contents, github_graphql, github_issues, github_jobs, github_runner
from factory_ls.demo.github_state import Account, Job, Pull, Repository, Run

_HOOK = """#!/bin/sh
# The stand-in reads this file; appending to it keeps a push from waiting for anything.
cat >>"$GIT_DIR/pushed"
"""
_SSH = """#!/bin/sh
# What git runs in place of ssh: the last argument is the command meant for the other side.
for command; do :; done
cd {remotes} && eval "git ${{command#git-}}"
"""
_POLL_SECONDS = 0.03
_NO_COMMIT = "0" * 40


@dataclass
class Fault:
    """What the next requests get instead of an answer."""

    status: int = 500
    body: bytes = b'{"message": "Server Error"}'
    headers: dict[str, str] = field(default_factory=dict)
    path: str = ""
    """A regular expression searched for in `METHOD path`."""
    times: int = 1
    hang: bool = False
    """No answer at all, until the stand-in closes."""
    cut: bool = False
    """Only half of the body is sent before the connection is closed."""


class Seen(NamedTuple):
    """A request that arrived, and how it was answered."""

    method: str
    host: str
    path: str
    status: int
    body: bytes
    answer: bytes


class Reply(NamedTuple):
    status: int
    body: bytes
    headers: dict[str, str]


class GithubStandin:
    def __init__(
        self, folder: Path, *, login: str = "octocat", token: str = "", schema: GraphQLSchema | None = None
    ) -> None:
        """`schema`: GitHub's published one, to hold every query against; without it, the part the stand-in knows."""
        self.folder = folder
        self.socket = folder / "github.sock"
        self.account = Account(login, token or f"demo_{secrets.token_hex(8)}")
        self.faults: list[Fault] = []
        self.requests: list[Seen] = []
        self.blind = False
        """Git takes pushes, and the API does not show them yet."""
        self._schema = schema or github_graphql.own_schema()
        self._read: dict[Path, int] = {}
        self._jobs: set[asyncio.Task[None]] = set()
        self._lock = asyncio.Lock()
        self._closing = asyncio.Event()
        self._life = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        (self.folder / "gh").mkdir(parents=True, exist_ok=True)
        (self.folder / "gh" / "config.yml").write_text(f"http_unix_socket: {self.socket}\n")
        ssh = self.folder / "ssh"
        ssh.write_text(_SSH.format(remotes=shlex.quote(str(self.folder / "remotes"))))
        ssh.chmod(0o755)
        self.socket.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(self.socket))
        server = _Server(
            uvicorn.Config(self._serve, interface="asgi3", lifespan="off", log_config=None, access_log=False)
        )
        self._life.callback(self.socket.unlink, missing_ok=True)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        self._life.push_async_callback(_stop, server, serving)
        self._life.callback(self._closing.set)
        watching = asyncio.create_task(self._watch())
        self._life.push_async_callback(_cancel, watching)
        return self

    async def __aexit__(self, *_: object) -> None:
        for job in list(self._jobs):
            await _cancel(job)
        await self._life.aclose()

    def environment(self) -> dict[str, str]:
        """What gh needs to speak to this GitHub and to nothing else, as github.com and as any Enterprise host."""
        token = self.account.token
        return {"GH_CONFIG_DIR": str(self.folder / "gh"), "GH_TOKEN": token, "GH_ENTERPRISE_TOKEN": token}

    async def add_repository(self, owner: str, name: str) -> Repository:
        """A new, empty repository. Clone `git@github.com:owner/name.git` with `git_config()` set, or `path`."""
        path = self.folder / "remotes" / owner / f"{name}.git"
        await github_runner.git("init", "--quiet", "--bare", "--template=", "--initial-branch=main", "--", str(path))
        hook = path / "hooks" / "post-receive"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(_HOOK)
        hook.chmod(0o755)
        repository = Repository(owner, name, path)
        self.account.repositories.append(repository)
        return repository

    def git_config(self) -> tuple[str, str]:
        """A git setting (key, value) by which `git@github.com:…` means the repositories here."""
        return "core.sshCommand", shlex.quote(str(self.folder / "ssh"))

    def open_pull(self, repository: Repository, *, head: str, base: str, title: str, **more: Any) -> Pull:
        """Opens a pull request of a pushed branch; `ValueError`, with GitHub's words, when it cannot be."""
        owner, _, branch = head.rpartition(":")
        here = next((r for r in self.account.repositories if (r.owner, r.name) == (owner, repository.name)), repository)
        if branch not in here.branches or base not in repository.branches:
            raise ValueError("Head sha can't be blank, Base sha can't be blank, No commits between them")
        if any(pull.head == branch and pull.state == "OPEN" for pull in repository.pulls):
            raise ValueError(f"A pull request already exists for {owner or repository.owner}:{branch}.")
        number = len(repository.pulls) + len(repository.issues) + 1
        pull = Pull(number, title, branch, base, self.account.login, here.full_name, **more)
        pull.head_sha = here.branches[branch]
        repository.pulls.append(pull)
        self._spawn(self._pull_changed(repository, pull))
        return pull

    async def idle(self) -> None:
        """Returns when every push so far was seen and its checks have ended."""
        await self._read_pushes()
        while self._jobs:
            await asyncio.wait(self._jobs)

    async def _watch(self) -> None:
        while True:
            await self._read_pushes()
            await asyncio.sleep(_POLL_SECONDS)

    async def _read_pushes(self) -> None:
        async with self._lock:
            for repository in [] if self.blind else self.account.repositories:
                pushed = repository.path / "pushed"
                text = pushed.read_text() if pushed.exists() else ""
                text = text[: text.rfind("\n") + 1]  # a line may be half written
                new, self._read[pushed] = text[self._read.get(pushed, 0) :], len(text)
                for line in new.splitlines():
                    _, sha, ref = line.split(" ", 2)
                    if ref.startswith("refs/heads/"):
                        await self._pushed(repository, ref.removeprefix("refs/heads/"), sha)

    async def _pushed(self, repository: Repository, branch: str, sha: str) -> None:
        if sha == _NO_COMMIT:
            repository.branches.pop(branch, None)
            return
        repository.branches[branch] = sha
        for run in await github_runner.start(repository, branch, sha):
            self._spawn(self._run_jobs(repository, run, run.jobs))
        for base in self.account.repositories:
            for pull in base.pulls:
                moved = (pull.head_repository, pull.head) == (repository.full_name, branch)
                if pull.state == "OPEN" and (moved or (base is repository and branch == pull.base)):
                    pull.head_sha = sha if moved else pull.head_sha
                    await self._pull_changed(base, pull, again=moved)

    async def _run_jobs(self, repository: Repository, run: Run, jobs: list[Job]) -> None:
        for job in jobs:
            await github_runner.run_job(repository, run, job)

    async def _pull_changed(self, repository: Repository, pull: Pull, *, again: bool = True) -> None:
        """`again`: its checks run; a push to its base alone starts none."""
        fork = next((r for r in self.account.repositories if r.full_name == pull.head_repository), repository)
        if fork is not repository:
            await github_runner.git("fetch", "--quiet", str(fork.path), pull.head_sha, cwd=repository.path)
        await self._check_conflict(repository, pull)
        for run in await github_runner.start_pull(repository, pull) if again else ():
            self._spawn(self._run_jobs(repository, run, run.jobs))

    async def _check_conflict(self, repository: Repository, pull: Pull) -> None:
        try:
            await github_runner.git("merge-tree", "--write-tree", pull.base, pull.head_sha, cwd=repository.path)
            pull.conflict = False
        except OSError:
            pull.conflict = True
        if repository.strict:
            arguments = ("merge-base", "--is-ancestor", pull.base, pull.head_sha)
            try:
                await github_runner.git(*arguments, cwd=repository.path)
                pull.behind = False
            except OSError:
                pull.behind = True

    def _spawn(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._jobs.add(task)
        task.add_done_callback(self._jobs.discard)

    async def _serve(self, scope: dict[str, Any], receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message["body"]
            if not message.get("more_body"):
                break
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        path, method = scope["raw_path"].decode(), scope["method"]
        # Enterprise hosts have the same API below a prefix.
        path = re.sub(r"^/api/v3(?=/)|^/api(?=/graphql$)", "", path)
        fault = next((f for f in self.faults if f.times and re.search(f.path, f"{method} {path}")), None)
        if fault:
            fault.times -= 1
        if fault and fault.hang:
            await self._closing.wait()
        reply = (
            Reply(fault.status, fault.body, fault.headers)
            if fault
            else await self._answer(method, path, scope, headers, body)
        )
        self.requests.append(Seen(method, headers.get("host", ""), path, reply.status, body, reply.body))
        length = len(reply.body)
        sent = {"content-type": "application/json; charset=utf-8", "content-length": str(length)} | reply.headers
        raw = [(name.encode(), value.encode()) for name, value in sent.items()]
        await send({"type": "http.response.start", "status": reply.status, "headers": raw})
        # A body shorter than announced: uvicorn closes the connection, as a failing network would.
        await send(
            {"type": "http.response.body", "body": reply.body[: length // 2] if fault and fault.cut else reply.body}
        )

    async def _answer(
        self, method: str, path: str, scope: dict[str, Any], headers: dict[str, str], body: bytes
    ) -> Reply:
        if path.startswith("/_logs/"):  # GitHub redirects to a storage that takes no login
            return _log(self.account, int(path.removeprefix("/_logs/")))
        if path.startswith("/_artifacts/"):
            return _artifact(self.account, int(path.removeprefix("/_artifacts/")))
        if headers.get("authorization", "").rpartition(" ")[2] != self.account.token:
            return _json(401, {"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest"})
        resource = "graphql" if path == "/graphql" else "core"
        spent = self._spend(resource)
        if self.account.used[resource] > self.account.limit[resource]:
            limited = _json(403, {"message": "API rate limit exceeded for user ID 1."})
            return limited._replace(headers=spent)
        if path == "/graphql":
            reply = _json(200, github_graphql.execute(self._schema, self.account, json.loads(body), self.open_pull))
        else:
            query = dict(pair.split("=", 1) for pair in scope["query_string"].decode().split("&") if "=" in pair)
            reply = await self._rest(method, path, query)
        if method == "GET" and reply.status == 200:
            etag = f'W/"{hashlib.sha256(reply.body).hexdigest()[:32]}"'
            if headers.get("if-none-match") == etag:
                self.account.used[resource] -= 1  # a 304 costs nothing
                reply = Reply(304, b"", {})
            reply = reply._replace(headers=reply.headers | {"etag": etag})
        return reply._replace(headers=reply.headers | self._rate(resource))

    def _spend(self, resource: str) -> dict[str, str]:
        account = self.account
        if time.time() >= account.reset:
            account.used, account.reset = dict.fromkeys(account.used, 0), int(time.time()) + 3600
        account.used[resource] += 1
        return self._rate(resource)

    def _rate(self, resource: str) -> dict[str, str]:
        limit, used = self.account.limit[resource], self.account.used[resource]
        figures = {"limit": limit, "remaining": max(limit - used, 0), "used": used, "reset": self.account.reset}
        named = {f"x-ratelimit-{name}": str(value) for name, value in figures.items()}
        return named | {"x-ratelimit-resource": resource}

    async def _rest(self, method: str, path: str, query: dict[str, str]) -> Reply:
        match = re.fullmatch(r"/repos/([^/]+)/([^/]+)/(check-runs|actions/jobs|actions/runs)/(\d+)/([a-z-]+)", path)
        repository = self.account.repository(match[1], match[2]) if match else None
        if path in {"", "/", "/user"}:
            return _json(200, {"login": self.account.login, "id": 1})
        issues = re.fullmatch(r"/repos/([^/]+)/([^/]+)/issues(?:/(\d+))?", path)
        if issues and (repository := self.account.repository(issues[1], issues[2])):
            if not issues[3]:
                return _page(path, query, github_issues.listed(repository))
            if issue := github_issues.found(repository, int(issues[3])):
                return _json(200, issue)
        file = re.fullmatch(r"/repos/([^/]+)/([^/]+)/(contents|git/blobs)/(.+)", path)
        if file and (repository := self.account.repository(file[1], file[2])):
            if file[3] == "contents":
                found = await github_contents.content(repository, file[4], query.get("ref", "HEAD"))
            else:
                found = await github_contents.blob(repository, file[4])
            if found:
                return _json(200, found)
        zipped = re.fullmatch(r"/repos/([^/]+)/([^/]+)/actions/artifacts/(\d+)/zip", path)
        if (
            zipped
            and (repository := self.account.repository(zipped[1], zipped[2]))
            and repository.artifact(int(zipped[3]))
        ):
            where = f"https://productionresultssa0.blob.core.windows.net/_artifacts/{zipped[3]}"
            return Reply(302, b"", {"location": where})
        asked = re.fullmatch(r"/repos/([^/]+)/([^/]+)/actions/jobs/(\d+)", path)
        if asked and (repository := self.account.repository(asked[1], asked[2])):
            for its_run in repository.runs:
                if job := next((each for each in its_run.history if each.id == int(asked[3])), None):
                    return _json(200, github_jobs.job(repository, its_run, job))
        if not match or not repository:
            return _json(404, {"message": "Not Found", "documentation_url": "https://docs.github.com/rest"})
        what, number = f"{method} {match[3]} {match[5]}", int(match[4])
        job = repository.job(number)
        if what == "GET check-runs annotations" and job:
            return _page(path, query, job.annotations)
        if what == "GET actions/jobs logs" and job and job.status == "COMPLETED":
            return Reply(
                302, b"", {"location": f"https://results-receiver.actions.githubusercontent.com/_logs/{job.id}"}
            )
        run = next((run for run in repository.runs if run.id == number), None)
        if what == "GET actions/runs artifacts" and run:
            return _json(200, github_jobs.listed(repository, run))
        if what == "POST actions/runs rerun-failed-jobs" and run:
            if any(each.status != "COMPLETED" for each in run.jobs):
                return _json(403, {"message": "This workflow run is already running"})
            self._spawn(self._run_jobs(repository, run, github_runner.rerun_failed(run)))
            return _json(201, {})
        return _json(404, {"message": "Not Found", "documentation_url": "https://docs.github.com/rest"})


def _json(status: int, value: object) -> Reply:
    return Reply(status, json.dumps(value).encode(), {})


def _page(path: str, query: dict[str, str], items: list[dict[str, Any]]) -> Reply:
    """One page of a list, with the `link` header GitHub adds when more follow."""
    size, page = int(query.get("per_page", "30")), int(query.get("page", "1"))
    some = _json(200, items[(page - 1) * size : page * size])
    if page * size >= len(items):
        return some
    following = f'<https://api.github.com{path}?per_page={size}&page={page + 1}>; rel="next"'
    return some._replace(headers={"link": following})


def _artifact(account: Account, artifact_id: int) -> Reply:
    found = next((one for each in account.repositories if (one := each.artifact(artifact_id))), None)
    if found is None:
        return Reply(404, b"", {})
    return Reply(200, found.data, {"content-type": "application/zip"})


def _log(account: Account, job_id: int) -> Reply:
    job = next((found for each in account.repositories if (found := each.job(job_id))), None)
    return Reply(200, job.log, {"content-type": "text/plain"}) if job else Reply(404, b"", {})


class _Server(uvicorn.Server):
    """Leaves the process's signals to whoever runs it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _stop(server: uvicorn.Server, serving: asyncio.Task[None]) -> None:
    server.should_exit = server.force_exit = True
    await serving


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
