"""``titerline summary``: the results of many plates in one file, one row a sample, oldest plate first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from pipeline.domain.record import RunRecord
from pipeline.errors import InputError
from pipeline.record.document import RECORD
from pipeline.record.folder import read_record
from pipeline.record.job import ListedRun
from pipeline.report.tables.results_csv import ENCODING, csv_line, result_line
from pipeline.report.tables.sample_columns import HEADER, sample_rows
from pipeline.runs.place import Wanted, runs_at
from pipeline.workspace import files

ENDINGS = (".xlsx", ".csv")
MOST_SAMPLES = 1_000_000
"""A sheet of Excel holds 1,048,576 rows."""

Add: TypeAlias = Callable[[RunRecord, ListedRun], None]


@dataclass(frozen=True, slots=True)
class Summarised:
    """What was written."""

    runs: int
    samples: int
    left_out: int
    """Runs that matched, but were superseded or rejected by a person."""


def write_summary(place: Path, output: Path, wanted: Wanted, *, every: bool = False) -> Summarised:
    """Write the summary of finished runs; records are read one at a time.

    Args:
        place: a workspace, or a folder with one folder a run.
        output: ``.xlsx`` or ``.csv``; replaced as a whole.
        wanted: which runs.
        every: also runs that a later one superseded or that a person rejected.

    Raises:
        InputError: another ending, no such run, a record that cannot be read, too many samples for a
            sheet, or a file that cannot be written.
        LedgerError: the ledger cannot be opened.
    """
    if output.suffix.lower() not in ENDINGS:
        raise InputError(
            "SUMMARY_KIND", "this kind of file is not known", file=str(output), expected=" or ".join(ENDINGS)
        )
    reports, runs = runs_at(place)
    matching = [listed for listed in reversed(runs) if not listed.line.failed and wanted.matches(listed)]
    chosen = [listed for listed in matching if every or listed.stands]
    if not chosen:
        raise _nothing(place, len(matching))
    try:
        samples = _written(reports, chosen, output)
    except OSError as error:
        raise _unwritable(error, output) from error
    return Summarised(len(chosen), samples, len(matching) - len(chosen))


def _written(reports: Path, chosen: list[ListedRun], output: Path) -> int:
    """Write the file; returns how many samples."""
    book = output.suffix.lower() == ".xlsx"
    with files.whole_file(output) as temp, (_workbook if book else _csv)(temp) as add:
        return _add_all(reports, chosen, add, MOST_SAMPLES if book else None)


def _add_all(reports: Path, chosen: list[ListedRun], add: Add, most: int | None) -> int:
    samples = 0
    for listed in chosen:
        record = _record(reports / listed.line.id)
        samples += len(record.samples)
        if most is not None and samples > most:
            raise InputError(
                "SUMMARY_TOO_LONG",
                f"more than {most} samples do not fit into a sheet of Excel",
                action="Name fewer days with --since and --until, or write a .csv file.",
            )
        add(record, listed)
    return samples


def _record(folder: Path) -> RunRecord:
    try:
        return read_record(folder)
    except OSError as error:
        action = "Take the folder from the backup, or find out more with: titerline verify"
        raise InputError.unreadable(str(folder / RECORD), error, action) from error


@contextmanager
def _workbook(path: Path) -> Iterator[Add]:
    from pipeline.report.excel.summary_book import SummaryBook  # noqa: PLC0415 - openpyxl

    book = SummaryBook()
    try:
        yield book.add
    except BaseException:
        book.abandon()
        raise
    book.save(path)


@contextmanager
def _csv(path: Path) -> Iterator[Add]:
    with path.open("w", encoding=ENCODING, newline="") as file:
        file.write(csv_line(HEADER))
        yield lambda record, _: file.writelines(map(result_line, sample_rows(record)))


def _nothing(place: Path, left_out: int) -> InputError:
    found = f"{left_out} that were superseded or rejected by a person" if left_out else "none"
    return InputError(
        "NO_RUNS",
        "no finished run here is wanted",
        file=str(place),
        found=found,
        action="Name a workspace or a folder with results, the assay as its folder is called, or other "
        "days; --all adds superseded runs.",
    )


def _unwritable(error: OSError, output: Path) -> InputError:
    return InputError(
        "OUT_UNWRITABLE",
        f"the summary cannot be written: {error.strerror or error}",
        file=str(output),
        action="Close the file in Excel, or choose another folder.",
    )
