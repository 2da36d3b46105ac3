"""What users allowed for good ("always"): remembered per project, listed, revoked."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from factory_ls.factory.command import Command, Context
from factory_ls.factory.journal import Journal
from factory_ls.model.clock import iso
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.events import PermissionRemembered, PermissionRevoked
from factory_ls.model.session import PermissionRule
from factory_ls.model.wire import Params


class ListParams(Params, frozen=True, kw_only=True):
    project: str | None = None


class RevokeParams(Params, frozen=True, kw_only=True):
    project: str
    rule: str


class Rules(AbstractSet[str]):
    """A project's rules as they are at the moment of asking."""

    def __init__(self, journal: Journal, project_id: str) -> None:
        self._journal = journal
        self._project_id = project_id

    def _now(self) -> dict[str, PermissionRule]:
        return self._journal.state.permissions.get(self._project_id, {})

    def __contains__(self, rule: object) -> bool:
        return rule in self._now()

    def __iter__(self) -> Iterator[str]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())


class Permissions:
    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def commands(self) -> list[Command]:
        return [
            Command("factory.permission.list", "List what is always allowed", ListParams, self._list, user_only=True),
            Command(
                "factory.permission.revoke", "Ask again for what was always allowed", RevokeParams, self._revoke,
                user_only=True,
            ),
        ]  # fmt: skip

    def rules(self, project_id: str) -> Rules:
        return Rules(self._journal, project_id)

    async def remember(self, project_id: str, rule: str) -> None:
        if rule not in self.rules(project_id):
            tool, _, subject = rule.partition(":")
            made = PermissionRule(project_id=project_id, rule=rule, tool=tool, subject=subject, at=iso())
            await self._journal.record(PermissionRemembered(rule=made))

    async def _list(self, params: ListParams, _: Context) -> list[PermissionRule]:
        state = self._journal.state
        wanted = state.project(params.project).id if params.project else None
        return [
            rule
            for project_id, rules in state.permissions.items()
            if wanted in (None, project_id)
            for rule in rules.values()
        ]

    async def _revoke(self, params: RevokeParams, _: Context) -> PermissionRule:
        project = self._journal.state.project(params.project)
        rule = self._journal.state.permissions.get(project.id, {}).get(params.rule)
        if rule is None:
            raise FactoryError(
                ErrorKind.NOT_FOUND,
                f"Nothing is allowed as {params.rule!r}.",
                "`factory.permission.list` names what is.",
            )
        await self._journal.record(PermissionRevoked(project_id=project.id, rule=params.rule))
        return rule
