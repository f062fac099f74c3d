"""One watcher for each workspace: a lock of the operating system, which a crash releases by itself."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import DefinitionError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_LOCKED_BYTE = 1 << 20
"""Windows locks bytes: one far behind the text, so that the holder's name stays readable."""


@contextmanager
def only_one(lock_file: Path) -> Iterator[None]:
    """Hold the lock while the block runs.

    Raises:
        DefinitionError: WORKSPACE_BUSY, naming the holder.
    """
    handle = os.open(lock_file, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _lock(handle, lock_file)
        os.ftruncate(handle, 0)
        os.write(handle, f"process {os.getpid()} on {socket.gethostname()}".encode())
        yield
    finally:
        os.close(handle)  # closing releases the lock; the file stays, so that nobody locks a deleted one


def _lock(handle: int, lock_file: Path) -> None:
    try:
        if sys.platform == "win32":
            os.lseek(handle, _LOCKED_BYTE, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            os.lseek(handle, 0, os.SEEK_SET)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise DefinitionError(
            "WORKSPACE_BUSY",
            "another titerline serves this workspace already",
            file=str(lock_file.parent),
            found=lock_file.read_text(encoding="utf-8", errors="replace") or "an unknown process",
            action="Stop that one first, or leave it running: one is enough.",
        ) from error
