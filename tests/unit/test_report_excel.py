"""results.xlsx: typed numbers equal to the record, harmless text, every sheet for every kind of run."""

from __future__ import annotations

import hashlib
import io
import math
import os
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from contrast import contrast
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.domain.codes.classes import SampleClass
from pipeline.domain.history import ControlStanding, RunStanding
from pipeline.domain.record import RunRecord
from pipeline.record.document import from_json, to_json
from pipeline.report.drawing.platemap import HIGH, LOW
from pipeline.report.excel.cells import put_number, put_text
from pipeline.report.excel.control_sheet import NO_HISTORY
from pipeline.report.excel.styles import STYLES
from pipeline.report.excel.workbook import workbook
from pipeline.report.excel.workbook_file import NO_MOMENT, written_at
from pipeline.report.tables.sample_columns import HEADER, sample_rows
from pipeline.report.tables.sample_words import clear_negative

SHEETS = [
    *("Summary", "Samples", "Data", "Dilutions", "Standard curve", "Plates", "QC", "Retest worklist"),
    *("Control charts", "Wells", "Provenance"),
]


def _same(value: float | None) -> Any:
    """Equal to the 16 digits that openpyxl writes."""
    return None if value is None else pytest.approx(value, rel=1e-14)


def _open(record: RunRecord) -> Workbook:
    return load_workbook(io.BytesIO(workbook(record)))


def _rows(sheet: Worksheet, heading: str) -> list[dict[str, Any]]:
    """Rows of the first table whose first heading is ``heading``, as dictionaries."""
    lines: list[list[Any]] = [[cell.value for cell in line] for line in sheet.iter_rows()]
    return _rows_from(lines, next(number for number, line in enumerate(lines) if line[0] == heading))


def _rows_with(sheet: Worksheet, heading: str) -> list[dict[str, Any]]:
    """The same for the first table that has ``heading`` anywhere."""
    lines: list[list[Any]] = [[cell.value for cell in line] for line in sheet.iter_rows()]
    return _rows_from(lines, next(number for number, line in enumerate(lines) if heading in line))


def _rows_from(lines: list[list[Any]], start: int) -> list[dict[str, Any]]:
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
        assert row["Titer"] == (
            sample.titer.text if sample.titer.value is None else _same(sample.titer.value)
        )
        if sample.titer.ci95 is not None:
            assert [row["95 % low"], row["95 % high"]] == [_same(side) for side in sample.titer.ci95]


@pytest.mark.parametrize(
    "name", ["Class", "Specific fraction", "HNK1 value", "Patient code", "Prior dilution"]
)
def test_each_block_of_samples_equals_the_record(book: Workbook, record: RunRecord, name: str) -> None:
    """The blocks below the first one hold the other fields, one line a sample."""
    fields = {
        "Class": lambda sample: sample.classification,
        "Specific fraction": lambda sample: (
            None if clear_negative(sample) else _same(sample.antigen_negative.specific_fraction)
        ),
        "HNK1 value": lambda sample: _same(sample.hnk1.value),
        "Patient code": lambda sample: sample.patient_code,
        "Prior dilution": lambda sample: sample.prior_dilution,
    }
    rows = _rows_with(book["Samples"], name)
    assert [row["Sample"] for row in rows] == [sample.sample_id for sample in record.samples]
    assert [row[name] for row in rows] == [fields[name](sample) for sample in record.samples]


