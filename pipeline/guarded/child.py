"""Work on strangers' bytes in a child process, which may be slow, hungry or dead without harm to us.

A file of 5 kB can ask for gigabytes or for hours. The child has a limit of memory, its answer a limit of
time; when either is passed the child is ended, the file refused, and a new child started for the next one.
"""

from __future__ import annotations

import hashlib
import importlib
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

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

SECONDS = 30.0
"""A plate takes 0.04 s, a long kinetic half a second."""
BYTES = 1_500_000_000
"""Address space of the child; a plate takes a tenth of it."""
CRASHED = "CRASHED_READER"
"""Code of a file that ended the child, or did not come to an end in it."""
TOO_MUCH = "reading this file was stopped because it took too much time or memory"
BROKEN_OFF = "reading this file broke off"
_START_SECONDS = 60.0
"""The first answer also waits for the child to start, on a busy computer."""
_REMEMBERED = 1_000
"""Files that ended a child and are not given to another one within the same time."""

Work = Callable[..., Any]
"""A function of a module, of bytes and whatever can be pickled: the child imports it by its name."""


class _Inside:
    """Is this process such a child? Then what it does is guarded already, and it starts none of its own."""

    child = False


class GuardError(OSError):
    """There is no child to do the work; that may heal, and says nothing about the file."""


@dataclass(slots=True)
class Guard:
    """One child process, replaced when it fails."""

    seconds: float = SECONDS
    memory: int = BYTES
    prepared: str = ""
    """Module that the child imports before its time is counted."""
    _child: _Child | None = None
    _spare: _Child | None = None
    """Started while the other one works, once a file has ended a child: the next file does not wait."""
    _troubled: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _ended: dict[tuple[str, str], float] = field(default_factory=dict)
    """Work and content that ended a child -> within how many seconds."""

    def do(self, work: Work, data: bytes, *more: object, seconds: float | None = None) -> Any:  # noqa: ANN401 - whatever the work gives
        """Do the work in the child.

        Args:
            work: what to do with the bytes.
            data: a stranger's bytes.
            more: further arguments of the work.
            seconds: how long it may take; None takes the guard's own limit.

        Raises:
            InputError: what the work raised, or ``CRASHED_READER``.
            DefinitionError: what the work raised.
            GuardError: no child can be started.
            RuntimeError: a fault of the program inside the child.
        """
        if _Inside.child:
            return work(data, *more)
        limit = self.seconds if seconds is None else seconds
        known = (f"{work.__module__}.{work.__qualname__}", hashlib.sha256(data).hexdigest())
        with self._lock:
            if self._ended.get(known, 0.0) >= limit:
                raise ended("it was stopped before", BROKEN_OFF)
            try:
                return _outcome(self._asked((work, data, *more), limit))
            except InputError as error:
                if error.code == CRASHED:
                    self._remember(known, limit)
                raise

    def start(self) -> None:
        """Start the child without waiting for it, so that it is there when it is needed."""
        with self._lock, suppress(GuardError):
            self._started()

    def stop(self) -> None:
        """End the child; the next work starts a new one."""
        for child in (self._child, self._spare):
            if child is not None:
                child.end()
        self._child = self._spare = None

    def _asked(self, request: tuple[object, ...], limit: float) -> tuple[str, Any]:
        child = self._running()
        try:
            child.pipe.send(request)
            if not child.pipe.poll(limit):
                self._end()
                raise ended(f"no answer within {limit:g} s")
            answer: tuple[str, Any] = child.pipe.recv()
        except (EOFError, OSError) as error:
            self._end()
            raise ended("the reading process ended, probably for want of memory", BROKEN_OFF) from error
        if answer[0] == "memory":
            self._end()  # what is left of it may be short of memory for the next file
        return answer

    def _end(self) -> None:
        if self._child is not None:
            self._child.end()
        self._child, self._spare, self._troubled = self._spare, None, True

    def _remember(self, known: tuple[str, str], limit: float) -> None:
        if len(self._ended) >= _REMEMBERED:
            self._ended.clear()
        self._ended[known] = limit

    def _running(self) -> _Child:
        child = self._started()
        if not child.ready and not child.answers():
            self.stop()
            raise GuardError("the reading process does not start")
        child.ready = True
        if self._troubled and self._spare is None:
            self._spare = _new_child(self.memory, self.prepared)
        return child

    def _started(self) -> _Child:
        if self._child is None or not self._child.process.is_alive():
            self.stop()
            self._child = _new_child(self.memory, self.prepared)
        return self._child


@dataclass(slots=True)
class _Child:
    """A process and our end of the pipe to it."""

    process: BaseProcess
    pipe: Connection
    ready: bool = False

    def answers(self) -> bool:
        """Does it say that it is ready?"""
        try:
            return self.pipe.poll(_START_SECONDS) and self.pipe.recv() == "ready"
        except (EOFError, OSError):  # it ended before it could begin
            return False

    def end(self) -> None:
        """Kill it, whatever it does."""
        self.pipe.close()
        self.process.kill()
        self.process.join(5)


def _new_child(memory: int, prepared: str) -> _Child:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, memory, prepared), daemon=True)
    process.start()
    theirs.close()
    return _Child(process, ours)


def _serve(pipe: Connection, memory: int, prepared: str) -> None:
    """The child: read requests until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the parent's to handle
    _Inside.child = True
    _limit_memory(memory)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what a library prints as it fails is told by our answer
    if prepared:
        importlib.import_module(prepared)
    pipe.send("ready")
    with suppress(EOFError, OSError):
        while True:
            work, *given = pipe.recv()
            pipe.send(_answer(work, given))


def _answer(work: Work, given: list[object]) -> tuple[str, object]:
    try:
        return "done", work(*given)
    except TiterlineError as error:
        parts = ("code", "message", "file", "place", "found", "expected", "action")
        return "refused", (type(error), {part: getattr(error, part) for part in parts})
    except (MemoryError, RecursionError):
        return "memory", None
    except Exception as error:  # noqa: BLE001 - told to the parent, which puts it on record
        return "fault", f"{type(error).__name__}: {error}"


def _outcome(answer: tuple[str, Any]) -> Any:  # noqa: ANN401
    kind, value = answer
    if kind == "done":
        return value
    if kind == "memory":
        raise ended("the file needs more memory than any plate export")
    if kind == "refused":
        error, parts = value
        raise error(parts.pop("code"), parts.pop("message"), **parts)
    raise RuntimeError(value)


def ended(found: str, message: str = TOO_MUCH) -> InputError:
    """Refuse a file with which a child did not come to an end."""
    return InputError(
        CRASHED,
        message,
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
