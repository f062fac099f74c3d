"""How many samples can be reported and how many need another step: every output says the same."""

from __future__ import annotations

import csv
import html
import io
import itertools
import re
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pipeline.commands.plates.demo import table_lines
from pipeline.compute.sample.bench_steps import facts_of, needs_step
from pipeline.compute.sample.wording import next_steps
from pipeline.domain.codes.classes import SampleClass
from pipeline.domain.codes.qualifier import Qualifier
from pipeline.domain.codes.reasons import Reason
from pipeline.domain.codes.steps import NextStep
from pipeline.domain.findings import RunVerdict
from pipeline.domain.record import RunRecord
from pipeline.domain.results import SampleResult, Titer
from pipeline.ledger.rows import rows_of
from pipeline.record.document import to_json
from pipeline.record.job import ListedRun, RunLine, run_line
from pipeline.report.first_page.view import overview
from pipeline.report.language import language
from pipeline.report.page.run_index import RunIndex, run_index_html
from pipeline.report.page.status import SHORT, StatusPage, status_html, trouble
from pipeline.report.tables.columns import plain
from pipeline.report.tables.results_csv import results_csv
from pipeline.report.tables.run_columns import COLUMNS, RunRow
from pipeline.report.tables.worklist import tasks, worklist_csv
from pipeline.runs.run_list import runs_in

AT = "2026-02-17T09:14:03+01:00"


@pytest.fixture(scope="module")
def records(
    sample_records: dict[str, RunRecord], reader_records: dict[str, RunRecord]
) -> dict[str, RunRecord]:
    """Every sample case and every reader."""
    return {**sample_records, **reader_records}


def counts(record: RunRecord) -> tuple[int, int, int]:
    """Samples, reportable ones, ones with a task: counted here from the record and the list of tasks."""
    waiting = {task.slot for task in tasks(record)}
    return len(record.samples), sum(sample.reportable for sample in record.samples), len(waiting)


def index(*lines: RunLine) -> str:
    """The list of all runs, as text without tags."""
    page = (
        run_index_html(RunIndex("w", AT, [ListedRun(line) for line in lines])).decode().replace("<wbr>", "")
    )
    table = page.partition("<tbody>")[2].partition("</tbody>")[0]
    return html.unescape(re.sub(r"<[^>]+>", "|", table)).replace("\u00a0", " ")


def status(*lines: RunLine) -> str:
    """The page of the shared screen."""
    return html.unescape(
        status_html(StatusPage("w", AT, AT, watching=True, notices=(), queue=(), runs=lines)).decode()
    )


def test_both_numbers_occur(records: dict[str, RunRecord]) -> None:
    """The cases have plates whose samples are all, partly and not at all reportable."""
    kinds = {
        "all" if can == samples else "some" if can else "none"
        for samples, can, _ in map(counts, records.values())
    }
    assert kinds == {"all", "some", "none"}


def test_lists_and_pages_say_what_the_worklist_holds(records: dict[str, RunRecord]) -> None:
    """Index, STATUS and demo, for all sample cases."""
    for name, record in records.items():
        samples, can, waiting = counts(record)
        line = run_line(record)
        assert (line.samples, line.reportable, line.repeats) == (samples, can, waiting), name
        assert f"|{can} of {samples}||{waiting or ''}|" in index(line), name
        rejected = record.verdict is RunVerdict.REJECTED
        step = ", repeat the plate" if rejected else f", {waiting} to repeat or check" if waiting else "<"
        assert f"reportable {can} of {samples}{step}" in status(line), name
        assert table_lines([record])[2].endswith(
            f" reportable {can} of {samples}, {waiting} to repeat or check"
        ), name


def test_banner_says_what_the_worklist_holds(records: dict[str, RunRecord]) -> None:
    """The numbers add up; nobody reads that the results can be released where one of them cannot."""
    for name, record in records.items():
        samples, can, waiting = counts(record)
        said = overview(record).action
        if record.verdict is RunVerdict.REJECTED:
            assert said.startswith("Do not report results of this plate."), name
            continue
        kinds = {
            re.sub(r"^\d+ ", "", one): int(one.split()[0])
            for one in re.findall(r"\d+ (?:not )?rep[^;.]*", said)
        }
        if kinds:
            assert f"{samples} sample" in said
            assert sum(kinds.values()) == samples, name
            assert sum(n for words, n in kinds.items() if not words.startswith("not")) == can, name
        else:
            assert (can, waiting) == (samples, 0), name
        assert ("The results can go to review" in said) == (
            can == samples and record.verdict is RunVerdict.ACCEPTED
        ), name
        assert sum(n for words, n in kinds.items() if "another step" in words) == waiting, name


