"""MSD Methodical Mind text exports: electrochemiluminescence counts, a report for each plate.

Not an absorbance: the reads are of kind ``other``, so that no ELISA takes the counts for ODs.
"""

from __future__ import annotations

from dataclasses import replace

from pipeline.domain.plate import Kind, PlateRead
from pipeline.readers.parts.blocks import grid_block
from pipeline.readers.parts.grids import GridForm, find_grids, require_whole, where
from pipeline.readers.parts.head import Head, seen
from pipeline.readers.parts.plates import PlateDraft, finish
from pipeline.readers.parts.sections import first_cell, first_text, split_at, value_of
from pipeline.tables.cells import cell_text
from pipeline.tables.document import Document
from pipeline.tables.workbook import Cell, Sheet

NAME = "MSD Methodical Mind"

_DATA = "==========data="
_STATISTICS = ("average", "cv (%)")
_KEYS = {"plate #": "plate_number", "read time": "date", "type": "wells"}


def sniff(head: Head) -> str | None:
    """A line ``==========Data===``."""
    place = next((where for text, where in head.texts.items() if text.startswith(_DATA)), None)
    return seen("==========Data", place) if place else None


def read(document: Document) -> list[PlateRead]:
    """Read every plate of the file."""
    document = replace(document, sheets=tuple(map(_with_tabs, document.sheets)))
    drafts = [
        _plate(part)
        for sheet in document.sheets
        for part in split_at(sheet, lambda first: first.startswith("stack id"))
    ]
    return finish(drafts, document, keys=_KEYS)


def _with_tabs(sheet: Sheet) -> Sheet:
    r"""Cells are padded, and some lines hold a backslash and a ``t`` in place of a tab."""
    rows: list[list[Cell]] = [
        [part.strip() for cell in row for part in cell_text(cell).split("\\t")] for row in sheet.rows
    ]
    return Sheet(sheet.name, rows, sheet.first_line, sheet.from_text)


def _plate(part: Sheet) -> PlateDraft:
    draft = PlateDraft(
        (part,), value_of((part,), "barcode1"), headed=where(part, 0, 0) if _promises(part) else ""
    )
    for grid in find_grids(part, GridForm(ragged=True)):
        draft.take_title(grid)
        require_whole(grid)
        draft.add_grid(grid, grid_block(grid, Kind.OTHER, "electrochemiluminescence signal", None))
    for index, row in enumerate(part.rows):
        if first_text(row).startswith(_STATISTICS):
            draft.keep_lines(part, index, index + 1, first_cell(row))
    return draft


def _promises(part: Sheet) -> bool:
    return any(first_text(row).startswith(_DATA) for row in part.rows)
