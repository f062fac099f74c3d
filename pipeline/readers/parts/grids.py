"""Plates written as they look: column numbers across, row letters down."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from pipeline.domain.message import Message
from pipeline.domain.wells import PLATE_SHAPES, row_letters
from pipeline.errors import InputError
from pipeline.readers.parts.head import place_of
from pipeline.tables.cells import cell_text
from pipeline.tables.numbers import number_like
from pipeline.tables.workbook import Cell, Sheet

_LAST_COLUMN = 48
_ALPHABET = 26
_ROW_OF = {text: row for row in range(32) for text in (row_letters(row), row_letters(row).lower())}
"""Row letters as they are printed -> row from 0; a 1536-well plate ends with AF."""
_ROW_LABEL = re.compile(
    r"(?:(?:row|reihe|zeile|ligne|rangée|fila|riga)\s+)?([a-z]{1,2})\s*[.:)]?\Z", re.IGNORECASE
)
_COLUMN_NAME = re.compile(r"(?:c|col|column|spalte|colonne|columna)\.?\s*(\d{1,2})\Z", re.IGNORECASE)
_LONGEST_COLUMN = 11
_LONGEST_ROW_LABEL = 9
"""``Rangée AF``."""


@dataclass(frozen=True, slots=True)
class GridLine:
    """One line of a grid: the cells under its column numbers and what stands to the right of them."""

    index: int
    """In the sheet's rows, from 0."""
    row: int
    """Plate row from 0; a grid with several lines for each row repeats it."""
    cells: list[Cell]
    tail: list[Cell]

    @property
    def label(self) -> str:
        """The first text or number behind the last column."""
        return next((text for cell in self.tail if (text := cell_text(cell).strip())), "")


@dataclass(frozen=True, slots=True)
class Grid:
    """A grid as it stands in a sheet."""

    sheet: Sheet
    header: int
    """Index of the line with the column numbers."""
    left: int
    """Index of the column with the row letters; -1 where there is none."""
    columns: tuple[int, ...]
    """Plate columns from 0, as their numbers say."""
    places: tuple[int, ...]
    """Index of the sheet's column in which each of them stands."""
    lines: tuple[GridLine, ...]

    @property
    def corner_place(self) -> int | None:
        """Index of the filled cell left of the column numbers; a stand-alone reader prints one cell more."""
        row = self.sheet.rows[self.header]
        before = [c for c in (self.left, self.left - 1) if 0 <= c < min(self.places[0], len(row))]
        place = next((column for column in before if cell_text(row[column]).strip()), None)
        return None if place is None or column_number(row[place]) is not None else place

    @property
    def corner(self) -> str:
        """Text left of the column numbers; a grid without row letters has none."""
        place = self.corner_place
        return cell_text(self.sheet.rows[self.header][place]).strip() if place is not None else ""

    @property
    def end(self) -> int:
        """Index after the last line."""
        return self.lines[-1].index + 1

    @property
    def right(self) -> int:
        """Index of the sheet's column after the last plate column."""
        return self.places[-1] + 1

    @property
    def place(self) -> str:
        """Where it stands, for people."""
        return where(self.sheet, self.header, max(self.left, 0))

    @property
    def title_line(self) -> int | None:
        """Index of the line that holds nothing but the title."""
        for index in range(self.header - 1, max(self.header - 4, -1), -1):
            filled = [cell for cell in self.sheet.rows[index] if cell_text(cell).strip()]
            if filled:
                return index if len(filled) == 1 else None
        return None

    @property
    def title(self) -> str:
        """The nearest text above that stands alone in its line, at most three lines up."""
        index = self.title_line
        if index is None:
            return ""
        return next(text for cell in self.sheet.rows[index] if (text := cell_text(cell).strip()))


def where(sheet: Sheet, index: int, column: int) -> Message:
    """Place of a cell: line of a text, sheet and cell of a workbook."""
    return place_of(sheet, sheet.first_line + index, column)


