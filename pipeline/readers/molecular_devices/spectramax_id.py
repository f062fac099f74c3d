"""SpectraMax iD3 / iD5 on-board exports: Excel 2003 XML, ``Plate (1 of 2)`` before each plate.

Unread wells are left out of the XML; in the corner of a matrix stands the wavelength, ``450 nm/-``.
"""

from __future__ import annotations

from pipeline.domain.plate import Kind, PlateRead
from pipeline.readers.parts.blocks import grid_block
from pipeline.readers.parts.grids import find_grids, require_whole
from pipeline.readers.parts.head import Head
from pipeline.readers.parts.plates import PlateDraft, finish
from pipeline.readers.parts.quantities import is_reduced
from pipeline.readers.parts.sections import split_at, value_of
from pipeline.readers.parts.words import kind_of, wavelengths_in
from pipeline.tables.document import Document
from pipeline.tables.workbook import Sheet

NAME = "SpectraMax iD"

_CORNER = "wavelength(ex/em)"


def sniff(head: Head) -> str | None:
    """An Excel 2003 workbook with ``Wavelength(Ex/Em)`` or ``Plate (1 of``."""
    return head.find(_CORNER, "plate (") if head.form == "xml" else None


def read(document: Document) -> list[PlateRead]:
    """Read every plate; the lines above the first speak of all of them."""
    drafts: list[PlateDraft] = []
    for sheet in document.sheets:
        parts = split_at(sheet, lambda first: first.startswith("plate ("))
        common = tuple(part for part in parts if not _is_plate(part))
        drafts += [_plate(part, common) for part in parts if _is_plate(part)]
    return finish(drafts, document)


def _is_plate(part: Sheet) -> bool:
    return str(next((cell for row in part.rows for cell in row if cell), "")).startswith("Plate ")


def _plate(part: Sheet, common: tuple[Sheet, ...]) -> PlateDraft:
    draft = PlateDraft((part, *common), value_of((part,), "plate name"))
    mode = value_of((part,), "measurement mode")
    kind = kind_of(mode) or Kind.OTHER
    rows, columns = value_of((part,), "rows"), value_of((part,), "columns")
    if rows.isdigit() and columns.isdigit():
        draft.shape = int(rows), int(columns)
    for grid in find_grids(part):
        require_whole(grid)
        nm = next(iter(wavelengths_in(grid.corner)), None) if kind is Kind.ABSORBANCE else None
        reduced = kind is Kind.ABSORBANCE and is_reduced(grid.corner)
        draft.add_grid(grid, grid_block(grid, kind, grid.corner, nm, reduced=reduced))
        draft.take_line(part, grid.header)
    return draft
