"""From cells to a read: numbers by the file's decimal sign, words as states, nothing implausible."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TypeAlias

from pipeline.domain.message import Message
from pipeline.domain.plate import Kind, PlateReading, Quantity, WellState
from pipeline.domain.wells import Well
from pipeline.errors import InputError, TiterlineError
from pipeline.readers.parts.grids import Grid, GridLine, where
from pipeline.readers.parts.taken import is_filled
from pipeline.tables.cells import cell_text
from pipeline.tables.numbers import DecimalSign, decimal_sign, well_cell
from pipeline.tables.workbook import Cell, Sheet

Spot: TypeAlias = "tuple[Well, Cell, int, int]"
"""A well, its cell, and the cell's line and column in the sheet, both from 0."""

OD_PLAUSIBLE = (-0.5, 10.0)
"""An absorbance outside this is not an absorbance (readers end near 4, some print to 6)."""


@dataclass(frozen=True, slots=True)
class Block:
    """The cells of one read, before their numbers are understood."""

    sheet: Sheet
    spots: Sequence[Spot]
    kind: Kind
    label: str
    wavelength_nm: float | None = None
    time_s: float | None = None
    place: str = ""
    unreadable: frozenset[Well] = field(default_factory=frozenset)
    """Wells whose cells cannot be trusted (a shifted line); they get that state and no number."""
    reduced: bool = False
    """Something was subtracted from its numbers; it is a read only where the plate has no raw one for it."""

    def table(self) -> dict[str, object]:
        """Its wells as they are kept in metadata where it is no read."""
        rows = [[at.name, cell_text(cell).strip()] for at, cell, _, _ in self.spots if is_filled(cell)]
        return {"title": self.label, "place": self.place, "rows": rows}


@cache
def well(row: int, column: int) -> Well:
    """The well of a row and a column, both from 0."""
    return Well(row, column)


def grid_block(
    grid: Grid,
    kind: Kind,
    label: str,
    wavelength_nm: float | None,
    *,
    lines: Iterable[GridLine] | None = None,
    reduced: bool = False,
) -> Block:
    """The read in a grid, or in some of its lines."""
    spots = [
        (well(line.row, column), cell, line.index, place)
        for line in (grid.lines if lines is None else lines)
        for column, place, cell in zip(grid.columns, grid.places, line.cells, strict=True)
    ]
    return Block(grid.sheet, spots, kind, label, wavelength_nm, None, grid.place, reduced=reduced)


def sign_of(blocks: Iterable[Block]) -> DecimalSign:
    """The decimal sign of a file, from the texts of its wells."""
    return decimal_sign(
        cell.strip() for block in blocks for _, cell, _, _ in block.spots if isinstance(cell, str)
    )


def one_sign(blocks: Sequence[Block]) -> DecimalSign:
    """The same, for software that never mixes two signs in a file."""
    sign = sign_of(blocks)
    if sign.mixed:
        raise InputError(
            "MIXED_DECIMALS",
            "the file mixes decimal points and decimal commas",
            found=sign.proof,
            expected="one decimal sign in the whole file",
            action="Export the plate again without editing it.",
        )
    return sign


def reading(block: Block, sign: DecimalSign) -> PlateReading:
    """Understand the cells of a read.

    Raises:
        InputError: with the cell and the well, for a text that is neither number nor known word, for an
            ambiguous number, and for an absorbance, wavelength or time that cannot be one.
    """
    _check_when(block)
    values: dict[Well, float] = {}
    states: dict[Well, WellState] = {}
    for at, cell, line, column in block.spots:
        try:
            number, state = well_cell(cell, sign)
        except TiterlineError as error:
            raise error.at(_at_well(where(block.sheet, line, column), at)) from error
        if at in block.unreadable:
            number, state = None, WellState.UNREADABLE
        if number is not None:
            values[at] = number
        if state is not None:
            states[at] = state
    if block.kind is Kind.ABSORBANCE:
        _check_plausible(block, values)
    return PlateReading(
        block.kind,
        Quantity.REDUCED if block.reduced else Quantity.RAW,
        block.wavelength_nm,
        block.label,
        block.time_s,
        values,
        states,
        block.place or where(block.sheet, block.spots[0][2], block.spots[0][3]),
    )


def _check_when(block: Block) -> None:
    """A wavelength or a time below zero or beyond all numbers comes from a damaged cell."""
    for what, number in (("wavelength", block.wavelength_nm), ("time", block.time_s)):
        if number is not None and not 0 <= number < math.inf:
            raise InputError(
                "EXPORT_NOT_UNDERSTOOD",
                Message("this read has a {what:t} that cannot be", what=what),
                place=block.place or None,
                found=f"{number:g}",
                action="Export the plate again.",
            )


def _check_plausible(block: Block, values: dict[Well, float]) -> None:
    """Concentrations, dilutions and layouts have the shape of a plate too, but not its numbers."""
    low, high = OD_PLAUSIBLE
    if not values or (low <= min(values.values()) and max(values.values()) <= high):
        return
    odd, _, line, column = next(s for s in block.spots if not low <= values.get(s[0], low) <= high)
    raise implausible(f"{values[odd]:g}", _at_well(where(block.sheet, line, column), odd))


def _at_well(place: str, well: Well) -> Message:
    return Message("{place:t} (well {well})", place=place, well=well.name)


def implausible(found: str, place: str) -> InputError:
    """Refuse numbers that cannot be absorbances."""
    return InputError(
        "OD_IMPLAUSIBLE",
        "these numbers are not absorbances; they may be concentrations, dilutions or a layout",
        place=place,
        found=found,
        expected=Message(
            "ODs between {low:n} and {high:n}", low=f"{OD_PLAUSIBLE[0]:g}", high=f"{OD_PLAUSIBLE[1]:g}"
        ),
        action="Drop the file that the plate reader's software exported.",
    )
