"""Tables in which people type ids, CSV or workbook -> cells as text, as a person sees them on the screen."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.errors import InputError
from pipeline.tables.cells import cell_text
from pipeline.tables.container import check_container
from pipeline.tables.text import DELIMITERS, decode, require_reasonable, split_at, split_lines, split_rows
from pipeline.tables.workbook import OLE2, ZIP, Cell, read_workbook

GENERAL = "General"
_GENERAL_DIGITS = 11
"""Excel shows longer whole numbers as 1.23E+11 unless a number format says otherwise."""
_EXACT_DIGITS = 15
"""Excel keeps no more digits of a number."""


class TypedCell(NamedTuple):
    """A cell as it is shown."""

    text: str
    whole: bool = True
    """Is the text all that was typed? Not for a date, a fraction, or a number that Excel shows shortened."""


@dataclass(frozen=True, slots=True)
class TypedTable:
    """A sheet of a workbook, or a text file."""

    name: str
    """Of the sheet; empty for a text file."""
    rows: Sequence[Sequence[TypedCell]]
    from_text: bool = False
    """In a text file a surplus cell means a separator inside a value."""


def typed_tables(data: bytes, name: str, is_header: Callable[[Sequence[str]], bool]) -> list[TypedTable]:
    """All sheets of a workbook, or the one table of a text file.

    Args:
        data: the file.
        name: its name, for messages.
        is_header: is a line of cells the header? The separator of a text file is the one that makes it one.

    Raises:
        InputError: the file is damaged, too big, or no text.
    """
    try:
        if data.startswith(ZIP):
            return _new_workbook(data)
        if data.startswith(OLE2):
            return [TypedTable(sheet.name, _shown_rows(sheet.rows)) for sheet in read_workbook(data)]
        rows = _text_rows(decode(data).text, is_header)
        return [TypedTable("", [[TypedCell(cell) for cell in row] for row in rows], from_text=True)]
    except InputError as error:
        raise error.in_file(name) from error


def shown(value: Cell, number_format: str = GENERAL) -> TypedCell:
    """A cell as Excel shows it; ``0007`` for 7 in the format ``0000``."""
    if value is None or isinstance(value, str):
        return TypedCell(value or "")
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        return TypedCell(cell_text(value), whole=False)
    digits = len(str(abs(int(value))))
    if number_format in (GENERAL, "@"):
        return TypedCell(cell_text(value), whole=digits <= _GENERAL_DIGITS)
    padded = re.fullmatch(r"0+", number_format) is not None and value >= 0
    text = str(int(value)).zfill(len(number_format)) if padded else cell_text(value)
    return TypedCell(text, whole=padded and digits <= _EXACT_DIGITS)


def _new_workbook(data: bytes) -> list[TypedTable]:
    from pipeline.tables.formulas import typed_sheets  # noqa: PLC0415 - openpyxl takes a quarter of a second

    check_container(data, formulas=True)
    return [
        TypedTable(name, [[shown(*cell) for cell in row] for row in rows])
        for name, rows in typed_sheets(data)
    ]


def _shown_rows(rows: Sequence[Sequence[Cell]]) -> list[list[TypedCell]]:
    return [[shown(cell) for cell in row] for row in rows]


def _text_rows(text: str, is_header: Callable[[Sequence[str]], bool]) -> list[list[str]]:
    """Split at the sign that makes a line the header; where none does, at the most likely one."""
    lines = split_lines(text.removeprefix("\ufeff"))
    require_reasonable(lines)
    for delimiter in (*DELIMITERS, "|"):
        if any(is_header([cell.strip().strip('"') for cell in line.split(delimiter)]) for line in lines):
            return split_at(lines, delimiter)
    return split_rows(text)
