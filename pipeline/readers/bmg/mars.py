"""BMG MARS exports as CSV or text: matrices, table views, spectra and kinetics.

``User: ...`` opens the file. A matrix stands under ``Raw Data (450)``; a table has the columns ``Well``,
``Content``, ``Raw Data (450)``, with wavelengths or times in a second header line where there are several.
"""

from __future__ import annotations

import re

from pipeline.domain.plate import Kind, PlateRead
from pipeline.domain.wells import PLATE_SHAPES, row_letters
from pipeline.readers.parts.blocks import Block, grid_block
from pipeline.readers.parts.grids import Grid, find_grids, where
from pipeline.readers.parts.head import Head, small
from pipeline.readers.parts.lists import WellList, column_table, read_list, well_at
from pipeline.readers.parts.plates import PlateDraft, finish
from pipeline.readers.parts.words import kind_of, wavelengths_in
from pipeline.tables.cells import cell_text
from pipeline.tables.document import Document
from pipeline.tables.workbook import Sheet

NAME = "BMG MARS"

_RAW = re.compile(r"(?:\d+\.\s*)?raw data\s*\(?([^)]*)\)?", re.IGNORECASE)
"""``Raw Data  (450)``, ``4. Raw Data (480-14/520-30)``."""
_KIND_LINES = ("absorbance", "fluorescence", "luminescence", "alpha", "time resolved")


def sniff(head: Head) -> str | None:
    """``User: `` at the start of a text, and ``Test name:``."""
    opens = head.starts("User: ") if head.form == "text" else None
    test = head.find("test name:")
    return f"{opens}, with {test}" if opens and test else None


def read(document: Document) -> list[PlateRead]:
    """Read the plate of the file."""
    return finish([plate(document)], document)


def plate(document: Document) -> PlateDraft:
    """The plate of a BMG export, whatever its form; matrices win over tables that repeat them."""
    draft = PlateDraft(document.sheets)
    kind = _kind(document)
    for sheet in document.sheets:
        for grid in find_grids(sheet, small_after_z=True):
            raw = _RAW.match(grid.title)
            draft.take_title(grid)
            if raw is None:
                draft.keep(grid, grid.title)
            else:
                draft.add_grid(grid, grid_block(grid, kind, grid.title, _wavelength(raw[1], kind)))
                _remark_missing_rows(draft, grid)
    if not draft.blocks:
        for sheet in document.sheets:
            _tables(draft, sheet, kind)
    return draft


def _remark_missing_rows(draft: PlateDraft, grid: Grid) -> None:
    """MARS leaves out rows without a measured well; a line that was lost looks the same."""
    present = {line.row for line in grid.lines}
    missing = [row_letters(row) for row in range(max(present)) if row not in present]
    rows = next((r for r, c in PLATE_SHAPES.values() if c == len(grid.columns)), 0)
    missing += [row_letters(row) for row in range(max(present) + 1, rows)]
    if missing:
        draft.remarks.append(f"ROWS_MISSING: the export has no rows {', '.join(missing)}")


def _kind(document: Document) -> Kind:
    """A line of its own near the top names the method."""
    for sheet in document.sheets:
        for row in sheet.rows[:20]:
            first = small(cell_text(row[0])) if row else ""
            if first.startswith(_KIND_LINES):
                return kind_of(first) or Kind.OTHER
    return Kind.OTHER


def _wavelength(text: str, kind: Kind) -> float | None:
    """``450``, ``450 1`` and ``Abs 450`` name 450 nm; a pair of filters names none."""
    found = wavelengths_in(text)
    return found[0] if found and kind is Kind.ABSORBANCE else None


def _tables(draft: PlateDraft, sheet: Sheet, kind: Kind) -> None:
    for header, row in enumerate(sheet.rows[:-1]):
        if row and small(cell_text(row[0])) == "well" and len(row) > 1:
            second = well_at(sheet.rows[header + 1], 0) is None
            wells = read_list(sheet, header, 0, header + 2 if second else None)
            draft.taken.lines(sheet, header, wells.end)
            _columns(draft, wells, kind, second=second)


def _columns(draft: PlateDraft, wells: WellList, kind: Kind, *, second: bool) -> None:
    """Each ``Raw Data`` column is a read; a second header line gives its wavelength or time."""
    below = wells.sheet.rows[wells.header + 1] if second else []
    what = " ".join(small(cell_text(cell)) for cell in below[:2])
    if second:
        draft.facts["read_mode"] = "kinetic" if "time" in what else "spectrum"
    for column, label in enumerate(wells.names):
        raw = _RAW.match(label)
        if raw is None:
            if column and label:
                draft.tables.append(column_table(wells, column))
            continue
        at = cell_text(below[column]).strip() if column < len(below) else ""
        nm = _wavelength(at if "wavelength" in what else raw[1], kind)
        seconds = float(at) if "time" in what and at.replace(".", "", 1).isdigit() else None
        spots = wells.spots(column)
        place = where(wells.sheet, wells.header, column)
        draft.add(Block(wells.sheet, spots, kind, f"{label} {at}".strip(), nm, seconds, place))
