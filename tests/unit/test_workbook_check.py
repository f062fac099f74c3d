"""A workbook that somebody changed: each change is named; a file that is only saved again has none."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from edited_workbook import Edit, edited
from openpyxl import Workbook

from pipeline.domain.record import RunRecord
from pipeline.errors import InputError
from pipeline.record.document import to_json
from pipeline.report.excel.fingerprint import MARK
from pipeline.report.excel.workbook import workbook
from pipeline.verify.workbook import CHANGED, FITS_ITSELF, NO_MARK, OTHER_RUN, check_workbook
from pipeline.verify.workbook_check import (
    CellChange,
    describe,
    differences,
    read_found,
    read_guarded_workbook,
)


def _changes(record: RunRecord, edit: Edit) -> list[CellChange]:
    return differences(read_found(edited(record, edit), "results.xlsx"), record)


def _put(sheet: str, cell: str, value: object) -> Edit:
    def edit(book: Workbook) -> None:
        book[sheet][cell] = value

    return edit


def test_a_file_that_was_only_saved_again_has_no_change(record: RunRecord) -> None:
    """Opened and saved by another program, every value is still the same, and so is the fingerprint."""
    found = read_found(edited(record, lambda book: book.save(io.BytesIO())), "results.xlsx")
    assert found.fits_its_mark
    assert differences(found, record) == []


def test_a_changed_number_is_named_with_both_values(record: RunRecord) -> None:
    """The titer that somebody improved, and what it was."""
    titer = record.samples[0].titer.value
    (change,) = _changes(record, _put("Samples", "E3", 99))
    assert change == CellChange("Samples", "E3", 99.0, titer)
    assert describe(change) == "sheet 'Samples', E3: 99, written as 14500"


@pytest.mark.parametrize("value", ["14500", "=14000+500", True])
def test_the_same_value_as_another_type_is_a_change(record: RunRecord, value: object) -> None:
    """A number as text sorts and calculates differently; a formula may change any day."""
    (change,) = _changes(record, _put("Samples", "E3", value))
    assert (change.sheet, change.cell, change.expected) == ("Samples", "E3", 14_500)
    assert type(change.found) is not float


def test_an_emptied_and_a_filled_cell_are_named(record: RunRecord) -> None:
    """What is gone, and a remark beside the results."""
    (gone,) = _changes(record, _put("Samples", "A3", None))
    assert (gone.cell, gone.found, gone.expected) == ("A3", None, record.samples[0].sample_id)
    (added,) = _changes(record, _put("Samples", "K3", "seen"))
    assert (added.cell, added.found, added.expected) == ("K3", "seen", None)


def test_an_inserted_or_deleted_row_is_named_once(record: RunRecord) -> None:
    """One line for one row, not one for each cell that moved."""
    (added,) = _changes(record, lambda book: (book["Wells"].insert_rows(3), _put("Wells", "A3", "X9")(book)))
    assert (added.sheet, added.cell, added.found) == ("Wells", "row 3", "X9")
    (gone,) = _changes(record, lambda book: book["Wells"].delete_rows(5))
    assert (gone.cell, gone.found) == ("row 5", None)
    assert str(gone.expected).startswith("A4, ")


def test_an_inserted_or_deleted_column_is_named_once(record: RunRecord) -> None:
    """A column of one's own between ours."""

    def insert(book: Workbook) -> None:
        book["Wells"].insert_cols(4)
        book["Wells"]["D1"] = "my factor"

    (added,) = _changes(record, insert)
    assert (added.cell, added.found) == ("column D", "my factor")
    (gone,) = _changes(record, lambda book: book["Wells"].delete_cols(2))
    assert (gone.cell, gone.found) == ("column B", None)


def test_a_cell_that_changed_beside_an_inserted_column_is_named_too(record: RunRecord) -> None:
    """One change does not hide another."""

    def insert(book: Workbook) -> None:
        book["Wells"]["H2"] = 9.9
        book["Wells"].insert_cols(2)
        book["Wells"]["B1"] = "mine"

    found = {change.cell: change.found for change in _changes(record, insert)}
    assert found == {"column B": "mine", "H2": 9.9}


