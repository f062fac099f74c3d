"""A workbook whose values are right but shown otherwise: each way to mislead a reader is named."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from edited_workbook import Edit, edited
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font, PatternFill

from pipeline.domain.record import RunRecord
from pipeline.errors import InputError
from pipeline.record.document import to_json
from pipeline.report.excel.shown import looks_of, plain_code
from pipeline.report.excel.summary_book import SummaryBook
from pipeline.report.excel.workbook import compose, workbook
from pipeline.report.excel.workbook_file import NO_MOMENT, file_bytes
from pipeline.verify.workbook import LOOK_CHANGED, SUMMARY, check_workbook
from pipeline.verify.workbook_check import all_changes, differences, read_found

WHITE = Font(color="FFFFFFFF")


def _lines(record: RunRecord, edit: Edit) -> list[str]:
    found = read_found(edited(record, edit), "results.xlsx")
    assert differences(found, record) == []
    assert found.fits_its_mark
    assert not found.looks_as_marked
    return all_changes(found, record)


def _on(sheet: str, change: Edit) -> Edit:
    return lambda book: change(book[sheet])


def _set(sheet: str, cell: str, name: str, value: object) -> Edit:
    return lambda book: setattr(book[sheet][cell], name, value)


def _hide_row(sheet: Any) -> None:
    sheet.row_dimensions[4].hidden = True


def _flatten_row(sheet: Any) -> None:
    sheet.row_dimensions[4].height = 0.5


def _hide_column(sheet: Any) -> None:
    sheet.column_dimensions["E"].hidden = True


def _hide_sheet(sheet: Any) -> None:
    sheet.sheet_state = "veryHidden"


def _white_rule(sheet: Any) -> None:
    sheet.conditional_formatting.add("E3:E6", CellIsRule("greaterThan", ["0"], font=WHITE))


def _unlock(sheet: Any) -> None:
    sheet.protection.sheet = False


def _remark(sheet: Any) -> None:
    sheet["E3"].comment = Comment("really 99", "somebody")


def _no_chart(sheet: Any) -> None:
    sheet._charts.clear()


def _other_cells(sheet: Any) -> None:
    sheet._charts[0].series[0].yVal.numRef.f = "'Standard curve'!$D$1:$D$9"


def _picture(sheet: Any) -> None:
    image = Image(io.BytesIO(_PIXEL))
    sheet.add_image(image, "A1")


_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c63f8ffffff7f0009fb03fd0543454500000000"
    "49454e44ae426082"
)

CHANGES: tuple[tuple[Edit, str], ...] = (
    (_set("Samples", "E3", "number_format", '"9 999"'), "'Samples', E3: number format \"9 999\", written as"),
    (_set("Samples", "E3", "number_format", "0.0,"), "'Samples', E3: number format 0.0,, written as #,##0"),
    (_set("Samples", "A3", "number_format", ';;;"other"'), "'Samples', A3: number format ;;;\"other\""),
    (_set("Samples", "E3", "font", WHITE), "'Samples', E3: its text cannot be seen"),
    (_set("Samples", "E3", "font", Font(sz=1)), "'Samples', E3: its text cannot be seen"),
    (
        _set("Samples", "E3", "fill", PatternFill("solid", fgColor="FF1A1A1A")),
        "'Samples', E3: its text cannot be seen",
    ),
    (
        _set("Samples", "E3", "font", Font(color="FFFF0000")),
        "'Samples', E3: colour FF0000, written in 1A1A1A",
    ),
    (_on("Samples", _hide_row), "'Samples', row 4: hidden"),
    (_on("Samples", _flatten_row), "'Samples', row 4: hidden"),
    (_on("Samples", _hide_column), "'Samples', column E: hidden"),
    (_on("QC", _hide_sheet), "'QC': the sheet is hidden"),
    (_on("Samples", _white_rule), "'Samples', E3:E6 cellIs: a conditional format was added"),
    (_on("Samples", _unlock), "'Samples': the sheet is no longer locked"),
    (_on("Samples", _remark), "'Samples', E3: a comment was added"),
    (_on("Samples", lambda sheet: sheet.merge_cells("P3:Q3")), "'Samples', P3:Q3: merged cells was added"),
    (_on("Standard curve", _no_chart), "'Standard curve': 0 charts, written with 1"),
    (_on("Standard curve", _other_cells), "'Standard curve': a chart shows other cells"),
    (_on("Wells", _picture), "'Wells': 1 pictures, written with 0"),
)


@pytest.mark.parametrize(("edit", "words"), CHANGES, ids=[words for _, words in CHANGES])
def test_each_way_to_show_something_else_is_named(record: RunRecord, edit: Edit, words: str) -> None:
    """The values are untouched; what a reader sees is not, and the line says where."""
    (line,) = _lines(record, edit)
    assert line.startswith("look changed: sheet " + words)


def test_what_was_written_looks_as_it_was_written(record: RunRecord) -> None:
    """Our own file, and the same saved by another writer, have no line."""
    again = io.BytesIO()
    load_workbook(io.BytesIO(workbook(record))).save(again)
    for data in (workbook(record), again.getvalue()):
        found = read_found(data, "results.xlsx")
        assert all_changes(found, record) == []
        assert found.looks_as_marked


def test_the_file_has_the_looks_of_the_workbook_in_memory(record: RunRecord) -> None:
    """Both ways to look at a workbook see the same, cell by cell."""
    book = compose(record)
    found = read_found(file_bytes(book, NO_MOMENT), "results.xlsx")
    assert found.looks == looks_of(book)


def test_rows_that_a_filter_hides_are_said_to_be_hidden_by_a_filter(record: RunRecord) -> None:
    """Filters are free; whoever passes the file on should know that rows are missing."""

    def filtered(book: Workbook) -> None:
        sheet: Any = book["Wells"]
        sheet.auto_filter.add_filter_column(0, ["A1"])
        sheet.row_dimensions[3].hidden = True

    assert _lines(record, filtered) == ["look changed: sheet 'Wells', row 3: hidden by a filter"]


def test_many_cells_of_one_new_look_share_a_line(record: RunRecord) -> None:
    """Fifty white cells are one line with the first of them."""

    def white(book: Workbook) -> None:
        for row in range(2, 52):
            book["Wells"].cell(row, 1).font = WHITE

    (line,) = _lines(record, white)
    assert line.endswith("A2, A3, A4, A5, A6 and 45 more: its text cannot be seen")


def test_a_moved_row_is_one_line_and_not_one_for_each_look_behind_it(record: RunRecord) -> None:
    """An inserted row is told by the values; looks of cells that moved are not compared."""

    def insert(book: Workbook) -> None:
        book["Wells"].insert_rows(3)
        book["Wells"]["A3"] = "X9"

    lines = all_changes(read_found(edited(record, insert), "results.xlsx"), record)
    assert lines == ["sheet 'Wells', row 3: added: X9"]


@pytest.mark.parametrize(
    ("code", "same"),
    [
        (r"yyyy\-mm\-dd", "yyyy-mm-dd"),
        (r"\✖\ 0.000", '"✖ "0.000'),
        ("[$-409]0.00;@", "0.00"),
        ("@", "General"),
        ("GENERAL", "General"),
        ("0.0_)", "0.0"),
    ],
)
def test_number_formats_that_show_the_same_are_the_same(code: str, same: str) -> None:
    """Programs word a format in their own way when they save a file."""
    assert plain_code(code) == plain_code(same)


@pytest.mark.parametrize(
    ("code", "other"), [("0.00", "0.000"), ('"9"', "9"), (";;;", "0"), ("[White]0", "0")]
)
def test_number_formats_that_show_something_else_are_not(code: str, other: str) -> None:
    """A digit less, a fixed text, nothing at all, or white."""
    assert plain_code(code) != plain_code(other)


def test_alone_the_workbook_says_that_its_look_was_changed(record: RunRecord, tmp_path: Path) -> None:
    """Without the record the places are not known, the change is."""
    path = tmp_path / "results.xlsx"
    path.write_bytes(edited(record, _set("Samples", "E3", "number_format", '"9 999"')))
    assert check_workbook(path) == [LOOK_CHANGED]
    (tmp_path / "results.json").write_bytes(to_json(record))
    (line,) = check_workbook(path)
    assert line.startswith("look changed: sheet 'Samples', E3: number format")


def test_a_number_typed_as_text_is_told_by_its_type(record: RunRecord, tmp_path: Path) -> None:
    """Two values that read the same differ in what they are."""
    path = tmp_path / "results.xlsx"
    path.write_bytes(edited(record, _set("Samples", "E3", "value", "14500")))
    (tmp_path / "results.json").write_bytes(to_json(record))
    line = check_workbook(path)[0]
    assert line == "sheet 'Samples', E3: the text 14500, written as the number 14500"


def test_a_far_cell_is_told_of_a_workbook_and_not_of_an_export(record: RunRecord, tmp_path: Path) -> None:
    """What to do is about this file: no reader has to export anything."""
    path = tmp_path / "results.xlsx"
    path.write_bytes(edited(record, _set("Wells", "ZZ500", "value", 1)))
    with pytest.raises(InputError) as refused:
        check_workbook(path)
    assert refused.value.code == "TOO_BIG_INSIDE"
    assert refused.value.found == "a cell in column ZZ"
    assert "export" not in refused.value.text().lower()
    assert "result folder" in str(refused.value.action)


def test_a_batch_summary_is_told_to_be_one(tmp_path: Path) -> None:
    """It is titerline's own, and has no fingerprint to compare."""
    book = SummaryBook()
    book.save(tmp_path / "summary.xlsx")
    assert check_workbook(tmp_path / "summary.xlsx") == [SUMMARY]


def test_a_sheet_of_a_million_merged_cells_is_a_line_and_no_burden(record: RunRecord) -> None:
    """Merged cells are read as they are named; none of them is made."""
    out = io.BytesIO()
    merged = b'<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells><pageMargins'
    with zipfile.ZipFile(io.BytesIO(workbook(record))) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.namelist():
            content = old.read(part)
            changed = content.replace(b"<pageMargins", merged, 1) if part.endswith("sheet10.xml") else content
            new.writestr(part, changed)
    lines = all_changes(read_found(out.getvalue(), "results.xlsx"), record)
    assert lines == ["look changed: sheet 'Wells', A1:XFD1048576: merged cells was added"]
