"""What a fixer is told: one text for everything it is sent for, in the order conflict, CI, review."""

from collections.abc import Sequence
from pathlib import Path

from factory_ls.factory.prompts import Prompts
from factory_ls.model.problem import Failure, Problem
from factory_ls.model.pull_request import PullRequest, ReviewThread
from factory_ls.model.text import one_line
from factory_ls.model.workspace import Workspace
from factory_ls.ratchet.actionable import Work
from factory_ls.ratchet.decide import Decision
from factory_ls.ratchet.fence import Fence
from factory_ls.ratchet.ranking import CHARACTERS_A_TOKEN

CONFLICT, CI, REVIEW = "ratchet/resolve-conflict", "ratchet/fix-ci", "ratchet/address-review"
THREADS_TOKENS = 1500
_COMMENT_CHARACTERS = 1200
_COMMENTS_A_THREAD = 4
_CONTINUES = (
    "A former attempt at this ended half-way. What it changed is still in the worktree: look at `git status` and "
    "`git diff` first, keep what is right and go on from there.\n\n"
)


def workflow_of(work: Sequence[Work]) -> str:
    """The prompt a dispatch begins with, which also names its session's workflow."""
    if Work.CONFLICT in work:
        return CONFLICT
    return CI if Work.CI in work else REVIEW


async def brief(
    prompts: Prompts,
    workspace: Workspace,
    pr: PullRequest,
    decision: Decision,
    *,
    failures: Sequence[Failure],
    commands: Sequence[str],
    continues: bool,
) -> str:
    """The prompt. Problems and commands stand in its first part; what is quoted is behind one fence for all parts."""
    fence = Fence.new()
    # A fork's own prompts are a stranger's instructions.
    worktree = None if pr.is_fork else Path(workspace.path)
    names = [workflow_of(decision.work)]
    if Work.REVIEW in decision.work and REVIEW not in names:
        names.append(REVIEW)
    with_ci = Work.CI in decision.work
    values = {
        "branch": workspace.branch,
        "base": workspace.base_branch,
        "checks": ", ".join(check.name for check in pr.checks if check.outcome == "FAILURE") if with_ci else "",
        "commands": "\n".join(commands),
        "threads": threads_text(pr, decision.items),
    }
    parts: list[str] = []
    problems: tuple[Problem, ...] = decision.problems if with_ci else ()
    for name in names:
        prompt = await prompts.load(f"{name}.md", worktree)
        shown = {} if parts else {"problems": problems, "failures": failures if with_ci else ()}
        parts.append(prompt.render(values=values, fence=fence, **shown))  # type: ignore[arg-type]
    return (_CONTINUES if continues else "") + "\n\nWhen that is done, the second part:\n\n".join(parts)


def threads_text(pr: PullRequest, items: Sequence[str], tokens: int = THREADS_TOKENS) -> str:
    """The threads and reviews of a dispatch's items, each with its id, as many as fit; the rest is counted."""
    wanted = {item.split(":")[1] for item in items if item.startswith(("thread:", "review:"))}
    blocks = [
        f"review {review.id} by {review.author}: {one_line(review.body, _COMMENT_CHARACTERS) or 'changes requested'}"
        for review in pr.reviews
        if review.id in wanted
    ]
    blocks += [_thread(thread) for thread in pr.threads if thread.id in wanted]
    room, shown = tokens * CHARACTERS_A_TOKEN - 80, 0
    while shown < len(blocks) and (shown == 0 or len(blocks[shown]) + 2 <= room):
        room -= len(blocks[shown]) + 2
        shown += 1
    rest = len(blocks) - shown
    more = [f"… and {rest} more: the tool `list_review_threads` has them all."] if rest else []
    return "\n\n".join([*blocks[:shown], *more])


def _thread(thread: ReviewThread) -> str:
    place = f"{thread.path}:{thread.line or thread.original_line or ''}".rstrip(":")
    last = thread.comments[-_COMMENTS_A_THREAD:]
    skipped = len(thread.comments) - len(last)
    said = [f"  {c.author}: {one_line(c.body, _COMMENT_CHARACTERS)}" for c in last]
    head = f"thread {thread.id} at {place}{' (outdated)' if thread.is_outdated else ''}"
    return "\n".join([head, *([f"  ({skipped} earlier comments)"] if skipped else []), *said])
