"""Money: what was spent a turn, session, workspace and day, and the caps that stop before the next turn."""

from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from factory_ls.claude import wire
from factory_ls.claude.conversation import Conversation
from factory_ls.claude.effects import TurnEnded
from factory_ls.factory.command import Command, Context
from factory_ls.factory.journal import Journal
from factory_ls.factory.ledger import Sum
from factory_ls.model.clock import iso
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.session import PermissionMode
from factory_ls.model.settings import Settings
from factory_ls.model.wire import Params, Wire


class ReportParams(Params, frozen=True, kw_only=True):
    workspace: str | None = None
    session: str | None = None


class Amount(Wire, frozen=True, kw_only=True):
    key: str
    """A day (UTC), or the id of a workspace or session."""
    usd: float
    turns: int


class Turn(Wire, frozen=True, kw_only=True):
    at: str
    usd: float
    seconds: float
    failed: bool


class Spending(Wire, frozen=True, kw_only=True):
    """US dollars. `turns` is given for a session; a cap of null is none."""

    total_usd: float
    today_usd: float
    days: tuple[Amount, ...]
    workspaces: tuple[Amount, ...]
    sessions: tuple[Amount, ...]
    turns: tuple[Turn, ...] = ()
    session_cap_usd: float | None = None
    workspace_cap_usd: float | None = None
    day_cap_usd: float | None = None


class Exhausted(NamedTuple):
    """A cap that is reached, in words. `until` (ISO 8601 UTC): from when on there is money again by itself."""

    why: str
    until: str | None


class Purse:
    def __init__(self, journal: Journal, settings: Settings) -> None:
        self._journal = journal
        self._settings = settings

    def commands(self) -> list[Command]:
        return [Command("factory.spending.report", "Show what Claude cost", ReportParams, self._report)]

    def exhausted(self, workspace_id: str, session_id: str) -> Exhausted | None:
        """Which cap is reached; null when Claude may take another turn."""
        ledger, settings = self._journal.state.spending, self._settings
        sums = [
            ("This session", settings.spending_cap_session_usd, ledger.spent(session=session_id), "SESSION"),
            ("This workspace", settings.spending_cap_workspace_usd, ledger.spent(workspace=workspace_id), "WORKSPACE"),
            ("Today's work", settings.spending_cap_day_usd, ledger.spent(day=_today()), "DAY"),
        ]
        for who, cap, spent, variable in sums:
            if cap and spent >= cap:
                why = f"{who} has cost ${spent:.2f}, and ${cap:.2f} is its cap (SPENDING_CAP_{variable}_USD)."
                return Exhausted(why, _tomorrow() if variable == "DAY" else None)
        return None

    @property
    def has_caps(self) -> bool:
        settings = self._settings
        caps = (settings.spending_cap_session_usd, settings.spending_cap_workspace_usd, settings.spending_cap_day_usd)
        return any(caps)

    def demand(self, workspace_id: str, session_id: str) -> None:
        """Raises `denied` when a cap is reached."""
        if spent := self.exhausted(workspace_id, session_id):
            raise FactoryError(ErrorKind.DENIED, spent.why, "Raise the cap to go on.", retry_at=spent.until)

    async def _report(self, params: ReportParams, context: Context) -> Spending:
        state = self._journal.state
        workspace = state.workspace(params.workspace).id if params.workspace else context.caller.workspace_id
        if params.session:
            workspace = workspace or state.session(params.session).workspace_id
        if workspace:
            context.caller.demand(workspace)
        ledger, narrow = state.spending, {"workspace": workspace, "session": params.session}
        settings = self._settings
        return Spending(
            total_usd=ledger.spent(**narrow),
            today_usd=ledger.spent(day=_today(), **narrow),
            days=_amounts(ledger.by("day", **narrow)),
            workspaces=_amounts(ledger.by("workspace_id", **narrow)),
            sessions=_amounts(ledger.by("session_id", **narrow)),
            turns=await self._turns(params.session) if params.session else (),
            session_cap_usd=settings.spending_cap_session_usd or None,
            workspace_cap_usd=settings.spending_cap_workspace_usd or None,
            day_cap_usd=settings.spending_cap_day_usd or None,
        )

    async def _turns(self, session_id: str) -> tuple[Turn, ...]:
        # A fresh fold over the stored stream: the same arithmetic that made the sums.
        conversation, turns, after = Conversation(PermissionMode.STRICT, "/"), list[Turn](), 0
        while page := await self._journal.store.session_events(session_id, after, 1000):
            after = page[-1].seq
            for line in page:
                turns += [
                    Turn(at=line.at, usd=effect.cost_usd, seconds=effect.seconds, failed=effect.is_error)
                    for effect in conversation.receive(wire.decode(line.body), line.at)
                    if isinstance(effect, TurnEnded)
                ]
        return tuple(turns)


def _amounts(sums: dict[str, Sum]) -> tuple[Amount, ...]:
    return tuple(Amount(key=key, usd=round(sum_.usd, 6), turns=sum_.turns) for key, sum_ in sums.items())


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _tomorrow() -> str:
    return iso(datetime.combine(datetime.now(UTC).date() + timedelta(days=1), time.min, UTC))