def test_dilutions_equal_the_record(book: Workbook, record: RunRecord) -> None:
    """Every dilution of every sample and control is there with its ODs."""
    rows = _rows(book["Dilutions"], "Sample")
    results = [*record.samples, *(control.result for control in record.controls)]
    steps = [(result, step) for result in results for step in result.dilutions]
    assert len(rows) == len(steps)
    for row, (result, step) in zip(rows, steps, strict=True):
        assert row["Dilution 1:"] == step.dilution
        assert row["MAG OD"] == _same(step.od["MAG"].mean)
        assert row["MAG CV %"] == _same(step.od["MAG"].cv_percent)
        assert row["Net OD"] == _same(step.net_od)
        assert row["Cut-off OD"] == _same(step.cutoff_od)
        specific = result.classification is not SampleClass.NONSPECIFIC_BINDING
        assert row["Titer, BTU"] == (_same(step.titer) if specific else None)


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
    names = [series.tx.v for series in chart.series]
    assert names == ["calibrator wells", "left out", "fitted curve", "LLOQ", "ULOQ"]
    wells = _rows_with(book["Standard curve"], "OD")
    assert min(row["BTU"] for row in wells) > 0
    assert [row["Shown as"] for row in wells] == [names[0]] * 12 + [names[1]] * 2


def test_the_chart_points_at_the_cells_of_its_numbers(book: Workbook, record: RunRecord) -> None:
    """Whoever changes a cell sees it in the chart; each series covers its own rows and no other."""
    sheet: Any = book["Standard curve"]
    fit = record.curves[0]
    values = {}
    for series in sheet._charts[0].series:
        _, _, area = series.yVal.numRef.f.rpartition("!")
        values[series.tx.v] = [cell.value for (cell,) in sheet[area.replace("$", "")]]
    assert values["calibrator wells"] == [_same(od) for level in fit.calibrators[:6] for od in level.ods]
    assert values["fitted curve"] == [_same(od) for at, od in sorted(fit.line) if at > 0]
    assert values["LLOQ"] == [0, _same(max(od for level in fit.calibrators for od in level.ods))]


def test_each_sample_has_its_curve_of_net_od(book: Workbook, record: RunRecord) -> None:
    """The chart below the dilutions shows each sample's own rows."""
    sheet: Any = book["Dilutions"]
    series = sheet._charts[0].series
    assert [one.tx.v for one in series] == [sample.sample_id for sample in record.samples]
    for one, sample in zip(series, record.samples, strict=True):
        area = one.yVal.numRef.f.rpartition("!")[2].replace("$", "")
        assert [cell.value for (cell,) in sheet[area]] == [_same(step.net_od) for step in sample.dilutions]


def test_wells_and_plate_show_every_od(book: Workbook, record: RunRecord) -> None:
    """Each well's OD stands in the list and at its place in the heat map."""
    for row, well in zip(_rows(book["Wells"], "Well"), record.wells, strict=True):
        assert row["Well"] == well.well
        assert [row["OD used"], row["OD as printed"]] == [_same(well.od), _same(well.raw_od)]
    plate = book["Plates"]
    by_name = {well.well: well.od for well in record.wells}
    assert plate["B4"].value == _same(by_name["A1"])
    assert plate["F6"].value == "\u2716 no OD"
    assert plate["J9"].value == _same(by_name["F9"])
    assert plate["J9"].number_format == '"\u2716 "0.000'


def test_the_plate_stands_four_times_with_shades_for_numbers(book: Workbook, record: RunRecord) -> None:
    """OD and net OD are shaded by a rule of Excel; layout and flags say in words what a well is."""
    plate = book["Plates"]
    shaded = {str(area.sqref) for area in plate.conditional_formatting}
    assert shaded == {"B4:M11", "B16:M23"}
    step = record.samples[0].dilutions[0]
    first = step.wells["MAG"][0]
    assert (first, plate["F16"].value) == ("A5", _same(step.net_od))
    assert plate["F28"].value == "S1, MAG, 1:1\u202f000"
    assert plate["F45"].value == "\u2716 above reader"
    assert plate["B43"].value == "\u2714"


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
    assert {record.run.export.sha256, record.run.key, "2.1.0", "limits.replicate_cv"} <= values
    assert {"Carried out by", "Released by", record.run.operator} <= values
    (limit,) = [r for r in _rows(book["Provenance"], "Limit") if r["Limit"] == "limits.replicate_cv"]
    assert [limit["Value"], limit["Unit"], limit["Source"]] == [20, "%", "convention"]
    assert "line 47: '~End of file'" in values


