"""What needs people, and taking it off the list."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import InputError, nearest
from pipeline.jobs.bench import Bench, now, operator_name
from pipeline.ledger.unsolved import take_off, unsolved
from pipeline.record.job import RunLine


def set_aside(bench: Bench, named: str, reason: str) -> list[RunLine]:
    """Take a refused file or rejected plate off the list of what needs people.

    Args:
        bench: of the workspace.
        named: name of the export, or a run id.
        reason: why; it stays in the audit trail.

    Raises:
        InputError: nothing of this name is on the list, or there is no reason.
    """
    if not reason.strip():
        raise InputError("NO_REASON", "a reason is needed", file=named)
    waiting = unsolved(bench.ledger.database)
    found = [line for line in waiting if named == line.id or Path(named).name == line.export]
    if not found:
        names = sorted({line.export for line in waiting})
        raise InputError(
            "NOTHING_TO_SET_ASIDE",
            f"nothing on the list is called '{named}'{nearest(named, names)}",
            file=named,
            expected=", ".join(names) or None,
            action="Name the export as the list 'What needs you' of STATUS.html shows it, or the run id.",
        )
    take_off(bench.ledger.database, found, reason.strip(), operator_name(bench.settings), now())
    return found
