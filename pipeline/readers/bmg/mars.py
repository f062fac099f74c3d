"""BMG MARS exports as CSV or text: matrices, table views, spectra and kinetics.

``User: ...`` opens the file. A matrix stands under ``Raw Data (450)``; a table has the columns ``Well`` (or
``Well Row``, ``Well Col``), ``Content``, ``Raw Data (450)``, with wavelengths or times in a second header
line where there are several.
"""

from __future__ import annotations

import re

from pipeline.domain.message import Message
from pipeline.domain.plate import Kind, PlateRead
from pipeline.domain.wells import PLATE_SHAPES, row_letters
from pipeline.readers.parts.blocks import Block, grid_block
from pipeline.readers.parts.grids import Grid, GridForm, find_grids, where
from pipeline.readers.parts.head import Head, small, with_another
from pipeline.readers.parts.lists import WellList, read_list, well_at
from pipeline.readers.parts.plates import PlateDraft, finish
from pipeline.readers.parts.quantities import is_reduced
from pipeline.readers.parts.words import kind_of, seconds_in, wavelengths_in
from pipeline.tables.cells import cell_text
from pipeline.tables.document import Document
from pipeline.tables.workbook import Sheet

NAME = "BMG MARS"

_RAW = re.compile(r"(?:\d+\.\s*)?raw data\s*\(?([^)]*)\)?", re.IGNORECASE)
"""``Raw Data  (450)``, ``4. Raw Data (480-14/520-30)``."""
_BASED_ON = re.compile(r"raw data\s*\(([^)]*)\)", re.IGNORECASE)
"""``Blank corrected based on Raw Data (450)``."""
_KIND_LINES = ("absorbance", "fluorescence", "luminescence", "alpha", "time resolved")
_WELL = (("well",), ("well row", "well col"))
_UNIT = {"time [s]": "s", "time [min]": "min", "time [h]": "h"}


def sniff(head: Head) -> str | None:
    """``User: `` at the start of a text, and ``Test name:``."""
    opens = head.starts("User: ") if head.form == "text" else None
    test = head.find("test name:", "testname:")
    return with_another(opens, test) if opens and test else None


def read(document: Document) -> list[PlateRead]:
    """Read the plate of the file."""
    return finish([plate(document)], document)


def plate(document: Document) -> PlateDraft:
    """The plate of a BMG export, whatever its form; matrices win over tables that repeat them."""
    draft = PlateDraft(document.sheets)
    kind = _kind(document)
    for sheet in document.sheets:
        for grid in find_grids(sheet, GridForm(small_after_z=True)):
            draft.take_title(grid)
            _matrix(draft, grid, kind)
    if not draft.blocks:
        for sheet in document.sheets:
            _tables(draft, sheet, kind)
    return draft


def _matrix(draft: PlateDraft, grid: Grid, kind: Kind) -> None:
    """A matrix by its title: measured, blank-corrected, or a layout."""
    raw, based = _RAW.match(grid.title), _BASED_ON.search(grid.title)
    if raw is not None:
        draft.add_grid(grid, grid_block(grid, kind, grid.title, _wavelength(raw[1], kind)))
        _remark_missing_rows(draft, grid)
    elif is_reduced(grid.title):
        nm = _wavelength(based[1] if based is not None else grid.title, kind)
        draft.add_grid(grid, grid_block(grid, kind, grid.title, nm, reduced=True))
    else:
        draft.keep(grid, grid.title)


def _remark_missing_rows(draft: PlateDraft, grid: Grid) -> None:
    """MARS leaves out rows without a measured well; a line that was lost looks the same."""
    present = {line.row for line in grid.lines}
    missing = [row_letters(row) for row in range(max(present)) if row not in present]
    rows = next((r for r, c in PLATE_SHAPES.values() if c == len(grid.columns)), 0)
    missing += [row_letters(row) for row in range(max(present) + 1, rows)]
    if missing:
        draft.remarks.append(Message("ROWS_MISSING: the export has no rows {rows}", rows=", ".join(missing)))


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
        texts = tuple(small(cell_text(cell)) for cell in row[:2])
        columns = next((tuple(range(len(names))) for names in _WELL if texts[: len(names)] == names), ())
        if columns and len(row) > len(columns):
            below = next((i for i in range(header + 1, len(sheet.rows)) if any(sheet.rows[i])), header + 1)
            second = well_at(sheet.rows[below], *columns) is None
            wells = read_list(sheet, header, columns, below + 1 if second else below)
            draft.take_list(wells)
            _columns(draft, wells, kind, below if second else None)


def _columns(draft: PlateDraft, wells: WellList, kind: Kind, second: int | None) -> None:
    """Each ``Raw Data`` column is a read; a second header line gives its wavelength or time."""
    below = wells.sheet.rows[second] if second is not None else []
    words = (cell for cell in below[: len(wells.columns) + 1] if not cell_text(cell)[:1].isdigit())
    what = " ".join(small(cell_text(cell)) for cell in words).strip()
    if second is not None:
        draft.facts["read_mode"] = "kinetic" if "time" in what else "spectrum"
        draft.take_line(wells.sheet, second)
    for column, label in enumerate(wells.names):
        raw, based = _RAW.match(label), _BASED_ON.search(label)
        if raw is None and not (based is not None and is_reduced(label)):
            if column not in wells.columns and label:
                draft.keep_column(wells, column)
            continue
        at = cell_text(below[column]).strip() if column < len(below) else ""
        named = raw or based
        nm = _wavelength(at if "wavelength" in what else named[1] if named else "", kind)
        seconds = _seconds(at, what) if "time" in what else None
        place = where(wells.sheet, wells.header, column)
        draft.take_heading(wells.sheet, wells.header, column)
        spots, name = wells.spots(column), f"{label} {at}".strip()
        draft.add(Block(wells.sheet, spots, kind, name, nm, seconds, place, reduced=raw is None))


def _seconds(text: str, what: str) -> float | None:
    """``0 h 15 min``, or a bare number in the unit of its line."""
    return seconds_in(text if not text.replace(".", "", 1).isdigit() else f"{text}{_UNIT.get(what, 's')}")
