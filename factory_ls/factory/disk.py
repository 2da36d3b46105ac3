"""What a folder takes on disk."""

import asyncio
import os
from pathlib import Path


async def disk_bytes(folder: Path) -> int:
    """Bytes of the blocks of all that is below `folder`, links not followed, hard links counted once; 0: it is gone."""
    return await asyncio.to_thread(_disk_bytes, folder)


def _disk_bytes(folder: Path) -> int:
    total, seen, waiting = 0, set(), [str(folder)]
    while waiting:
        try:
            entries = list(os.scandir(waiting.pop()))
        except OSError:
            continue  # gone or not ours meanwhile
        for entry in entries:
            try:
                stat = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            if entry.is_dir(follow_symlinks=False):
                waiting.append(entry.path)
            if stat.st_nlink > 1 and not entry.is_dir(follow_symlinks=False):
                if (stat.st_dev, stat.st_ino) in seen:
                    continue
                seen.add((stat.st_dev, stat.st_ino))
            total += stat.st_blocks * 512
    return total
