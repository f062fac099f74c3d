"""results.xlsx: typed numbers equal to the record, harmless text, every sheet for every kind of run."""

from __future__ import annotations

import io
import math
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.domain.record import RunRecord
from pipeline.report.cells import put_number, put_text
from pipeline.report.excel import workbook

SHEETS = [
    *("Summary", "Samples", "Worklist", "Dilutions", "Standard curve", "Plate", "Wells", "QC", "Provenance")
]
HOSTILE = (
    "=cmd|'/c calc'!A1",
    "+1+1",
    "-2",
    "@SUM(A1)",
    "\t=1",
    "#N/A",
    "<script>alert(1)</script>",
    "$x^2$",
    "ding\x07",
    "broken\udc80name",
    "007",
    "1E5",
)


def _same(value: float | None) -> Any:
    """Equal to the 16 digits that openpyxl writes."""
    return None if value is None else pytest.approx(value, rel=1e-14)


def _open(record: RunRecord) -> Workbook:
    return load_workbook(io.BytesIO(workbook(record)))


def _rows(sheet: Worksheet, heading: str) -> list[dict[str, Any]]:
    """Rows of the table whose first heading is ``heading``, as dictionaries."""
    lines: list[list[Any]] = [[cell.value for cell in line] for line in sheet.iter_rows()]
    start = next(number for number, line in enumerate(lines) if line[0] == heading)
    rows = []
    for line in lines[start + 1 :]:
        if line[0] is None:
            break
        rows.append(dict(zip(lines[start], line, strict=True)))
    return rows


@pytest.fixture(scope="module")
def book(record: RunRecord) -> Workbook:
    """The workbook of the usual record, opened again."""
    return _open(record)


def test_sheets_and_verdict_come_first(book: Workbook) -> None:
    """The sheets stand in reading order and the first one opens with the verdict."""
    assert book.sheetnames == SHEETS
    assert book["Summary"]["A2"].value == "\u25b2 Accepted with warnings"
    assert book["Summary"]["A3"].value.startswith("Why: No check failed; 1 warning")


def test_sample_numbers_equal_the_record(book: Workbook, record: RunRecord) -> None:
    """Titers and their intervals are the record's numbers, unrounded."""
    rows = _rows(book["Samples"], "Sample")
    assert [row["Sample"] for row in rows] == [sample.sample_id for sample in record.samples]
    for row, sample in zip(rows, record.samples, strict=True):
        expected = sample.titer.text if sample.titer.value is None else sample.titer.value
        assert row["Titer"] == expected
        assert row["Class"] == sample.classification
        assert row["Specific fraction"] == _same(sample.antigen_negative.specific_fraction)
        assert row["HNK1 value"] == _same(sample.hnk1.value)
        if sample.titer.ci95 is not None:
            assert [row["95 % low"], row["95 % high"]] == [_same(side) for side in sample.titer.ci95]


def test_dilutions_equal_the_record(book: Workbook, record: RunRecord) -> None:
    """Every dilution of every sample and control is there with its ODs."""
    rows = _rows(book["Dilutions"], "Sample")
    results = [*record.samples, *(control.result for control in record.controls)]
    steps = [step for result in results for step in result.dilutions]
    assert len(rows) == len(steps)
    for row, step in zip(rows, steps, strict=True):
        assert row["Dilution"] == step.dilution
        assert row["MAG OD"] == _same(step.od["MAG"].mean)
        assert row["MAG CV %"] == _same(step.od["MAG"].cv_percent)
        assert row["Net OD"] == _same(step.net_od)
        assert row["Cut-off OD"] == _same(step.cutoff_od)
        assert row["Titer"] == _same(step.titer)


def test_curve_equals_the_record(book: Workbook, record: RunRecord) -> None:
    """Parameters with standard error, and each calibrator, are the record's numbers."""
    fit = record.curves[0]
    for row in _rows(book["Standard curve"], "Parameter"):
        parameter = fit.parameters[row["Parameter"]]
        assert (row["Value"], row["SE"]) == (parameter.value, parameter.se)
    levels = {row["Level"]: row for row in _rows(book["Standard curve"], "Level")}
    assert len(levels) == len(fit.calibrators)
    for level in fit.calibrators:
        row = levels[level.level]
        assert row["Nominal BTU"] == level.nominal
        assert row["Recovery %"] == _same(level.recovery_percent)
        assert [row["OD 1"], row["OD 2"]] == [_same(od) for od in level.ods]
        assert row["Used"] == ("yes" if level.used else "\u2716 no")


