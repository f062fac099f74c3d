"""Plates written as lists: a column of wells (or one of rows and one of columns), and columns of values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.message import Message
from pipeline.domain.wells import Well, row_letters
from pipeline.errors import InputError
from pipeline.readers.parts.blocks import Spot, well
from pipeline.readers.parts.grids import column_number, where
from pipeline.tables.cells import cell_text
from pipeline.tables.numbers import number_like
from pipeline.tables.workbook import Cell, Sheet

_LONGEST_WELL = 6
"""``AF48``, ``A 01``; longer texts are not looked at."""
_LAST_ROW = 32


@dataclass(frozen=True, slots=True)
class WellList:
    """Lines that name their wells in one or two columns."""

    sheet: Sheet
    columns: tuple[int, ...]
    """Indices of the column with the well names, or of those with rows and columns of the plate."""
    header: int
    """Index of the line with the names of the columns."""
    lines: tuple[int, ...]
    """Indices of the lines of wells."""
    wells: tuple[Well, ...]

    @property
    def names(self) -> list[str]:
        """Names of the columns, as the header line has them."""
        return [cell_text(cell).strip() for cell in self.sheet.rows[self.header]]

    def spots(self, column: int) -> list[Spot]:
        """The wells with their cells of one column of values."""
        rows = self.sheet.rows
        return [
            (at, rows[index][column] if column < len(rows[index]) else None, index, column)
            for index, at in zip(self.lines, self.wells, strict=True)
        ]


def well_at(row: Sequence[Cell], *columns: int) -> Well | None:
    """The well that a cell names, or that two cells name together: row and column of the plate."""
    if len(columns) == 1:
        return _well_in(row[columns[0]]) if columns[0] < len(row) else None
    if max(columns) >= len(row):
        return None
    letter, number = row[columns[0]], column_number(row[columns[1]])
    counted = column_number(letter)  # rows may be counted too
    if number is None or (counted is not None and counted > _LAST_ROW):
        return None
    return _well_in(f"{cell_text(letter).strip() if counted is None else row_letters(counted - 1)}{number}")


def _well_in(cell: Cell) -> Well | None:
    if not isinstance(cell, str) or not 1 < len(cell.strip()) <= _LONGEST_WELL:
        return None
    try:
        parsed = Well.parse(cell.strip().rstrip(":"))
    except ValueError:
        return None
    return well(parsed.row, parsed.column)


def read_list(sheet: Sheet, header: int, columns: tuple[int, ...], start: int | None = None) -> WellList:
    """The list under a header line; it ends at the first line with something else than a well.

    Raises:
        InputError: ``WELL_TWICE`` for a well that is listed twice, ``ROW_LENGTH`` for a line of a text file
            that has lost or gained a cell, ``WELL_UNKNOWN`` for a line of values without a well.
    """
    first = header + 1 if start is None else start
    width = width_of(sheet.rows[header])
    named = lines_of_wells(sheet, first, columns)
    wells: dict[Well, int] = {}
    for index, at in named:
        if at in wells:
            raise twice(sheet, index, columns[0], at, wells[at])
        wells[at] = index
    lines = tuple(wells.values())
    require_lengths(sheet, lines, width)
    gap = lines[1] - lines[0] if len(lines) > 1 else 1  # some software writes an empty line behind each
    require_end(sheet, lines[-1] + gap if lines else first, width)
    return WellList(sheet, columns, header, lines, tuple(wells))


def lines_of_wells(sheet: Sheet, start: int, columns: tuple[int, ...]) -> list[tuple[int, Well]]:
    """(line, well) from a line on, to the last line that names a well; empty lines may stand between."""
    found = []
    for index in range(start, len(sheet.rows)):
        at = well_at(sheet.rows[index], *columns)
        if at is not None:
            found.append((index, at))
        elif any(cell_text(cell).strip() for cell in sheet.rows[index]):
            break
    return found


def width_of(header: Sequence[Cell]) -> int:
    """How many columns a header line names."""
    width = len(header)
    while width and not cell_text(header[width - 1]).strip():
        width -= 1
    return width


def twice(sheet: Sheet, index: int, column: int, at: Well, before: int) -> InputError:
    """Refuse a well that is listed twice."""
    return InputError(
        "WELL_TWICE",
        Message("well {well} is listed twice", well=at.name),
        place=where(sheet, index, column),
        found=Message("the same well in {place:t}", place=where(sheet, before, column)),
        expected="each well once for each plate and read",
        action="Export one plate and one read for each list, or as a grid.",
    )


def require_lengths(sheet: Sheet, lines: Sequence[int], width: int) -> None:
    """In a text file, a line with a cell more or less than the others has its values in wrong columns."""
    usual = len(sheet.rows[lines[0]]) if lines else 0
    for index in lines if sheet.from_text else ():
        if len(sheet.rows[index]) < width or len(sheet.rows[index]) != usual:
            raise row_length(sheet, index, width or usual)


def row_length(sheet: Sheet, index: int, width: int) -> InputError:
    """Refuse a line with a cell more or less than the others."""
    return InputError(
        "ROW_LENGTH",
        "this line does not have one cell for each column",
        place=where(sheet, index, 0),
        found=Message("{n:n} cells", n=len(sheet.rows[index])),
        expected=Message("{n:n} cells", n=width),
        action="The file may be cut off or edited. Export the plate again.",
    )


def require_end(sheet: Sheet, end: int, width: int) -> None:
    """The line behind a list must not be one of its lines whose well cannot be read."""
    row = sheet.rows[end] if end < len(sheet.rows) else []
    filled = [cell for cell in row if cell_text(cell).strip()]
    if len(filled) > 1 and len(row) >= width and any(number_like(cell) for cell in filled):
        raise InputError(
            "WELL_UNKNOWN",
            "a line of the list does not name a well",
            place=where(sheet, end, 0),
            found=" | ".join(cell_text(cell) for cell in filled)[:60],
            expected="a well such as A1 or A01",
            action="Export the plate again without editing it.",
        )
