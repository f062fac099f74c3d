"""Plain grids: 8 x 12 or 16 x 24 numbers, with or without row letters and column numbers; text or Excel.

The top-left cell, or a line above it, may name the block. Blocks that differ only by a wavelength in their
names are reads of one plate; other names are other plates. The file does not say what was measured, so the
reader says what it assumed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.plate import Kind, PlateRead
from pipeline.domain.wells import PLATE_SHAPES, row_letters
from pipeline.errors import InputError
from pipeline.readers.parts.blocks import Block, Spot, implausible, well
from pipeline.readers.parts.grids import Grid, GridLine, find_grids, row_at, where
from pipeline.readers.parts.head import Head
from pipeline.readers.parts.plates import PlateDraft, finish
from pipeline.tables.cells import cell_text
from pipeline.tables.document import Document
from pipeline.tables.numbers import number_like
from pipeline.tables.workbook import Cell, Sheet

NAME = "generic grid"
ANY_SOFTWARE = True

_WAVELENGTH = re.compile(r"(?:OD|Abs|A)?\.?\s*\(?([2-9]\d{2})(?:\s*nm)?\)?\s*\Z", re.IGNORECASE)
_LEAST_COLUMNS = 3
_MOST_OF_A_ROW = 7
"""Numbers in a line that can hardly be anything but a row of a plate."""
_LAYOUT_WORDS = frozenset({"role", "name", "antigen", "dilution", "competitor", "lot"})
_GUESS = "the file does not say what was measured: taken as raw absorbance"


def sniff(head: Head) -> str | None:
    """Column numbers 1, 2, 3 ... with row A below them, or lines of numbers in the shape of a plate."""
    for sheet in head.sheets:
        for grid in _labelled(sheet):
            return f"column numbers in {grid.place} and row A below them"
        for start, rows, columns in _bare(sheet):
            return f"{rows} lines of {columns} numbers from {where(sheet, start, 0)}"
    return None


@dataclass(frozen=True, slots=True)
class _TitledGrid:
    """A grid with the title that names it."""

    grid: Grid
    title: str


def read(document: Document) -> list[PlateRead]:
    """Read every block of every sheet."""
    found = [one for sheet in document.sheets for one in _found(sheet)]
    layout = [one.title for one in found if one.title.casefold() in _LAYOUT_WORDS]
    if layout:
        raise InputError(
            "LOOKS_LIKE_LAYOUT",
            "this is a plate layout, not an export of a reader",
            found=f"blocks named {', '.join(layout)}",
            action="Drop the file that the plate reader's software exported.",
        )
    drafts: dict[tuple[str, str], PlateDraft] = {}
    several = len({one.grid.sheet.name for one in found}) > 1
    for one in found:
        nm, plate = _wavelength(one.title)
        sheet = one.grid.sheet
        key = (sheet.name, plate)
        default = plate or (sheet.name if several else "")
        draft = drafts.setdefault(key, PlateDraft((sheet,), default, facts={"assumed": _GUESS}))
        _add(draft, one, nm)
    for sheet in document.sheets:
        _no_rows_left(sheet, {(one.grid.sheet.name, line.index) for one in found for line in one.grid.lines})
    plates = finish(list(drafts.values()), document)
    _no_layouts(plates)
    return plates


def _found(sheet: Sheet) -> list[_TitledGrid]:
    labelled = [_TitledGrid(grid, _title(grid)) for grid in _labelled(sheet)]
    if labelled:
        return labelled
    return [_TitledGrid(grid, grid.title) for grid in (_bare_grid(sheet, *b) for b in _bare(sheet))]


def _labelled(sheet: Sheet) -> list[Grid]:
    return [
        grid
        for grid in find_grids(sheet)
        if len(grid.columns) >= _LEAST_COLUMNS and grid.columns[0] == 0 and grid.lines[0].row == 0
    ]


def _title(grid: Grid) -> str:
    return grid.corner if grid.corner not in ("", "<>") else grid.title


def _add(draft: PlateDraft, one: _TitledGrid, nm: float | None) -> None:
    grid = one.grid
    _check_shape(grid)
    _check_words(grid)
    if any(block.wavelength_nm == nm for block in draft.blocks):
        raise InputError(
            "WHICH_SHEET",
            "the file holds grids that look like the same plate",
            found=f"{draft.blocks[0].place} and {grid.place}",  # such as: line 3 and line 12
            expected="a name above each grid, such as 450 nm, 620 nm or Plate 2",
            action="Name the grids, or drop one plate at a time.",
        )
    spots: list[Spot] = [
        (well(line.row, c), cell, line.index, grid.left + 1 + c)
        for line in grid.lines
        for c, cell in enumerate(line.cells)
    ]
    draft.shape = len(grid.lines), len(grid.columns)
    draft.add_grid(
        grid, Block(grid.sheet, spots, Kind.ABSORBANCE, one.title or "not stated", nm, None, grid.place)
    )
    _take_title(draft, grid, one.title)


def _take_title(draft: PlateDraft, grid: Grid, title: str) -> None:
    """The line above a block that holds nothing but its title."""
    rows = grid.sheet.rows
    for above in range(grid.header - 1, max(grid.header - 4, -1), -1):
        filled = [text for cell in rows[above] if (text := cell_text(cell).strip())]
        if filled:
            if filled == [title]:
                draft.taken.lines(grid.sheet, above, above + 1)
            return


def _check_shape(grid: Grid) -> None:
    shape = (len(grid.lines), len(grid.columns))
    in_order = all(line.row == number for number, line in enumerate(grid.lines))
    if shape in PLATE_SHAPES.values() and in_order:
        return
    full = next(((r, c) for r, c in PLATE_SHAPES.values() if c >= shape[1]), (8, 12))
    present = {line.row for line in grid.lines}
    missing = [row_letters(r) for r in range(full[0]) if r not in present]
    incomplete = shape[1] == full[1] and shape[0] < full[0]
    raise InputError(
        "FILE_INCOMPLETE" if incomplete else "PLATE_SHAPE",
        "the plate is not complete" if incomplete else "this is not the shape of a plate",
        place=grid.place,
        found=f"{shape[0]} rows x {shape[1]} columns"
        + (f"; {_rows_named(missing)} missing" if incomplete and missing else ""),
        expected="8 rows x 12 columns, or 16 x 24",
        action="Export the whole plate again.",
    )


def _no_rows_left(sheet: Sheet, lines: set[tuple[str, int]]) -> None:
    """Rows of numbers outside every grid are a plate with a broken header, or with a word in a well."""
    for index, row in enumerate(sheet.rows):
        if (sheet.name, index) in lines:
            continue
        numbers = sum(number_like(cell) for cell in row[1:])
        _no_bare_row(sheet, index, row, numbers)
        if row_at(row, 0) is not None and numbers >= _LEAST_COLUMNS:
            raise InputError(
                "HEADER_UNKNOWN",
                "a row of a plate stands under no column numbers",
                place=where(sheet, index, 0),
                found=f"row {cell_text(row[0]).strip()} with {numbers} numbers",
                expected="a line of column numbers 1, 2, 3 ... above each plate",
                action="Export the plate again without editing it.",
            )


def _no_bare_row(sheet: Sheet, index: int, row: Sequence[Cell], numbers: int) -> None:
    """Most of a plate's row, and nothing that says what it is."""
    odd = next(((c, cell) for c, cell in enumerate(row) if not number_like(cell)), None)
    if odd is None or odd[0] != 0:
        numbers += 1
    header = odd is not None and odd[0] == 0 and _numbered(row)
    if numbers < _MOST_OF_A_ROW or header or row_at(row, 0) is not None:
        return
    column, cell = odd if odd is not None else (0, row[0])
    raise InputError(
        "NOT_A_NUMBER" if column else "HEADER_UNKNOWN",
        "a line of numbers belongs to no complete plate",
        place=where(sheet, index, column),
        found=f"'{cell_text(cell)[:40]}' among {numbers} numbers",
        expected="8 lines of 12 numbers, or 16 of 24",
        action="Correct the export, or export the plate again.",
    )


