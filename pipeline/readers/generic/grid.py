"""Plain grids: 8 x 12 or 16 x 24 numbers, with or without row letters and column numbers; text or Excel.

The top-left cell, a line above or below it, a label behind each line or the name of the sheet may name a
grid. Grids that differ only by a wavelength in their names are reads of one plate; other names are other
plates. Grids of words, concentrations or calculated numbers beside one of readings are kept as tables. What
the file does not say of the readings is stated as assumed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from pipeline.domain.message import Message
from pipeline.domain.plate import Kind, PlateRead
from pipeline.domain.wells import PLATE_SHAPES, row_letters
from pipeline.errors import InputError
from pipeline.readers.generic.parts.lists import Found, lists_in
from pipeline.readers.generic.parts.matrices import Matrix, labelled_grids, matrices_of, sheet_wavelength
from pipeline.readers.parts.bare import bare_grids
from pipeline.readers.parts.blocks import grid_block, implausible
from pipeline.readers.parts.contents import Content
from pipeline.readers.parts.grids import Grid, row_at, where
from pipeline.readers.parts.head import Head
from pipeline.readers.parts.lists import lines_of_wells
from pipeline.readers.parts.plates import PlateDraft, finish
from pipeline.readers.parts.quantities import Says, says
from pipeline.readers.parts.sections import first_cell
from pipeline.readers.parts.titles import plate_name, plate_phrase
from pipeline.tables.cells import cell_text
from pipeline.tables.document import Document
from pipeline.tables.numbers import number_like
from pipeline.tables.workbook import Cell, Sheet

NAME = "generic grid"
ANY_SOFTWARE = True

_MOST_OF_A_ROW = 7
"""Numbers in a line that can hardly be anything but a row of a plate."""
_GUESS = "the file does not say what was measured: taken as raw absorbance"
_MEASUREMENT = re.compile(r"measure|messung|mesure|medi[dc]|refer|référ|differen|primary", re.IGNORECASE)
_HALVES = (tuple(range(6)), tuple(range(6, 12)))
"""Columns of half a 96-well plate."""


def sniff(head: Head) -> str | None:
    """Column numbers 1, 2, 3 ... with row A below them, or lines of numbers in the shape of a plate."""
    for sheet in head.sheets:
        for grid in labelled_grids(sheet):
            return Message("column numbers in {place:t} and row A below them", place=grid.place)
        for grid in bare_grids(sheet):
            return Message(
                "{n:n} lines of {m:n} numbers from {place:t}",
                n=len(grid.lines),
                m=len(grid.columns),
                place=grid.place,
            )
    return None


def read(document: Document) -> list[PlateRead]:
    """Read every matrix of every sheet."""
    matrices = [matrix for sheet in document.sheets for matrix in matrices_of(sheet)]
    readings = [matrix for matrix in matrices if _is_reading(matrix)]
    if not readings:
        raise _no_readings(matrices)
    readings = _plates_alone(readings)
    drafts = _drafts(readings)
    others = [matrix for matrix in matrices if not any(matrix is one for one in readings)]
    for matrix in others:
        _keep(drafts, matrix)
    for sheet in document.sheets:
        for one in lists_in(sheet):
            _keep_list(next(iter(drafts.values())), sheet, one)
        _no_rows_left(sheet, {line for m in matrices if m.sheet is sheet for line in _lines(m.grid)})
    return finish(list(drafts.values()), document)


def _lines(grid: Grid) -> tuple[int, ...]:
    return (grid.header, *(line.index for line in grid.lines))


def _is_reading(matrix: Matrix) -> bool:
    """Numbers that could be what a reader measured, under a name that does not say otherwise."""
    if matrix.says is Says.OTHER or matrix.content in (Content.WORDS, Content.EMPTY):
        return False
    if matrix.content is Content.READINGS or matrix.kind not in (None, Kind.ABSORBANCE):
        return True
    if matrix.asks_to_be_read:
        raise implausible(
            "whole numbers, or numbers that no absorbance has, in most wells", matrix.grid.place
        )
    return False


def _plates_alone(readings: Sequence[Matrix]) -> list[Matrix]:
    """Without reduced matrices that belong to a raw one elsewhere in the file, or that name no plate."""
    raw = [matrix for matrix in readings if matrix.says is not Says.REDUCED]
    phrases = {phrase for matrix in raw for name in matrix.names if (phrase := plate_phrase(name))}
    keys = {(_sheet_key(matrix.sheet), matrix.plate) for matrix in raw}
    return [
        matrix
        for matrix in readings
        if matrix.says is not Says.REDUCED
        or not raw
        or (_sheet_key(matrix.sheet), matrix.plate) in keys
        or any((phrase := plate_phrase(name)) and phrase not in phrases for name in matrix.names)
    ]


def _no_readings(matrices: Sequence[Matrix]) -> InputError:
    """Why a file of matrices holds no plate."""
    first = matrices[0]
    numbers = [matrix for matrix in matrices if matrix.content is Content.NUMBERS]
    if all(matrix.content is Content.EMPTY for matrix in matrices):
        return InputError("NO_VALUES", "the grid holds no number", place=first.grid.place)
    if len(numbers) == len(matrices) and not any(matrix.says is Says.OTHER for matrix in numbers):
        return implausible("whole numbers in most wells", first.grid.place)
    words = (cell_text(cell).strip() for m in matrices for line in m.lines for cell in line.cells)
    word = next((text for text in words if text and not number_like(text)), "")
    names = ", ".join(f"'{matrix.title}'" for matrix in matrices if matrix.title)
    return InputError(
        "LOOKS_LIKE_LAYOUT",
        "this is a plate layout, not an export of a reader",
        place=first.grid.place,
        found=Message("blocks named {names}", names=names)
        if names
        else Message("'{text}' and more texts in the wells", text=word[:40]),
        action="Drop the file that the plate reader's software exported.",
    )


def _drafts(readings: Sequence[Matrix]) -> dict[tuple[str, str], PlateDraft]:
    """A draft for each plate: by its name, and by its sheet unless that is the name of a wavelength."""
    drafts: dict[tuple[str, str], PlateDraft] = {}
    several = len({_sheet_key(matrix.sheet) for matrix in readings}) > 1
    for matrix in readings:
        key = _sheet_key(matrix.sheet), matrix.plate
        name = matrix.plate or (_sheet_key(matrix.sheet) if several else "")
        draft = drafts.setdefault(key, PlateDraft((), name, named_by_sheet=True))
        if matrix.sheet not in draft.sheets:
            draft.sheets = (*draft.sheets, matrix.sheet)
        alone = len([m for m in readings if (_sheet_key(m.sheet), m.plate) == key]) == 1
        _add(draft, matrix, reduced=matrix.says is Says.REDUCED or (alone and matrix.has_reference))
    return drafts


def _sheet_key(sheet: Sheet) -> str:
    """The sheet's name, without its wavelength; ``Measurement`` and ``Reference`` are of one plate."""
    named = sheet_wavelength(sheet.name) is not None or _MEASUREMENT.search(sheet.name) is not None
    return plate_name(sheet.name) if named else sheet.name