def test_native_chart_has_a_log_axis_and_no_point_at_zero(book: Workbook) -> None:
    """The chart that a person can edit shows the calibrators on a log axis."""
    sheet: Any = book["Standard curve"]
    (chart,) = sheet._charts
    assert chart.x_axis.scaling.logBase == 10
    assert len(chart.series) == 3
    points = _rows(book["Standard curve"], "BTU")
    assert min(row["BTU"] for row in points) > 0


def test_wells_and_plate_show_every_od(book: Workbook, record: RunRecord) -> None:
    """Each well's OD stands in the list and at its place in the heat map."""
    for row, well in zip(_rows(book["Wells"], "Well"), record.wells, strict=True):
        assert row["Well"] == well.well
        assert [row["OD used"], row["OD as printed"]] == [_same(well.od), _same(well.raw_od)]
    plate = book["Plate"]
    by_name = {well.well: well.od for well in record.wells}
    assert plate["B5"].value == _same(by_name["A1"])
    assert plate["F7"].value == "\u2716 no OD"
    assert plate["J10"].value == _same(by_name["F9"])
    assert plate["J10"].number_format == '"\u2716 "0.000'


def test_every_finding_is_listed_worst_first(factory: ModuleType) -> None:
    """The sheet QC holds all findings, passes too, with limit and source."""
    record = factory.run_record(fail=True)
    rows = _rows(_open(record)["QC"], "Verdict")
    assert len(rows) == len(record.findings)
    assert rows[0]["Verdict"] == "\u2716 fail"
    assert (rows[0]["Observed"], rows[0]["Limit"]) == (141.0, 25.0)
    assert rows[0]["Limit from"] == "assay validation 2025"


def test_provenance_names_files_and_hashes(book: Workbook, record: RunRecord) -> None:
    """Two years later: which file, which version, which software."""
    values = {cell.value for line in book["Provenance"].iter_rows() for cell in line}
    assert {record.run.export.sha256, record.run.key, "2.1.0", "limits.replicate_cv.value"} <= values
    assert "line 47: '~End of file'" in values


def test_hostile_text_stays_text(record: RunRecord) -> None:
    """No id, however typed, becomes a formula, an error or a number, nor stops the report."""
    samples = tuple(
        replace(record.samples[n % 4], sample_id=text, comment=text, patient_code=text)
        for n, text in enumerate(HOSTILE)
    )
    named = replace(record.run, plate=HOSTILE[0], assay_title=HOSTILE[0], metadata={"note": HOSTILE[0]})
    book = _open(replace(record, samples=samples, run=named))
    cells = [cell for sheet in book.worksheets for line in sheet.iter_rows() for cell in line]
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s", "n", "d"}
    rows = _rows(book["Samples"], "Sample")
    assert [row["Sample"] for row in rows[:2]] == list(HOSTILE[:2])
    assert [row["Sample"] for row in rows[-4:]] == ["ding\u2407", "broken<U+DC80>name", "007", "1E5"]
    assert all(cell.quotePrefix for cell in cells if cell.data_type == "s" and cell.value in HOSTILE)


def test_every_printed_sheet_fits_its_paper(book: Workbook, record: RunRecord) -> None:
    """Landscape, scaled to the width, with run id and page below."""
    for sheet in book.worksheets:
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.fitToWidth in (1, 3)
        footer: Any = sheet.oddFooter
        assert footer.left.text == record.run.id
    assert book["Samples"].freeze_panes == "D2"
    assert book["QC"].auto_filter.ref.startswith("A1:I")


def test_odd_runs_have_all_sheets(factory: ModuleType) -> None:
    """No samples, a failed curve, no curve at all, 384 wells: the workbook is complete."""
    empty = factory.run_record(samples=())
    for record in (
        empty,
        factory.run_record(fail=True, fit=factory.failed_curve()),
        replace(empty, curves=(), controls=(), blanks=(), findings=(), precision=None, settings={}),
        factory.run_record(shape=(16, 24)),
    ):
        assert _open(record).sheetnames == SHEETS


def test_nan_is_refused() -> None:
    """A NaN, which would become an empty cell, is refused with the cell's name."""
    sheet = Workbook().worksheets[0]
    cell = sheet.cell(2, 3)
    assert isinstance(cell, Cell)
    with pytest.raises(ValueError, match="cell C2"):
        put_number(cell, math.nan)


def test_put_text_is_never_a_formula() -> None:
    """The one door for text keeps its type whatever openpyxl thinks of it."""
    cell = Workbook().worksheets[0].cell(1, 1)
    assert isinstance(cell, Cell)
    put_text(cell, "=1+1")
    assert (cell.value, cell.data_type, cell.quotePrefix) == ("=1+1", "s", True)
