"""The cells of a file and what became of them: every filled cell is taken once, for one use, or left over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TypeAlias

from pipeline.domain.plate import CellCount
from pipeline.tables.workbook import Cell, Sheet

Key: TypeAlias = "tuple[str, int]"
"""Name of a sheet and line in it, as the spreadsheet or editor counts it."""


class Use(IntEnum):
    """What a cell was taken for; of several uses the first counts."""

    READ = 0
    HEADING = 1
    TABLE = 2
    FACT = 3
    NOT_UNDERSTOOD = 4


@dataclass(slots=True)
class Taken:
    """Which cells of which lines are taken, and for what: a bit for each column."""

    masks: dict[Use, dict[Key, int]] = field(default_factory=lambda: {use: {} for use in Use})
    judged: set[Key] = field(default_factory=set)
    """Lines of values that the reader itself could not place, and said so."""

    def cells(self, use: Use, sheet: Sheet, index: int, columns: Iterable[int]) -> None:
        """Take columns of one line; ``index`` counts the sheet's rows from 0."""
        self.mask(use, (sheet.name, sheet.first_line + index), bits(columns))

    def mask(self, use: Use, key: Key, mask: int) -> None:
        """The same, with the columns as bits."""
        masks = self.masks[use]
        masks[key] = masks.get(key, 0) | mask

    def merge(self, other: Taken) -> None:
        """Take all that another has taken."""
        self.judged |= other.judged
        for use, masks in other.masks.items():
            for key, mask in masks.items():
                self.mask(use, key, mask)

    def by_line(self) -> dict[Key, int]:
        """What is taken of each line, for whatever use."""
        taken: dict[Key, int] = {}
        for masks in self.masks.values():
            for key, mask in masks.items():
                taken[key] = taken.get(key, 0) | mask
        return taken

    def count(self, filled: Mapping[Key, int]) -> CellCount:
        """How many filled cells were taken for each use, the first one of each cell.

        Args:
            filled: of :func:`filled_cells`.
        """
        counts = dict.fromkeys(Use, 0)
        for key, mask in filled.items():
            left = mask
            for use, masks in self.masks.items():
                here = left & masks.get(key, 0)
                counts[use] += here.bit_count()
                left &= ~here
        return CellCount(sum(mask.bit_count() for mask in filled.values()), *counts.values())


def filled_cells(sheets: Iterable[Sheet]) -> dict[Key, int]:
    """A bit for each filled cell, by sheet and line, in the order of the file."""
    return {
        (sheet.name, sheet.first_line + index): filled_mask(row)
        for sheet in sheets
        for index, row in enumerate(sheet.rows)
    }


def left_over(
    sheet: Sheet, filled: Mapping[Key, int], taken: Mapping[Key, int]
) -> Iterator[tuple[int, list[tuple[int, Cell]]]]:
    """(row index, its filled cells) for each line with cells that nobody has taken."""
    for index, row in enumerate(sheet.rows):
        key = sheet.name, sheet.first_line + index
        mask = filled[key] & ~taken.get(key, 0)
        if mask:
            yield index, [(column, cell) for column, cell in enumerate(row) if mask >> column & 1]


def bits(columns: Iterable[int]) -> int:
    """A bit for each column."""
    mask = 0
    for column in columns:
        mask |= 1 << column
    return mask


def filled_mask(row: Sequence[Cell]) -> int:
    """A bit for each cell that holds a number or a text."""
    return bits([column for column, cell in enumerate(row) if is_filled(cell)])


def is_filled(cell: Cell) -> bool:
    """Does a cell hold a number or a text?"""
    return bool(cell.strip()) if isinstance(cell, str) else cell is not None
