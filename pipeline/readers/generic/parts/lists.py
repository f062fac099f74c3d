"""Lists of wells that no software signs: where they stand, and their lines by plate and read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from pipeline.domain.wells import PLATE_SHAPES, Well, plate_wells
from pipeline.errors import InputError
from pipeline.readers.generic.parts.columns import ColumnRole, is_label, role_of
from pipeline.readers.parts.grids import where
from pipeline.readers.parts.lists import (
    WellList,
    lines_of_wells,
    require_end,
    require_lengths,
    row_length,
    twice,
    well_at,
    width_of,
)
from pipeline.readers.parts.quantities import is_reduced
from pipeline.readers.parts.statements import Statement, statements
from pipeline.readers.parts.words import seconds_in, wavelengths_in
from pipeline.tables.cells import cell_text
from pipeline.tables.numbers import number_like
from pipeline.tables.workbook import Cell, Sheet


@dataclass(frozen=True, slots=True)
class Found:
    """A list: its header line and the columns that name its wells."""

    header: int
    columns: tuple[int, ...]


@dataclass(frozen=True, slots=True, order=True)
class ReadKey:
    """What tells several reads of a well apart."""

    wavelength: str = ""
    label: str = ""
    time: str = ""


@dataclass
class PlainList:
    """A list with its columns and its lines, by plate and then by read."""

    sheet: Sheet
    header: int
    columns: tuple[int, ...]
    names: list[str]
    roles: list[ColumnRole]
    by_plate: dict[str, dict[ReadKey, list[tuple[int, Well]]]] = field(default_factory=dict)

    @cached_property
    def said(self) -> tuple[Statement, ...]:
        """What the lines above the list, the nearest first, and those below it state of it."""
        read = (lines for reads in self.by_plate.values() for lines in reads.values())
        last = max(index for lines in read for index, _ in lines)
        around = (*reversed(range(self.header)), *range(last + 1, len(self.sheet.rows)))
        return tuple(statements(self.sheet, around))

    def wells(self, lines: Sequence[tuple[int, Well]]) -> WellList:
        """Some of its lines as a list of their own."""
        indices = tuple(index for index, _ in lines)
        return WellList(self.sheet, self.columns, self.header, indices, tuple(at for _, at in lines))

    def with_role(self, *roles: ColumnRole) -> list[int]:
        """Columns by what they are."""
        return [column for column, role in enumerate(self.roles) if role in roles]

    def text(self, index: int, role: ColumnRole) -> str:
        """The cell of a line in the first column of a role."""
        columns = self.with_role(role)
        return _text(self.sheet.rows[index], columns[0]) if columns else ""


def lists_in(sheet: Sheet) -> list[Found]:
    """Every list of a sheet by the name of its column of wells; else by a column that names a whole plate."""
    named = [found for index, row in enumerate(sheet.rows[:-1]) if (found := _named(sheet, index, row))]
    return named or [found for found in [_whole_plate(sheet)] if found is not None]


def names_values(sheet: Sheet, found: Found) -> bool:
    """Does the list have a column of numbers that says that it was measured, or does not say what it is?"""
    lines = lines_of_wells(sheet, found.header + 1, found.columns)
    names = [cell_text(cell).strip() for cell in sheet.rows[found.header]]
    roles = (_role(sheet, name, column, lines, found) for column, name in enumerate(names) if name)
    return any(role in (ColumnRole.MEASURED, ColumnRole.REDUCED, ColumnRole.UNKNOWN) for role in roles)


def _named(sheet: Sheet, index: int, row: Sequence[Cell]) -> Found | None:
    below = next((line for line in sheet.rows[index + 1 : index + 3] if any(map(cell_text, line))), [])
    roles = [role_of(cell) if isinstance(cell, str) and cell.strip() else None for cell in row]
    wells = [c for c, role in enumerate(roles) if role is ColumnRole.WELL and well_at(below, c) is not None]
    if wells:
        return Found(index, (max(wells, key=lambda c: len(lines_of_wells(sheet, index + 1, (c,)))),))
    rows, columns = (
        [c for c, role in enumerate(roles) if role is wanted]
        for wanted in (ColumnRole.ROW, ColumnRole.COLUMN)
    )
    if len(rows) == len(columns) == 1 and well_at(below, rows[0], columns[0]) is not None:
        return Found(index, (rows[0], columns[0]))
    return None


def _whole_plate(sheet: Sheet) -> Found | None:
    """A column without a known name whose cells are all the wells of a plate, each once."""
    for index, row in enumerate(sheet.rows[:-1]):
        for column in range(len(sheet.rows[index + 1])):
            if well_at(sheet.rows[index + 1], column) is None or well_at(row, column) is not None:
                continue
            wells = [at for _, at in lines_of_wells(sheet, index + 1, (column,))]
            if any(sorted(wells) == sorted(plate_wells(*shape)) for shape in PLATE_SHAPES.values()):
                return Found(index, (column,))
    return None


def plain_list(sheet: Sheet, found: Found) -> PlainList:
    """The list under a header line, its lines sorted by plate and read.

    Raises:
        InputError: for a line that lost or gained a cell or names no well, a well that is listed twice for
            the same read, and a wavelength that is none.
    """
    names = [cell_text(cell).strip() for cell in sheet.rows[found.header]]
    names = names[: width_of(names)]
    lines = lines_of_wells(sheet, found.header + 1, found.columns)
    _check_lines(sheet, [index for index, _ in lines], len(names))
    roles = [_role(sheet, name, column, lines, found) for column, name in enumerate(names)]
    table = PlainList(sheet, found.header, found.columns, names, roles)
    _sort(table, lines, kinetic=False)
    if next(_twins(table), None) is not None:
        _sort(table, lines, kinetic=True)
    for before, index, at in _twins(table):
        raise twice(sheet, index, found.columns[0], at, before)
    return table


def _sort(table: PlainList, lines: Sequence[tuple[int, Well]], *, kinetic: bool) -> None:
    table.by_plate = {}
    for index, at in lines:
        plate = table.by_plate.setdefault(table.text(index, ColumnRole.PLATE), {})
        plate.setdefault(_key(table, index, kinetic=kinetic), []).append((index, at))


def _check_lines(sheet: Sheet, lines: Sequence[int], width: int) -> None:
    require_lengths(sheet, lines, width)
    gap = lines[1] - lines[0] if len(lines) > 1 else 1
    require_end(sheet, lines[-1] + gap, width)
    for index in lines if sheet.from_text else ():
        if any(cell_text(cell).strip() for cell in sheet.rows[index][width:]):
            raise row_length(sheet, index, width)


def _role(
    sheet: Sheet, name: str, column: int, lines: Sequence[tuple[int, Well]], found: Found
) -> ColumnRole:
    """By the name, and by whether the column holds numbers."""
    if column in found.columns:
        return ColumnRole.WELL
    role = role_of(name) if name else ColumnRole.UNKNOWN
    filled = [text for index, _ in lines if (text := _text(sheet.rows[index], column))]
    numbers = sum(number_like(text) for text in filled) * 2 > len(filled)
    if role is ColumnRole.MEASURED and is_label(name) and filled and all(map(str.isdigit, filled)):
        return ColumnRole.LABEL  # reads are counted: 1, 2
    if role is ColumnRole.LABEL and numbers:
        return ColumnRole.UNKNOWN if any("." in text or "," in text for text in filled) else ColumnRole.LABEL
    if role in (ColumnRole.MEASURED, ColumnRole.REDUCED, ColumnRole.MEAN, ColumnRole.UNKNOWN) and not (
        filled and numbers
    ):
        return ColumnRole.LABEL if role is ColumnRole.MEASURED and filled else ColumnRole.OTHER
    if role is ColumnRole.PLATE and not filled:
        return ColumnRole.OTHER
    return ColumnRole.OTHER if role in (ColumnRole.WELL, ColumnRole.ROW, ColumnRole.COLUMN) else role


def _key(table: PlainList, index: int, *, kinetic: bool) -> ReadKey:
    wavelength = table.text(index, ColumnRole.WAVELENGTH)
    if wavelength:
        _require_wavelength(table, index, wavelength)
    time = table.text(index, ColumnRole.TIME) if kinetic else ""
    return ReadKey(wavelength, table.text(index, ColumnRole.LABEL), time)


def _require_wavelength(table: PlainList, index: int, text: str) -> None:
    """``450``, ``450 nm``; 0 and -1 say that there is none."""
    none = text.lstrip("-").strip("0.,") in ("", "1") and not wavelengths_in(text)
    if not none and len(set(wavelengths_in(text))) != 1 and not is_reduced(text):
        raise InputError(
            "EXPORT_NOT_UNDERSTOOD",
            "this line names a wavelength that cannot be",
            place=where(table.sheet, index, table.with_role(ColumnRole.WAVELENGTH)[0]),
            found=f"'{text[:20]}'",
            expected="a wavelength such as 450",
            action="Export the plate again.",
        )


def _twins(table: PlainList) -> Iterator[tuple[int, int, Well]]:
    """(line, later line, well) of wells that stand twice in a read."""
    for reads in table.by_plate.values():
        for lines in reads.values():
            seen: dict[Well, int] = {}
            for index, at in lines:
                if at in seen:
                    yield seen[at], index, at
                seen[at] = index


def seconds_of(text: str, name: str) -> float | None:
    """A time of a column ``Time [min]``; bare numbers without a unit are seconds."""
    bare = text.replace(",", ".")
    if not bare.replace(".", "", 1).isdigit():
        return seconds_in(text)
    words = name.casefold().replace("(", " ").replace("[", " ").replace(")", " ").replace("]", " ").split()
    unit = next((word for word in words if word in {"min", "h", "ms"}), "s")
    return seconds_in(f"{bare}{unit}")


def _text(row: Sequence[Cell], column: int) -> str:
    return cell_text(row[column]).strip() if column < len(row) else ""
