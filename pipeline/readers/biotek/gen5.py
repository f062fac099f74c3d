"""BioTek / Agilent Gen5 exports: text, CSV and Excel, matrices, kinetics and statistics lists.

Several lines stand for each plate row; the cell behind the last column says what a line holds, in an order
that may change from row to row. ``name:450`` and bare wavelengths are measured; ``Blank ...``,
``[Concentration]``, ``Well ID`` and all else are not. A file may hold several whole reports, one a plate.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipeline.domain.plate import Kind, PlateRead
from pipeline.readers.parts.blocks import Block, grid_block
from pipeline.readers.parts.grids import Grid, GridLine, find_grids, require_whole, where
from pipeline.readers.parts.head import Head, small
from pipeline.readers.parts.lists import column_table, read_list, well_at
from pipeline.readers.parts.plates import PlateDraft, finish
from pipeline.readers.parts.rest import table_of
from pipeline.readers.parts.sections import first_cell, split_at, values_of
from pipeline.readers.parts.words import seconds_in
from pipeline.tables.cells import cell_text
from pipeline.tables.document import Document
from pipeline.tables.workbook import Cell, Sheet

NAME = "Gen5"

_RAW = re.compile(
    r"(?:(?P<name>[^\[\]]*):)?(?:(?P<nm>[1-9]\d{2,3})|(?P<pair>\d{3}(?:/\d+)?,\d{3}(?:/\d+)?|\d{6})|(?P<lum>Lum\w*))\Z"
)
"""``450nm:450``, ``450``, ``GFP:485,528``, ``485/20,528/20``, ``480520``, ``RLU:Lum``."""
_LIST_COLUMNS = frozenset({"well id", "name", "well", "conc/dil", "count", "mean", "std dev", "cv (%)"})


def sniff(head: Head) -> str | None:
    """``Software Version`` with ``Procedure Details``, or the columns of a statistics list."""
    version = head.find("software version")
    if version and head.find("procedure details") and head.find("reader type"):
        return f"{version}, with 'Procedure Details'"
    if "well id" in head.texts and "std dev" in head.texts and "cv (%)" in head.texts:
        return f"'Well ID' and 'Std Dev' in {head.texts['well id']}"
    return None


def read(document: Document) -> list[PlateRead]:
    """Read every report of the file."""
    drafts = [
        _plate(part)
        for sheet in document.sheets
        for part in split_at(sheet, lambda first: first == "software version")
    ]
    return finish(drafts, document, keys={"plate number": "plate_name"})


def _plate(part: Sheet) -> PlateDraft:
    draft = PlateDraft((part,))
    names = {small(text) for text in values_of((part,), "read")}
    for grid in find_grids(part, stacked=True):
        draft.taken.grid(grid, tails=True)
        require_whole(grid)
        draft.take_title(grid)
        for label, lines in _by_label(grid).items():
            kind, nm = _measured(label, names)
            if kind is None:
                draft.tables.append(table_of(grid, label, [line.index for line in lines]))
            else:
                draft.add(grid_block(grid, kind, label, nm, lines=lines))
    for index, row in enumerate(part.rows):
        texts = [small(cell_text(cell)) for cell in row] if _words(row) else []
        if "time" in texts[:2] and well_at(row, len(texts) - 1 - _padding(texts)):
            _kinetic(draft, part, index, names)
        elif "well" in texts and "well id" in texts:
            _statistics(draft, part, index, texts.index("well"))
    return draft


def _words(row: Sequence[Cell]) -> bool:
    """Do the first cells hold words? Most lines of a kinetic hold numbers alone."""
    return any(isinstance(cell, str) and cell[:1].isalpha() for cell in row[:3])


def _by_label(grid: Grid) -> dict[str, list[GridLine]]:
    """Lines by what stands behind their last column; the title where nothing does."""
    found: dict[str, list[GridLine]] = {}
    for line in grid.lines:
        label = next((text for cell in line.tail if (text := cell_text(cell).strip())), "")
        found.setdefault(label or grid.title, []).append(line)
    return found


def _measured(label: str, names: set[str]) -> tuple[Kind | None, float | None]:
    """Kind and wavelength of a raw read; no kind for what Gen5 calculated or the user laid out."""
    match = _RAW.match(label)
    if match is None:
        return None, None
    name = small(match["name"] or "")
    if name.startswith("blank ") and name not in names:
        return None, None
    if match["nm"]:
        return Kind.ABSORBANCE, float(match["nm"])
    return (Kind.LUMINESCENCE if match["lum"] else Kind.FLUORESCENCE), None


def _padding(texts: Sequence[str]) -> int:
    return next((n for n, text in enumerate(reversed(texts)) if text), len(texts))


def _kinetic(draft: PlateDraft, part: Sheet, header: int, names: set[str]) -> None:
    """A line for each time point under ``Time``, ``T° ...`` and the well names; the label stands above."""
    columns = [
        (column, at) for column in range(len(part.rows[header])) if (at := well_at(part.rows[header], column))
    ]
    clock = next(c for c, cell in enumerate(part.rows[header]) if small(cell_text(cell)) == "time")
    above = _line_above(part, header)
    label = first_cell(part.rows[above]) if above is not None else ""
    kind, nm = _measured(label, names)
    draft.taken.lines(part, header, header + 1)
    if above is not None:
        draft.taken.lines(part, above, above + 1)
    for index, seconds in _times(part, header + 1, clock):
        draft.taken.lines(part, index, index + 1)
        row = part.rows[index]
        if any(cell_text(cell).strip() for cell in row[clock + 1 :]):
            spots = [(at, row[c] if c < len(row) else None, index, c) for c, at in columns]
            draft.add(Block(part, spots, kind or Kind.OTHER, label, nm, seconds, where(part, index, clock)))
    draft.facts["read_mode"] = "kinetic"


def _line_above(part: Sheet, index: int) -> int | None:
    lines = range(index - 1, max(index - 4, -1), -1)
    return next((above for above in lines if first_cell(part.rows[above])), None)


def _times(part: Sheet, start: int, clock: int) -> Iterator[tuple[int, float]]:
    for index in range(start, len(part.rows)):
        row = part.rows[index]
        seconds = seconds_in(cell_text(row[clock])) if clock < len(row) else None
        if seconds is None:
            return
        yield index, seconds


def _statistics(draft: PlateDraft, part: Sheet, header: int, column: int) -> None:
    """A line for each well; the value's column is named by its wavelength."""
    wells = read_list(part, header, column)
    draft.taken.lines(part, header, wells.end)
    for at, label in enumerate(wells.names):
        kind, nm = _measured(label, set()) if small(label) not in _LIST_COLUMNS else (None, None)
        if kind is not None:
            draft.add(Block(part, wells.spots(at), kind, label, nm, None, where(part, header, at)))
        elif at != column and label:
            draft.tables.append(column_table(wells, at))
