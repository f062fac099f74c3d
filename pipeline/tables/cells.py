"""Tables that people write (layouts, sample sheets), CSV or XLSX -> rows of text cells."""

from __future__ import annotations

from datetime import date, datetime, time

from pipeline.errors import InputError
from pipeline.tables.numbers import DecimalSign, parse_number
from pipeline.tables.text import decode, split_rows
from pipeline.tables.workbook import OLE2, ZIP, Cell, read_workbook

_POINT = DecimalSign(".", "a definition is written with a decimal point")


def plain_number(text: str) -> float | None:
    """A number in plain ASCII digits with a decimal point, else None; never ``nan`` or ``1_000``."""
    return parse_number(text.strip(), _POINT)


def table_rows(data: bytes, name: str) -> list[list[str]]:
    """Cells of a CSV, or of the first sheet of a workbook, as text; 1000.0 reads ``1000``."""
    try:
        if data.startswith((ZIP, OLE2)):
            return [[cell_text(cell) for cell in row] for row in read_workbook(data)[0].rows]
        return split_rows(decode(data).text)
    except InputError as error:
        raise error.in_file(name) from error


def cell_text(cell: Cell) -> str:
    """Text of a cell as a person reads it: 1000.0 is ``1000``, an empty cell the empty text."""
    if isinstance(cell, str):
        return cell
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ") if cell.time() != time() else cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


def column_letters(index: int) -> str:
    """0 -> A, 26 -> AA, as a spreadsheet names its columns."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
