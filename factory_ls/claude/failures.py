"""What a failed turn or an ended process means for the user, and what they can do. Pure."""

import signal

import msgspec

from factory_ls.claude.messages import Exited, Result
from factory_ls.model.errors import ErrorKind, ErrorObject

_LOGIN = "Run `claude` in a terminal and log in with /login, or set ANTHROPIC_API_KEY."
MAX_TRIES = 6
_PASSING = frozenset({ErrorKind.RATE_LIMITED, ErrorKind.BUSY, ErrorKind.NETWORK})
NO_FAULT_OF_THE_MESSAGE = _PASSING | {ErrorKind.NOT_LOGGED_IN}
"""So it is kept, to be sent again."""
_AGAIN = "Send the message again."


def of_turn(result: Result, *, cut: bool, retry_at: str | None) -> ErrorObject | None:
    """Why a turn failed; None when it did not. `cut`: the answer's stream began and never ended."""
    text = clean(result.result or "; ".join(result.errors or []))
    status = result.api_error_status
    if not result.is_error:
        if cut:
            return ErrorObject(
                kind=ErrorKind.NETWORK, message="Claude's answer was cut off.", hint="Check the connection."
            )
        return None
    if (result.terminal_reason or "").startswith("aborted"):
        return None
    if result.subtype.startswith("error_max"):
        what = "number of turns" if "turns" in result.subtype else "budget"
        return ErrorObject(kind=ErrorKind.CONFLICT, message=f"The session's {what} is used up", hint=_AGAIN)
    if status in {401, 403} or "/login" in text:
        return ErrorObject(kind=ErrorKind.NOT_LOGGED_IN, message=text or f"Claude answered {status}", hint=_LOGIN)
    if status == 429 or result.api_error == "usage_limit_reached":
        hint = f"Wait until {retry_at}." if retry_at else "Wait a minute."
        return ErrorObject(kind=ErrorKind.RATE_LIMITED, message=text, hint=hint, retry_at=retry_at)
    if "No conversation found" in text:
        return ErrorObject(kind=ErrorKind.NOT_FOUND, message=text, hint="Start a new session.")
    if status == 529:
        return ErrorObject(kind=ErrorKind.BUSY, message=text, hint="Claude is overloaded.")
    if status is not None and status < 500:
        return ErrorObject(kind=ErrorKind.INVALID, message=text, hint="Change the message, or start a new session.")
    if result.terminal_reason == "api_error":
        return ErrorObject(kind=ErrorKind.NETWORK, message=text, hint="Check the connection.")
    return ErrorObject(kind=ErrorKind.INTERNAL, message=text or result.subtype, hint=_AGAIN)


def passes(error: ErrorObject, in_a_row: int) -> bool:
    """Whether waiting mends it, so that the messages are worth sending again after `in_a_row` failures. A reset time
    that is known is always waited for."""
    return error.kind in _PASSING and (error.retry_at is not None or in_a_row < MAX_TRIES)


def kept(error: ErrorObject) -> ErrorObject:
    """The error of a message that is not sent again by itself."""
    return msgspec.structs.replace(error, hint=f"{error.hint} Then resume the session: the message is kept.")


def of_exit(exited: Exited) -> ErrorObject:
    """Why a process ended that should not have."""
    lines = clean(exited.stderr)
    last = lines.splitlines()[-1][:500] if lines else ""
    if "already in use" in lines:
        return ErrorObject(kind=ErrorKind.CONFLICT, message=last, hint="Resume the session instead of starting it.")
    if "No conversation found" in lines:
        return ErrorObject(kind=ErrorKind.NOT_FOUND, message=last, hint="Start a new session.")
    if exited.code is None:
        how = "The Claude process ended"
    elif exited.code < 0:
        names = {number.value: number.name for number in signal.Signals}
        how = f"The Claude process was ended by {names.get(-exited.code, exited.code)}"
    else:
        how = f"The Claude process ended with code {exited.code}"
    message = f"{how}: {last}" if last else how
    return ErrorObject(kind=ErrorKind.INTERNAL, message=message, hint="Resume the session: its conversation is kept.")


def clean(text: str) -> str:
    """Text from outside without control characters, so that no terminal or editor obeys it."""
    return "".join(c for c in text if c.isprintable() or c in "\n\t").strip()
