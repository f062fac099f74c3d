"""Whatever a sample is called, the workbook shows it as text: no formula, no broken file, no empty sheet."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from types import ModuleType
from xml.etree.ElementTree import XMLPullParser

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils.escape import unescape

from pipeline.domain.record import RunRecord
from pipeline.report.excel.workbook import workbook
from pipeline.report.words.text import MAX_CELL, safe_text
from pipeline.verify.workbook_check import read_found


@pytest.fixture(scope="module")
def record(factory: ModuleType, hostile_ids: tuple[str, ...]) -> RunRecord:
    """Each hostile id as id, slot and comment of a sample; some also as names of files and plate."""
    usual: RunRecord = factory.run_record()
    samples = tuple(
        replace(
            usual.samples[number % 4],
            sample_id=text,
            slot=text,
            comment=text,
            extra={text: text},
        )
        for number, text in enumerate(hostile_ids)
    )
    named = replace(
        usual.run, plate="=1+1", operator="&D\u202e", assay_title="=1" * 99, id="<r>&P", unit="@u"
    )
    return replace(usual, samples=samples, run=named)


@pytest.fixture(scope="module")
def data(record: RunRecord) -> bytes:
    """The file of that record."""
    return workbook(record)


@pytest.fixture(scope="module")
def book(data: bytes) -> Workbook:
    """The file, opened again."""
    return load_workbook(io.BytesIO(data))


def test_no_cell_is_a_formula_or_an_error(book: Workbook) -> None:
    """Nothing that came from outside is ever calculated."""
    cells = [cell for sheet in book.worksheets for line in sheet.iter_rows() for cell in line]
    assert {cell.data_type for cell in cells if cell.value is not None} <= {"s", "n", "d"}


def test_each_id_stands_as_text_in_its_row(book: Workbook, hostile_ids: tuple[str, ...]) -> None:
    """Every sample can be found under its id, also one that looks like a number or a code of the file."""
    sheet = book["Samples"]
    for row, text in enumerate(hostile_ids, start=3):
        cell = sheet.cell(row, 1)
        shown = safe_text(text)
        assert unescape(str(cell.value or "")) == shown
        assert cell.data_type == "s" or not shown
        assert cell.quotePrefix or not shown


def test_every_part_is_whole_and_without_formulas(data: bytes) -> None:
    """Each part of the file is XML that any program can read, and none holds a formula."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            part = archive.read(name)
            parser = XMLPullParser(["end"])
            parser.feed(part)
            parser.close()
            if name.startswith("xl/worksheets/sheet"):
                assert b"<f>" not in part
                assert b"<f " not in part


def test_no_row_or_text_is_larger_than_excel_allows(book: Workbook) -> None:
    """Excel repairs a file with a row above 409 points, and cuts a text above 32 767 characters."""
    for sheet in book.worksheets:
        assert all((row.height or 0) <= 409 for row in sheet.row_dimensions.values())
        assert all((column.width or 0) <= 255 for column in sheet.column_dimensions.values())
        for header in (sheet.oddHeader, sheet.oddFooter):
            assert all(len(part.text or "") < 200 for part in (header.left, header.right))
        texts = (cell.value for line in sheet.iter_rows() for cell in line if isinstance(cell.value, str))
        assert all(len(text) <= MAX_CELL for text in texts)


def test_the_guarded_reader_accepts_it(data: bytes) -> None:
    """What we write passes the checks that we make of strangers' files."""
    assert read_found(data, "results.xlsx").fits_its_mark
