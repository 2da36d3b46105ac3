"""Commands whose answer is for the user's eyes: shown as messages, for editors that drop what a command returns."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec
from lsprotocol import types

from factory_ls.lsp.hover import proved
from factory_ls.lsp.log_documents import show
from factory_ls.lsp.ports import Report
from factory_ls.model.errors import ErrorKind, FactoryError
from factory_ls.model.pull_request import CiStatus
from factory_ls.model.text import one_line

if TYPE_CHECKING:
    from factory_ls.lsp.session import Session

RUN = "factory.fix.run"
SHOW_OUTPUT = "Show output"


async def run_here(session: "Session", arguments: Mapping[str, Any], report: Report) -> Any:
    """`factory.fix.run`, and how it ended as a message, with its output a click away."""
    answer = await session.execute(RUN, arguments, report)
    run = msgspec.to_builtins(answer)
    how = "took too long" if run["timedOut"] else f"failed with exit code {run['code']}" if run["code"] else "passed"
    text = f"{run['check']}: {run['command']} {how} after {run['seconds']:.1f} s"
    session.spawn(_offer_output(session, text, f"{run['check']}.txt", run["output"]))
    return answer


async def copy_command(session: "Session", arguments: Mapping[str, Any], report: Report) -> dict[str, Any]:
    """`factory.ci.copyCommand {workspace, problem}` → `{command}`. LSP knows no clipboard: it is shown to be copied."""
    answer = msgspec.to_builtins(await session.execute("factory.ci.problems", arguments, report))
    command = next((one["command"] for one in answer["problems"] if one.get("command")), None)
    if command is None:
        raise FactoryError(ErrorKind.NOT_FOUND, "Its log shows no command.", "Open the log to see what ran.")
    session.show_message(types.MessageType.Info, command)
    return {"command": command}


async def explain(session: "Session", arguments: Mapping[str, Any], report: Report) -> dict[str, Any]:
    """`factory.ci.explain {workspace}` → `{text}`: the checks of the pull request, what the ratchet does, and its rules
    in order, each with what it saw and said."""
    workspace = (await session.application()).workspace(str(arguments.get("workspace") or ""))
    lines = [workspace.name]
    if (pr := workspace.pr) is not None:
        lines[0] += f" · pull request #{pr.number} at {pr.head_sha[:10]}"
        for outcome in (CiStatus.FAILURE, CiStatus.PENDING, CiStatus.SUCCESS):
            names = [check.name for check in pr.checks if check.outcome is outcome]
            if names:
                lines.append(f"{outcome.value.lower()}: {', '.join(names)}")
    ratchet = workspace.ratchet
    lines.append(f"ratchet: {ratchet.reason}")
    if ratchet.proof:
        lines.append(f"proof: {proved(ratchet.proof)}")
    if ratchet.enabled:
        answer = await session.execute("factory.ratchet.explain", {"workspace": workspace.id}, report)
        trace = msgspec.to_builtins(answer)["trace"]
        lines += (one_line(f"- {step['rule']}: {step['saw']}. {step['said']}", 300) for step in trace)
    text = "\n".join(lines)
    session.show_message(types.MessageType.Info, text)
    return {"text": text}


async def _offer_output(session: "Session", text: str, name: str, output: str) -> None:
    if await session.ask(text, SHOW_OUTPUT) == SHOW_OUTPUT:
        await show(session, None, name, output, None)
