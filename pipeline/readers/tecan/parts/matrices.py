"""Matrices of Tecan's software, ``<>`` in their corner: which of several is raw, at which wavelength.

A measurement with a reference wavelength prints its measurement, its reference and their difference, each
under a line that names it. One matrix of a measurement with a reference is taken for the difference: nothing
says that it is not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.message import Message
from pipeline.domain.plate import Kind
from pipeline.errors import InputError
from pipeline.readers.parts.blocks import grid_block
from pipeline.readers.parts.contents import Content, grid_content
from pipeline.readers.parts.grids import Grid, require_whole
from pipeline.readers.parts.plates import PlateDraft
from pipeline.readers.parts.quantities import Says, says
from pipeline.readers.parts.titles import is_title
from pipeline.readers.parts.words import marked_wavelengths

_REFERENCE = re.compile(r"refer|référ", re.IGNORECASE)
_MEASURED = re.compile(r"measure|messung|mesure|medi|misura|raw|roh|brut|crud", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Measurement:
    """What a section of an export states of its matrices."""

    kind: Kind
    label: str
    wavelength_nm: float | None
    reference_nm: float | None = None
    whole: bool = True
    """Was the whole plate read?"""


def add_matrices(draft: PlateDraft, grids: Sequence[Grid], measured: Measurement) -> None:
    """Add what was read to a plate; layouts, concentrations and what people typed beside are kept.

    Raises:
        InputError: ``WHICH_SHEET`` for several matrices of numbers under the same name.
    """
    own = [grid for grid in grids if not grid.left and grid.corner == "<>"]
    numbers = [grid for grid in own if _is_read(grid, measured.kind)]
    read = numbers or own[:1]
    single = len([grid for grid in read if says(_title(grid)) is Says.READING]) == 1
    seen: dict[tuple[float | None, bool], str] = {}
    for grid in grids:
        if not any(grid is one for one in read):
            draft.keep(grid, _title(grid) or grid.corner.strip("<>") or "layout")
            continue
        nm, reduced = _of(_title(grid), measured, single=single)
        _require_one(seen.setdefault((nm, reduced), grid.place), grid)
        if measured.whole:
            require_whole(grid)
        named = measured.label if single and not reduced else _title(grid)
        if _title(grid):
            draft.take_title(grid)
        label = named or _title(grid) or measured.label or "not stated"
        draft.add_grid(grid, grid_block(grid, measured.kind, label, nm, reduced=reduced))


def _title(grid: Grid) -> str:
    return grid.title if is_title(grid.title) else ""


def _require_one(before: str, grid: Grid) -> None:
    if before != grid.place:
        raise InputError(
            "WHICH_SHEET",
            "the sheet holds several matrices of numbers and does not say which is the raw data",
            place=grid.place,
            found=Message("another one in {place:t}", place=before),
            expected="one matrix for each measurement, each under its name",
            action="Export the raw data alone, or as a list with a column for each label.",
        )


def _is_read(grid: Grid, kind: Kind) -> bool:
    """A matrix with readings in it, and no name that says otherwise."""
    content = grid_content(grid)
    plausible = content is Content.READINGS or (content is Content.NUMBERS and kind is not Kind.ABSORBANCE)
    return plausible and says(_title(grid)) is not Says.OTHER


def _of(title: str, measured: Measurement, *, single: bool) -> tuple[float | None, bool]:
    """Wavelength of a matrix, and was something subtracted?"""
    if says(title) is Says.REDUCED:
        return measured.wavelength_nm, True
    if _REFERENCE.search(title):
        return measured.reference_nm, False
    stated = set(marked_wavelengths(title))
    nm = stated.pop() if len(stated) == 1 else measured.wavelength_nm
    named = nm != measured.wavelength_nm or _MEASURED.search(title) is not None
    unnamed_pair = single and measured.reference_nm is not None and not named
    return nm, unnamed_pair and measured.kind is Kind.ABSORBANCE
