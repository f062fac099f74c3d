"""titerline summary: many plates in one file, the values of their records, no run that was replaced."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from pipeline import cli
from pipeline.domain.record import RunRecord
from pipeline.errors import InputError
from pipeline.ledger import Ledger
from pipeline.record.document import to_json
from pipeline.record.job import ListedRun, RunLine
from pipeline.report.tables.data_dictionary import DICTIONARY, dictionary_rows
from pipeline.report.tables.results_csv import results_csv
from pipeline.report.tables.run_columns import COLUMNS
from pipeline.report.tables.sample_columns import CSV, HEADER, sample_rows
from pipeline.report.words.text import safe_text
from pipeline.report.words.tones import Format
from pipeline.runs import summary
from pipeline.runs.place import Wanted
from pipeline.runs.summary import write_summary
from pipeline.workspace.folders import create_workspace

Make = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder of results."""
    made = tmp_path / "results"
    made.mkdir()
    return made


@pytest.fixture
def put(folder: Path, factory: ModuleType) -> Make:
    """Add a run to the folder."""

    def make(run_id: str, at: str = "2026-02-17T09:00:00+01:00", **changes: Any) -> Path:
        record: RunRecord = changes.pop("record", None) or factory.run_record()
        run = replace(record.run, id=run_id, processed_at=at, **changes)
        (folder / run_id).mkdir()
        path = folder / run_id / "results.json"
        path.write_bytes(to_json(replace(record, run=run)))
        return path

    return make


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def sheet(path: Path, title: str) -> list[dict[str, Any]]:
    """The rows of a sheet, by heading."""
    ws = load_workbook(path)[title]
    assert isinstance(ws, Worksheet)
    heading, *lines = ws.iter_rows(values_only=True)
    return [dict(zip(map(str, heading), line, strict=True)) for line in lines]


def test_the_csv_file_is_those_of_the_plates_one_below_the_other(
    folder: Path, put: Make, sample_records: dict[str, RunRecord], tmp_path: Path
) -> None:
    """All sample cases: one heading, then the lines of each results.csv, oldest plate first."""
    expected = []
    for number, record in enumerate(sample_records.values()):
        run = replace(record.run, id=f"run-{number}", processed_at=f"2026-01-{number + 1:02}T09:00:00+01:00")
        put(run.id, run.processed_at, record=record)
        expected.append(results_csv(replace(record, run=run)).decode("utf-8-sig").split("\r\n", 1))
    done = write_summary(folder, tmp_path / "all.csv", Wanted())
    written = (tmp_path / "all.csv").read_bytes().decode("utf-8-sig")
    assert written == expected[0][0] + "\r\n" + "".join(lines for _, lines in expected)
    assert (done.runs, done.samples) == (len(expected), len(rows(tmp_path / "all.csv")))


def test_the_workbook_holds_the_values_of_the_records(
    folder: Path, put: Make, sample_records: dict[str, RunRecord], tmp_path: Path
) -> None:
    """Numbers are numbers to 15 digits, ids are text, days and times are dates, and nothing is a formula."""
    expected = []
    for number, record in enumerate(sample_records.values()):
        at = f"2026-01-{number + 1:02}T09:30:00+01:00"
        put(f"run-{number}", at, record=record)
        run = replace(record.run, id=f"run-{number}", processed_at=at)
        expected += sample_rows(replace(record, run=run))
    write_summary(folder, tmp_path / "all.xlsx", Wanted())
    found = sheet(tmp_path / "all.xlsx", "Results")
    assert list(found[0]) == list(HEADER)
    for line, row in zip(found, expected, strict=True):
        for column, value in zip(CSV, row, strict=True):
            assert line[column.name] == _in_excel(column.form, value), column.name


def _in_excel(form: Format, value: Any) -> Any:
    if form is Format.TIME:
        return datetime.fromisoformat(value).replace(tzinfo=None)
    if form is Format.DATE and value is not None:
        return datetime.combine(date.fromisoformat(value), datetime.min.time())
    if form is Format.TRUTH:
        return str(value).lower()
    if isinstance(value, float):
        return pytest.approx(value, rel=5e-15, abs=0)
    return value or None


