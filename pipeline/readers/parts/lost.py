"""What is left over and looks like a plate: it is never passed over in silence.

Letters of rows that were overwritten with names, a header that lost a number, a row under no header: the
file is refused with their place.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.domain.message import Message
from pipeline.domain.wells import PLATE_SHAPES, row_letters
from pipeline.errors import InputError
from pipeline.readers.parts.grids import column_number, row_at, where
from pipeline.readers.parts.quantities import Says, says
from pipeline.tables.cells import cell_text
from pipeline.tables.numbers import number_like
from pipeline.tables.workbook import Cell, Sheet

_LEAST_NUMBERS = 3
"""Numbers behind a letter that make a row of a plate."""
_LEAST_COLUMNS = 6
_LINES_BELOW = 4
_LAST_ROWS = frozenset(row_letters(rows - 1) for rows, _ in PLATE_SHAPES.values())
_EDITED = "Export the plate again without editing it."


def no_lost_plate(sheet: Sheet, index: int, cells: Sequence[tuple[int, Cell]]) -> None:
    """Refuse a line that looks like a part of a plate and belongs to none.

    Args:
        sheet: where it stands.
        index: of the line in the sheet's rows.
        cells: (column, cell) of those that no read and no table has taken.

    Raises:
        InputError: ``HEADER_UNKNOWN`` for a lettered row without a header, ``ROWS_UNKNOWN`` for a header
            above lines of values without letters.
    """
    first = cells[0][0]
    numbers = sum(number_like(cell) for _, cell in cells[1:])
    if row_at(sheet.rows[index], first) is not None and numbers >= _LEAST_NUMBERS:
        raise InputError(
            "HEADER_UNKNOWN",
            "a row of a plate stands under no column numbers",
            place=where(sheet, index, first),
            found=Message("row {row} with {n:n} numbers", row=cell_text(cells[0][1]).strip(), n=numbers),
            expected="a line of column numbers 1, 2, 3 ... above each plate",
            action=_EDITED,
        )
    columns = _numbered(cells)
    below = range(index + 1, min(index + 1 + _LINES_BELOW, len(sheet.rows)))
    rows = [i for i in below if _holds_values(sheet.rows[i], columns)]
    if len(columns) >= _LEAST_COLUMNS and len(rows) > 1:
        raise InputError(
            "ROWS_UNKNOWN",
            "column numbers stand above lines of values that no row letters name",
            place=where(sheet, rows[0], 0),
            found=Message(
                "'{text}' in place of a row letter", text=cell_text(sheet.rows[rows[0]][0]).strip()[:30]
            ),
            expected="A, B, C ... before the lines of a plate",
            action=_EDITED,
        )


def no_lost_row(sheet: Sheet, index: int, cells: Sequence[tuple[int, Cell]], read_above: int) -> None:
    """Refuse a line of values directly below the last row of an incomplete plate.

    Args:
        sheet: where it stands.
        index: of the line in the sheet's rows.
        cells: (column, cell) of those that no read and no table has taken.
        read_above: a bit for each cell of the line above that is in a read.

    Raises:
        InputError: ``ROWS_UNKNOWN`` for a row whose letter was typed over.
    """
    under = sum(number_like(cell) and bool(read_above >> column & 1) for column, cell in cells)
    name = cell_text(cells[0][1]).strip()
    if under < _LEAST_NUMBERS or under * 2 <= read_above.bit_count() or says(name) is Says.OTHER:
        return
    letters = {cell_text(cell).strip().upper() for cell in sheet.rows[index - 1]}
    if not letters & _LAST_ROWS:
        raise InputError(
            "ROWS_UNKNOWN",
            "a line of values below a plate has no row letter",
            place=where(sheet, index, cells[0][0]),
            found=Message("'{text}' in place of a row letter", text=name[:30]),
            expected="A, B, C ... before the lines of a plate",
            action=_EDITED,
        )


def _numbered(cells: Sequence[tuple[int, Cell]]) -> list[int]:
    """Sheet columns of numbers 1, 2, 3 ... that stand beside each other."""
    columns: list[int] = []
    for column, cell in cells:
        if column_number(cell) == len(columns) + 1 and (not columns or column == columns[-1] + 1):
            columns.append(column)
        elif columns:
            break
    return columns


def _holds_values(row: Sequence[Cell], columns: Sequence[int]) -> bool:
    """Does a line hold numbers under most of the columns, and fractions among them?"""
    values = [row[column] for column in columns if column < len(row) and number_like(row[column])]
    return len(values) * 2 > len(columns) and any("." in str(v) or "," in str(v) for v in values)