@dataclass(frozen=True, slots=True)
class GridForm:
    """How a software writes its grids."""

    stacked: bool = False
    """Lines without a row letter belong to the row above them, and a label may stand behind each line."""
    labelled: bool = False
    """The same, but only where every line of the grid has a label."""
    small_after_z: bool = False
    """Rows a to f follow Z (BMG), instead of AA to AF."""
    ragged: bool = False
    """Lines end with a differing number of empty cells."""


PLAIN = GridForm()


def find_grids(sheet: Sheet, form: GridForm = PLAIN) -> list[Grid]:
    """Every grid of a sheet, from top to bottom and left to right, by its printed letters and numbers.

    Raises:
        InputError: ``ROW_LENGTH`` for a line of a text file that has lost or gained a cell: it is shorter
            than its header, or of another length than the lines above it, or something stands right behind
            its last column (in a stacked grid: more than the label). ``HEADER_UNKNOWN`` for numbers between
            the columns that stand under no column number.
    """
    grids: list[Grid] = []
    ends: dict[int, int] = {}
    for index in range(len(sheet.rows) - 1):
        for left in [at for at, cell in enumerate(sheet.rows[index + 1]) if _row_of(cell) is not None]:
            numbered = _columns(sheet.rows[index], left + 1)
            if not numbered or index < ends.get(left, 0) or row_at(sheet.rows[index], left) is not None:
                continue
            columns, places = zip(*numbered, strict=True)
            lines = _lines(sheet, index, left, places, form)
            _check_lengths(sheet, lines, places[-1] + 1, form)
            grids.append(Grid(sheet, index, left, columns, places, lines))
            _check_between(grids[-1])
            ends[left] = grids[-1].end
    return grids


def row_at(row: Sequence[Cell], left: int, *, small_after_z: bool = False) -> int | None:
    """Plate row, from 0, whose letter stands in a cell: ``A``, ``a``, ``A:``, ``Row A``."""
    cell = row[left] if left < len(row) else None
    number = _row_of(cell)
    if number is None or not isinstance(cell, str):
        return None
    return number + _ALPHABET if small_after_z and len(cell) == 1 and cell.islower() else number


def _row_of(cell: Cell) -> int | None:
    if not isinstance(cell, str) or len(cell) > _LONGEST_ROW_LABEL or not cell.lstrip()[:1].isalpha():
        return None
    return _ROW_OF.get(cell) if len(cell) < 3 and cell.isalpha() else _labelled_row(cell)  # noqa: PLR2004


@lru_cache(maxsize=4096)
def _labelled_row(text: str) -> int | None:
    match = _ROW_LABEL.match(text.strip())
    return _ROW_OF.get(match[1]) if match is not None else None


def _columns(row: Sequence[Cell], start: int) -> list[tuple[int, int]]:
    """(plate column, sheet column) of numbers that grow from a cell on, also where they jump.

    Behind an empty cell they go on with the next number (a column to set halves apart), or with the number
    that its place asks for (a column number is gone).
    """
    columns: list[tuple[int, int]] = []
    for place in range(start, len(row)):
        number = column_number(row[place]) or _called(row[place])
        if number is None and columns and not cell_text(row[place]).strip():
            continue
        if number is None or (columns and not _goes_on(columns[-1], number - 1, place)):
            break
        columns.append((number - 1, place))
    return columns


def _called(cell: Cell) -> int | None:
    """The number of ``C1``, ``Col 1``, ``Column 1``."""
    match = (
        _COLUMN_NAME.match(cell.strip()) if isinstance(cell, str) and len(cell) <= _LONGEST_COLUMN else None
    )
    return column_number(match[1].lstrip("0")) if match is not None else None


def _goes_on(last: tuple[int, int], column: int, place: int) -> bool:
    step = place - last[1]
    return column > last[0] and (step == 1 or column - last[0] in (1, step))


def column_number(cell: Cell) -> int | None:
    """The number of a plate's column, from 1, that a cell holds."""
    number = _whole(cell)
    return number if number is not None and 0 < number <= _LAST_COLUMN else None


def _whole(cell: Cell) -> int | None:
    if isinstance(cell, str):
        text = cell.strip()
        return int(text) if len(text) <= 2 and text.isascii() and text.isdigit() else None  # noqa: PLR2004
    if isinstance(cell, int | float) and not isinstance(cell, bool) and cell == cell // 1:
        return int(cell)
    return None


