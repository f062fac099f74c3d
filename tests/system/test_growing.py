"""Exports that may still be written: they wait for patience, and then they are read or refused saying so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sample_cases import SAMPLE_DATA

from pipeline.domain.plate import Export
from pipeline.domain.wells import plate_wells
from pipeline.jobs.bench import Bench
from pipeline.jobs.run import JobOutcome, run_job
from pipeline.readers import read_export
from pipeline.record.folder import read_record
from pipeline.record.job import Job

Drop = Callable[..., Path]
See = Callable[[Path], Job]

PLATE = (SAMPLE_DATA / "anti_mag_igm" / "grid_csv_semicolon_comma" / "grid_csv.csv").read_bytes().rstrip()


def as_list(export: Export) -> list[str]:
    """The same plate as a line a well."""
    measured, over = export.plates[0].reads[0], "OVRFLW"
    wells = [f"{well.name};{measured.values.get(well, over)}" for well in plate_wells(8, 12)]
    return ["Well;OD 450", *(line.replace(".", ",") for line in wells)]


def first_try(bench: Bench, drop: Drop, seen_job: See, data: bytes) -> JobOutcome:
    """What becomes of an export before its patience is over."""
    return run_job(bench, seen_job(drop("plate.csv", data)), final=False)


def last_try(bench: Bench, seen_job: See) -> JobOutcome:
    """What becomes of it when nothing more came."""
    return run_job(bench, seen_job(bench.workspace.inbox / "anti_mag_igm" / "plate.csv"))


def test_a_plate_without_its_last_line_end_waits_and_is_read_with_a_warning(
    bench: Bench, drop: Drop, seen_job: See
) -> None:
    """The last number may be there by half; when nothing more comes the report says that it may be."""
    assert first_try(bench, drop, seen_job, PLATE).state == "incomplete"
    [run] = last_try(bench, seen_job).runs
    record = read_record(bench.workspace.reports / run.id)
    assert any("LAST_LINE_OPEN" in remark for remark in record.reading.remarks)
    assert str(record.verdict) == "accepted_with_warnings"


def test_a_plate_with_its_last_line_end_does_not_wait(bench: Bench, drop: Drop, seen_job: See) -> None:
    """Nobody waits for a whole file."""
    assert first_try(bench, drop, seen_job, PLATE + b"\r\n").state == "done"


@pytest.mark.parametrize("cut", [4, 9])
def test_a_plate_cut_inside_its_last_row_waits_and_is_refused(
    bench: Bench, drop: Drop, seen_job: See, cut: int
) -> None:
    """``0,`` is no zero, and a row with fewer cells has lost its wells."""
    assert first_try(bench, drop, seen_job, PLATE[:-cut]).state == "incomplete"
    [run] = last_try(bench, seen_job).runs
    assert run.code == "FILE_INCOMPLETE"


def test_a_list_that_lacks_wells_of_the_layout_waits(bench: Bench, drop: Drop, seen_job: See) -> None:
    """A list is written well by well; one that never gets them all is read, and its wells are missing."""
    lines = as_list(read_export(PLATE, "plate.csv"))
    short = "\n".join([*lines[:80], ""]).encode()
    assert first_try(bench, drop, seen_job, short).state == "incomplete"
    assert last_try(bench, seen_job).runs[0].failed is False