def test_the_sheet_of_runs_counts_each_plate(
    folder: Path, put: Make, factory: ModuleType, tmp_path: Path
) -> None:
    """One row a plate: verdict, failed checks, counts and controls."""
    put("a")
    put("b", record=factory.run_record(fail=True))
    write_summary(folder, tmp_path / "all.xlsx", Wanted())
    good, bad = sheet(tmp_path / "all.xlsx", "Runs")
    assert list(good) == [field.name for field in COLUMNS]
    assert (good["verdict"], good["failed_checks"], good["warnings"]) == ("accepted_with_warnings", None, 1)
    assert (good["samples"], good["reportable"], good["nonspecific"], good["negative"]) == (4, 3, 1, 1)
    assert (good["positive"], good["controls"]) == (2, "NC; PC1 96.7 %; PC2 103.6 %")
    assert (good["lowest_recovery"], good["highest_recovery"]) == (96.7, 103.6)
    assert (bad["run_id"], bad["verdict"], bad["failed_checks"]) == ("b", "rejected", "CTL-01")


def test_the_workbook_explains_its_columns(folder: Path, put: Make, tmp_path: Path) -> None:
    """The data dictionary is the third sheet; headings stay in sight and can be filtered."""
    put("a")
    write_summary(folder, tmp_path / "all.xlsx", Wanted())
    book = load_workbook(tmp_path / "all.xlsx")
    assert book.sheetnames == ["Results", "Runs", "Columns"]
    heading = tuple(field.heading for field in DICTIONARY)
    told = [tuple(cell or "" for cell in row) for row in book["Columns"].iter_rows(values_only=True)]
    assert told == [heading, *dictionary_rows()]
    for ws in book.worksheets:
        assert ws.freeze_panes == "A2"
        assert ws.auto_filter.ref == ws.dimensions
        assert ws.print_title_rows == "$1:$1"
        assert (ws.page_setup.orientation, ws.sheet_properties.pageSetUpPr.fitToPage) == ("landscape", True)


def test_paper_shows_the_columns_that_can_be_read_there(folder: Path, put: Make, tmp_path: Path) -> None:
    """One page wide: the run, repeated, with its samples and titers, or its verdict and counts."""
    put("a")
    write_summary(folder, tmp_path / "all.xlsx", Wanted())
    book = load_workbook(tmp_path / "all.xlsx")
    for name, first, last in (("Results", "sample_id", "titer_unit"), ("Runs", "verdict", "invalid")):
        ws = book[name]
        area = ws.print_area.rpartition("!")[2].replace("$", "")
        printed = [cell.value for cell in ws[area][0]]
        assert (printed[0], printed[-1]) == (first, last)
        assert len(ws[area]) == ws.max_row
        assert len(printed) < 14
        assert ws.print_title_cols == "$A:$A"


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_hostile_ids_are_text(
    folder: Path, put: Make, factory: ModuleType, hostile_ids: tuple[str, ...], tmp_path: Path, ending: str
) -> None:
    """No id becomes a formula, a number or a date, in neither file."""
    plain = factory.plate_of_samples((8, 12))[0]
    samples = tuple(replace(plain, sample_id=text, collected_on=text) for text in hostile_ids)
    put("a", record=factory.run_record(samples=samples))
    path = tmp_path / f"all.{ending}"
    write_summary(folder, path, Wanted())
    if ending == "csv":
        assert [row["sample_id"].removeprefix("'") for row in rows(path)] == list(map(safe_text, hostile_ids))
        return
    ws = load_workbook(path)["Results"]
    assert not any(cell.data_type == "f" for row in ws.iter_rows() for cell in row)
    place = HEADER.index("sample_id") + 1
    assert {cell.data_type for (cell,) in ws.iter_rows(min_col=place, max_col=place)} <= {"s", "n"}
    texts = [cell.value for (cell,) in ws.iter_rows(min_row=2, min_col=place, max_col=place)]
    assert {type(text) for text in texts} <= {str, type(None)}


def test_superseded_runs_are_left_out_unless_asked_for(folder: Path, put: Make, tmp_path: Path) -> None:
    """A LIMS that reads the file gets each plate once."""
    put("a", "2026-02-17T09:00:00+01:00")
    put("b", "2026-02-17T10:00:00+01:00", supersedes="a")
    done = write_summary(folder, tmp_path / "x.csv", Wanted())
    assert (done.runs, done.left_out) == (1, 1)
    assert {row["run_id"] for row in rows(tmp_path / "x.csv")} == {"b"}
    write_summary(folder, tmp_path / "x.csv", Wanted(), every=True)
    assert list(dict.fromkeys(row["run_id"] for row in rows(tmp_path / "x.csv"))) == ["a", "b"]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(), ["a", "b", "c"]),
        (Wanted(since=date(2026, 2, 18)), ["b", "c"]),
        (Wanted(until=date(2026, 2, 18)), ["a", "b"]),
        (Wanted(since=date(2026, 2, 18), until=date(2026, 2, 18)), ["b"]),
        (Wanted(assay="other"), ["c"]),
    ],
)
def test_runs_are_chosen_by_assay_and_day(
    folder: Path, put: Make, tmp_path: Path, wanted: Wanted, expected: list[str]
) -> None:
    """Both days count in full."""
    put("c", "2026-02-19T00:00:01+01:00", assay="other")
    put("a", "2026-02-17T23:59:59+01:00")
    put("b", "2026-02-18T00:00:00+01:00")
    write_summary(folder, tmp_path / "x.csv", wanted)
    assert list(dict.fromkeys(row["run_id"] for row in rows(tmp_path / "x.csv"))) == expected


