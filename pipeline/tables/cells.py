"""Tables that people write (layouts, sample sheets), CSV or XLSX -> rows of text cells."""

from __future__ import annotations

from datetime import date, datetime, time

from pipeline.domain.message import Message
from pipeline.errors import InputError
from pipeline.tables.container import check_container
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


def id_rows(data: bytes, name: str) -> list[list[str]]:
    """As :func:`table_rows`, but a workbook's ids must be typed as text: ``007`` typed as a number is 7.

    Raises:
        InputError: ``ID_NOT_TEXT`` with the cell, for a number or date under ``sample_id``.
    """
    if data[:4] != ZIP:
        return table_rows(data, name)
    from pipeline.tables.formulas import typed_rows  # noqa: PLC0415 - openpyxl takes a quarter of a second

    try:
        check_container(data, formulas=True)
        rows = typed_rows(data)
    except InputError as error:
        raise error.in_file(name) from error
    header = next((row for row in rows if any(cell is not None for cell in row)), [])
    id_column = next(
        (i for i, cell in enumerate(header) if cell_text(cell).strip().lower() == "sample_id"), None
    )
    if id_column is not None:
        _require_text(rows, id_column, name)
    return [[cell_text(cell) for cell in row] for row in rows]


def _require_text(rows: list[list[Cell]], column: int, name: str) -> None:
    for number, row in enumerate(rows, start=1):
        cell = row[column] if column < len(row) else None
        if cell is not None and not isinstance(cell, str):
            raise InputError(
                "ID_NOT_TEXT",
                "Excel keeps this sample id as a number or date, so leading zeros may be lost",
                file=name,
                place=Message("line {n:n}, column {column}", n=number, column="sample_id"),
                found=cell_text(cell),
                expected="an id typed as text",
                action="Format the column as Text, type the ids again and save.",
            )


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
