"""A small application with the API of `factory_ls.factory.app`: workspaces and problems are what tests say they are.

Its commands begin with `fake.`; `factory.workspace.list`, `factory.session.answer` and the few others that the hub
and the LSP layer call by name behave as the contract says.
"""

import asyncio
import os
from dataclasses import dataclass
from os.path import realpath
from typing import Any

import msgspec

from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.problem import About, Placement, Problem
from factory_ls.model.pull_request import PullRequest, PullRequestState, ReviewThread
from factory_ls.model.ratchet import Ratchet
from factory_ls.model.session import PendingRequest, PermissionMode, Session, SessionEvent, SessionStatus, Transcript
from factory_ls.model.workspace import Workspace


@dataclass(frozen=True)
class Change:
    revision: int
    workspaces: frozenset[str] = frozenset()
    problems: frozenset[str] = frozenset()
    sessions: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class FileProblems:
    workspace_id: str
    path: str
    base: str | None
    problems: tuple[Problem, ...]
    unplaced: tuple[Problem, ...] = ()


class Board:
    def __init__(self) -> None:
        self.known: dict[str, FileProblems] = {}
        self.roots: dict[str, str] = {}
        self.known_about: dict[str, About] = {}
        self.live: dict[tuple[int, str], tuple[Problem, ...]] = {}

    def workspace_of(self, path: str) -> str | None:
        return next((name for name, root in self.roots.items() if path.startswith(root + "/")), None)

    def files(self, workspace_id: str) -> tuple[str, ...]:
        return tuple(path for path, file in self.known.items() if file.workspace_id == workspace_id)

    async def for_file(self, path: str) -> FileProblems | None:
        return self.known.get(path)

    async def placed(self, path: str) -> tuple[Problem, ...]:
        file = self.known.get(path)
        exact = Placement.EXACT
        return tuple(msgspec.structs.replace(p, placement=exact) for p in file.problems) if file else ()

    def about(self, workspace_id: str, problem: Problem) -> About:
        return self.known_about.get(problem.id, About())

    def set_live(self, editor: int, path: str, placed: tuple[Problem, ...] | None) -> None:
        self.live.pop((editor, path), None)
        if placed is not None:
            self.live[editor, path] = placed


