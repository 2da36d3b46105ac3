"""One message of so many bytes through child, decoder and conversation: `python -m benchmarks.claude_big BYTES`.

Prints the growth of peak memory as a multiple of the message."""

import asyncio
import resource
import sys
import tempfile
from pathlib import Path

from factory_ls.claude.child import Child
from factory_ls.claude.conversation import Conversation
from factory_ls.claude.launch import LaunchSpec
from factory_ls.model.session import PermissionMode


def peak() -> int:
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size if sys.platform == "darwin" else size * 1024


async def main(size: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        program = folder / "claude"
        head = '{"type":"assistant","message":{"model":"m","content":[{"type":"text","text":"'
        # head -c from /dev/zero: the writer must not be what needs memory.
        lines = f"printf '%s' '{head}'; head -c {size} /dev/zero | tr '\\0' x; printf '\"}}]}}}}\\n'"
        program.write_text(f"#!/bin/sh\n{lines}\n")
        program.chmod(0o755)
        before = peak()
        spec = LaunchSpec(program=str(program), cwd=folder, session_id="0")
        child = await Child.start(spec, folder / "session")
        conversation, longest = Conversation(PermissionMode.YOLO, name), 0
        async for lines_read in child.batches():
            for line in lines_read:
                conversation.receive(line.message)
                longest = max(longest, len(line.event))
        assert longest > size, longest
        print((peak() - before) / size)


asyncio.run(main(int(sys.argv[1])))
