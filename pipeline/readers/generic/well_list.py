"""Plain well lists: a column of well names and a column of values, in any order, with any separator.

``well,value`` or ``Plate;Well;OD 450;OD 620``. Only columns whose name says that they hold a measurement are
read where there are several; all others are kept beside the reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.plate import Kind, PlateRead
from pipeline.domain.wells import Well
from pipeline.errors import InputError, nearest
from pipeline.readers.parts.blocks import Block, Spot
from pipeline.readers.parts.grids import where
from pipeline.readers.parts.head import Head, small
from pipeline.readers.parts.lists import require_end, require_equal_lengths, row_length, well_at
from pipeline.readers.parts.plates import PlateDraft, finish
from pipeline.readers.parts.words import kind_of, wavelength_in
from pipeline.tables.cells import cell_text
from pipeline.tables.document import Document
from pipeline.tables.numbers import number_like
from pipeline.tables.workbook import Sheet

NAME = "generic well list"
ANY_SOFTWARE = True

_WELL = frozenset(
    {"well", "wells", "well name", "well position", "position", "pos", "vertiefung", "puits", "kavität"}
)
_PLATE = frozenset({"plate", "plate name", "platte", "plaque", "plate id", "barcode"})
_MEASURED = (
    "od",
    "abs",
    "ext",
    "value",
    "raw",
    "signal",
    "measure",
    "wert",
    "messwert",
    "valeur",
    "a4",
    "a6",
    "4",
    "6",
)
_CALCULATED = ("conc", "mean", "sd", "cv", "dil", "blank", "titer", "titre", "result", "std")
_GUESS = "the file does not say what was measured: taken as raw absorbance"


def sniff(head: Head) -> str | None:
    """A line of column names, one of them ``well``, with a well below it."""
    for sheet in head.sheets:
        for index, column in _headers(sheet):
            return f"a column of wells in {where(sheet, index, column)}"
    return None


def _headers(sheet: Sheet) -> list[tuple[int, int]]:
    return [
        (index, column)
        for index, row in enumerate(sheet.rows[:-1])
        for column, cell in enumerate(row)
        if isinstance(cell, str) and small(cell) in _WELL and well_at(sheet.rows[index + 1], column)
    ]


def read(document: Document) -> list[PlateRead]:
    """Read every list of every sheet."""
    drafts: list[PlateDraft] = []
    for sheet in document.sheets:
        for header, column in _headers(sheet):
            drafts += _plates(_lines(sheet, header, column))
    return finish(drafts, document)


@dataclass(frozen=True, slots=True)
class _Lines:
    """A list: its header line, the column of wells, and the lines below by plate."""

    sheet: Sheet
    header: int
    column: int
    names: list[str]
    by_plate: dict[str, list[tuple[int, Well]]]


def _lines(sheet: Sheet, header: int, column: int) -> _Lines:
    names = [cell_text(cell).strip() for cell in sheet.rows[header]]
    while names and not names[-1]:
        names.pop()
    plate_column = next((c for c, text in enumerate(names) if small(text) in _PLATE), None)
    by_plate: dict[str, list[tuple[int, Well]]] = {}
    index = header + 1
    while index < len(sheet.rows) and (at := well_at(sheet.rows[index], column)) is not None:
        row = sheet.rows[index]
        if sheet.from_text and not len(names) <= len(row) <= _filled_to(row, len(names)):
            raise row_length(sheet, index, len(names))
        plate = (
            cell_text(row[plate_column]).strip()
            if plate_column is not None and plate_column < len(row)
            else ""
        )
        lines = by_plate.setdefault(plate, [])
        lines.append((index, at))
        index += 1
    for lines in by_plate.values():
        _no_twins(sheet, column, lines)
    if sheet.from_text:
        require_equal_lengths(sheet, range(header + 1, index))
    require_end(sheet, index, len(names))
    return _Lines(sheet, header, column, names, by_plate)


def _filled_to(row: Sequence[object], width: int) -> int:
    """The row's length if nothing but padding stands behind its columns."""
    return len(row) if not any(str(cell or "").strip() for cell in row[width:]) else width