def _add(draft: PlateDraft, matrix: Matrix, *, reduced: bool) -> None:
    grid, kind = matrix.grid, matrix.kind
    _check_shape(draft, matrix)
    nm = matrix.wavelength_nm if kind in (None, Kind.ABSORBANCE) else None
    key = nm, reduced, matrix.time_s
    twin = next((b for b in draft.blocks if (b.wavelength_nm, b.reduced, b.time_s) == key), None)
    if twin is not None:
        raise InputError(
            "WHICH_SHEET",
            "the file holds grids that look like the same plate",
            found=Message("{one:t} and {other:t}", one=twin.place, other=grid.place),
            expected="a name above each grid, such as 450 nm, 620 nm or Plate 2",
            action="Name the grids, or drop one plate at a time.",
        )
    if kind is None:
        draft.facts["assumed"] = _GUESS
    unnamed = f"{nm:g} nm" if nm is not None and not reduced else "not stated"
    label = matrix.title or (matrix.sheet.name if reduced else "") or unnamed
    block = grid_block(grid, kind or Kind.ABSORBANCE, label, nm, lines=matrix.lines, reduced=reduced)
    draft.add_grid(grid, replace(block, time_s=matrix.time_s))
    if len({block.time_s for block in draft.blocks}) > 1:
        draft.facts["read_mode"] = "kinetic"
    _take_names(draft, matrix)


def _take_names(draft: PlateDraft, matrix: Matrix) -> None:
    """Labels behind the lines, and the line above that holds nothing but the title."""
    grid = matrix.grid
    label = matrix.names[0]
    for line in matrix.lines if label else ():
        behind = next(at for at, cell in enumerate(line.tail) if cell_text(cell).strip())
        draft.take_heading(grid.sheet, line.index, grid.right + behind)
    title = matrix.names[2]
    if title and grid.title == title and (title == matrix.title or plate_name(title) == (draft.name or None)):
        draft.take_title(grid)  # another one stays a note


