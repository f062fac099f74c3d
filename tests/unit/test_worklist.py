"""The worklist: what is to be repeated or checked, why, and at which dilution."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest
from openpyxl import load_workbook

from pipeline.compute.sample.wording import next_steps, step_text
from pipeline.domain.codes.classes import SampleClass
from pipeline.domain.codes.hnk1 import Hnk1Status
from pipeline.domain.codes.qualifier import Qualifier
from pipeline.domain.codes.reasons import Reason
from pipeline.domain.codes.steps import NextStep
from pipeline.domain.codes.unused import DilutionUnused
from pipeline.domain.findings import RunVerdict
from pipeline.domain.record import RunRecord
from pipeline.domain.results import Parallelism, SampleResult, SeriesResult, Titer
from pipeline.domain.specificity import Hnk1Result
from pipeline.report import render
from pipeline.report.first_page.view import overview
from pipeline.report.page.html import page
from pipeline.report.tables.worklist import NOTHING, Task, tasks, worklist_csv, worklist_lines

MEASURED = Titer(5000.0, (4000.0, 6000.0), "BTU", Qualifier.MEASURED, "joint", "5 000 BTU")
HIGH = Titer(
    1_890_000.0,
    (1_890_000.0, None),
    "BTU",
    Qualifier.AT_LEAST,
    "above the working range",
    "\u2265 1 890 000 BTU",
)
LOW = Titer(1200.0, (None, 1200.0), "BTU", Qualifier.BELOW, "below the working range", "< 1 200 BTU")
REPEATED = {"REPEAT": ("REPLICATES_DISAGREE", "WELLS_MISSING", "NO_WORKING_RANGE")}
OPEN = (
    *("RAW_AND_NET_DISAGREE", "ONE_DILUTION_ONLY", "NSB_PARTIAL", "GAP_IN_SERIES", "STRADDLES_CUTOFF"),
    *("NOT_PARALLEL", "TITER_AND_SERIES_DISAGREE"),
)
CASES = (
    *(("REPEAT", code) for code in REPEATED["REPEAT"]),
    *(("INDETERMINATE", code) for code in OPEN),
    ("NONSPECIFIC_BINDING", "NET_BELOW_CUTOFF"),
    ("NONSPECIFIC_BINDING", "ANTIGEN_NEGATIVE_HIGH"),
    ("INVALID", "NO_ANTIGEN_NEGATIVE"),
)
NO_TASK = ("HNK1_POSITIVE", "HNK1_NEGATIVE", "BELOW_CUTOFF", "HIGH_BACKGROUND", "HNK1_WITHOUT_MAG")

Make = Callable[..., SampleResult]


def _series(next_dilution: float | None) -> SeriesResult:
    return SeriesResult(
        None, None, None, None, Parallelism(None, None, None), None, 0, next_dilution=next_dilution
    )


@pytest.fixture
def made(factory: ModuleType) -> Make:
    """A sample of a class and reason, as the core would have worded it."""

    def make(classification: str, code: str, titer: Titer = MEASURED, **changes: Any) -> SampleResult:
        plain = factory.plate_of_samples((8, 12))[0]
        last = max(d.dilution for d in plain.dilutions)
        found, reason = SampleClass(classification), Reason(code)
        steps = next_steps(found, reason, titer, last)
        dilutions = tuple(replace(d, reason=None, used=True) for d in plain.dilutions)
        told = {
            "explanation": reason.means.sentence,
            "next_step": step_text(steps, last),
            "next_steps": steps,
            "series": _series(last if titer.qualifier is Qualifier.AT_LEAST else None),
            "dilutions": dilutions,
        }
        named = {"classification": found, "reasons": (reason,), "titer": titer}
        return replace(plain, **{**named, **told, **changes})

    return make


@pytest.fixture
def only(factory: ModuleType) -> Callable[[SampleResult], tuple[Task, ...]]:
    """The tasks of an accepted run with one sample."""

    def listed(sample: SampleResult) -> tuple[Task, ...]:
        return tasks(factory.run_record(samples=(sample,)))

    return listed


@pytest.mark.parametrize(("classification", "code"), CASES)
def test_every_class_that_needs_something_is_listed_once(
    made: Make, only: Any, classification: str, code: str
) -> None:
    """Each reason gives one line with the sentence, the code and the step of the record."""
    sample = made(classification, code)
    (task,) = only(sample)
    assert (task.sample_id, task.slot, task.plate) == (sample.sample_id, sample.slot, "Plate 3")
    told = Reason(code).means
    assert (task.classification, task.code, task.why) == (classification, code, told.sentence)
    assert told.step is not None
    assert task.action == told.step.alone()
    assert task.dilution is None


@pytest.mark.parametrize("code", NO_TASK)
def test_a_sample_that_needs_nothing_is_not_listed(made: Make, only: Any, code: str) -> None:
    """A technician's list holds work, not results."""
    assert only(made("NEGATIVE", code)) == ()


