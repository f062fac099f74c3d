"""The sheets of a workbook with every formula as its text, for sheets in which people type ids.

An id typed as ``=A1`` or ``=HYPERLINK(...)`` has to show as what was typed. Read by openpyxl with defusedxml,
behind the same checks as every workbook.
"""

from __future__ import annotations

import io
import warnings

import openpyxl
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.tables.container import MAX_COLUMNS, MAX_ROWS, damaged, reaches_beyond
from pipeline.tables.workbook import Cell


def typed_sheets(data: bytes) -> list[tuple[str, list[list[tuple[Cell, str]]]]]:
    """Visible sheets by name: their cells as they were typed, with number formats.

    Raises:
        InputError: ``XLSX_DAMAGED`` or ``TOO_BIG_INSIDE``; the container was checked by the caller.
    """
    if not openpyxl.DEFUSEDXML:
        raise RuntimeError("defusedxml is not installed: workbooks cannot be read safely")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of drawings and styles, which are not read
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
            try:
                visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
                found = [(sheet.title, _rows(sheet)) for sheet in visible]
            finally:
                book.close()
    except Exception as error:  # openpyxl raises dozens of types for a damaged file
        raise damaged("this is not a workbook that can be read, or it is damaged") from error
    for name, rows in found:
        if len(rows) > MAX_ROWS or any(len(row) > MAX_COLUMNS for row in rows):
            raise reaches_beyond(name)
    return found


def _rows(sheet: Worksheet) -> list[list[tuple[Cell, str]]]:
    sheet.reset_dimensions()  # type: ignore[attr-defined]  # of a read-only sheet; a declared size can be wrong in both directions
    return [
        [(_cell(cell.value), cell.number_format if cell.value is not None else "") for cell in row]
        for row in sheet.iter_rows(max_row=MAX_ROWS + 1)
    ]


def _cell(value: object) -> Cell:
    if value is None or value == "":
        return None
    if isinstance(value, ArrayFormula):
        return str(value.text)
    return value  # type: ignore[return-value]  # openpyxl has no narrower type
