"""Sorting what no read has taken: matrices and sheets beside plates are kept, the rest is facts or listed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.domain.message import Message
from pipeline.errors import InputError
from pipeline.readers.parts.grids import Grid, find_grids, where
from pipeline.readers.parts.lost import no_lost_plate, no_lost_row
from pipeline.readers.parts.quantities import Says, says
from pipeline.readers.parts.rest import SortedLine, sort_line
from pipeline.readers.parts.taken import Key, Taken, Use, bits, is_filled, left_over
from pipeline.tables.cells import cell_text
from pipeline.tables.document import Document
from pipeline.tables.numbers import number_like
from pipeline.tables.workbook import Cell, Sheet

_LEAST_NUMBERS = 3
Table = dict[str, object]


@dataclass(slots=True)
class Rest:
    """What is left of a file when its plates are taken out."""

    lines: dict[Key, SortedLine] = field(default_factory=dict)
    tables: list[Table] = field(default_factory=list)
    """Matrices and whole sheets that belong to no plate."""
    remarks: list[str] = field(default_factory=list)


def sorted_out(
    document: Document, with_plates: Collection[str], filled: Mapping[Key, int], taken: Taken
) -> Rest:
    """Sort every cell that is left, and take it.

    Args:
        document: the file.
        with_plates: names of the sheets that speak of plates.
        filled: a bit for each filled cell of each line.
        taken: what reads, headings and tables have taken; the rest is added.

    Raises:
        InputError: for a line that looks like a part of a plate and belongs to none.
    """
    rest = Rest()
    for sheet in document.sheets:
        if sheet.name in with_plates:
            _other_grids(rest, sheet, taken)
            _lines(rest, sheet, filled, taken)
        else:
            _whole_sheet(rest, sheet, taken)
    return rest


def _lines(rest: Rest, sheet: Sheet, filled: Mapping[Key, int], taken: Taken) -> None:
    for index, cells in left_over(sheet, filled, taken.by_line()):
        key = sheet.name, sheet.first_line + index
        if key not in taken.judged:
            _no_lost_part(sheet, index, cells, taken)
        if _is_calculated(sheet, index, cells):
            rest.tables.append(
                {
                    "title": cell_text(cells[0][1]).strip(),
                    "place": where(sheet, index, cells[0][0]),
                    "rows": [[cell_text(cell).strip() for _, cell in cells]],
                }
            )
            taken.mask(Use.TABLE, key, bits(column for column, _ in cells))
            continue
        line = sort_line(sheet, index, cells)
        rest.lines[key] = line
        unknown = bits(line.unknown)
        taken.mask(Use.NOT_UNDERSTOOD, key, unknown)
        taken.mask(Use.FACT, key, bits(column for column, _ in cells) & ~unknown)


def _is_calculated(sheet: Sheet, index: int, cells: Sequence[tuple[int, Cell]]) -> bool:
    """``Mean | 0.51 | 0.48 ...``: a whole line of numbers whose label says that they were calculated."""
    whole = len(cells) == sum(map(is_filled, sheet.rows[index]))
    label = cell_text(cells[0][1]).strip()
    return whole and says(label) is Says.OTHER and sum(number_like(c) for _, c in cells) >= _LEAST_NUMBERS


def _no_lost_part(sheet: Sheet, index: int, cells: Sequence[tuple[int, Cell]], taken: Taken) -> None:
    no_lost_plate(sheet, index, cells)
    above = taken.masks[Use.READ].get((sheet.name, sheet.first_line + index - 1), 0)
    no_lost_row(sheet, index, cells, above)


def _other_grids(rest: Rest, sheet: Sheet, taken: Taken) -> None:
    """Matrices in a workbook that people put beside the plate."""
    if sheet.from_text:
        return
    by_line = taken.by_line()
    for grid in find_grids(sheet):
        if _is_free(grid, by_line):
            title = grid.corner or grid.title
            rows = [[line.row + 1, *(cell_text(cell).strip() for cell in line.cells)] for line in grid.lines]
            columns = [column + 1 for column in grid.columns]
            rest.tables.append({"title": title, "place": grid.place, "columns": columns, "rows": rows})
            rest.remarks += _remark(grid, title)
            for line in (grid.header, *(line.index for line in grid.lines)):
                taken.cells(Use.TABLE, sheet, line, [max(grid.left, 0), *grid.places])


def _is_free(grid: Grid, taken: dict[Key, int]) -> bool:
    mask = bits(grid.places)
    first = grid.sheet.first_line
    lines = (grid.header, *(line.index for line in grid.lines))
    return not any(taken.get((grid.sheet.name, first + line), 0) & mask for line in lines)


def _remark(grid: Grid, title: str) -> list[str]:
    """Numbers that could be readings are told: a person may have expected them to be read."""
    cells = [cell for line in grid.lines for cell in line.cells if is_filled(cell)]
    numbers = sum(number_like(cell) for cell in cells)
    if numbers * 2 <= len(cells) or says(f"{title} {grid.sheet.name}") is not Says.READING:
        return []
    return [
        Message(
            "OTHER_GRID: the numbers in {place:t} are no part of the export and were not read",
            place=grid.place,
        )
    ]


def _whole_sheet(rest: Rest, sheet: Sheet, taken: Taken) -> None:
    """A sheet that speaks of no plate is kept as it stands."""
    if not any(is_filled(cell) for row in sheet.rows for cell in row):
        return
    for index, row in enumerate(sheet.rows):
        taken.cells(Use.TABLE, sheet, index, range(len(row)))
    rows = [[cell_text(cell).strip() for cell in row] for row in sheet.rows]
    rest.tables.append({"title": sheet.name, "place": f"sheet {sheet.name!r}", "rows": rows})
    try:
        for grid in find_grids(sheet):
            rest.remarks += _remark(grid, grid.corner or grid.title)
    except InputError as error:
        rest.remarks.append(
            Message(
                "OTHER_GRID: {why:t} ({place:t}); the sheet was not read",
                why=error.message,
                place=error.place or "",
            )
        )