def test_every_printed_sheet_fits_its_paper(book: Workbook, record: RunRecord) -> None:
    """Landscape, scaled to the width, with run id and page below."""
    for sheet in book.worksheets:
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.print_area
        if sheet.title == "Plates":
            assert sheet.page_setup.scale <= 90
        else:
            assert sheet.page_setup.fitToWidth == 1
            assert sheet.sheet_properties.pageSetUpPr.fitToPage
        footer: Any = sheet.oddFooter
        assert footer.left.text == record.run.id
    assert book["Samples"].freeze_panes == "C1"
    assert book["Dilutions"].print_title_rows == "$1:$1"
    assert book["QC"].auto_filter.ref.startswith("A1:I")


def test_the_sheet_data_is_results_csv(book: Workbook, record: RunRecord) -> None:
    """A table of Excel, a line a sample: names, codes and numbers as in the file for the LIMS, no symbols."""
    sheet = book["Data"]
    heading, *lines = sheet.iter_rows(values_only=True)
    assert heading == HEADER
    assert len(lines) == len(record.samples)
    for line, row in zip(lines, sample_rows(record), strict=True):
        for found, value in zip(line, row, strict=True):
            if isinstance(value, bool):
                assert found == str(value).lower()
            else:
                assert found == (_same(value) if isinstance(value, float) else value or None)
    table = sheet.tables["Data"]
    assert table.ref == f"A1:{get_column_letter(len(HEADER))}{len(record.samples) + 1}"
    assert not book["Summary"].tables


def test_a_workbook_takes_few_pages(book: Workbook) -> None:
    """What is looked up on the screen takes no paper: its print area is an empty cell."""
    for name in ("Data", "Control charts", "Wells", "Provenance"):
        assert _printed(book[name]) == {None}, name
    for name in ("Summary", "Samples", "Dilutions", "Standard curve", "Plates", "QC", "Retest worklist"):
        assert len(_printed(book[name])) > 1, name
    verdicts = {line[0].value for line in book["QC"][_area(book["QC"])]}
    assert {text for text in verdicts if "warning" in text or "fail" in text} == verdicts - {"Verdict"}


def _printed(sheet: Any) -> set[Any]:
    return {cell.value for line in sheet[_area(sheet)] for cell in line} if ":" in _area(sheet) else {None}


def _area(sheet: Any) -> str:
    return str(sheet.print_area).rpartition("!")[2].replace("$", "").split(",")[0]


def test_sheets_are_locked_without_a_password_and_filters_stay_free(book: Workbook) -> None:
    """A slip of the hand changes nothing; filters and widths are for everybody, and Data is to work in."""
    assert not book["Data"].protection.sheet
    for sheet in (sheet for sheet in book.worksheets if sheet.title != "Data"):
        assert sheet.protection.sheet
        assert sheet.protection.password is None
        free = (sheet.protection.autoFilter, sheet.protection.sort, sheet.protection.formatColumns)
        assert free == (False, False, False)
        assert all(cell.protection.locked for line in sheet.iter_rows() for cell in line)


def test_every_look_is_a_named_style_of_the_list(book: Workbook) -> None:
    """A laboratory changes one style for all sheets; no cell carries a look of its own."""
    names = {cell.style for sheet in book.worksheets for line in sheet.iter_rows() for cell in line}
    assert names - {"Normal"} <= {f"titerline {name}" for name in STYLES}
    assert len(STYLES) < 80


@pytest.mark.parametrize("name", STYLES)
def test_every_style_is_legible(name: str) -> None:
    """Text stands out from its ground by 4.5 to 1 at least (WCAG 1.4.3)."""
    style = STYLES[name]
    assert contrast(style.ink, style.fill or "#FFFFFF") >= 4.5


