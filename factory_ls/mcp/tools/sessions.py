"""`get_transcript`, `create_workspace` and `send_message`: other Claude sessions."""

import json
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, cast

from msgspec import Meta

from factory_ls.mcp.tool import Answer, Call, Tool
from factory_ls.mcp.tools.workspaces import WorkspaceRef
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.session import Session, Transcript
from factory_ls.model.text import one_line
from factory_ls.model.wire import Params, Wire
from factory_ls.model.workspace import Workspace

if TYPE_CHECKING:
    from factory_ls.factory.children import Delivered

MAX_TEXT = 400
PAGE_CHARACTERS = 5_400
PAGE_EVENTS = 1_000


class TranscriptParams(Params, frozen=True, kw_only=True):
    workspace: WorkspaceRef = None
    session: Annotated[str | None, Meta(description="Its id; else the workspace's latest.")] = None
    after: Annotated[int, Meta(description="`next` of an earlier answer: only what came since.", ge=0)] | None = None


class Entry(Wire, frozen=True, kw_only=True):
    seq: int
    who: str
    """user, claude, tool, result, factory."""
    text: str


class TranscriptView(Wire, frozen=True, kw_only=True):
    session: str
    status: str
    entries: tuple[Entry, ...]
    next: int


async def get_transcript(params: TranscriptParams, call: Call) -> Answer:
    workspace = call.workspace(params.workspace)
    session = _session(workspace, params.session)
    entries: deque[Entry] = deque()
    size, after, more = 0, params.after or 0, True
    while more:
        answer = await call.execute("factory.session.transcript", session=session.id, after=after, limit=PAGE_EVENTS)
        page = cast("Transcript", answer)
        more = bool(page.events)
        for event in page.events:
            for entry in entries_of(event.seq, event.event):
                entries.append(entry)
                size += 2 * len(entry.text) + 60
            if params.after is not None and size > PAGE_CHARACTERS:
                more = False
                after = event.seq
                break
            # Without `after` it is the end that is wanted.
            while params.after is None and size > PAGE_CHARACTERS and len(entries) > 1:
                size -= 2 * len(entries.popleft().text) + 60
        else:
            after = page.next
    view = TranscriptView(session=session.id, status=session.status, entries=tuple(entries), next=after)
    lines = [f"{session.id} {session.workflow} {session.status}"]
    lines += [f"{entry.seq} {entry.who}: {entry.text}" for entry in view.entries]
    return Answer(view, "\n".join(lines))


def _session(workspace: Workspace, wanted: str | None) -> Session:
    for session in reversed(workspace.sessions):
        if wanted in (None, session.id):
            return session
    raise FactoryError(
        ErrorKind.NOT_FOUND, f"{workspace.name} has no such session.", "get_workspace lists its sessions."
    )


def entries_of(seq: int, event: dict[str, Any]) -> Iterator[Entry]:
    """What one line of a session's stream says to a reader; most lines say nothing. Unknown shapes are left out."""
    kind = event.get("type")
    if kind in ("user", "assistant"):
        message = event.get("message")
        content = message.get("content") if isinstance(message, dict) else None
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        for block in blocks if isinstance(blocks, list) else ():
            if isinstance(block, dict) and (said := _block(block)):
                who = ("user" if kind == "user" else "claude") if block.get("type") == "text" else "tool"
                yield Entry(seq=seq, who=who, text=said)
    elif kind == "result" and event.get("is_error"):
        yield Entry(seq=seq, who="result", text=one_line(str(event.get("result") or event.get("subtype")), MAX_TEXT))
    elif kind == "factory/prompt":
        yield Entry(seq=seq, who="user", text=one_line(str(event.get("text")), MAX_TEXT))
    elif isinstance(kind, str) and kind.startswith("factory/"):
        rest = {name: value for name, value in event.items() if name not in ("type", "at")}
        yield Entry(seq=seq, who="factory", text=one_line(f"{kind} {json.dumps(rest)}", MAX_TEXT))


