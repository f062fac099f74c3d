"""What a matrix holds, by its cells: readings, other numbers (concentrations, counts), words, nothing."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from pipeline.readers.parts.blocks import OD_PLAUSIBLE
from pipeline.readers.parts.grids import Grid
from pipeline.readers.parts.taken import is_filled
from pipeline.tables.numbers import number_like
from pipeline.tables.workbook import Cell

_FEW = 5
"""One number in five that no absorbance has: a series of concentrations, not a damaged plate."""


class Content(Enum):
    """What most filled cells of a matrix are."""

    READINGS = "readings"
    """Numbers that could be absorbances, or words that readers write in their place."""
    NUMBERS = "numbers"
    """Whole numbers, or numbers that no absorbance has."""
    WORDS = "words"
    EMPTY = "empty"


def content_of(cells: Iterable[Cell]) -> Content:
    """What most of the filled cells are."""
    filled = [cell for cell in cells if is_filled(cell)]
    if not filled:
        return Content.EMPTY
    if sum(number_like(cell) for cell in filled) * 2 <= len(filled):
        return Content.WORDS
    numbers = [number for cell in filled if (number := _number(cell)) is not None]
    low, high = OD_PLAUSIBLE
    outside = sum(not low <= number <= high for number in numbers)
    whole = sum(number.is_integer() for number in numbers)
    alike = len(set(numbers)) == 1  # an export may hold zeros alone
    other = outside * _FEW > len(numbers) or (whole * 2 > len(numbers) and not alike)
    return Content.NUMBERS if other else Content.READINGS


def grid_content(grid: Grid) -> Content:
    """The same for the cells under a grid's column numbers."""
    return content_of(cell for line in grid.lines for cell in line.cells)


def _number(cell: Cell) -> float | None:
    """A number by whatever decimal sign; None for a word."""
    if isinstance(cell, int | float):
        return float(cell)
    try:
        return float(str(cell).strip().strip("*").replace(",", "."))
    except ValueError:
        return None
