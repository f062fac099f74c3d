"""Plates without row letters and column numbers: as many lines of numbers as a plate has rows."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.domain.wells import PLATE_SHAPES
from pipeline.readers.parts.grids import Grid, GridLine
from pipeline.tables.cells import cell_text
from pipeline.tables.numbers import number_like
from pipeline.tables.workbook import Cell, Sheet


def bare_grids(sheet: Sheet) -> list[Grid]:
    """Every run of lines with nothing but numbers in the shape of a plate."""
    found = []
    start = 0
    while start < len(sheet.rows):
        columns = _numbers_in(sheet.rows[start])
        end = start + 1
        while columns and end < len(sheet.rows) and _numbers_in(sheet.rows[end]) == columns:
            end += 1
        if (end - start, columns) in PLATE_SHAPES.values():
            found.append(_grid(sheet, start, end - start, columns))
        start = end
    return found


def _numbers_in(row: Sequence[Cell]) -> int:
    """How many cells a line has if all of them are filled with what a well can hold; else 0."""
    width = len(row)
    while width and not cell_text(row[width - 1]).strip():
        width -= 1
    return width if width and all(number_like(cell) for cell in row[:width]) else 0


def _grid(sheet: Sheet, start: int, rows: int, columns: int) -> Grid:
    lines = tuple(GridLine(start + r, r, list(sheet.rows[start + r][:columns]), []) for r in range(rows))
    return Grid(sheet, start, -1, tuple(range(columns)), tuple(range(columns)), lines)