def test_files_say_what_the_worklist_holds(records: dict[str, RunRecord], tmp_path: Path) -> None:
    """results.csv, worklist.csv, summary, ledger, and the list of a folder without ledger."""
    for name, record in records.items():
        samples, can, waiting = counts(record)
        rows = list(csv.DictReader(io.StringIO(results_csv(record).decode("utf-8-sig"), newline="")))
        assert sum(row["reportable"] == "true" for row in rows) == can, name
        assert sum(row["to_repeat_or_check"] == "true" for row in rows) == waiting, name
        listed = list(csv.DictReader(io.StringIO(worklist_csv(record).decode("utf-8-sig"), newline="")))
        assert len({row["slot"] for row in listed} - {""}) == waiting, name
        run = RunRow(ListedRun(run_line(record)), record)
        row = {field.name: plain(field, run) for field in COLUMNS}
        assert (row["reportable"], row["not_reportable"]) == (can, samples - can), name
        assert row["to_repeat_or_check"] == waiting, name
        ledger = rows_of(record, "k", []).run
        assert (ledger["repeats"], ledger["not_reportable"]) == (waiting, samples - can), name
        folder = tmp_path / record.run.id
        folder.mkdir(exist_ok=True)
        (folder / "results.json").write_bytes(to_json(record))
    lines = {record.run.id: run_line(record) for record in records.values()}
    assert {one.line.id: one.line for one in runs_in(tmp_path)} == lines


@pytest.mark.parametrize("qualifier", ["=", "<", ">="])
def test_the_decision_is_that_of_the_tasks(factory: ModuleType, qualifier: str) -> None:
    """For every class, reason, titer and series: a sample counts when the worklist has a line for it."""
    plain: SampleResult = factory.plate_of_samples((8, 12))[0]
    titer = Titer(5000.0, None, "BTU", Qualifier(qualifier), "joint", "5 000 BTU")
    found = set()
    for name, code, dilutions, steps in itertools.product(
        (*SampleClass, SampleClass("OF_ANOTHER_VERSION")),
        (*Reason, Reason("OF_ANOTHER_VERSION")),
        (plain.dilutions, ()),
        ((), (NextStep("ASK"),), (NextStep.DILUTE_FURTHER,), None),
    ):
        told = next_steps(name, code, titer, 27_000.0) if steps is None else steps
        changed: dict[str, Any] = {"classification": name, "reasons": (code,), "next_steps": told}
        sample = replace(plain, titer=titer, dilutions=dilutions, series=None, **changed)
        listed = bool(tasks(factory.run_record(samples=(sample,))))
        assert needs_step(facts_of(sample)) == listed, changed
        found.add(listed)
    assert found == {True, False}


def test_rejected_and_warned_plates_say_why(records: dict[str, RunRecord]) -> None:
    """The lists of runs quote the first failed check, else the first warning, in eighty signs."""
    for record in records.values():
        line = run_line(record)
        loud = {v: [f for f in record.findings if f.verdict.value == v] for v in ("fail", "warn")}
        first = next(iter(loud["fail"] or loud["warn"]), None)
        if first is None:
            assert line.message is None
            continue
        for page in (index(line), status(line)):
            assert first.breach[: SHORT - 1] in page
    failed = run_line(records["failed_control, Plate1"])
    assert "Positive control out of range, control PC1: 59 % of 3000; 1\u202f770 BTU" in index(failed)
    old = replace(failed, message="Positive controls are recovered: PC1 59 %")
    assert "failed check: Positive controls are recovered: PC1 59 %" in index(old)


def test_reasons_are_german_on_a_german_status_page(records: dict[str, RunRecord]) -> None:
    """Check and message are translated one by one, before they are cut."""
    german = language("de", ",")
    german.missing.clear()
    told = {name: trouble(run_line(record), german) for name, record in records.items()}
    rejected = told["failed_control, Plate1"]
    assert rejected.startswith("Positivkontrolle außerhalb des Sollbereichs, Kontrolle PC1: 59 % von 3000")
    assert german.missing == set()
    assert max(map(len, told.values())) == SHORT


def test_a_long_or_hostile_reason_is_short_text(factory: ModuleType) -> None:
    """A reason is cut at eighty signs and escaped, wherever it is shown."""
    line = replace(run_line(factory.run_record()), message="<script>x</script>: " + "\u202e" + "y" * 200)
    page = run_index_html(RunIndex("w", AT, [ListedRun(line)])).decode().replace("<wbr>", "")
    queue = StatusPage("w", AT, AT, watching=True, notices=(), queue=(), runs=(line,))
    for text in (page, status_html(queue).decode()):
        assert text.count("<script>") <= 1
        assert "\u202e" not in text
        assert "&lt;script&gt;x&lt;/script&gt;: &lt;U+202E&gt;" in text
        assert "y" * SHORT not in text
