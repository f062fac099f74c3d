"""Values of a workbook's cells in one form, and their fingerprint, which the workbook carries with it.

The fingerprint finds a slip of the hand. It is no seal: who wants to deceive can calculate it again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import TypeAlias

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.cell.read_only import ReadOnlyCell
from openpyxl.utils.datetime import to_excel
from openpyxl.utils.escape import unescape

from pipeline.report.excel.shown import SheetLook
from pipeline.report.words.text import short, visible

MARK, LOOK_MARK, RUN_MARK = "titerline_sha256", "titerline_look_sha256", "titerline_run"
"""Names of the document properties: fingerprint of the values, of how they are shown, and run."""

SUMMARY_TITLE = "Batch summary"
"""Title of the workbook over many runs, which has no fingerprint."""

_LONGEST_PROPERTY = 255

CellValue: TypeAlias = str | float | bool
Cells: TypeAlias = Mapping[tuple[int, int], CellValue]
"""(row, column), from 1, -> value; without empty cells."""

_MARKED = {"f": "formula", "e": "error"}
"""Kinds of cells that titerline never writes."""


def fingerprint(book: Workbook) -> str:
    """sha256 over the values of all cells of all sheets."""
    return digest({sheet.title: cells_of(book, sheet.title) for sheet in book.worksheets})


def as_property(text: str) -> str:
    """Text for a document property."""
    return short(visible(text), _LONGEST_PROPERTY)


def digest(sheets: Mapping[str, Cells]) -> str:
    """The same for cells that were read already."""
    whole = hashlib.sha256()
    for title, cells in sorted(sheets.items()):
        whole.update(f"{title!r}\n".encode())
        for place in sorted(cells):
            whole.update(f"{place}{cells[place]!r}\n".encode())
    return whole.hexdigest()


def look_digest(looks: Mapping[str, SheetLook]) -> str:
    """sha256 over how all sheets show their values."""
    whole = hashlib.sha256()
    for title, look in sorted(looks.items()):
        whole.update(f"{title!r}{look.words()}\n".encode())
    return whole.hexdigest()


def cells_of(book: Workbook, title: str) -> dict[tuple[int, int], CellValue]:
    """All cells of a sheet that hold something; of a workbook in memory."""
    cells = book[title]._cells.items()  # noqa: SLF001 - iter_rows would make the empty ones too
    return {place: content(cell) for place, cell in cells if cell.value not in (None, "")}


def content(cell: Cell | ReadOnlyCell) -> CellValue:
    """What a cell holds; what is calculated or an error is marked, whatever it shows."""
    kind = _MARKED.get(cell.data_type)
    if kind is not None:
        return f"{kind} {getattr(cell.value, 'text', cell.value)}"
    return plain_value(cell.value)


def plain_value(value: object) -> CellValue:
    """Numbers to 15 digits, as they are written; dates as numbers; text without the file's codes."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return float(f"{value:.15g}")
    if isinstance(value, datetime | date | time | timedelta):
        return float(to_excel(value))  # type: ignore[no-untyped-call]
    text = str(value)
    return unescape(text) if "_x" in text else text
