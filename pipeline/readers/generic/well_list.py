"""Plain well lists: a column of well names (or one of rows and one of columns) and columns of values.

``well,value``, ``Plate;Well;OD 450;OD 620`` or a line for each well and wavelength. Only columns whose names
say that they hold a measurement are read where there are several; all others are kept beside the reads.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.domain.message import Message
from pipeline.domain.plate import Kind, PlateRead
from pipeline.domain.wells import Well
from pipeline.errors import InputError, nearest
from pipeline.readers.generic import grid
from pipeline.readers.generic.parts.columns import ColumnRole
from pipeline.readers.generic.parts.lists import (
    PlainList,
    ReadKey,
    lists_in,
    names_values,
    plain_list,
    seconds_of,
)
from pipeline.readers.generic.parts.matrices import sheet_wavelength
from pipeline.readers.parts.blocks import Block
from pipeline.readers.parts.grids import where
from pipeline.readers.parts.head import Head, small
from pipeline.readers.parts.plates import PlateDraft, finish
from pipeline.readers.parts.quantities import is_reduced, main_wavelength
from pipeline.readers.parts.titles import plate_name
from pipeline.readers.parts.words import kind_of, marked_wavelengths, wavelength_in
from pipeline.tables.cells import cell_text
from pipeline.tables.document import Document
from pipeline.tables.numbers import number_like
from pipeline.tables.workbook import Sheet

NAME = "generic well list"
ANY_SOFTWARE = True

_GUESS = "the file does not say what was measured: taken as raw absorbance"
_TOLERANCE = 0.0015
"""A mean of several reads that is printed with three decimals."""


def sniff(head: Head) -> str | None:
    """A line of column names, one of them ``well``, with a well below it; or a column with all wells.

    A list of samples beside a grid of readings is no list of readings.
    """
    found = [(sheet, one) for sheet in head.sheets for one in lists_in(sheet)]
    if not found or (grid.sniff(head) and not any(names_values(sheet, one) for sheet, one in found)):
        return None
    sheet, first = found[0]
    return Message("a column of wells in {place:t}", place=where(sheet, first.header, first.columns[0]))


def read(document: Document) -> list[PlateRead]:
    """Read every list of every sheet."""
    drafts: dict[tuple[str, str], PlateDraft] = {}
    found = [(sheet, one) for sheet in document.sheets for one in lists_in(sheet)]
    several = len({_sheet_key(sheet) for sheet, _ in found}) > 1
    for sheet, one in found:
        table = plain_list(sheet, one)
        values = _value_columns(table)
        for plate, reads in table.by_plate.items():
            name = plate or (_sheet_key(sheet) if several else "")
            draft = drafts.setdefault((_sheet_key(sheet), plate), PlateDraft((), name, named_by_sheet=True))
            draft.sheets = (*draft.sheets, *(() if sheet in draft.sheets else (sheet,)))
            _add_reads(draft, table, reads, values)
    return finish(list(drafts.values()), document)


def _sheet_key(sheet: Sheet) -> str:
    """The sheet's name, without its wavelength."""
    return plate_name(sheet.name) if sheet_wavelength(sheet.name) is not None else sheet.name


def _add_reads(
    draft: PlateDraft,
    table: PlainList,
    reads: dict[ReadKey, list[tuple[int, Well]]],
    values: Sequence[int],
) -> None:
    """A read for each column of values and each wavelength, label or time; all other columns are kept."""
    for key, lines in reads.items():
        for column in values:
            draft.add(_block(draft, table, key, lines, column, alone=len(values) * len(reads) == 1))
    every = sorted(line for lines in reads.values() for line in lines)
    wells = table.wells(every)
    draft.take_list(wells)
    naming = table.with_role(ColumnRole.PLATE, ColumnRole.WAVELENGTH, ColumnRole.LABEL)
    kinetic = len({key.time for key in reads}) > 1
    if kinetic:
        draft.facts["read_mode"] = "kinetic"
        naming += table.with_role(ColumnRole.TIME)
    for index in (table.header, *wells.lines):
        draft.take_heading(table.sheet, index, *naming)
    draft.take_heading(table.sheet, table.header, *values)
    for column, name in enumerate(table.names):
        if name and column not in (*table.columns, *values, *naming):
            draft.keep_column(wells, column)


