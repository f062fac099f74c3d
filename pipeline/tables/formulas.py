"""The first sheet of a workbook with every formula as its text, for sheets in which people type ids.

An id typed as ``=A1`` or ``=HYPERLINK(...)`` has to show as what was typed. Read by openpyxl with defusedxml,
behind the same checks as every workbook.
"""

from __future__ import annotations

import io
import warnings

import openpyxl
from openpyxl.worksheet.formula import ArrayFormula

from pipeline.domain.message import Message
from pipeline.tables.container import MAX_COLUMNS, MAX_ROWS, damaged, too_big
from pipeline.tables.workbook import Cell


def typed_rows(data: bytes) -> list[list[Cell]]:
    """Cells of the first sheet as they were typed.

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
                sheet = book.worksheets[0]
                sheet.reset_dimensions()  # a declared size can be wrong in both directions
                rows = [
                    [_cell(value) for value in row]
                    for row in sheet.iter_rows(max_row=MAX_ROWS + 1, values_only=True)
                ]
            finally:
                book.close()
    except Exception as error:  # openpyxl raises dozens of types for a damaged file
        raise damaged("this is not a workbook that can be read, or it is damaged") from error
    if len(rows) > MAX_ROWS or any(len(row) > MAX_COLUMNS for row in rows):
        raise too_big(
            Message("the first sheet reaches beyond row {n:n} or column {m:n}", n=MAX_ROWS, m=MAX_COLUMNS)
        )
    return rows


def _cell(value: object) -> Cell:
    if value is None or value == "":
        return None
    if isinstance(value, ArrayFormula):
        return str(value.text)
    return value  # type: ignore[return-value]  # openpyxl has no narrower type