def test_every_step_of_the_table_reaches_the_worklist(made: Make, only: Any) -> None:
    """A reason code that asks for a step cannot be forgotten here."""
    for reason in Reason:
        assert bool(only(made("REPEAT", reason))) == (reason.means.step is not None), reason


def test_a_titer_above_range_says_where_to_start(made: Make, only: Any) -> None:
    """A reportable sample with a bound gets a line of its own, with the dilution as a number."""
    (task,) = only(made("POSITIVE_HNK1_CONFIRMED", "HNK1_POSITIVE", HIGH))
    assert (task.code, task.dilution) == ("ABOVE_RANGE", 27_000.0)
    assert task.action == "Dilute further, start at 1:27\u202f000."
    assert "1\u202f890\u202f000\u00a0BTU" in task.why


def test_a_titer_below_range_that_does_not_decide_says_what_to_run(made: Make, only: Any) -> None:
    """The record's next dilution towards the concentrated end is not lost, though it has no sentence."""
    (task,) = only(made("NEGATIVE", "BELOW_CUTOFF", LOW, series=_series(500.0)))
    assert (task.code, task.dilution, task.action) == ("BELOW_RANGE", 500.0, "Run the sample at 1:500.")


@pytest.mark.parametrize("code", ["SATURATED", "HOOK_UNRESOLVED"])
def test_saturated_and_hooked_series_start_at_the_most_dilute(made: Make, only: Any, code: str) -> None:
    """The dilution counts the one before the plate; the list names the dilutions in trouble."""
    reason = {"SATURATED": DilutionUnused.SATURATED, "HOOK_UNRESOLVED": DilutionUnused.HOOK}[code]
    sample = made("REPEAT", code, series=None, prior_dilution=10.0)
    troubled = tuple(replace(d, reason=reason) for d in sample.dilutions[:2])
    (task,) = only(replace(sample, dilutions=(*troubled, *sample.dilutions[2:])))
    assert (task.code, task.dilution) == (code, 270_000.0)
    assert task.action == "Dilute further, start at 1:270\u202f000."
    assert task.seen.endswith("at 1:1\u202f000, 1:3\u202f000")


def test_a_repeat_above_range_is_one_line_with_its_start(made: Make, only: Any) -> None:
    """The sample is pipetted once: the repeat says at which dilution."""
    (task,) = only(made("INDETERMINATE", "NOT_PARALLEL", HIGH))
    assert task.action == "Repeat the sample with more dilutions, start at 1:27\u202f000."


def test_nonspecific_binding_is_not_diluted(made: Make, only: Any) -> None:
    """Dilution does not help a serum that binds without antigen, whatever its unsubtracted titer."""
    (task,) = only(made("NONSPECIFIC_BINDING", "ANTIGEN_NEGATIVE_HIGH", HIGH))
    assert "another method" in task.action
    assert task.dilution is None


NO_HNK1 = Hnk1Result("direct", Hnk1Status.NOT_TESTED, None, "OD", None, "no HNK1 wells for this sample")


def test_an_hnk1_check_names_its_dilution_and_stands_beside_the_titer(made: Make, only: Any) -> None:
    """A serum that is too high and had no HNK1 wells still needs its HNK1 check: two lines."""
    sample = made("POSITIVE_HNK1_NOT_TESTED", "HNK1_NOT_TESTED", HIGH, hnk1=NO_HNK1)
    hooked = (replace(sample.dilutions[0], reason=DilutionUnused.HOOK), *sample.dilutions[1:])
    check, dilute = only(replace(sample, dilutions=hooked))
    assert (check.code, check.dilution, dilute.code) == ("HNK1_NOT_TESTED", 3000.0, "ABOVE_RANGE")
    assert check.action == NextStep.TEST_HNK1.at(3000.0)
    assert "no HNK1 wells for this sample" in check.seen


def test_a_further_dilution_brings_its_own_hnk1_wells(made: Make, only: Any) -> None:
    """A serum too high to read with HNK1 open is pipetted once: one line, with what HNK1 showed."""
    grey = replace(NO_HNK1, status=Hnk1Status.GREY, value=2.374, reason="above the reader's range")
    (task,) = only(made("POSITIVE_HNK1_INDETERMINATE", "HNK1_OPEN", HIGH, hnk1=grey))
    assert (task.code, task.action) == ("ABOVE_RANGE", "Dilute further, start at 1:27\u202f000.")
    assert "HNK1 grey zone, 2.374 OD" in task.seen


def test_a_rejected_plate_lists_every_sample(factory: ModuleType) -> None:
    """The whole plate is repeated; the list says which check failed, and reading it takes one line."""
    record = factory.run_record(fail=True)
    assert record.verdict is RunVerdict.REJECTED
    listed = tasks(record)
    assert [task.sample_id for task in listed] == [sample.sample_id for sample in record.samples]
    assert {(task.code, task.action) for task in listed} == {("PLATE_REJECTED", "Repeat the plate.")}
    assert "Control out of range (CTL-01)" in listed[0].why
    same_class = [replace(s, classification=SampleClass.INVALID) for s in record.samples]
    assert len(worklist_lines(replace(record, samples=tuple(same_class))).rows) == 1


