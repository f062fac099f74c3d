"""Plates written as they look: column numbers across, row letters down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.domain.wells import PLATE_SHAPES, row_letters
from pipeline.errors import InputError
from pipeline.tables.cells import cell_text, column_letters
from pipeline.tables.workbook import Cell, Sheet

_LAST_COLUMN = 48
_ALPHABET = 26
_ROW_OF = {text: row for row in range(32) for text in (row_letters(row), row_letters(row).lower())}
"""Row letters as they are printed -> row from 0; a 1536-well plate ends with AF."""


@dataclass(frozen=True, slots=True)
class GridLine:
    """One line of a grid: the cells under its column numbers and what stands to the right of them."""

    index: int
    """In the sheet's rows, from 0."""
    row: int
    """Plate row from 0; a grid with several lines for each row repeats it."""
    cells: list[Cell]
    tail: list[Cell]


@dataclass(frozen=True, slots=True)
class Grid:
    """A grid as it stands in a sheet."""

    sheet: Sheet
    header: int
    """Index of the line with the column numbers."""
    left: int
    """Index of the column with the row letters; -1 where there is none."""
    columns: tuple[int, ...]
    """Plate columns from 0."""
    lines: tuple[GridLine, ...]

    @property
    def corner(self) -> str:
        """Text left of the column numbers; a grid without row letters has none."""
        row = self.sheet.rows[self.header]
        return cell_text(row[self.left]).strip() if 0 <= self.left < len(row) else ""

    @property
    def end(self) -> int:
        """Index after the last line."""
        return self.lines[-1].index + 1

    @property
    def right(self) -> int:
        """Index of the column after the last plate column."""
        return self.left + 1 + len(self.columns)

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


def where(sheet: Sheet, index: int, column: int) -> str:
    """Place of a cell: line of a text, sheet and cell of a workbook."""
    line = sheet.first_line + index
    if sheet.from_text:
        return f"line {line}"
    return f"{f'sheet {sheet.name!r}, ' if sheet.name else ''}cell {column_letters(column)}{line}"


def find_grids(
    sheet: Sheet, *, stacked: bool = False, small_after_z: bool = False, ragged: bool = False
) -> list[Grid]:
    """Every grid of a sheet, from top to bottom and left to right.

    Args:
        sheet: where to look.
        stacked: lines without a row letter belong to the row above them.
        small_after_z: rows a to f follow Z (BMG), instead of AA to AF.
        ragged: the software ends its lines with a differing number of empty cells.

    Raises:
        InputError: ``ROW_LENGTH`` for a line of a text file that has lost or gained a cell: it is shorter
            than its header, or of another length than the lines above it, or something stands right behind
            its last column (in a stacked grid: more than the label).
    """
    grids: list[Grid] = []
    ends: dict[int, int] = {}
    for index in range(len(sheet.rows) - 1):
        below = sheet.rows[index + 1]
        for left in [at for at, cell in enumerate(below) if cell in _ROW_OF]:
            columns = _columns(sheet.rows[index], left + 1)
            if not columns or index < ends.get(left, 0) or row_at(sheet.rows[index], left) is not None:
                continue
            body = _body(sheet, index + 1, left, len(columns), stacked=stacked, small_after_z=small_after_z)
            lines = tuple(body)
            _check_lengths(sheet, lines, left + 1 + len(columns), labels=stacked, ragged=ragged)
            grids.append(Grid(sheet, index, left, columns, lines))
            ends[left] = grids[-1].end
    return grids


def row_at(row: Sequence[Cell], left: int, *, small_after_z: bool = False) -> int | None:
    """Plate row, from 0, whose letter stands in a cell."""
    cell = row[left] if left < len(row) else None
    if not isinstance(cell, str):
        return None
    number = _ROW_OF.get(cell)
    return number + _ALPHABET if small_after_z and number is not None and cell.islower() else number


def _columns(row: Sequence[Cell], start: int) -> tuple[int, ...]:
    """Plate columns that are numbered one after the other from a cell on."""
    columns: list[int] = []
    for cell in row[start:]:
        number = _whole(cell)
        if number is None or (columns and number != columns[-1] + 2) or not 0 < number <= _LAST_COLUMN:
            break
        columns.append(number - 1)
    return tuple(columns)


def _whole(cell: Cell) -> int | None:
    if isinstance(cell, str):
        text = cell.strip()
        return int(text) if len(text) <= 2 and text.isascii() and text.isdigit() else None  # noqa: PLR2004
    if isinstance(cell, int | float) and not isinstance(cell, bool) and cell == cell // 1:
        return int(cell)
    return None


def _body(
    sheet: Sheet,
    start: int,
    left: int,
    width: int,
    *,
    stacked: bool,
    small_after_z: bool,
) -> Iterator[GridLine]:
    last = -1
    right = left + 1 + width
    for index in range(start, len(sheet.rows)):
        row = sheet.rows[index]
        plate_row = row_at(row, left, small_after_z=small_after_z)
        if plate_row is None and stacked and last >= 0 and _continues(row, left):
            plate_row = last
        elif plate_row is None or plate_row <= last:
            return
        cells = [*row[left + 1 : right], *[None] * (right - len(row))]
        yield GridLine(index, plate_row, cells, row[right:])
        last = plate_row


def _continues(row: Sequence[Cell], left: int) -> bool:
    """No letter, but something under the column numbers or behind them."""
    blank = left >= len(row) or not cell_text(row[left]).strip()
    return blank and any(cell_text(cell).strip() for cell in row[left + 1 :])


def _check_lengths(
    sheet: Sheet, lines: Sequence[GridLine], right: int, *, labels: bool, ragged: bool
) -> None:
    """A separator more or less moves every value behind it into the next well."""
    if not sheet.from_text:
        return
    usual = len(sheet.rows[lines[0].index])
    for line in lines:
        row = sheet.rows[line.index]
        behind = line.tail[1:] if labels else line.tail[:1]
        another = len(row) != usual and not ragged
        if another or len(row) < right or any(cell_text(cell).strip() for cell in behind):
            raise InputError(
                "ROW_LENGTH",
                f"row {row_letters(line.row)} does not have one cell for each column",
                place=where(sheet, line.index, 0),
                found=f"{len(row)} cells in this line, {usual} in the first of the plate",
                expected=f"{right} cells and nothing behind them",
                action="The file may be cut off or edited. Export the plate again.",
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
            found=f"{len(present)} of {rows} rows; {', '.join(missing)} missing",
            expected=f"{rows} rows",
            action="The copy or the export stopped early. Export the whole plate again.",
        )
