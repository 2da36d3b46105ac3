"""Run by claude-agent-sdk's own interpreter: decodes a recorded stream the way the SDK does, from bytes to messages.

PYTHON -m benchmarks.claude_peer RECORDING     (one JSON object on stdout)
"""

import asyncio
import codecs
import json
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

from claude_agent_sdk import __version__
from claude_agent_sdk._internal.message_parser import parse_message
from claude_agent_sdk._internal.transport.subprocess_cli import SubprocessCLITransport

CHUNK = 65536
"""What anyio, which the SDK reads with, asks a pipe for."""


class Ended:
    """A process that has ended well."""

    async def wait(self) -> int:
        return 0


async def chunks(data: bytes) -> AsyncIterator[str]:
    """Text, as its anyio.streams.text.TextReceiveStream makes it."""
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    for start in range(0, len(data), CHUNK):
        yield decoder.decode(data[start : start + CHUNK])


async def decode(data: bytes) -> int:
    transport = SubprocessCLITransport.__new__(SubprocessCLITransport)
    transport._process, transport._stdout_stream = Ended(), chunks(data)
    transport._max_buffer_size = 1024 * 1024  # its default
    transport._check_claude_version = lambda _: None
    count = 0
    async for message in transport._read_messages_impl():
        count += 1
        # Control messages never reach the parser; it would refuse them.
        if message.get("type") not in {"control_response", "control_request", "control_cancel_request"}:
            parse_message(message)
    return count


def main() -> None:
    data = Path(sys.argv[1]).read_bytes()
    best, count = float("inf"), 0
    for _ in range(3):
        began = time.process_time()
        count = asyncio.run(decode(data))
        best = min(best, time.process_time() - began)
    block = {"type": "text", "text": "x" * (2 << 20)}
    big = {"type": "assistant", "message": {"model": "m", "content": [block]}, "parent_tool_use_id": None}
    try:
        asyncio.run(decode(json.dumps(big).encode() + b"\n"))
        refusal = ""
    except Exception as error:  # whatever it is, it is the answer
        refusal = f"{type(error).__name__}: {error}"
    print(json.dumps({"version": __version__, "rate": count / best, "count": count, "refusal": refusal}))


main()