def test_numbers_are_legible_on_every_shade_of_the_heat_map() -> None:
    """Also on the darkest one."""
    ink = STYLES["well od"].ink
    assert min(contrast(ink, LOW), contrast(ink, HIGH)) >= 4.5


def test_document_properties_name_the_run(book: Workbook, record: RunRecord) -> None:
    """What the file manager shows: title, run, who wrote it, and when the run was processed."""
    found = book.properties
    assert found.creator == "titerline 0.1.0"
    assert found.title == f"{record.run.assay_title}: {record.run.plate}"
    assert record.run.id in str(found.subject)
    assert found.created == found.modified == datetime(2026, 2, 17, 8, 14, 3)  # noqa: DTZ001 - as Excel


def test_the_same_record_gives_the_same_bytes(record: RunRecord, monkeypatch: pytest.MonkeyPatch) -> None:
    """Written again, later and elsewhere, the file is the same; a copy can be told from a change."""
    first = workbook(record)
    later = time.time() + 86_400
    monkeypatch.setattr(time, "time", lambda: later)
    assert workbook(record) == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {part.date_time for part in archive.infolist()} == {
            (2026, 2, 17, 8, 14, 2)
        }  # zip counts in twos


def test_another_process_writes_the_same_bytes(record: RunRecord, tmp_path: Path) -> None:
    """Neither the clock nor the order of hashes nor the time zone of a computer shows in the file."""
    first = hashlib.sha256(workbook(from_json(to_json(record)))).hexdigest()
    (tmp_path / "results.json").write_bytes(to_json(record))
    script = (
        "import sys, pathlib, hashlib\n"
        "from pipeline.record.document import from_json\n"
        "from pipeline.report.excel.workbook import workbook\n"
        "record = from_json(pathlib.Path(sys.argv[1]).read_bytes())\n"
        "print(hashlib.sha256(workbook(record)).hexdigest())\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "results.json")]
    elsewhere = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"}
    found = subprocess.run(command, env=elsewhere, capture_output=True, check=True, text=True)  # noqa: S603
    assert found.stdout.strip() == first


def test_without_a_date_the_file_is_still_the_same(record: RunRecord) -> None:
    """A run that says nothing about its time is written with a fixed date, never with the clock's."""
    undated = replace(record, run=replace(record.run, processed_at=""))
    assert workbook(undated) == workbook(undated)
    assert written_at("9999-12-31T23:59:59+00:00") == written_at("") == NO_MOMENT


def test_control_charts_say_where_each_control_stands(record: RunRecord) -> None:
    """Z of each control as a number, and its mark in the column of its distance."""
    standing = RunStanding(
        controls=(
            ControlStanding("PC1", "L7", 22, -2.4, None, last_two=1.1, last_four=0.0, one_side=3),
            ControlStanding("PC2", None, 4, None, "4 accepted runs, 20 are needed"),
        ),
        runs=26,
        last="2026-02-16-plate-1",
    )
    sheet = _open(replace(record, standing=standing))["Control charts"]
    first, second = _rows(sheet, "Control")
    assert [first["z, SD"], first["Last two, SD"], first["One side"]] == [-2.4, 1.1, 3]
    assert [second["z, SD"], second["Why no z"]] == [None, "4 accepted runs, 20 are needed"]
    strip = _rows_with(sheet, "0 to 1")[0]
    assert strip["\u22123 to \u22122"] == "\u25cf \u22122.40"
    assert strip["0 to 1"] is None
    assert "Compared with 26 past runs" in sheet["A2"].value
    assert _rows(sheet, "Verdict")[0]["Rule"] == "HIS-01"


def test_without_history_the_sheet_says_so(book: Workbook) -> None:
    """Nobody takes an empty chart for a control in order."""
    assert book["Control charts"]["A2"].value == NO_HISTORY


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
    assert (cell.value, cell.data_type) == ("=1+1", "s")