def _lines(
    sheet: Sheet, header: int, left: int, places: tuple[int, ...], form: GridForm
) -> tuple[GridLine, ...]:
    """The lines below a header; a grid in which not every line has a label has one line for each row."""
    lines = tuple(_body(sheet, header + 1, left, places, form))
    if form.stacked or not form.labelled or all(line.label for line in lines):
        return lines
    return tuple(_body(sheet, header + 1, left, places, replace(form, labelled=False)))


def _body(sheet: Sheet, start: int, left: int, places: tuple[int, ...], form: GridForm) -> Iterator[GridLine]:
    last = -1
    right = places[-1] + 1
    for index in range(start, len(sheet.rows)):
        row = sheet.rows[index]
        plate_row = row_at(row, left, small_after_z=form.small_after_z)
        if plate_row is None and (form.stacked or form.labelled) and last >= 0 and _continues(row, left):
            plate_row = last
        elif plate_row is None or plate_row <= last:
            return
        cells = [row[place] if place < len(row) else None for place in places]
        yield GridLine(index, plate_row, cells, row[right:])
        last = plate_row


def _continues(row: Sequence[Cell], left: int) -> bool:
    """No letter, but something under the column numbers or behind them."""
    blank = left >= len(row) or not cell_text(row[left]).strip()
    return blank and any(cell_text(cell).strip() for cell in row[left + 1 :])


def _check_lengths(sheet: Sheet, lines: Sequence[GridLine], right: int, form: GridForm) -> None:
    """A separator more or less moves every value behind it into the next well."""
    if not sheet.from_text:
        return
    usual = len(sheet.rows[lines[0].index])
    labels = form.stacked or (form.labelled and all(line.label for line in lines))
    for line in lines:
        row = sheet.rows[line.index]
        behind = line.tail[1:] if labels else line.tail[:1]
        another = len(row) != usual and not form.ragged
        if another or len(row) < right or any(cell_text(cell).strip() for cell in behind):
            raise InputError(
                "ROW_LENGTH",
                Message("row {row} does not have one cell for each column", row=row_letters(line.row)),
                place=where(sheet, line.index, 0),
                found=Message(
                    "{n:n} cells in this line, {m:n} in the first of the plate", n=len(row), m=usual
                ),
                expected=Message("{n:n} cells and nothing behind them", n=right),
                action="The file may be cut off or edited. Export the plate again.",
            )


def _check_between(grid: Grid) -> None:
    """A value between the columns belongs to a well whose number is gone."""
    between = sorted(set(range(grid.left + 1, grid.right)) - set(grid.places)) if grid.left >= 0 else []
    for line in grid.lines:
        row = grid.sheet.rows[line.index]
        odd = next((c for c in between if c < len(row) and number_like(row[c])), None)
        if odd is not None:
            raise InputError(
                "HEADER_UNKNOWN",
                "a value of a plate stands under no column number",
                place=where(grid.sheet, line.index, odd),
                found=Message(
                    "'{text}' in row {row}", text=cell_text(row[odd]).strip()[:20], row=row_letters(line.row)
                ),
                expected="a column number above each value",
                action="Export the plate again without editing it.",
            )


def require_whole(grid: Grid) -> None:
    """Refuse a grid that has all columns of a plate but not all its rows, where no part of a plate was read.

    Raises:
        InputError: ``FILE_INCOMPLETE`` with the rows that are missing.
    """
    rows = next((r for r, c in PLATE_SHAPES.values() if grid.columns == tuple(range(c))), None)
    present = {line.row for line in grid.lines}
    missing = [row_letters(row) for row in range(rows or 0) if row not in present]
    if missing:
        raise InputError(
            "FILE_INCOMPLETE",
            "the plate is not complete",
            place=grid.place,
            found=Message(
                "{n:n} of {m:n} rows; {rows} missing", n=len(present), m=rows or 0, rows=", ".join(missing)
            ),
            expected=Message("{n:n} rows", n=rows or 0),
            action="The copy or the export stopped early. Export the whole plate again.",
        )
