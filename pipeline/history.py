"""The past runs of one assay, read from a folder of reports: numbers only, one record in memory at a time."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from pipeline.compute.past_run import past_run
from pipeline.domain.history import History, PastRun
from pipeline.errors import InputError
from pipeline.records import records_in, replaces

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def read_history(reports: Path, assay: str) -> History:
    """Collect the runs of an assay, oldest first.

    Args:
        reports: folder with one folder a run, each with its ``results.json``.
        assay: name of the assay.

    Raises:
        InputError: a record that cannot be read, no run of this assay, or titers in different units.
    """
    runs: list[PastRun] = []
    replaced: set[str | None] = set()
    units: set[str] = set()
    for record in records_in(reports):
        if record.run.assay == assay:
            runs.append(past_run(record))
            replaced.add(replaces(record))
            units.add(record.run.unit)
    _require(runs, units, reports, assay)
    current = sorted((run for run in runs if run.id not in replaced), key=_order)
    return History(assay, units.pop(), tuple(current), len(runs) - len(current))


def _require(runs: list[PastRun], units: set[str], reports: Path, assay: str) -> None:
    if not runs:
        raise InputError(
            "NO_RUNS",
            f"no run of the assay '{assay}' is here",
            file=str(reports),
            action="Name the folder with the reports, and the assay as its folder is called.",
        )
    if len(units) > 1:
        raise InputError(
            "UNITS",
            "the runs give titers in different units, which no chart can join",
            file=str(reports),
            found=", ".join(sorted(units)),
            action="Move the runs in the old unit to a folder of their own.",
        )


def _order(run: PastRun) -> tuple[datetime, str]:
    """By the instant of processing; a run without a readable one comes first."""
    try:
        at = datetime.fromisoformat(run.processed_at)
    except ValueError:
        return _LONG_AGO, run.id
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC), run.id
