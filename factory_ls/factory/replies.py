"""Answers to review threads after a fix was pushed: one short reply a thread; only what was addressed is resolved.

The fixer gives them with `submit_fix`. When it ended its turn without that, the threads whose file it changed get a
reply that names the commit and claims no more.
"""

import logging
from collections.abc import Collection, Sequence

from factory_ls.factory.journal import Journal
from factory_ls.factory.pull_requests import PullRequests
from factory_ls.factory.sessions import Sessions
from factory_ls.model.clock import iso
from factory_ls.model.errors import FactoryError
from factory_ls.model.text import one_line
from factory_ls.model.wire import Params

log = logging.getLogger(__name__)

MOST = 20
"""Replies after one push: more would be a flood."""
CHARACTERS = 400
REPLIED = "factory/replied"


class ThreadAnswer(Params, frozen=True, kw_only=True):
    thread: str
    body: str
    """What was done about it, or why nothing was: one or two sentences."""
    addressed: bool = False
    """Whether it may be resolved."""


async def reply(
    journal: Journal,
    pulls: PullRequests,
    sessions: Sessions,
    session_id: str,
    answers: Sequence[ThreadAnswer],
    commit: str | None,
) -> int:
    """Posts them, and says how many. Only threads the fixer was sent for, each once, whatever crashes in between."""
    workspace_id = journal.state.session(session_id).workspace_id
    sent_for = _threads(journal, workspace_id)
    done = {note["thread"] for note in await sessions.notes(session_id, REPLIED)}
    posted = 0
    for answer in answers:
        if answer.thread not in sent_for - done or posted == MOST or not answer.body.strip():
            continue
        done.add(answer.thread)
        await sessions.note(session_id, {"type": REPLIED, "thread": answer.thread, "at": iso()})
        text = one_line(answer.body, CHARACTERS) + (f" ({commit[:10]})" if commit else "")
        try:
            await pulls.reply(workspace_id, answer.thread, text)
            if answer.addressed and commit:
                await pulls.resolve(workspace_id, answer.thread)
            posted += 1
        except FactoryError as error:
            log.warning("thread %s: %s", answer.thread, error)
    return posted


async def for_the_fixer(
    journal: Journal, pulls: PullRequests, sessions: Sessions, session_id: str, commit: str, changed: Collection[str]
) -> int:
    """What is answered when the fixer said nothing of any thread: that files at these places were changed."""
    if await sessions.notes(session_id, REPLIED):
        return 0
    workspace_id = journal.state.session(session_id).workspace_id
    pr, sent_for = journal.state.pull_requests[workspace_id], _threads(journal, workspace_id)
    answers = [
        ThreadAnswer(thread=thread.id, body="Changed; please look whether this answers it.")
        for thread in pr.threads
        if thread.id in sent_for and thread.path in changed
    ]
    return await reply(journal, pulls, sessions, session_id, answers, commit)


def _threads(journal: Journal, workspace_id: str) -> set[str]:
    """Ids of the threads that the last fixer was sent for."""
    dispatch = journal.state.ratchets[workspace_id].memory.dispatch
    return {item.split(":")[1] for item in dispatch.items if item.startswith("thread:")} if dispatch else set()