def _no_twins(sheet: Sheet, column: int, lines: list[tuple[int, Well]]) -> None:
    seen: dict[Well, int] = {}
    for index, at in lines:
        if at in seen:
            raise InputError(
                "WELL_TWICE",
                f"well {at.name} is listed twice",
                place=where(sheet, index, column),
                found=f"the same well in {where(sheet, seen[at], column)}",
                expected="each well once on each plate",
                action="Add a column Plate, or drop one plate at a time.",
            )
        seen[at] = index


def _plates(lines: _Lines) -> list[PlateDraft]:
    columns = _value_columns(lines)
    drafts = []
    first, last = lines.header, max(index for group in lines.by_plate.values() for index, _ in group) + 1
    for plate, group in lines.by_plate.items():
        draft = PlateDraft((lines.sheet,), plate)
        draft.taken.lines(lines.sheet, first, last)
        for column in columns:
            draft.add(_block(lines, column, group))
        others = [c for c, text in enumerate(lines.names) if text and c not in (lines.column, *columns)]
        draft.tables += [_kept(lines, column, group) for column in others]
        draft.facts["assumed"] = _GUESS
        drafts.append(draft)
    return drafts


def _block(lines: _Lines, column: int, group: list[tuple[int, Well]]) -> Block:
    label = lines.names[column]
    rows = lines.sheet.rows
    spots: list[Spot] = [
        (at, rows[i][column] if column < len(rows[i]) else None, i, column) for i, at in group
    ]
    kind = kind_of(label) or Kind.ABSORBANCE
    nm = wavelength_in(label) if kind is Kind.ABSORBANCE else None
    return Block(lines.sheet, spots, kind, label, nm, None, where(lines.sheet, lines.header, column))


def _kept(lines: _Lines, column: int, group: list[tuple[int, Well]]) -> dict[str, object]:
    rows = lines.sheet.rows
    cells = [
        [at.name, cell_text(rows[i][column]).strip() if column < len(rows[i]) else ""] for i, at in group
    ]
    return {"title": lines.names[column], "place": where(lines.sheet, lines.header, column), "rows": cells}


def _value_columns(lines: _Lines) -> list[int]:
    """The only column of numbers; of several, those whose names say that they were measured."""
    numeric = [
        c for c, text in enumerate(lines.names) if c != lines.column and _holds_numbers(lines, c) and text
    ]
    measured = [
        c
        for c in numeric
        if small(lines.names[c]).startswith(_MEASURED) and not small(lines.names[c]).startswith(_CALCULATED)
    ]
    plausible = [c for c in numeric if not small(lines.names[c]).startswith((*_CALCULATED, *_PLATE))]
    chosen = measured or (plausible if len(plausible) == 1 else [])
    if chosen:
        return chosen
    named = ", ".join(f"'{lines.names[c]}'" for c in numeric) or "no column of numbers"
    hint = "".join(nearest(small(lines.names[c]), ["od", "value", "abs"]) for c in numeric[:1])
    raise InputError(
        "HEADER_UNKNOWN",
        "no column name of this list says that it holds what was measured",
        place=where(lines.sheet, lines.header, 0),
        found=named + hint,
        expected="a column such as 'OD 450', 'Abs' or 'value'",
        action="Name the column of values 'OD', or export the plate as a grid.",
    )


def _holds_numbers(lines: _Lines, column: int) -> bool:
    rows = lines.sheet.rows
    cells = [
        rows[i][column] if column < len(rows[i]) else None
        for group in lines.by_plate.values()
        for i, _ in group
    ]
    filled = [cell for cell in cells if cell_text(cell).strip()]
    return bool(filled) and sum(number_like(cell) for cell in filled) * 2 > len(filled)
