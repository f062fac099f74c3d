"""BioTek / Agilent Gen5 exports: text, CSV and Excel, matrices, kinetics and statistics lists.

Several lines stand for each plate row; the cell behind the last column says what a line holds, in an order
that may change from row to row. ``name:450`` and bare wavelengths are measured; ``Blank ...``,
``[Concentration]``, ``Well ID`` and all else are not. A file may hold several whole reports, one a plate.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from pipeline.domain.message import Message
from pipeline.domain.plate import Kind, PlateRead
from pipeline.readers.parts.blocks import Block, grid_block
from pipeline.readers.parts.grids import Grid, GridForm, GridLine, find_grids, require_whole, where
from pipeline.readers.parts.head import Head, seen, small
from pipeline.readers.parts.lists import read_list, well_at
from pipeline.readers.parts.plates import PlateDraft, finish
from pipeline.readers.parts.quantities import is_reduced
from pipeline.readers.parts.sections import first_cell, first_text, split_at, values_of
from pipeline.readers.parts.words import seconds_in, wavelength_in
from pipeline.tables.cells import cell_text
from pipeline.tables.document import Document
from pipeline.tables.workbook import Cell, Sheet

NAME = "Gen5"

_RAW = re.compile(
    r"(?:(?P<name>[^\[\]]*):)?(?:(?P<nm>[1-9]\d{2,3})|(?P<pair>\d{3}(?:/\d+)?,\d{3}(?:/\d+)?|\d{6})|(?P<lum>Lum\w*))\Z"
)
"""``450nm:450``, ``450``, ``GFP:485,528``, ``485/20,528/20``, ``480520``, ``RLU:Lum``."""
Measured: TypeAlias = "tuple[Kind, float | None, bool]"
"""Kind, wavelength, and was something subtracted?"""

_HEAD = (
    "procedure details", "procedure summary", "reader type", "reader serial number", "plate number",
    "experiment file path", "protocol file path",
)  # fmt: skip
_LIST_COLUMNS = frozenset({"well id", "name", "well", "conc/dil", "count", "mean", "std dev", "cv (%)"})


def sniff(head: Head) -> str | None:
    """``Software Version`` with other lines of Gen5's head, or the columns of a statistics list."""
    version = head.find("software version")
    others = [line for line in _HEAD if head.find(line) is not None]
    if version and len(others) > 1:
        return Message("{version:t}, with '{line}'", version=version, line=others[0].title())
    procedure = head.find("procedure details", "procedure summary")
    if procedure and "results" in head.texts:
        return Message("{version:t}, with '{line}'", version=procedure, line="Results")
    if "well id" in head.texts and "std dev" in head.texts and "cv (%)" in head.texts:
        return seen("Well ID' and 'Std Dev", head.texts["well id"])
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
    headed = first_text(part.rows[0]) == "software version" if part.rows else False
    draft = PlateDraft((part,), headed=where(part, 0, 0) if headed else "")
    names = {small(text) for text in values_of((part,), "read")}
    for grid in find_grids(part, GridForm(stacked=True)):
        require_whole(grid)
        draft.take_title(grid)
        for label, lines in _by_label(grid).items():
            _matrix(draft, grid, label, lines, _measured(label, names))
    for index, row in enumerate(part.rows):
        texts = [small(cell_text(cell)) for cell in row] if _words(row) else []
        if "time" in texts[:2] and well_at(row, len(texts) - 1 - _padding(texts)):
            _kinetic(draft, part, index, names)
        elif "well" in texts and "well id" in texts:
            _statistics(draft, part, index, texts.index("well"))
    return draft


def _matrix(
    draft: PlateDraft, grid: Grid, label: str, lines: list[GridLine], measured: Measured | None
) -> None:
    """The lines of a matrix that have the same label behind them."""
    for line in lines:
        behind = next((at for at, cell in enumerate(line.tail) if cell_text(cell).strip()), None)
        if behind is not None:
            draft.take_heading(grid.sheet, line.index, grid.right + behind)
    if measured is None:
        draft.keep(grid, label, [line.index for line in lines])
    else:
        kind, nm, reduced = measured
        draft.add_grid(grid, grid_block(grid, kind, label, nm, lines=lines, reduced=reduced))


def _words(row: Sequence[Cell]) -> bool:
    """Do the first cells hold words? Most lines of a kinetic hold numbers alone."""
    return any(isinstance(cell, str) and cell[:1].isalpha() for cell in row[:3])


def _by_label(grid: Grid) -> dict[str, list[GridLine]]:
    """Lines by what stands behind their last column; the title where nothing does."""
    found: dict[str, list[GridLine]] = {}
    for line in grid.lines:
        found.setdefault(line.label or grid.title, []).append(line)
    return found


def _measured(label: str, names: set[str]) -> Measured | None:
    """Kind, wavelength, reduced? of what Gen5 read; None for concentrations, statistics and the layout."""
    match = _RAW.match(label)
    name = small(match["name"] or "") if match is not None else ""
    if match is None or (name not in names and is_reduced(name)):
        return (Kind.ABSORBANCE, wavelength_in(label), True) if is_reduced(label) else None
    if match["nm"]:
        return Kind.ABSORBANCE, float(match["nm"]), False
    return (Kind.LUMINESCENCE if match["lum"] else Kind.FLUORESCENCE), None, False


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
    kind, nm, reduced = _measured(label, names) or (Kind.OTHER, None, False)
    for line in (header, above) if above is not None else (header,):
        draft.take_line(part, line)
    warmth: list[tuple[int, int]] = []
    for index, seconds in _times(part, header + 1, clock):
        row = part.rows[index]
        draft.take_heading(part, index, clock)
        warmth += [(index, column) for column in range(clock + 1, columns[0][0]) if column < len(row)]
        if any(cell_text(cell).strip() for cell in row[clock + 1 :]):
            spots = [(at, row[c] if c < len(row) else None, index, c) for c, at in columns]
            place = where(part, index, clock)
            draft.add(Block(part, spots, kind, label, nm, seconds, place, reduced=reduced))
    draft.keep_cells(part, warmth, f"temperatures of {label}")
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
    wells = read_list(part, header, (column,))
    draft.take_list(wells)
    for at, label in enumerate(wells.names):
        measured = _measured(label, set()) if small(label) not in _LIST_COLUMNS else None
        if measured is not None:
            kind, nm, reduced = measured
            draft.take_heading(part, header, at)
            spots = wells.spots(at)
            draft.add(Block(part, spots, kind, label, nm, None, where(part, header, at), reduced=reduced))
        elif at != column and label:
            draft.keep_column(wells, at)
