"""Asking GitHub: the adaptive cadence against fixed polling, over a simulated month of 50 pull requests.

    python -m benchmarks.ratchet [--json FILE] [--seed N]

Pull requests open in working hours and live for days; each push starts several checks whose durations are drawn around
the repository's own (log-normal), some fail early, some wait in a queue; three pushes of ten come from another machine,
so that nobody tells the poller. Told for each way of polling: the median and the 90th percentile of the time from a
check's end to our knowing it, and the requests spent. Each is asked as `factory_ls/factory/pull_requests.py` asks: what
is due soon goes into one request. The figures are of a simulation, not of GitHub.
"""

import argparse
import json
import random
import sys
from collections import defaultdict, deque
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

from factory_ls.ratchet.cadence import KEPT, Pace, Running, Situation, delay, goes_along

DAY = 86_400.0
DAYS = 30
PULL_REQUESTS = 50
REPOSITORIES = 4
MUST_DELAY, MUST_REQUESTS = 0.5, 1.0


@dataclass
class Run:
    check: str
    start: float
    end: float


@dataclass
class Push:
    at: float
    local: bool
    runs: list[Run]


@dataclass
class Pull:
    repository: int
    opened: float
    closed: float
    pushes: list[Push] = field(default_factory=list)

    def at(self, moment: float) -> Push | None:
        """The push whose checks GitHub shows at `moment`."""
        return next((push for push in reversed(self.pushes) if push.at <= moment), None)


def month(seed: int) -> list[Pull]:
    chance = random.Random(seed)  # noqa: S311 - a simulation
    checks = [
        {f"check{n}": chance.choice([25, 60, 150, 300, 480, 900, 1500]) * chance.uniform(0.7, 1.3) for n in range(4)}
        for _ in range(REPOSITORIES)
    ]

    def working(moment: float) -> float:
        """The same day, between nine and six."""
        return moment // DAY * DAY + chance.uniform(9, 18) * 3600

    pulls = []
    for _ in range(PULL_REQUESTS):
        opened = working(chance.uniform(0, (DAYS - 1) * DAY))
        pull = Pull(chance.randrange(REPOSITORIES), opened, min(opened + chance.expovariate(1 / (2 * DAY)), DAYS * DAY))
        moments = sorted(
            {opened, *(m for _ in range(chance.randint(1, 12)) if (m := working(chance.uniform(opened, pull.closed))))}
        )
        for moment in moments:
            if not opened <= moment < pull.closed:
                continue
            runs = []
            for name, usual in checks[pull.repository].items():
                start = moment + chance.uniform(2, 20) + (chance.expovariate(1 / 120) if chance.random() < 0.1 else 0)
                lasts = usual * chance.lognormvariate(0, 0.2)
                if chance.random() < 0.15:
                    lasts *= chance.uniform(0.1, 0.9)
                runs.append(Run(name, start, start + lasts))
            pull.pushes.append(Push(moment, chance.random() < 0.7, runs))
        # A push cancels what still runs for the one before it.
        for one, following in zip(pull.pushes, pull.pushes[1:], strict=False):
            one.runs = [run for run in one.runs if run.end < following.at]
        pulls.append(pull)
    return pulls


@dataclass
class Figures:
    delays: list[float]
    requests: int

    def told(self) -> dict[str, float]:
        return {
            "medianSeconds": round(median(self.delays), 1),
            "p90Seconds": round(quantiles(self.delays, n=10)[-1], 1),
            "requests": self.requests,
            "checks": len(self.delays),
        }


def fixed(pulls: list[Pull], interval: float) -> Figures:
    """Asks at every multiple of `interval` while any pull request is open."""
    delays = [-run.end % interval for pull in pulls for push in pull.pushes for run in push.runs]
    moments = {
        int(step)
        for pull in pulls
        for step in range(int(pull.opened // interval) + 1, int(pull.closed // interval) + 1)
    }
    return Figures(delays, len(moments))


def adaptive(pulls: list[Pull], pace: Pace) -> Figures:
    """As the poller does it: each pull request has its own next time; what is due soon goes along."""
    known: dict[tuple[int, str], deque[float]] = defaultdict(lambda: deque(maxlen=KEPT))
    due = {index: pull.opened for index, pull in enumerate(pulls)}
    asked: dict[int, float] = {}
    delays: list[float] = []
    requests = 0
    while due:
        now = min(due.values())
        some = [i for i, at in due.items() if goes_along(now, asked.get(i, at), at)]
        told = [i for i in some if pulls[i].closed > now]
        requests += bool(told)
        for index in some:
            pull, last = pulls[index], asked.get(index, pulls[index].opened)
            if pull.closed <= now:
                del due[index]
                continue
            asked[index] = now
            for push in pull.pushes:
                for run in push.runs:
                    if last < run.end <= now:
                        delays.append(now - run.end)
                        known[pull.repository, run.check].append(run.end - run.start)
            # A push from this machine is seen in the repository's own refs and asks for a look at once.
            wait = delay(_situation(pull, now, known), pace)
            following = next((p.at for p in pull.pushes if p.local and now < p.at < now + wait), now + wait)
            due[index] = following
    return Figures(delays, requests)


def _situation(pull: Pull, now: float, known: dict[tuple[int, str], deque[float]]) -> Situation:
    push = pull.at(now)
    if push is None:
        return Situation(quiet=now - pull.opened)
    running = tuple(
        Running(now - run.start, known[pull.repository, run.check]) for run in push.runs if run.start <= now < run.end
    )
    ended = [run.end for run in push.runs if run.end <= now]
    changed = max([push.at, *ended])
    coming = any(run.start > now for run in push.runs)
    return Situation(now - changed, now - push.at if coming else None, running)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    pulls = month(options.seed)
    figures = {
        "fixed 60 s": fixed(pulls, 60.0).told(),
        "fixed 120 s": fixed(pulls, 120.0).told(),
        "adaptive": adaptive(pulls, Pace()).told(),
    }
    base, ours = figures["fixed 60 s"], figures["adaptive"]
    ratios = {
        "delay": round(ours["medianSeconds"] / base["medianSeconds"], 3),
        "requests": round(ours["requests"] / base["requests"], 3),
    }
    for name, told in figures.items():
        print(f"{name:12} median {told['medianSeconds']:6} s   p90 {told['p90Seconds']:7} s   "
              f"{told['requests']:6.0f} requests   {told['checks']:.0f} checks")  # fmt: skip
    print(f"against fixed 60 s: {ratios['delay']} x the delay, {ratios['requests']} x the requests")
    if options.json:
        options.json.write_text(json.dumps({"figures": figures, "ratios": ratios}, indent=2) + "\n")
    return int(ratios["delay"] > MUST_DELAY or ratios["requests"] > MUST_REQUESTS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