class Factory:
    def __init__(self, settings: Any) -> None:
        self.settings = settings
        self.problems = Board()
        self.revision = 0
        self.busy = False
        self._listeners: list[Any] = []
        self._sessions: dict[str, Session] = {}
        self._workspaces: dict[str, Workspace] = {}
        self.answers: list[Any] = []
        self.cancelled: list[str] = []
        self.running: list[str] = []
        self.events: dict[str, list[SessionEvent]] = {}

    @classmethod
    async def open(cls, settings: Any, **_wiring: Any) -> "Factory":
        if os.environ.get("FAKE_CORRUPT"):
            raise FactoryError(ErrorKind.CORRUPT, "the database is damaged", "Restore data.db from its backup.")
        settings.base_dir.mkdir(parents=True, exist_ok=True)
        settings.base_dir.joinpath("opened").open("a").write(f"{os.getpid()}\n")
        return cls(settings)

    async def close(self) -> None:
        self.settings.base_dir.joinpath("closed").write_text(str(os.getpid()))

    def subscribe(self, listener: Any) -> Any:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def changed(self, **what: frozenset[str]) -> None:
        self.revision += 1
        for listener in tuple(self._listeners):
            listener(Change(self.revision, **what))

    def workspaces(self) -> list[Workspace]:
        return list(self._workspaces.values())

    def workspace(self, ref: str) -> Workspace:
        if ref not in self._workspaces:
            raise FactoryError(ErrorKind.NOT_FOUND, f"there is no workspace {ref!r}")
        return self._workspaces[ref]

    def sessions(self) -> list[Session]:
        return list(self._sessions.values())

    def github_budget(self) -> tuple[()]:
        return ()

    async def execute(self, command: str, arguments: Any, caller: Any = None, report: Any = lambda *_: None) -> Any:
        handler = getattr(self, "do_" + command.removeprefix("factory.").replace(".", "_"), None)
        if handler is None:
            raise FactoryError(ErrorKind.NOT_FOUND, f"there is no command {command!r}", "There are: fake.echo, …")
        return await handler(dict(arguments or {}), report)

    # --- commands

    async def do_fake_echo(self, arguments: dict[str, Any], _: Any) -> Any:
        return arguments

    async def do_fake_state(self, _arguments: dict[str, Any], _: Any) -> Any:
        return {
            "answers": self.answers,
            "cancelled": self.cancelled,
            "running": self.running,
            "listeners": len(self._listeners),
            "live": sorted(path for _, path in self.problems.live),
        }

    async def do_fake_crash(self, _arguments: dict[str, Any], _: Any) -> Any:
        raise RuntimeError("secret /home/user/path in a traceback")

    async def do_fake_refuse(self, _arguments: dict[str, Any], _: Any) -> Any:
        raise FactoryError(ErrorKind.RATE_LIMITED, "GitHub says wait", "Wait.", retry_at="2026-01-01T00:00:00Z")

    async def do_fake_hang(self, arguments: dict[str, Any], report: Any) -> Any:
        name = arguments.get("name", "hang")
        self.running.append(name)
        report("hanging", 10)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled.append(name)
            raise
        finally:
            self.running.remove(name)

    async def do_fake_busy(self, arguments: dict[str, Any], _: Any) -> Any:
        self.busy = arguments["busy"]

    async def do_fake_problems(self, arguments: dict[str, Any], _: Any) -> Any:
        """{workspace, root, path, base, problems}: what CI says of one file."""
        workspace, root, path = arguments["workspace"], realpath(arguments["root"]), arguments["path"]
        self.problems.roots[workspace] = root
        self._workspaces[workspace] = Workspace(
            id=workspace, project_id="p", name=workspace, path=root, branch="b", base_branch="main"
        )
        problems = tuple(
            msgspec.convert({"path": path, "tool": "ruff", **one}, Problem) for one in arguments["problems"]
        )
        self.problems.known.pop(f"{root}/{path}", None)
        if problems:
            known = FileProblems(workspace, f"{root}/{path}", arguments.get("base"), problems)
            self.problems.known[f"{root}/{path}"] = known
        self.changed(problems=frozenset({workspace}))

    async def do_fake_review(self, arguments: dict[str, Any], _: Any) -> Any:
        """{threads: [ReviewThread], about?: {problem: About}}: the pull request of workspace `w`."""
        threads = msgspec.convert(arguments["threads"], tuple[ReviewThread, ...])
        pr = PullRequest(number=1, url="", state=PullRequestState.OPEN, head_sha="0" * 40, threads=threads)
        ratchet = Ratchet(enabled=True, reason="It waits for *you*.")
        self._workspaces["w"] = msgspec.structs.replace(self._workspaces["w"], pr=pr, ratchet=ratchet)
        self.problems.known_about = msgspec.convert(arguments.get("about", {}), dict[str, About])
        self.changed(workspaces=frozenset({"w"}))

    async def do_fix_run(self, arguments: dict[str, Any], _: Any) -> Any:
        return {"check": "t", "command": "make t", "code": 1, "timedOut": False, "seconds": 2.0, "output": "boom\n"}

    async def do_pr_reply(self, arguments: dict[str, Any], _: Any) -> Any:
        self.answers.append(arguments)

    async def do_fake_ask(self, arguments: dict[str, Any], _: Any) -> Any:
        """{session, request: PendingRequest}: Claude asks the user."""
        request = msgspec.convert(arguments["request"], PendingRequest)
        self._sessions[arguments["session"]] = Session(
            id=arguments["session"],
            workspace_id="w",
            model="m",
            permissions=PermissionMode.STRICT,
            status=SessionStatus.WAITING,
            pending=(request,),
        )
        self.changed(sessions=frozenset({arguments["session"]}))

    async def do_fake_event(self, arguments: dict[str, Any], _: Any) -> Any:
        session = arguments["session"]
        events = self.events.setdefault(session, [])
        events.append(SessionEvent(seq=len(events) + 1, at="", event=arguments["event"]))
        self.changed(sessions=frozenset({session}))

    async def do_session_transcript(self, arguments: dict[str, Any], _: Any) -> Any:
        events = [one for one in self.events.get(arguments["session"], []) if one.seq > arguments["after"]]
        page = tuple(events[: arguments["limit"]])
        return Transcript(events=page, next=page[-1].seq if page else arguments["after"])

    async def do_session_start(self, arguments: dict[str, Any], _: Any) -> Any:
        return arguments

    async def do_session_answer(self, arguments: dict[str, Any], _: Any) -> Any:
        session = self._sessions[arguments["session"]]
        if not session.pending:
            raise FactoryError(ErrorKind.CONFLICT, "it was answered already")
        self.answers.append(arguments)
        self._sessions[session.id] = msgspec.structs.replace(session, pending=())
        self.changed(sessions=frozenset({session.id}))

    async def do_ci_log(self, _arguments: dict[str, Any], _: Any) -> Any:
        return {"check": "lint / ruff", "url": None, "text": "one\ntwo\nthree\n", "line": 2}

    async def do_workspace_list(self, _arguments: dict[str, Any], _: Any) -> Any:
        return self.workspaces()