def test_an_unknown_reason_speaks_with_its_own_step(made: Make, only: Any) -> None:
    """A class that a later version adds is listed as the record words it."""
    odd = made("ODD", "ODD_CASE", next_step="Look at it.", next_steps=(NextStep("LOOK"),))
    (task,) = only(odd)
    assert (task.code, task.action) == ("ODD_CASE", "Look at it.")


def test_an_open_result_shows_what_was_positive(made: Make, only: Any) -> None:
    """A gap or a single positive dilution can be seen without the report."""
    sample = made("INDETERMINATE", "ONE_DILUTION_ONLY")
    flags = [replace(d, positive=n == 0) for n, d in enumerate(sample.dilutions)]
    (task,) = only(replace(sample, dilutions=tuple(flags)))
    assert task.seen.startswith("positive, at 1:1\u202f000; negative, at 1:3\u202f000")


def _read(record: RunRecord) -> list[dict[str, str]]:
    data = worklist_csv(record)
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def test_the_file_is_what_the_sheet_says(made: Make, factory: ModuleType) -> None:
    """worklist.csv and the sheet Retest worklist have the same tasks; the dilution is a plain number."""
    samples = (
        made("POSITIVE_HNK1_CONFIRMED", "HNK1_POSITIVE", HIGH),
        made("INDETERMINATE", "GAP_IN_SERIES", sample_id="M\u00fcller"),
        made("NEGATIVE", "BELOW_CUTOFF"),
    )
    record = factory.run_record(samples=samples)
    files = render(record)
    rows = _read(record)
    assert files["worklist.csv"] == worklist_csv(record)
    assert [(row["reason_code"], row["dilution"]) for row in rows] == [
        ("ABOVE_RANGE", "27000"),
        ("GAP_IN_SERIES", ""),
    ]
    assert (rows[1]["sample_id"], rows[1]["run"]) == ("M\u00fcller", record.run.id)
    sheet = load_workbook(io.BytesIO(files["results.xlsx"]))["Retest worklist"]
    assert [sheet["F2"].value, sheet["H2"].value, sheet["A3"].value] == ["ABOVE_RANGE", 27_000, "M\u00fcller"]
    assert sheet.freeze_panes == "C2"


@pytest.mark.parametrize("text", ["=cmd|'/c calc'!A1", "+1", "-2", "@SUM(A1)", " =1+1", "\uff1d1+1"])
def test_no_cell_of_the_file_is_a_formula(made: Make, factory: ModuleType, text: str) -> None:
    """An id that a spreadsheet would run stays text."""
    record = factory.run_record(samples=(made("INDETERMINATE", "GAP_IN_SERIES", sample_id=text, slot=text),))
    (row,) = _read(replace(record, run=replace(record.run, plate=text)))
    assert [row["sample_id"], row["slot"], row["plate"]] == [f"'{text}"] * 3


def test_line_breaks_and_control_characters_stay_in_their_cell(made: Make, factory: ModuleType) -> None:
    """A tab, a line break or a quote in an id does not move the cells beside it."""
    record = factory.run_record(samples=(made("INDETERMINATE", "GAP_IN_SERIES", sample_id='\t=1\r\n",x'),))
    (row,) = _read(record)
    assert row["sample_id"] == '\u2409=1\u240d\u240a",x'
    assert row["reason_code"] == "GAP_IN_SERIES"


def test_an_empty_worklist_says_so(made: Make, factory: ModuleType) -> None:
    """Nobody wonders whether the file is broken; the page has no empty section."""
    record = factory.run_record(samples=(made("NEGATIVE", "BELOW_CUTOFF"),))
    (row,) = _read(record)
    assert (row["what_to_do"], row["sample_id"]) == (NOTHING, "")
    files = render(record)
    sheet = load_workbook(io.BytesIO(files["results.xlsx"]))["Retest worklist"]
    assert NOTHING in {cell.value for line in sheet.iter_rows() for cell in line}
    assert b"To repeat or check" not in files["report.html"]


def test_the_page_tells_what_to_do_after_the_samples(made: Make, factory: ModuleType) -> None:
    """The page has the worklist between the samples and their details, and its count is the overview's."""
    first = made("INDETERMINATE", "GAP_IN_SERIES")
    second = made("NEGATIVE", "BELOW_CUTOFF", LOW, series=_series(500.0), slot="S2")
    record = factory.run_record(samples=(first, second))
    text = page(record).decode()
    places = [text.index(f"<h2>{part}") for part in ("Samples", "To repeat or check", "Samples in detail")]
    assert places == sorted(places)
    assert "Run the sample at 1:500." in text
    assert "2 samples: 2 reportable, with another step to do." in overview(record).action
