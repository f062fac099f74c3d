"""The end of a watcher that is asked for from outside: in good order if possible, within seconds always."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

from pipeline.errors import DONE

log = logging.getLogger(__name__)

LONGEST_S = 8.0
"""What a job may still take when the service is told to stop; it is begun anew at the next start."""


@contextmanager
def stopped_by_signal(stop: Event) -> Iterator[None]:
    """While the block runs, SIGTERM sets ``stop``; the program ends even where nothing heeds that."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    last_word = threading.Timer(LONGEST_S, _end)
    last_word.daemon = True

    def asked(_number: int, _frame: object) -> None:
        stop.set()
        if not last_word.is_alive():
            last_word.start()

    before = signal.signal(signal.SIGTERM, asked)
    try:
        yield
    finally:
        last_word.cancel()
        signal.signal(signal.SIGTERM, before)


def _end() -> None:
    log.warning("stopped in the middle of a job, which begins anew at the next start")
    os._exit(DONE)
