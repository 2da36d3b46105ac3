"""Commands about a fix: submit it for proof and push, look at one that was not pushed, push or discard it."""

from factory_ls.factory.command import Command, Context, WorkspaceParams
from factory_ls.factory.fixing import Fixing
from factory_ls.factory.guards import Guards
from factory_ls.factory.journal import Journal
from factory_ls.factory.memories import Memories
from factory_ls.factory.pull_requests import PullRequests
from factory_ls.factory.ratchets import Ratchets
from factory_ls.factory.replies import ThreadAnswer, reply
from factory_ls.factory.sessions import Sessions
from factory_ls.factory.verdict import Result, Verdict
from factory_ls.git import changes
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.ratchet import Proof
from factory_ls.model.text import clean
from factory_ls.model.wire import Wire
from factory_ls.ratchet import memory as remember
from factory_ls.ratchet.memory import Asked

OUTPUT_CHARACTERS = 8000


class SubmitParams(WorkspaceParams, frozen=True, kw_only=True):
    replies: tuple[ThreadAnswer, ...] = ()


class DiscardParams(WorkspaceParams, frozen=True, kw_only=True):
    force: bool = False
    """Even when it is no longer what the fixer left."""


class Submitted(Wire, frozen=True, kw_only=True):
    verdict: Verdict
    why: tuple[str, ...] = ()
    commit: str | None = None
    proof: Proof | None = None
    replies: int = 0
    """Threads that were answered."""


class Unpushed(Wire, frozen=True, kw_only=True):
    """A fix that waits for the user. `changed`: it is no longer what the fixer left."""

    session: str
    why: tuple[str, ...]
    diff: str
    changed: bool


class Fixes:
    def __init__(
        self,
        journal: Journal,
        pulls: PullRequests,
        sessions: Sessions,
        fixing: Fixing,
        memories: Memories,
        guards: Guards,
        ratchets: Ratchets,
    ) -> None:
        self._journal = journal
        self._pulls = pulls
        self._sessions = sessions
        self._fixing = fixing
        self._memories = memories
        self._guards = guards
        self._ratchets = ratchets

    def commands(self) -> list[Command]:
        return [
            Command("factory.fix.submit", "Prove and push a fix", SubmitParams, self._submit),
            Command("factory.fix.show", "Show a fix that was not pushed", WorkspaceParams, self._show),
            Command("factory.fix.push", "Push a fix as it is", WorkspaceParams, self._push, user_only=True),
            Command("factory.fix.discard", "Discard a fix", DiscardParams, self._discard, user_only=True),
        ]

    async def _submit(self, params: SubmitParams, context: Context) -> Submitted:
        """For the ratchet's fixer: proves its change and pushes it, hands it back once, or leaves it for the user."""
        workspace = self._journal.state.workspace(params.workspace)
        context.caller.demand(workspace.id)
        running = self._memories.of(workspace.id).running
        session_id = context.caller.session_id or (running.session if running else "")
        if running is None or running.session != session_id:
            raise FactoryError(
                ErrorKind.CONFLICT,
                "No fix of this session is waited for.",
                "Only a fixer that the ratchet has sent submits; any other change stays for the user to push.",
            )
        context.report("Running the failing commands again", None)
        result = await self._ratchets.submit(workspace.id, session_id)
        commit = result.proof.commit if result.proof else None
        posted = 0
        if result.verdict in (Verdict.PUSHED, Verdict.NOTHING) and self._guards.of(workspace.id).replies:
            posted = await reply(self._journal, self._pulls, self._sessions, session_id, params.replies, commit)
        return Submitted(verdict=result.verdict, why=result.why, commit=commit, proof=result.proof, replies=posted)

    async def _show(self, params: WorkspaceParams, context: Context) -> Unpushed:
        workspace = self._journal.state.workspace(params.workspace)
        context.caller.demand(workspace.id)
        asked = self._asked(workspace.id)
        diff = await self._fixing.diff(workspace.id)
        changed = changes.diff_hash(diff) != asked.diff_hash
        return Unpushed(session=asked.session, why=asked.why, diff=clean(diff), changed=changed)

    async def _push(self, params: WorkspaceParams, context: Context) -> Submitted:
        workspace = self._journal.state.workspace(params.workspace)
        async with self._ratchets.locks[workspace.id]:
            asked = self._asked(workspace.id)
            context.report("Pushing the fix", None)
            result: Result = await self._fixing.push_as_it_is(workspace.id, asked.session)
            await self._memories.change(workspace.id, remember.answered, note="pushed by the user")
        commit = result.proof.commit if result.proof else None
        return Submitted(verdict=result.verdict, why=result.why, commit=commit, proof=result.proof)

    async def _discard(self, params: DiscardParams, context: Context) -> dict[str, str]:
        workspace = self._journal.state.workspace(params.workspace)
        async with self._ratchets.locks[workspace.id]:
            asked = self._asked(workspace.id)
            now = changes.diff_hash(await self._fixing.diff(workspace.id))
            if now != asked.diff_hash and not params.force:
                raise FactoryError(
                    ErrorKind.CONFLICT, "You have changed it since.", "Set `force` to discard your changes with it."
                )
            kept = await self._fixing.discard(workspace.id, asked.session)
            await self._memories.change(workspace.id, remember.answered, note="discarded by the user")
        self._ratchets.look_soon(workspace.id)
        return {"kept": kept}

    def _asked(self, workspace_id: str) -> Asked:
        asked = self._memories.of(workspace_id).asked
        if asked is None:
            raise FactoryError(ErrorKind.NOT_FOUND, "No fix waits for you here.", "`factory.ratchet.explain` says why.")
        return asked
