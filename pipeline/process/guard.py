"""Reading strangers' workbooks in a child process, which may be slow, hungry or dead without harm to us.

A workbook of 5 kB can ask for gigabytes or for hours. The child has a limit of memory, its answer a limit of
time; when either is passed the child is ended, the file refused, and a new child started for the next one.
Text files are read here: they are decoded and split by our own code, which asks for what the file holds.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pipeline.errors import InputError, TiterlineError
from pipeline.readers import read_export
from pipeline.tables.workbook import OLE2, ZIP

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    from pipeline.domain.plate import Export

SECONDS = 30.0
"""A plate takes 0.04 s, a long kinetic half a second."""
BYTES = 1_500_000_000
"""Address space of the child; a plate takes a tenth of it."""
_START_SECONDS = 60.0
"""The first answer also waits for the child to start, on a busy computer."""

Work = Callable[[bytes, str], Any]


def read_guarded(data: bytes, name: str) -> Export:
    """Read an export; a workbook in a child process with limits.

    Raises:
        InputError: as :func:`pipeline.readers.read_export`, and ``CRASHED_READER`` when the child was ended.
    """
    if not data.startswith((ZIP, OLE2)):
        return read_export(data, name)
    export: Export = _reader.do(data, name)
    return export


@dataclass(slots=True)
class Guard:
    """One child process that does one kind of work, and is replaced when it fails."""

    work: Work
    """A function of a module: the child imports it by its name."""
    seconds: float = SECONDS
    memory: int = BYTES
    _child: BaseProcess | None = None
    _pipe: Connection | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def do(self, data: bytes, name: str) -> Any:  # noqa: ANN401 - whatever the work gives
        """Do the work in the child.

        Raises:
            InputError: what the work raised, or ``CRASHED_READER``.
            RuntimeError: a fault of the program inside the child.
        """
        with self._lock:
            pipe = self._running()
            try:
                pipe.send((data, name))
                if not pipe.poll(self.seconds):
                    raise _ended(f"no answer within {self.seconds:g} s")
                answer = pipe.recv()
            except (EOFError, OSError) as error:
                self.stop()
                raise _ended("the reading process ended, probably for want of memory").in_file(
                    name
                ) from error
            except InputError as error:
                self.stop()
                raise error.in_file(name) from error
        return _outcome(answer)

    def stop(self) -> None:
        """End the child; the next work starts a new one."""
        child, self._child = self._child, None
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None
        if child is not None:
            child.kill()
            child.join(5)

    def _running(self) -> Connection:
        if self._child is not None and self._pipe is not None and self._child.is_alive():
            return self._pipe
        self.stop()
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        child = context.Process(target=_serve, args=(theirs, self.work, self.memory), daemon=True)
        child.start()
        theirs.close()
        self._child, self._pipe = child, ours
        if not _is_ready(ours):
            self.stop()
            raise RuntimeError("the reading process does not start")
        return ours


def _is_ready(pipe: Connection) -> bool:
    try:
        return pipe.poll(_START_SECONDS) and pipe.recv() == "ready"
    except (EOFError, OSError):  # it ended before it could begin
        return False


def _serve(pipe: Connection, work: Work, memory: int) -> None:
    """The child: read requests until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the parent's to handle
    _limit_memory(memory)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what a library prints as it fails is told by our answer
    pipe.send("ready")
    with suppress(EOFError, OSError):
        while True:
            data, name = pipe.recv()
            pipe.send(_answer(work, data, name))


def _answer(work: Work, data: bytes, name: str) -> tuple[str, object]:
    try:
        return "done", work(data, name)
    except TiterlineError as error:
        parts = ("code", "message", "file", "place", "found", "expected", "action")
        return "refused", {part: getattr(error, part) for part in parts}
    except MemoryError:
        return "memory", name
    except Exception as error:  # noqa: BLE001 - told to the parent, which puts it on record
        return "fault", f"{type(error).__name__}: {error}"


def _outcome(answer: tuple[str, Any]) -> Any:  # noqa: ANN401
    kind, value = answer
    if kind == "done":
        return value
    if kind == "refused":
        code, message = value.pop("code"), value.pop("message")
        raise InputError(code, message, **value)
    if kind == "memory":
        raise _ended("the file needs more memory than any plate export").in_file(value)
    raise RuntimeError(value)


def _ended(found: str) -> InputError:
    return InputError(
        "CRASHED_READER",
        "reading this file was stopped because it took too much time or memory",
        found=found,
        action="Export the plate again, or as text. If it happens again, keep the file for your IT.",
    )


def _limit_memory(most: int) -> None:
    """Limit the child's address space; on Windows by a job object that holds the process."""
    if sys.platform == "win32":
        _limit_memory_windows(most)
        return
    import resource  # noqa: PLC0415 - not on Windows

    with suppress(ValueError, OSError):  # a stricter limit is set already
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _limit_memory_windows(most: int) -> None:
    """Put this process into a job object with a memory limit (JOB_OBJECT_LIMIT_PROCESS_MEMORY)."""
    import ctypes  # noqa: PLC0415 - only on Windows
    import struct  # noqa: PLC0415

    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined]
    job = kernel.CreateJobObjectW(None, None)
    # JOBOBJECT_EXTENDED_LIMIT_INFORMATION of 64-bit Windows: LimitFlags at byte 16, ProcessMemoryLimit at 112
    limits = bytearray(144)
    struct.pack_into("<L", limits, 16, 0x100)
    struct.pack_into("<Q", limits, 112, most)
    buffer = (ctypes.c_char * len(limits)).from_buffer(limits)
    kernel.SetInformationJobObject(job, 9, buffer, len(limits))
    kernel.AssignProcessToJobObject(job, kernel.GetCurrentProcess())


_reader = Guard(read_export)
atexit.register(_reader.stop)
