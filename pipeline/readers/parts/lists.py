"""Plates written as lists: a column of well names, and one or more columns of values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.wells import Well
from pipeline.errors import InputError
from pipeline.readers.parts.blocks import Spot, well
from pipeline.readers.parts.grids import where
from pipeline.tables.cells import cell_text
from pipeline.tables.numbers import number_like
from pipeline.tables.workbook import Cell, Sheet

_LONGEST_WELL = 6
"""``AF48``, ``A 01``; longer texts are not looked at."""


@dataclass(frozen=True, slots=True)
class WellList:
    """Lines that begin (in one column) with well names."""

    sheet: Sheet
    column: int
    """Index of the column with the well names."""
    header: int
    """Index of the line with the names of the columns."""
    start: int
    end: int
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
            for index, at in zip(range(self.start, self.end), self.wells, strict=True)
        ]


def column_table(wells: WellList, column: int) -> dict[str, object]:
    """A column that is no read (sample names, the vendor's results) as it is kept in metadata."""
    rows = [[at.name, cell_text(cell).strip()] for at, cell, _, _ in wells.spots(column)]
    name = wells.names[column] if column < len(wells.names) else ""
    return {"title": name, "place": where(wells.sheet, wells.header, column), "rows": rows}


def well_at(row: Sequence[Cell], column: int) -> Well | None:
    """The well that a cell names."""
    cell = row[column] if column < len(row) else None
    if not isinstance(cell, str) or not 1 < len(cell.strip()) <= _LONGEST_WELL:
        return None
    try:
        parsed = Well.parse(cell)
    except ValueError:
        return None
    return well(parsed.row, parsed.column)


def read_list(sheet: Sheet, header: int, column: int, start: int | None = None) -> WellList:
    """The list under a header line; it ends at the first line without a well.

    Raises:
        InputError: ``WELL_TWICE`` for a well that is listed twice, ``ROW_LENGTH`` for a line of a text file
            that has lost or gained a cell, ``WELL_UNKNOWN`` for a line of values without a well.
    """
    first = header + 1 if start is None else start
    wells: dict[Well, int] = {}
    index = first
    width = len(sheet.rows[header])
    while width and not cell_text(sheet.rows[header][width - 1]).strip():
        width -= 1
    while index < len(sheet.rows) and (at := well_at(sheet.rows[index], column)) is not None:
        if at in wells:
            raise _twice(sheet, index, column, at, wells[at])
        if sheet.from_text and len(sheet.rows[index]) < width:
            raise row_length(sheet, index, width)
        wells[at] = index
        index += 1
    if sheet.from_text:
        require_equal_lengths(sheet, range(first, index))
    require_end(sheet, index, width)
    return WellList(sheet, column, header, first, index, tuple(wells))


def _twice(sheet: Sheet, index: int, column: int, at: Well, before: int) -> InputError:
    return InputError(
        "WELL_TWICE",
        f"well {at.name} is listed twice",
        place=where(sheet, index, column),
        found=f"the same well in {where(sheet, before, column)}",
        expected="each well once for each read",
        action="Export one plate and one read for each list, or as a grid.",
    )


def row_length(sheet: Sheet, index: int, width: int) -> InputError:
    """A line with a cell more or less than the others."""
    return InputError(
        "ROW_LENGTH",
        "this line does not have one cell for each column",
        place=where(sheet, index, 0),
        found=f"{len(sheet.rows[index])} cells",
        expected=f"{width} cells",
        action="The file may be cut off or edited. Export the plate again.",
    )


def require_equal_lengths(sheet: Sheet, lines: range) -> None:
    """In a text file, a line with a cell more or less than the others has its values in wrong columns."""
    usual = len(sheet.rows[lines.start]) if lines else 0
    odd = next((index for index in lines if len(sheet.rows[index]) != usual), None)
    if odd is not None:
        raise row_length(sheet, odd, usual)


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
