"""Every way the API fails, with the real command line: what the user reads, the message kept, how it goes on."""

import os
import socket
import time
from collections.abc import AsyncIterator

import pytest

from factory_ls.claude import failures
from factory_ls.demo.messages_api import Directives, MessagesApi, Reply, Request, say
from factory_ls.factory import runner
from factory_ls.model.clock import from_iso
from factory_ls.model.errors import FactoryError
from factory_ls.model.session import Session, SessionStatus
from tests.factory.stage import Stage
from tests.tools import require

pytestmark = pytest.mark.claude
IDLE, RUNNING = SessionStatus.IDLE, SessionStatus.RUNNING


class Faulty:
    """Answers as `fault` says while there is one."""

    def __init__(self) -> None:
        self.fault: Reply | None = None
        self.refused = 0

    def __call__(self, request: Request) -> Reply:
        if self.fault is None:
            return Directives()(request)
        self.refused += 1
        return self.fault


@pytest.fixture
def model() -> Faulty:
    return Faulty()


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch, model: Faulty) -> AsyncIterator[Stage]:
    made = await Stage.make(monkeypatch, script=model, claude=str(require("claude") / "bin" / "claude"))
    monkeypatch.setenv("CLAUDE_CODE_MAX_RETRIES", "0")
    await made.create(name="one")
    yield made
    await made.close()


async def begin(stage: Stage, prompt: str | None = None) -> Session:
    started: Session = await stage.do("session.start", workspace="one", prompt=prompt)
    return started


async def answered(stage: Stage, session: Session, *texts: str) -> Session:
    """Until it is idle and well, having said `texts` and nothing else."""
    done: Session = await stage.until(lambda: (s := stage.session(session.id)).status is IDLE and not s.error and s)
    transcript = await stage.do("session.transcript", session=session.id, limit=1000)
    results = [event.event for event in transcript.events if event.event["type"] == "result"]
    assert [one["result"] for one in results if not one["is_error"] and one["result"]] == list(texts)
    assert (done.retry_at, done.pending) == (None, ())
    return done


FAULTS = {
    "500": (Reply(status=500), "Check the connection."),
    "529": (Reply(status=529), "Claude is overloaded."),
    "429": (Reply(status=429), "Wait a minute."),
    "cut": (Reply(blocks=say("partial").blocks, cut=True), "Check the connection."),
}


async def test_what_passes_is_waited_out(stage: Stage, model: Faulty, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "FIRST_RETRY_SECONDS", 0.5)
    session = await begin(stage)
    for number, (name, (fault, says)) in enumerate(FAULTS.items(), 1):
        model.fault = fault
        await stage.do("session.send", session=session.id, prompt=f"SAY after {name}")
        paused = await stage.until(lambda: (s := stage.session(session.id)).retry_at and s)
        assert paused.status is RUNNING
        assert says in paused.error
        assert f"It is sent again at {paused.retry_at}." in paused.error
        model.fault = None
        await answered(stage, session, *(f"after {name}" for name in list(FAULTS)[:number]))


async def test_tries_become_rarer_and_end(stage: Stage, model: Faulty, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "FIRST_RETRY_SECONDS", 0.05)
    monkeypatch.setattr(failures, "MAX_TRIES", 3)
    model.fault = Reply(status=529)
    session = await begin(stage, "SAY at last")
    given_up = await stage.until(lambda: (s := stage.session(session.id)).status is IDLE and s.turns == 3 and s)
    assert given_up.retry_at is None
    assert given_up.error.endswith("Then resume the session: the message is kept.")
    model.fault = None
    await stage.do("session.resume", session=session.id)
    await answered(stage, session, "at last")
    with pytest.raises(FactoryError, match="runs already"):
        await stage.do("session.resume", session=session.id)


async def test_a_login_that_is_refused(stage: Stage, model: Faulty) -> None:
    model.fault = Reply(status=401)
    session = await begin(stage, "SAY at last")
    held = await stage.until(lambda: (s := stage.session(session.id)).status is IDLE and s.error and s)
    assert "/login" in held.error
    assert held.retry_at is None
    model.fault = None
    await stage.do("session.stop", session=session.id)  # a key in the environment is read at the start
    await stage.do("session.resume", session=session.id)
    await answered(stage, session, "at last")


async def test_nobody_is_logged_in(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    key = os.environ["ANTHROPIC_API_KEY"]
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    session = await begin(stage, "SAY at last")
    held = await stage.until(lambda: (s := stage.session(session.id)).status is IDLE and s.error and s)
    assert "/login" in held.error
    assert "the message is kept" in held.error
    monkeypatch.setenv("ANTHROPIC_API_KEY", key)
    await stage.do("session.stop", session=session.id)
    await stage.do("session.resume", session=session.id)
    await answered(stage, session, "at last")


async def test_the_api_is_out_of_reach(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "FIRST_RETRY_SECONDS", 0.8)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("ANTHROPIC_BASE_URL", f"http://127.0.0.1:{port}")
    session = await begin(stage, "SAY at last")
    paused = await stage.until(lambda: (s := stage.session(session.id)).retry_at and s)
    assert "Check the connection." in paused.error
    with MessagesApi(port=port):
        await answered(stage, session, "at last")


async def test_the_accounts_limit_is_waited_out_to_the_second(
    stage: Stage, model: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")  # only a subscription has such limits
    monkeypatch.setenv("CLAUDE_CODE_OAUTH_TOKEN", "dummy-not-a-token")
    reset = int(time.time()) + 4
    unified = {"status": "rejected", "reset": str(reset), "representative-claim": "five_hour"}
    headers = {f"anthropic-ratelimit-unified-{key}": value for key, value in unified.items()}
    model.fault = Reply(status=429, headers=headers)
    session = await begin(stage, "SAY at last")
    paused = await stage.until(lambda: (s := stage.session(session.id)).retry_at and s)
    assert from_iso(paused.retry_at).timestamp() == reset
    assert paused.error.endswith(f"Wait until {paused.retry_at}. It is sent again at {paused.retry_at}.")
    refused, model.fault = model.refused, None
    await stage.reopen()  # the pause is not lost with the hub
    await answered(stage, session, "at last")
    assert time.time() >= reset
    assert model.refused == refused, "nobody asked meanwhile"


async def test_what_is_sent_meanwhile_goes_with_what_waits(stage: Stage, model: Faulty) -> None:
    model.fault = Reply(status=529)
    session = await begin(stage, "SAY first")
    await stage.until(lambda: stage.session(session.id).retry_at)
    model.fault = None
    await stage.do("session.send", session=session.id, prompt="SAY second")
    await stage.until(lambda: (s := stage.session(session.id)).status is IDLE and not s.error and s)
    texts = [request.text for request in stage.model.requests if request.tools]
    assert any("SAY second" in text for text in texts)
    assert sum("SAY first" in text for text in texts[-2:]) >= 1
    assert stage.session(session.id).retry_at is None


async def test_an_interrupt_gives_up_what_waits(stage: Stage, model: Faulty) -> None:
    model.fault = Reply(status=529)
    session = await begin(stage, "SAY never")
    await stage.until(lambda: stage.session(session.id).retry_at)
    dropped = await stage.do("session.interrupt", session=session.id)
    assert (dropped.status, dropped.retry_at, dropped.error) == (IDLE, None, None)
    document = await stage.do("session.document", session=session.id)
    assert "*What waited to be sent was dropped.*" in document.text