def _keep(drafts: dict[tuple[str, str], PlateDraft], matrix: Matrix) -> None:
    """A matrix that is no read goes to the plate that it names, else to the last one before it."""
    near = [draft for draft in drafts.values() if matrix.sheet in draft.sheets]
    named = [draft for draft in drafts.values() if matrix.plate and draft.name == matrix.plate]
    before = [d for d in near if d.blocks[0].spots[0][2] < matrix.grid.header]
    draft = [*drafts.values(), *near[::-1], *before, *named][-1]
    draft.sheets = (*draft.sheets, *(() if matrix.sheet in draft.sheets else (matrix.sheet,)))
    draft.keep(matrix.grid, matrix.title or matrix.sheet.name, [line.index for line in matrix.lines])
    _take_names(draft, matrix)


def _keep_list(draft: PlateDraft, sheet: Sheet, found: Found) -> None:
    """A list of samples beside the plate."""
    lines = lines_of_wells(sheet, found.header + 1, found.columns)
    draft.sheets = (*draft.sheets, *(() if sheet in draft.sheets else (sheet,)))
    draft.keep_lines(sheet, found.header, lines[-1][0] + 1, "list of wells")


def _check_shape(draft: PlateDraft, matrix: Matrix) -> None:
    grid = matrix.grid
    shape = (len(matrix.lines), len(grid.columns))
    in_order = all(line.row == number for number, line in enumerate(matrix.lines))
    if in_order and shape in PLATE_SHAPES.values() and grid.columns == tuple(range(shape[1])):
        draft.shape = shape
        return
    if in_order and shape == (8, 6) and grid.columns in _HALVES:
        missing = "7 to 12" if grid.columns == _HALVES[0] else "1 to 6"
        draft.remarks.append(Message("COLUMNS_MISSING: the file has no columns {columns}", columns=missing))
        draft.shape = (8, 12)
        return
    full = next(((r, c) for r, c in PLATE_SHAPES.values() if c >= shape[1]), (8, 12))
    present = {line.row for line in matrix.lines}
    gone = [row_letters(row) for row in range(full[0]) if row not in present]
    incomplete = shape[1] == full[1] and shape[0] < full[0]
    raise InputError(
        "FILE_INCOMPLETE" if incomplete else "PLATE_SHAPE",
        "the plate is not complete" if incomplete else "this is not the shape of a plate",
        place=grid.place,
        found=_rows_there(shape, gone if incomplete else ()),
        expected="8 rows x 12 columns, or 16 x 24",
        action="Export the whole plate again.",
    )


def _rows_there(shape: tuple[int, int], gone: Sequence[str]) -> Message:
    """Rows and columns, and the letters of the rows that are missing."""
    there = {"n": shape[0], "m": shape[1]}
    if not gone:
        return Message("{n:n} rows x {m:n} columns", **there)
    if len(gone) == 1:
        return Message("{n:n} rows x {m:n} columns; row {row} is missing", **there, row=gone[0])
    text = "{n:n} rows x {m:n} columns; rows {row} to {last} are missing"
    return Message(text, **there, row=gone[0], last=gone[-1])


def _no_rows_left(sheet: Sheet, lines: set[int]) -> None:
    """Lines of numbers outside every grid are a plate that lost a line, or with a word in a well."""
    for index, row in enumerate(sheet.rows):
        if index not in lines and row_at(row, 0) is None:
            _no_bare_row(sheet, index, row)


def _no_bare_row(sheet: Sheet, index: int, row: Sequence[Cell]) -> None:
    """Most of a plate's row, and nothing that says what it is."""
    numbers = sum(number_like(cell) for cell in row)
    odd = next(((c, cell) for c, cell in enumerate(row) if not number_like(cell)), None)
    header = odd is not None and odd[0] == 0 and _numbered(row)
    if numbers < _MOST_OF_A_ROW or header or says(first_cell(row)) is Says.OTHER:
        return
    column, cell = odd if odd is not None else (0, row[0])
    raise InputError(
        "NOT_A_NUMBER" if column else "HEADER_UNKNOWN",
        "a line of numbers belongs to no complete plate",
        place=where(sheet, index, column),
        found=Message("'{text}' among {n:n} numbers", text=cell_text(cell)[:40], n=numbers),
        expected="8 lines of 12 numbers, or 16 of 24",
        action="Correct the export, or export the plate again.",
    )


def _numbered(row: Sequence[Cell]) -> bool:
    """Column numbers 1, 2, 3 ..."""
    return [cell_text(cell).strip().removesuffix(".0") for cell in row[1:4]] == ["1", "2", "3"]