def _block(
    draft: PlateDraft,
    table: PlainList,
    key: ReadKey,
    lines: Sequence[tuple[int, Well]],
    column: int,
    *,
    alone: bool,
) -> Block:
    name = table.names[column]
    label = " ".join(filter(None, (name, key.label if key.label != name else "", key.wavelength))) or "value"
    said = table.said
    kind = kind_of(name) or kind_of(key.label) or next((one.kind for one in said if one.kind), None)
    if kind is None and not marked_wavelengths(label):
        draft.facts["assumed"] = _GUESS
    reduced = table.roles[column] is ColumnRole.REDUCED or any(map(is_reduced, (key.wavelength, key.label)))
    reduced = reduced or is_reduced(table.sheet.name) or (alone and any(one.reference_nm for one in said))
    nm = main_wavelength(key.wavelength) or main_wavelength(key.label) or main_wavelength(name)
    nm = nm or next((one.wavelength_nm for one in said if one.wavelength_nm), None)
    nm = nm or sheet_wavelength(table.sheet.name)
    seconds = seconds_of(key.time, table.names[table.with_role(ColumnRole.TIME)[0]]) if key.time else None
    return Block(
        table.sheet,
        table.wells(lines).spots(column),
        kind or Kind.ABSORBANCE,
        label,
        nm if kind in (None, Kind.ABSORBANCE) else None,
        seconds,
        where(
            table.sheet, table.header if not key.label + key.wavelength + key.time else lines[0][0], column
        ),
        reduced=reduced,
    )


def _value_columns(table: PlainList) -> list[int]:
    """The columns of values: those whose names say that they were measured, else the only one of numbers."""
    measured, reduced, means = (
        table.with_role(role) for role in (ColumnRole.MEASURED, ColumnRole.REDUCED, ColumnRole.MEAN)
    )
    if len(means) == 1 and _repeated(table, measured):
        _require_mean(table, measured, means[0])
        return [*means, *reduced]
    if measured or reduced:
        return [*measured, *reduced]
    unknown = table.with_role(ColumnRole.UNKNOWN)
    if len(unknown) == 1:
        return unknown
    raise _no_values(table)


def _repeated(table: PlainList, measured: Sequence[int]) -> bool:
    """Several reads of the same kind: ``OD1``, ``OD2``, ``OD3``."""
    return len(measured) > 1 and len({wavelength_in(table.names[column]) for column in measured}) == 1


def _require_mean(table: PlainList, measured: Sequence[int], mean: int) -> None:
    """The column must be the mean of the reads beside it, in every well."""
    rows = table.sheet.rows
    for reads in table.by_plate.values():
        for index, _ in (line for lines in reads.values() for line in lines):
            values = [_number(rows[index][c]) if c < len(rows[index]) else None for c in (*measured, mean)]
            known = [value for value in values if value is not None]
            if len(known) == len(values) and abs(sum(known[:-1]) / len(measured) - known[-1]) > _TOLERANCE:
                raise InputError(
                    "SEVERAL_READS",
                    "each well was read several times and the file does not state their mean",
                    place=where(table.sheet, index, mean),
                    found=Message(
                        "'{text}' is not the mean of the {n:n} reads",
                        text=cell_text(rows[index][mean]),
                        n=len(measured),
                    ),
                    expected="a column with the mean of the reads",
                    action="Export the means, or measure once in each well.",
                )


def _number(cell: object) -> float | None:
    try:
        return float(str(cell).strip().replace(",", "."))
    except ValueError:
        return None


def _no_values(table: PlainList) -> InputError:
    """Why no column of a list can be read."""
    numeric = [c for c, name in enumerate(table.names) if c not in table.columns and _holds_numbers(table, c)]
    named = (
        ", ".join(f"'{table.names[c]}' ({table.roles[c].value})" for c in numeric) or "no column of numbers"
    )
    hint = "".join(nearest(small(table.names[c]), ["od", "value", "abs"]) for c in numeric[:1])
    return InputError(
        "HEADER_UNKNOWN",
        "no column name of this list says that it holds what was measured",
        place=where(table.sheet, table.header, 0),
        found=named + hint,
        expected="a column such as 'OD 450', 'Abs' or 'value'",
        action="Export what was measured in each well, with the software's own names of the columns.",
    )


def _holds_numbers(table: PlainList, column: int) -> bool:
    rows = table.sheet.rows
    lines = [index for reads in table.by_plate.values() for part in reads.values() for index, _ in part]
    cells = [rows[index][column] if column < len(rows[index]) else None for index in lines]
    filled = [cell for cell in cells if cell_text(cell).strip()]
    return bool(filled) and sum(number_like(cell) for cell in filled) * 2 > len(filled)
