"""Runs as tables of pandas, for notebooks: one row a run, sample, dilution, control or finding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import InputError
from pipeline.record.folder import read_record
from pipeline.record.job import ListedRun
from pipeline.report.tables.columns import Field, Plain, plain
from pipeline.report.tables.dilution_columns import antigens_of
from pipeline.report.words.tones import Format
from pipeline.runs.frame_columns import (
    CONTROLS,
    DILUTIONS,
    FAILED_RUN,
    FINDINGS,
    RUNS,
    SAMPLES,
    Columns,
    FrameRow,
    well_columns,
)
from pipeline.runs.place import Wanted, runs_at

if TYPE_CHECKING:
    from pandas import DataFrame, Series


@dataclass(frozen=True, slots=True)
class Frames:
    """The tables of the runs at a place, oldest run first; ``run_id`` joins them.

    Absent is NA, never 0 or an empty text. ``attrs["units"]`` and ``attrs["meanings"]`` of a table tell the
    unit and the meaning of its columns.
    """

    runs: DataFrame
    """One row a run, those included that could not be computed."""
    samples: DataFrame
    """The columns of ``results.csv``."""
    dilutions: DataFrame
    controls: DataFrame
    findings: DataFrame
    """One row a check and subject; a pass is a finding too."""


def frame(
    place: str | Path, assay: str | None = None, since: date | None = None, until: date | None = None
) -> Frames:
    """Read the runs of a workspace, or of a folder of results, as tables of pandas.

    Nothing is left out: superseded, rejected and failed runs are there; the column ``stands`` of every table
    says whether a run still counts.

    Args:
        place: a workspace, or a folder with one folder a run.
        assay: only runs of this assay.
        since: first day of processing.
        until: last day of processing.

    Raises:
        InputError: no such run, or a record that cannot be read, naming its file.
        OSError: the ledger or a record cannot be reached.
    """
    reports, listed = runs_at(Path(place))
    wanted = Wanted(assay, since, until)
    chosen = [run for run in reversed(listed) if wanted.matches(run)]
    if not chosen:
        raise _nothing(place)
    tables = _Tables()
    for run in chosen:
        tables.add(run, reports)
    return tables.frames()


def _nothing(place: str | Path) -> InputError:
    action = "Name a workspace or a folder with results, the assay as its folder is called, or other days."
    return InputError("NO_RUNS", "no run here is wanted", file=str(place), action=action)


@dataclass(slots=True)
class _Table:
    """A table while it grows; ``columns`` may grow too."""

    columns: dict[str, Field[Any]]
    lines: list[dict[str, Plain]] = field(default_factory=list)

    def add(self, columns: Columns, rows: Iterable[FrameRow]) -> None:
        """Append rows that have these columns."""
        self.columns |= {column.name: column for column in columns}
        self.lines += [{column.name: plain(column, row) for column in columns} for row in rows]


@dataclass(slots=True)
class _Tables:
    """The rows of all runs; only one record is in memory at a time."""

    runs: _Table = field(default_factory=lambda: _table(RUNS))
    samples: _Table = field(default_factory=lambda: _table(SAMPLES))
    dilutions: _Table = field(default_factory=lambda: _table(DILUTIONS))
    controls: _Table = field(default_factory=lambda: _table(CONTROLS))
    findings: _Table = field(default_factory=lambda: _table(FINDINGS))

    def add(self, run: ListedRun, reports: Path) -> None:
        """Append the rows of a run."""
        if run.line.failed:
            self.runs.add(FAILED_RUN, [FrameRow(run)])
            return
        record = read_record(reports / run.line.id)
        samples = [FrameRow(run, record, sample) for sample in record.samples]
        steps = [
            FrameRow(run, record, sample, step) for sample in record.samples for step in sample.dilutions
        ]
        self.runs.add(RUNS, [FrameRow(run, record)])
        self.samples.add(SAMPLES, samples)
        self.dilutions.add((*DILUTIONS, *well_columns(antigens_of(record.samples))), steps)
        self.controls.add(CONTROLS, (FrameRow(run, record, c.result, control=c) for c in record.controls))
        self.findings.add(FINDINGS, (FrameRow(run, record, finding=f) for f in record.findings))

    def frames(self) -> Frames:
        """The tables as pandas has them."""
        return Frames(*map(_frame, (self.runs, self.samples, self.dilutions, self.controls, self.findings)))


def _table(columns: Columns) -> _Table:
    return _Table({column.name: column for column in columns})


def _frame(table: _Table) -> DataFrame:
    import pandas as pd  # noqa: PLC0415 - takes half a second, and only notebooks use it

    columns = table.columns.values()
    made = pd.DataFrame({column.name: _series(column, table.lines) for column in columns})
    made.attrs["units"] = {column.name: _unit(column.unit, made) for column in columns if column.unit}
    made.attrs["meanings"] = {column.name: column.meaning for column in columns}
    return made


def _series(column: Field[Any], lines: Sequence[dict[str, Plain]]) -> Series[Any]:
    import pandas as pd  # noqa: PLC0415 - the same

    values = pd.Series([_known(line.get(column.name)) for line in lines], dtype=_dtype(column.form))
    if column.form is Format.TIME:
        return pd.to_datetime(values, utc=True, format="ISO8601", errors="coerce")
    return values


def _known(value: Plain) -> Plain:
    """An empty text is nothing."""
    return None if value == "" else value


def _dtype(form: Format) -> str:
    """Types of pandas that know NA."""
    if form.numeric:
        return "Int64" if form is Format.WHOLE else "Float64"
    return "boolean" if form is Format.TRUTH else "string"


def _unit(unit: str, made: DataFrame) -> str:
    """``as titer_unit`` becomes that unit, where all rows have the same."""
    named = unit.removeprefix("as ")
    found = list(made[named].dropna().unique()) if named in made else []
    return str(found[0]) if len(found) == 1 else unit
