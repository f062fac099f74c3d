"""A run that could not be computed has one kind of record, wherever it failed."""

from __future__ import annotations

import logging
from functools import partial

import pytest

from pipeline import __version__
from pipeline.domain.record import FailedRun, InputFile, ReportStyle
from pipeline.errors import DefinitionError, InputError
from pipeline.record.document import failed_from_json, to_json
from pipeline.record.failed import failed_run

_failed = partial(
    failed_run,
    id="2026-01-02_plate_0123abcd",
    key="0123abcd",
    assay="anti_mag_igm",
    plate="P1",
    export=InputFile("plate.csv", "ab"),
    processed_at="2026-01-02T09:00:00+01:00",
    reports=ReportStyle("de", ","),
)


def test_what_a_person_can_put_right_is_told_in_its_parts() -> None:
    """Code, message, place, found, expected and action of an error stand in the record one by one."""
    parts = {"file": "plate.csv", "place": "cell B3", "found": "'x'", "expected": "a number"}
    run = _failed(InputError("OD_TEXT", "an OD is no number", **parts, action="Export the plate again."))
    assert run == FailedRun(
        schema="titerline.failed/1",
        id="2026-01-02_plate_0123abcd",
        key="0123abcd",
        assay="anti_mag_igm",
        plate="P1",
        export=InputFile("plate.csv", "ab"),
        code="OD_TEXT",
        message="an OD is no number",
        place="plate.csv, cell B3",
        found="'x'",
        expected="a number",
        action="Export the plate again.",
        fault="input",
        processed_at="2026-01-02T09:00:00+01:00",
        reports=ReportStyle("de", ","),
        software=__version__,
    )


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (InputError("FILE_EMPTY", "the file is empty"), "input"),
        (DefinitionError("LIMIT", "the limit has no unit"), "definition"),
        (ZeroDivisionError("in a rule"), "program"),
        (MemoryError(), "program"),
    ],
)
def test_whose_fault_it_was(error: Exception, fault: str, caplog: pytest.LogCaptureFixture) -> None:
    """Their file, their assay or our program: only the last is logged with its trace, and is read back."""
    with caplog.at_level(logging.ERROR):
        run = _failed(error)
    assert run.fault == fault
    assert (run.code == "PROGRAM_FAULT") is (fault == "program") is bool(caplog.records)
    assert failed_from_json(to_json(run)) == run


def test_a_fault_of_the_program_says_what_to_do() -> None:
    """The file is kept; the kind of error is in the record, for IT."""
    run = _failed(ZeroDivisionError("in a rule"))
    assert (run.message, run.action) == ("ZeroDivisionError: in a rule", "Keep the file and tell your IT.")
    assert (run.place, run.found, run.expected) == (None, None, None)
