"""The ratchet's limits for a workspace: the user's settings, tightened by the repository, and the global pause."""

import logging
from pathlib import Path

import msgspec

from factory_ls.factory.journal import Journal
from factory_ls.factory.scripts import read_repository_file
from factory_ls.model.errors import FactoryError
from factory_ls.model.repository_file import RatchetFile
from factory_ls.model.settings import Settings
from factory_ls.ratchet.limits import Limits, QuietHours, ReviewMode, Spent

log = logging.getLogger(__name__)


def limits_of(settings: Settings) -> Limits:
    quiet = settings.ratchet_quiet_hours
    return Limits(
        max_attempts=settings.ratchet_max_attempts,
        retry_seconds=min(Limits().retry_seconds, settings.ratchet_interval_seconds / 2),
        dispatch=Spent(usd=settings.ratchet_dispatch_budget_usd, seconds=60 * settings.ratchet_dispatch_minutes),
        pull_request=Spent(usd=settings.ratchet_budget_usd, seconds=60 * settings.ratchet_minutes),
        day=Spent(usd=settings.ratchet_day_budget_usd, seconds=60 * settings.ratchet_day_minutes),
        review_mode=ReviewMode(settings.ratchet_review_mode),
        trusted_bots=settings.ratchet_trusted_bots,
        allow_forks=settings.ratchet_allow_forks,
        opt_out_label=settings.ratchet_opt_out_label,
        rerun_flaky=settings.ratchet_rerun_flaky,
        stop_repeats=settings.ratchet_stop_repeats,
        wait_for_base=settings.ratchet_wait_for_base,
        wait_beyond_code=settings.ratchet_wait_beyond_code,
        rebase=settings.ratchet_rebase,
        greens_to_clear=settings.ratchet_greens_to_clear,
        trusted_associations=settings.ratchet_trusted_associations,
        push_unproved=settings.ratchet_push_unproved,
        ci_edits=settings.ratchet_ci_edits,
        replies=settings.ratchet_replies,
        paused=settings.ratchet_paused,
        quiet_hours=_quiet(quiet) if quiet else None,
    )


def tightened(limits: Limits, file: RatchetFile) -> Limits:
    """A repository is other people's text: it may make the limits narrower, never wider."""

    def least(own: Spent, usd: float | None, minutes: float | None) -> Spent:
        return Spent(
            usd=own.usd if usd is None else min(own.usd, usd),
            seconds=own.seconds if minutes is None else min(own.seconds, 60 * minutes),
        )

    return msgspec.structs.replace(
        limits,
        max_attempts=min(limits.max_attempts, limits.max_attempts if file.max_attempts is None else file.max_attempts),
        dispatch=least(limits.dispatch, file.dispatch_budget_usd, file.dispatch_minutes),
        pull_request=least(limits.pull_request, file.budget_usd, file.minutes),
        review_mode=ReviewMode(file.review_mode or limits.review_mode),
        opt_out_label=file.opt_out_label or limits.opt_out_label,
        rerun_flaky=limits.rerun_flaky and file.rerun_flaky,
        replies=limits.replies and file.replies,
        paused=limits.paused or file.paused,
        quiet_hours=limits.quiet_hours or (_quiet(file.quiet_hours) if file.quiet_hours else None),
    )


class Guards:
    def __init__(self, journal: Journal, settings: Settings) -> None:
        self._journal = journal
        self._own = limits_of(settings)
        self._files: dict[str, RatchetFile] = {}

    def of(self, workspace_id: str) -> Limits:
        limits = tightened(self._own, self._files.get(workspace_id, RatchetFile()))
        return msgspec.structs.replace(limits, paused=limits.paused or self._journal.state.ratchets_paused)

    async def read(self, workspace_id: str) -> None:
        """Takes what the repository says now; a file that cannot be read leaves what was known."""
        try:
            file = await read_repository_file(Path(self._journal.state.workspaces[workspace_id].path))
            self._files[workspace_id] = file.ratchet
        except FactoryError as error:
            log.warning("%s", error)


def _quiet(hours: str) -> QuietHours:
    start, _, end = hours.partition("-")
    return QuietHours(start=start, end=end)