def test_missing_added_and_renamed_sheets_are_named(record: RunRecord) -> None:
    """Sheets that are gone, and those that are not ours."""

    def edit(book: Workbook) -> None:
        del book["Wells"]
        book["QC"].title = "Quality"

    found = [(change.sheet, change.found is None) for change in _changes(record, edit)]
    assert found == [("QC", True), ("Wells", True), ("Quality", False)]


def _saved(folder: Path, data: bytes, record: RunRecord | None = None) -> Path:
    if record is not None:
        (folder / "results.json").write_bytes(to_json(record))
    (folder / "copy of results.xlsx").write_bytes(data)
    return folder / "copy of results.xlsx"


def test_alone_the_workbook_says_whether_it_was_changed(record: RunRecord, tmp_path: Path) -> None:
    """Mailed without its record, a workbook still tells a slip of the hand."""
    assert check_workbook(_saved(tmp_path, workbook(record))) == []
    assert check_workbook(_saved(tmp_path, edited(record, _put("QC", "A2", "pass")))) == [CHANGED]

    def unmarked(book: Workbook) -> None:
        del book.custom_doc_props[MARK]  # type: ignore[attr-defined]  # not in the stubs

    assert check_workbook(_saved(tmp_path, edited(record, unmarked))) == [NO_MARK]


def test_beside_its_record_each_changed_cell_is_named(record: RunRecord, tmp_path: Path) -> None:
    """With results.json in the folder the lines say which cell, and what stood there."""
    assert check_workbook(_saved(tmp_path, workbook(record), record)) == []
    (line,) = check_workbook(_saved(tmp_path, edited(record, _put("Samples", "E3", 99)), record))
    assert line == "sheet 'Samples', E3: 99, written as 14500"


def test_a_record_that_does_not_belong_is_said_so(record: RunRecord, tmp_path: Path) -> None:
    """Another run's record, or one that was changed, is never taken for a change of the workbook alone."""
    other = replace(record, run=replace(record.run, id="another"))
    path = _saved(tmp_path, workbook(record), other)
    assert check_workbook(path) == [OTHER_RUN.format("another", record.run.id)]
    changed = replace(record, samples=record.samples[1:])
    lines = check_workbook(_saved(tmp_path, workbook(record), changed))
    assert lines[0] == FITS_ITSELF
    assert len(lines) > 1


def test_a_hostile_file_is_refused_not_opened(record: RunRecord) -> None:
    """A bomb, a document with entities, and what is no workbook at all."""
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 60_000_000)
    for data, code in (
        (bomb.getvalue(), "TOO_BIG_INSIDE"),
        (_with_entities(record), "UNSAFE_XML"),
        (b"Sample;Titer", "XLSX_DAMAGED"),
    ):
        with pytest.raises(InputError) as refused:
            read_guarded_workbook(data, "results.xlsx")
        assert refused.value.code == code


@pytest.mark.parametrize("whole", [b"A1:XFD1048576", b"A1:B2"])
def test_a_lie_about_the_size_of_a_sheet_costs_and_hides_nothing(record: RunRecord, whole: bytes) -> None:
    """A sheet that calls itself a million rows, or four cells, is read as what it holds."""

    def lie(part: bytes) -> bytes:
        merged = b'<mergeCells><mergeCell ref="' + whole + b'"/></mergeCells><pageMargins'
        part = re.sub(b'<dimension ref="[^"]*"', b'<dimension ref="' + whole + b'"', part)
        return part.replace(b"<pageMargins", merged, 1)

    found = read_found(_with_sheet(record, "sheet9.xml", lie), "results.xlsx")
    assert differences(found, record) == []


def _with_entities(record: RunRecord) -> bytes:
    """The workbook with a document type in its first sheet."""
    declared = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    return _with_sheet(record, "sheet1.xml", lambda part: declared + part)


def _with_sheet(record: RunRecord, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one part changed by hand."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(record))) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.namelist():
            content = old.read(part)
            new.writestr(part, change(content) if part.endswith(name) else content)
    return out.getvalue()
