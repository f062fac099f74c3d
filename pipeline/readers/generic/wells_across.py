"""Plain tables with the wells across: well names as names of columns, a line for each read.

``Time,A1,A2 ... H12`` and a line for each time is a kinetic; ``Wavelength,A1,A2 ...`` a line for each
wavelength; one line alone is an end point.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.message import Message
from pipeline.domain.plate import Kind, PlateRead
from pipeline.domain.wells import Well
from pipeline.errors import InputError
from pipeline.readers.generic import grid, well_list
from pipeline.readers.generic.parts.columns import ColumnRole, role_of
from pipeline.readers.parts.blocks import Block
from pipeline.readers.parts.grids import row_at, where
from pipeline.readers.parts.head import Head
from pipeline.readers.parts.lists import row_length, well_at
from pipeline.readers.parts.plates import PlateDraft, finish
from pipeline.readers.parts.quantities import is_reduced
from pipeline.readers.parts.statements import statements
from pipeline.readers.parts.words import kind_of, marked_wavelengths, seconds_in, wavelength_in
from pipeline.tables.cells import cell_text
from pipeline.tables.document import Document
from pipeline.tables.numbers import number_like
from pipeline.tables.workbook import Cell, Sheet

NAME = "generic wells across"
ANY_SOFTWARE = True

_LEAST_WELLS = 8
_GUESS = "the file does not say what was measured: taken as raw absorbance"


@dataclass(frozen=True, slots=True)
class AcrossTable:
    """A line of well names and the lines of values below it."""

    sheet: Sheet
    header: int
    wells: dict[int, Well]
    """By the column in which each stands."""
    lines: tuple[int, ...]

    @property
    def labels(self) -> list[int]:
        """Columns before the first well."""
        return list(range(min(self.wells)))


def sniff(head: Head) -> str | None:
    """A line with the names of eight wells or more, and numbers below them; no grid and no list of wells."""
    if grid.sniff(head) or well_list.sniff(head):
        return None
    for sheet in head.sheets:
        for table in _tables(sheet):
            return Message(
                "names of wells across in {place:t}", place=where(sheet, table.header, min(table.wells))
            )
    return None


def read(document: Document) -> list[PlateRead]:
    """Read every line of every table; tables of a sheet are reads of one plate."""
    drafts = []
    for sheet in document.sheets:
        tables = _tables(sheet)
        if tables:
            drafts.append(PlateDraft((sheet,), named_by_sheet=True))
        for table in tables:
            _add(drafts[-1], table)
    return finish(drafts, document)


def _tables(sheet: Sheet) -> list[AcrossTable]:
    found = []
    end = 0
    for header, row in enumerate(sheet.rows[:-1]):
        wells = {column: at for column in range(len(row)) if (at := well_at(row, column)) is not None}
        if header < end or len(wells) < _LEAST_WELLS or len(set(wells.values())) < len(wells):
            continue
        lines = _lines_below(sheet, header, list(wells))
        named_rows = all(row_at(sheet.rows[line], min(wells) - 1) is not None for line in lines)
        if lines and not (named_rows and min(wells)):
            found.append(AcrossTable(sheet, header, wells, lines))
            end = lines[-1] + 1
    return found


def _lines_below(sheet: Sheet, header: int, columns: Sequence[int]) -> tuple[int, ...]:
    lines = []
    for index in range(header + 1, len(sheet.rows)):
        row = sheet.rows[index]
        filled = [row[c] for c in columns if c < len(row) and cell_text(row[c]).strip()]
        if not any(cell_text(cell).strip() for cell in row):
            continue
        if not filled or sum(map(number_like, filled)) * 2 <= len(filled):
            break
        lines.append(index)
    return tuple(lines)


def _add(draft: PlateDraft, table: AcrossTable) -> None:
    sheet = table.sheet
    _check_lengths(table)
    draft.take_heading(sheet, table.header, *table.wells)
    names = [cell_text(cell).strip() for cell in sheet.rows[table.header]]
    said = list(statements(sheet, reversed(range(table.header))))
    for index in table.lines:
        before = {names[c]: text for c in table.labels if (text := _text(sheet.rows[index], c))}
        draft.take_heading(sheet, index, *table.labels)
        label = " ".join(before.values()) or "value"
        kind = next((k for name in (label, *names) if (k := kind_of(name))), None)
        kind = kind or next((one.kind for one in said if one.kind), None)
        if kind is None:
            draft.facts["assumed"] = _GUESS
        nm = _wavelength(before) or next((one.wavelength_nm for one in said if one.wavelength_nm), None)
        spots = [
            (at, sheet.rows[index][c] if c < len(sheet.rows[index]) else None, index, c)
            for c, at in table.wells.items()
        ]
        draft.add(
            Block(
                sheet,
                spots,
                kind or Kind.ABSORBANCE,
                label,
                nm if kind in (None, Kind.ABSORBANCE) else None,
                _time(before),
                where(sheet, index, 0),
                reduced=is_reduced(label),
            )
        )
    draft.take_heading(sheet, table.header, *table.labels)
    if len({block.time_s for block in draft.blocks}) > 1:
        draft.facts["read_mode"] = "kinetic"
    _no_twins(draft)


def _no_twins(draft: PlateDraft) -> None:
    """Lines that nothing tells apart."""
    seen: dict[tuple[float | None, float | None, str], Block] = {}
    for block in draft.blocks:
        before = seen.setdefault((block.wavelength_nm, block.time_s, block.label), block)
        if before is not block:
            raise InputError(
                "WHICH_SHEET",
                "the file holds grids that look like the same plate",
                found=Message("{one:t} and {other:t}", one=before.place, other=block.place),
                expected="a wavelength or a time before each line",
                action="Name the grids, or drop one plate at a time.",
            )


def _check_lengths(table: AcrossTable) -> None:
    rows = table.sheet.rows
    width = max(table.wells) + 1
    for index in table.lines if table.sheet.from_text else ():
        beyond = any(cell_text(cell).strip() for cell in rows[index][width:])
        if beyond or not width <= len(rows[index]) == len(rows[table.lines[0]]):
            raise row_length(table.sheet, index, width)


def _wavelength(before: dict[str, str]) -> float | None:
    """Of a column that is called so, else of a text that marks one."""
    for name, text in before.items():
        if role_of(name) is ColumnRole.WAVELENGTH or marked_wavelengths(text):
            return wavelength_in(text)
    return None


def _time(before: dict[str, str]) -> float | None:
    for name, text in before.items():
        bare = text.replace(",", ".").replace(".", "", 1).isdigit()
        if role_of(name) is ColumnRole.TIME:
            return seconds_in(f"{text}s" if bare else text)
        if not bare and seconds_in(text) is not None:
            return seconds_in(text)
    return None


def _text(row: Sequence[Cell], column: int) -> str:
    return cell_text(row[column]).strip() if column < len(row) else ""
