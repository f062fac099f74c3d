"""Processor time and memory of one call, and a limit for an endless one."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

MAX_SECONDS = 2.0
MAX_MEGABYTES = 300.0
ENDLESS_SECONDS = 10.0
_PROCESS_BYTES = 4 << 30
_STATUS = Path("/proc/self/status")
_RESET_PEAK = Path("/proc/self/clear_refs")


class EndlessError(BaseException):
    """A call was broken off; no ``except Exception`` on the way can swallow it."""


@dataclass(slots=True)
class Cost:
    """What a call took; ``megabytes`` is None where it is not measured."""

    seconds: float = 0.0
    megabytes: float | None = None

    @property
    def fault(self) -> str | None:
        """What was too much."""
        if self.seconds > MAX_SECONDS:
            return f"took more than {MAX_SECONDS:g} s"
        if self.megabytes is not None and self.megabytes > MAX_MEGABYTES:
            return f"took more than {MAX_MEGABYTES:g} MB"
        return None


@contextmanager
def measured() -> Iterator[Cost]:
    """Measure the block; a block that does not end is broken off where the system can do that."""
    cost = Cost()
    before = _memory_before()
    start = time.process_time()
    _alarm(ENDLESS_SECONDS)
    try:
        yield cost
    finally:
        _alarm(0)
        cost.seconds = time.process_time() - start
        after = _peak()
        cost.megabytes = None if before is None or after is None else max(0.0, after - before)


def limit_process() -> None:
    """Keep a mutant that asks for all memory from taking the machine with it."""
    if sys.platform == "linux":
        import resource  # noqa: PLC0415 - does not exist on Windows

        resource.setrlimit(resource.RLIMIT_AS, (_PROCESS_BYTES, _PROCESS_BYTES))


def _alarm(seconds: float) -> None:
    if sys.platform != "win32":
        signal.signal(signal.SIGVTALRM, _break_off)
        signal.setitimer(signal.ITIMER_VIRTUAL, seconds)


def _break_off(_signal: int, _frame: FrameType | None) -> None:
    raise EndlessError(f"did not end within {ENDLESS_SECONDS:g} s")


def _memory_before() -> float | None:
    """Megabytes in use; the peak counts from here on where the system can start it anew."""
    with suppress(OSError):
        _RESET_PEAK.write_text("5", encoding="ascii")
        return _status("VmRSS:")
    return _peak()


def _peak() -> float | None:
    """Most megabytes in use so far; None where nobody counts."""
    peak = _status("VmHWM:")
    if sys.platform == "darwin":
        import resource  # noqa: PLC0415 - does not exist on Windows

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)
    return peak


def _status(key: str) -> float | None:
    with suppress(OSError):
        lines = _STATUS.read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(key))
    return None
