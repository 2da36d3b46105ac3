"""How the checks of a pull request came out over time, folded from its observations. Pure."""

from dataclasses import dataclass, field

from factory_ls.model.pull_request import CiStatus, PullRequest


@dataclass(slots=True)
class Outcomes:
    """By name of a check. `since`: the commit at which it began to fail, while every commit since failed.

    `both`: the commit on which it was last seen to pass and to fail.
    """

    since: dict[str, str] = field(default_factory=dict)
    both: dict[str, str] = field(default_factory=dict)
    _last: dict[str, tuple[str, CiStatus]] = field(default_factory=dict)

    def observe(self, pr: PullRequest) -> None:
        for check in pr.checks:
            if check.outcome is CiStatus.FAILURE:
                self.since.setdefault(check.name, pr.head_sha)
            elif check.outcome is CiStatus.SUCCESS:
                self.since.pop(check.name, None)
            else:
                continue
            was = self._last.get(check.name)
            if was and was[0] == pr.head_sha and was[1] is not check.outcome:
                self.both[check.name] = pr.head_sha
            self._last[check.name] = (pr.head_sha, check.outcome)
