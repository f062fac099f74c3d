"""Multiskan Sky on-board software workbooks: a sheet ``Raw data 450 nm`` for each wavelength, wells as lines.

The sheet ``Absorbance results`` repeats the same values with the wells across; it is kept, not read twice.
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.domain.plate import Kind, PlateRead
from pipeline.domain.wells import Well
from pipeline.readers.parts.blocks import Block, Spot
from pipeline.readers.parts.grids import find_grids, where
from pipeline.readers.parts.head import Head, seen, small
from pipeline.readers.parts.lists import well_at
from pipeline.readers.parts.plates import PlateDraft, finish
from pipeline.readers.parts.words import wavelength_in
from pipeline.tables.cells import cell_text
from pipeline.tables.document import Document
from pipeline.tables.workbook import Cell, Sheet

NAME = "Thermo Multiskan Sky"

_COLUMNS = ("well", "wavelength(s) [nm]", "raw absorbance")


def sniff(head: Head) -> str | None:
    """``Raw absorbance`` beside ``Wavelength(s) [nm]`` in a workbook."""
    if head.form not in {"xlsx", "xls"} or not all(text in head.texts for text in _COLUMNS):
        return None
    return seen("Raw absorbance", head.texts["raw absorbance"])


def read(document: Document) -> list[PlateRead]:
    """Read the plate of the workbook."""
    draft = PlateDraft(document.sheets)
    for sheet in document.sheets:
        for header, row in enumerate(sheet.rows):
            texts = tuple(small(cell_text(cell)) for cell in row[: len(_COLUMNS)])
            if texts == _COLUMNS:
                _raw_data(draft, sheet, header)
            elif texts[:1] == ("reading",):
                _results(draft, sheet, header)
        if sheet.name == "Run log":
            draft.keep_lines(sheet, 0, len(sheet.rows), sheet.name)
        for grid in find_grids(sheet):
            draft.keep(grid, sheet.name)
    return finish([draft], document, keys={"name": "instrument"})


def _raw_data(draft: PlateDraft, sheet: Sheet, header: int) -> None:
    """Each well has one line, or in a kinetic one line for each reading, one well after the other."""
    passes: list[dict[Well, tuple[int, Cell]]] = []
    seen: dict[Well, int] = {}
    index = header + 1
    while index < len(sheet.rows) and (at := well_at(sheet.rows[index], 0)) is not None:
        reading = seen.get(at, 0)
        if reading == len(passes):
            passes.append({})
        row = sheet.rows[index]
        passes[reading][at] = (index, row[2] if len(row) > 2 else None)  # noqa: PLR2004
        seen[at] = reading + 1
        index += 1
    draft.take_line(sheet, header)
    for number, lines in enumerate(passes):
        _add_pass(draft, sheet, lines, number, kinetic=len(passes) > 1)
    if len(passes) > 1:
        draft.facts["read_mode"] = "kinetic"


def _add_pass(
    draft: PlateDraft, sheet: Sheet, lines: Mapping[Well, tuple[int, Cell]], number: int, *, kinetic: bool
) -> None:
    first = next(iter(lines.values()))[0]
    row = sheet.rows[first]
    nm = wavelength_in(cell_text(row[1]) if len(row) > 1 else "") or wavelength_in(sheet.name)
    for line, _ in lines.values():
        draft.take_heading(sheet, line, 0, 1)
    others = [(line, c) for line, _ in lines.values() for c in range(3, len(sheet.rows[line]))]
    draft.keep_cells(sheet, others, "times")
    seconds = row[3] if kinetic and len(row) > 3 and isinstance(row[3], float) else None  # noqa: PLR2004
    spots: list[Spot] = [(at, cell, index, 2) for at, (index, cell) in lines.items()]
    label = f"reading {number}" if kinetic else "raw absorbance"
    draft.add(Block(sheet, spots, Kind.ABSORBANCE, label, nm, seconds, where(sheet, first, 2)))


def _results(draft: PlateDraft, sheet: Sheet, header: int) -> None:
    end = header
    while end < len(sheet.rows) and sheet.rows[end]:
        end += 1
    draft.keep_lines(sheet, header, end, sheet.name)
