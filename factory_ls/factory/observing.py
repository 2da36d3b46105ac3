"""What a decision looks at, gathered from the state: the pull request, sessions, problems, spending."""

from datetime import datetime

import msgspec

from factory_ls.factory.board import ProblemBoard
from factory_ls.factory.journal import Journal
from factory_ls.factory.poller import Poller
from factory_ls.factory.reports import Reports, current_failures, report_key
from factory_ls.factory.state import RatchetRecord, State
from factory_ls.model.errors import ErrorKind
from factory_ls.model.problem import Severity
from factory_ls.model.pull_request import PullRequest
from factory_ls.ratchet.limits import Spent
from factory_ls.ratchet.observation import Observation

_PASSING = (ErrorKind.RATE_LIMITED, ErrorKind.NETWORK, ErrorKind.TIMEOUT)
"""Why a log could not be read, when it may be read later."""


class Observing:
    def __init__(self, journal: Journal, board: ProblemBoard, reports: Reports, poller: Poller) -> None:
        self._journal = journal
        self._board = board
        self._reports = reports
        self._poller = poller

    def of(self, workspace_id: str, blocked: str) -> Observation:
        """`blocked`: why no fixer may start in the worktree, as far as somebody has looked."""
        state = self._journal.state
        workspace = state.workspaces[workspace_id]
        record = state.ratchets.get(workspace_id, RatchetRecord())
        pr = state.pull_requests.get(workspace_id)
        if pr is not None and (synced := self._poller.synced_at(workspace_id)):
            pr = msgspec.structs.replace(pr, synced_at=synced)
        problems, failures = self._board.reported(workspace_id)
        dispatched = record.memory.dispatch.session if record.memory.dispatch else None
        now = datetime.now().astimezone()
        return Observation(
            at=now,
            enabled=record.enabled,
            attached=pr.number if pr else None,
            pr=pr,
            viewer=self._poller.viewer(workspace_id),
            sessions=tuple(s for s in state.sessions_of(workspace_id) if not s.status.ended or s.id == dispatched),
            problems=problems,
            failures=failures,
            unread=self._unread(workspace_id, pr),
            base_failing=self._base_failing(workspace_id, pr),
            flaky=tuple(state.flaky.get(workspace.project_id, {})),
            today=spent_today(state, now),
            blocked=blocked,
        )

    def _unread(self, workspace_id: str, pr: PullRequest | None) -> tuple[str, ...]:
        """Failed checks that have no report yet and may get one."""
        state, troubles = self._journal.state, self._reports.troubles.get(workspace_id, {})
        project = state.projects.get(state.workspaces[workspace_id].project_id)
        if project is None:
            return ()
        read = {report.key for report in state.reports.get(workspace_id, ()) if not report.waiting}
        return tuple(
            check.name
            for check in current_failures(pr)
            if report_key(project, check) not in read
            and (check.name not in troubles or troubles[check.name].kind in _PASSING)
        )

    def _base_failing(self, workspace_id: str, pr: PullRequest | None) -> tuple[str, ...]:
        """Signatures of the base branch's errors where its reports were read, else the failing checks' names."""
        failing: list[str] = []
        for check in pr.base_failing if pr else ():
            report = self._reports.of_base(workspace_id, check)
            errors = [p.signature for p in report.problems if p.severity is Severity.ERROR] if report else []
            failing += [signature for signature in errors if signature] or [check.name]
        return tuple(dict.fromkeys(failing))


def spent_today(state: State, now: datetime) -> Spent:
    """By all fixers since midnight: those that have ended, and those that run."""
    total, today = Spent(), now.date().isoformat()
    for record in state.ratchets.values():
        if record.memory.day == today:
            total += record.memory.on_day
        if running := record.memory.running:
            session = state.sessions.get(running.session)
            total += Spent(
                usd=session.cost_usd if session else 0.0, seconds=max(0.0, (now - running.at).total_seconds())
            )
    return total
