"""The past runs of one assay: from the ledger of a workspace, or record by record from a folder."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path

from pipeline.compute.past.past_run import past_run
from pipeline.domain.history import History, PastRun
from pipeline.errors import InputError
from pipeline.record.folder import records_in
from pipeline.record.job import moment, replaces
from pipeline.runs.place import open_ledger, workspace_at


def history_of(place: Path, assay: str) -> History:
    """The past of an assay: from the ledger of a workspace, or else from the records below a folder.

    Raises:
        InputError: as :func:`read_history`.
        LedgerError: the ledger cannot be opened.
    """
    workspace = workspace_at(place)
    if workspace is None:
        return read_history(place, assay)
    with open_ledger(workspace) as ledger:
        history = ledger.history(assay)
        if not history.runs and ledger.lacks_results():
            raise InputError(
                "LEDGER_OLD",
                "the ledger is of an older version and lacks the results of its runs",
                file=str(place),
                action="Run: titerline ledger rebuild, with the workspace.",
            )
    _require(history.runs, {history.unit}, place, assay)
    return history


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
            replaced.add(replaces(record.verdict, record.run.supersedes))
            units.add(record.run.unit)
    _require(runs, units, reports, assay)
    current = sorted((run for run in runs if run.id not in replaced), key=_order)
    return History(assay, units.pop(), tuple(current), len(runs) - len(current))


def _require(runs: Sequence[PastRun], units: Collection[str], reports: Path, assay: str) -> None:
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
    return moment(run.processed_at), run.id
