"""What keeps work from being done, for the person at the bench: which file, and why."""

from __future__ import annotations

import errno
import re

from pipeline.domain.message import Message
from pipeline.errors import LedgerError
from pipeline.inbox.names import held
from pipeline.jobs.bench import Bench


def _shown_place(ledger: str) -> str:
    """Path of the ledger, or its URL without a password."""
    return re.sub(r"//([^/@:]*):[^/@]*@", r"//\1@", ledger)


def ledger_trouble(bench: Bench, error: OSError) -> Message:
    """What is said while the ledger cannot be used: where it is, and why."""
    file = _shown_place(str(bench.settings.ledger or bench.workspace.ledger_file))
    if error.errno == errno.ENOSPC:
        return Message(
            "The ledger {file} cannot be written, so nothing is processed: the disk is full.", file=file
        )
    text = "The ledger {file} cannot be written, so nothing is processed: {why}."
    return Message(text, file=file, why=str(error.strerror or error))


def blocked_text(error: OSError) -> str:
    """What keeps a job from being done, for the person at the bench."""
    if isinstance(error, LedgerError):
        return "seen, waiting for the ledger"
    if isinstance(error, PermissionError):
        return held(error.filename)
    if error.errno == errno.ENOSPC:
        return "seen, but the disk is full: make room, then it goes on"
    return Message("seen, cannot go on yet: {why}", why=error.strerror or type(error).__name__)