def _block(block: dict[str, Any]) -> str:
    match block.get("type"):
        case "text":
            return one_line(str(block.get("text", "")), MAX_TEXT)
        case "tool_use":
            return one_line(f"{block.get('name')} {json.dumps(block.get('input'))}", MAX_TEXT)
        case "tool_result":
            content = block.get("content")
            parts = content if isinstance(content, list) else [{"text": content}]
            said = " ".join(str(part.get("text", "")) for part in parts if isinstance(part, dict))
            return one_line(f"{'failed: ' if block.get('is_error') else '→ '}{said}", MAX_TEXT)
    return ""


class CreateParams(Params, frozen=True, kw_only=True):
    name: Annotated[str, Meta(description="A few words.", min_length=1, max_length=60)]
    prompt: Annotated[str, Meta(description="What the Claude there is to do; it knows nothing else.", min_length=1)]
    workspace: Annotated[str | None, Meta(description="Whose repository. Leave out for the current one.")] = None
    base_branch: Annotated[str | None, Meta(description="What it starts from; else the default branch.")] = None


class Created(Wire, frozen=True, kw_only=True):
    id: str
    name: str
    branch: str
    path: str
    session: str | None


async def create_workspace(params: CreateParams, call: Call) -> Answer:
    workspace = call.workspace(params.workspace)
    answer = await call.execute(
        "factory.workspace.spawn",
        name=params.name,
        prompt=params.prompt,
        workspace=workspace.id,
        base_branch=params.base_branch,
    )
    made = cast("Workspace", answer)
    session = made.sessions[-1].id if made.sessions else None
    view = Created(id=made.id, name=made.name, branch=made.branch, path=made.path, session=session)
    return Answer(view, f"{made.id} {made.name} on {made.branch} at {made.path}; session {session} works on it.")


class SendParams(Params, frozen=True, kw_only=True):
    message: Annotated[str, Meta(min_length=1)]
    workspace: Annotated[
        str | None, Meta(description="One you made. Leave out to write to the session that made yours.")
    ] = None
    session: Annotated[str | None, Meta(description="A certain session of it.")] = None
    uuid: Annotated[str | None, Meta(description="A UUID of yours: sent twice, it is delivered once.")] = None


class Sent(Wire, frozen=True, kw_only=True):
    session: str
    status: str


async def send_message(params: SendParams, call: Call) -> Answer:
    given = {"message": params.message, "workspace": params.workspace, "session": params.session}
    answer = await call.execute("factory.session.message", **given, uuid=params.uuid)
    sent = cast("Delivered", answer)
    when = "reads it after its turn" if sent.status in ("RUNNING", "WAITING") else "reads it now"
    return Answer(Sent(session=sent.session_id, status=sent.status), f"Delivered: {sent.session_id} {when}.")


TOOLS = (
    Tool(
        name="get_transcript",
        title="Read a session",
        description="The latest of what a Claude session said and did, shortened; with `after` what came since. Use it "
        "to see how far a session in a workspace you made is, or what was tried before.",
        params=TranscriptParams,
        result=TranscriptView,
        run=get_transcript,
    ),
    Tool(
        name="create_workspace",
        title="Make a workspace for a part of the work",
        description="A new worktree with a branch of its own and a Claude session that starts on `prompt`. Use it only "
        "for a part that can be done and merged by itself. May take minutes.",
        params=CreateParams,
        result=Created,
        run=create_workspace,
        read_only=False,
        idempotent=False,
    ),
    Tool(
        name="send_message",
        title="Write to another session",
        description="A message to the Claude session in a workspace you made, or to the one that made yours. It is "
        "delivered once, after the turn that runs. Use it to hand over what the other must know, or to report.",
        params=SendParams,
        result=Sent,
        run=send_message,
        read_only=False,
        idempotent=False,
    ),
)