def test_a_workspace_is_asked_by_its_ledger(
    tmp_path: Path, factory: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that a person rejected is left out, a failed one has no results."""
    workspace = create_workspace(tmp_path / "elisa")
    record = factory.run_record()
    listed = []
    for run_id, review, verdict in (
        ("c", "reject", "accepted"),
        ("b", None, "failed"),
        ("a", "approve", "accepted"),
    ):
        (workspace.reports / run_id).mkdir()
        run = replace(record.run, id=run_id)
        (workspace.reports / run_id / "results.json").write_bytes(to_json(replace(record, run=run)))
        line = RunLine(run_id, "k", "P", run.assay, "p.txt", verdict, run.processed_at)
        listed.append(ListedRun(replace(line, review=review)))
    monkeypatch.setattr(Ledger, "listing", lambda _: listed)
    done = write_summary(workspace.root, tmp_path / "x.csv", Wanted())
    assert (done.runs, done.left_out) == (1, 1)
    assert {row["run_id"] for row in rows(tmp_path / "x.csv")} == {"a"}


def test_a_damaged_record_leaves_the_earlier_file_alone(folder: Path, put: Make, tmp_path: Path) -> None:
    """Half a summary is none: the file is replaced as a whole, and the bad record is named."""
    put("a")
    bad = put("b", "2026-02-18T09:00:00+01:00")
    document = json.loads(bad.read_bytes())
    del document["curves"]
    bad.write_text(json.dumps(document), encoding="utf-8")
    output = tmp_path / "x.csv"
    output.write_bytes(b"earlier")
    with pytest.raises(InputError, match=r"b.results\.json"):
        write_summary(folder, output, Wanted())
    assert output.read_bytes() == b"earlier"
    assert {path.name for path in tmp_path.iterdir()} == {"results", "x.csv"}


def test_too_many_samples_for_a_sheet_are_refused(
    folder: Path, put: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Excel would cut the sheet; the CSV file has no end."""
    monkeypatch.setattr(summary, "MOST_SAMPLES", 3)
    put("a")
    with pytest.raises(InputError, match="SUMMARY_TOO_LONG"):
        write_summary(folder, tmp_path / "x.xlsx", Wanted())
    assert write_summary(folder, tmp_path / "x.csv", Wanted()).samples == 4


@pytest.mark.parametrize(
    ("output", "assay", "code"), [("x.ods", None, "SUMMARY_KIND"), ("x.csv", "no such", "NO_RUNS")]
)
def test_what_cannot_be_done_is_said(
    folder: Path, put: Make, tmp_path: Path, output: str, assay: str | None, code: str
) -> None:
    """No empty file is left for a LIMS to read."""
    put("a")
    with pytest.raises(InputError) as caught:
        write_summary(folder, tmp_path / output, Wanted(assay))
    assert caught.value.code == code
    assert not (tmp_path / output).exists()


def test_the_command_says_what_it_wrote(
    folder: Path, put: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line for people, one document for programs."""
    put("a")
    put("b", "2026-02-17T10:00:00+01:00", supersedes="a")
    output = tmp_path / "x.csv"
    assert cli.main(["summary", str(folder), "-o", str(output)]) == 0
    assert "runs: 1, samples: 4; left out as superseded or rejected by a person: 1" in capsys.readouterr().out
    assert cli.main(["summary", str(folder), "-o", str(output), "--json", "--all"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"file": str(output), "runs": 2, "samples": 8, "left_out": 0}
    assert cli.main(["summary", str(tmp_path), "-o", str(output)]) == 2
    with pytest.raises(SystemExit):
        cli.main(["summary", str(folder), "-o", str(output), "--since", "17.02.2026"])