def _numbered(row: Sequence[Cell]) -> bool:
    """Column numbers 1, 2, 3 ..."""
    return [cell_text(cell).strip().removesuffix(".0") for cell in row[1:4]] == ["1", "2", "3"]


def _check_words(grid: Grid) -> None:
    """Names in most wells are a layout."""
    cells = [cell for line in grid.lines for cell in line.cells if cell_text(cell).strip()]
    words = [cell for cell in cells if not number_like(cell)]
    if len(words) * 2 > len(cells):
        raise InputError(
            "LOOKS_LIKE_LAYOUT",
            "this is a plate layout, not an export of a reader",
            place=grid.place,
            found=f"'{cell_text(words[0])[:40]}' and {len(words) - 1} more texts in the wells",
            action="Drop the file that the plate reader's software exported.",
        )


def _rows_named(letters: Sequence[str]) -> str:
    return f"row {letters[0]} is" if len(letters) == 1 else f"rows {letters[0]} to {letters[-1]} are"


def _wavelength(title: str) -> tuple[float | None, str]:
    """(wavelength in nm, rest of the title): ``Plate 3 450 nm`` is 450 of 'Plate 3'."""
    match = _WAVELENGTH.search(title)
    if match is None or (match.start() and title[match.start() - 1].isalnum()):
        return None, title
    return float(match[1]), title[: match.start()].strip(" -_:,;(")


def _no_layouts(plates: Sequence[PlateRead]) -> None:
    """Round numbers on most of a plate are concentrations, dilutions or a layout."""
    for plate in plates:
        for reading in plate.reads:
            values = list(reading.values.values())
            if not values:
                raise InputError("NO_VALUES", "the grid holds no number", place=reading.place)
            whole = sum(value.is_integer() for value in values)
            if whole > len(values) / 2 and len(set(values)) > 1:
                raise implausible("whole numbers in most wells", reading.place)


def _bare(sheet: Sheet) -> list[tuple[int, int, int]]:
    """(first row, rows, columns) of each run of lines with nothing but numbers in the shape of a plate."""
    found = []
    start = 0
    while start < len(sheet.rows):
        columns = _numbers_in(sheet.rows[start])
        end = start + 1
        while columns and end < len(sheet.rows) and _numbers_in(sheet.rows[end]) == columns:
            end += 1
        if (end - start, columns) in PLATE_SHAPES.values():
            found.append((start, end - start, columns))
        start = end
    return found


def _numbers_in(row: Sequence[Cell]) -> int:
    """How many cells a line has if all of them are filled with what a well can hold; else 0."""
    width = len(row)
    while width and not cell_text(row[width - 1]).strip():
        width -= 1
    return width if width and all(number_like(cell) for cell in row[:width]) else 0


def _bare_grid(sheet: Sheet, start: int, rows: int, columns: int) -> Grid:
    lines = tuple(GridLine(start + r, r, list(sheet.rows[start + r][:columns]), []) for r in range(rows))
    return Grid(sheet, start, -1, tuple(range(columns)), lines)
