"""Why a file is no plate export that a reader knows: what it is instead, and what would be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pipeline.readers.parts.grids import column_number, row_at
from pipeline.readers.parts.head import Head, small
from pipeline.readers.parts.lists import well_at
from pipeline.readers.parts.words import seconds_in
from pipeline.tables.cells import cell_text
from pipeline.tables.numbers import number_like
from pipeline.tables.workbook import Cell

_SOFTWARE = (
    "kc4", "kcjunior", "revelation", "dynex", "ascent", "mikrowin", "microplate manager", "hidex", "glomax",
    "opentrons", "labsystems", "titertek", "stat fax", "chromate", "zenyth", "anthos", "biolise", "optima",
)  # fmt: skip
"""Names in exports of readers and software for which there is no reader of its own."""
_LEAST = 3
_PLAIN = "Export the plate as a grid with row letters and column numbers, or as a list with a column 'Well'."
_RAW = "Drop the file that the plate reader's software exported."
_END_POINT = "Export the end point of each well, or the kinetic with the names of its wells."


@dataclass(frozen=True, slots=True)
class UnknownFile:
    """What a file is instead of an export, and what to do."""

    is_instead: str
    action: str


def unknown_file(head: Head) -> UnknownFile:
    """Why no reader knows this file; the first reason that holds."""
    rows = [row for sheet in head.sheets for row in sheet.rows if any(cell_text(c).strip() for c in row)]
    if sum(any(map(number_like, row)) for row in rows) < _LEAST:
        return UnknownFile("it holds no numbers of a plate", _RAW)
    named = next((name for name in _SOFTWARE if any(name in text for text in head.texts)), None)
    if named is not None:
        return UnknownFile(f"it names {named}, whose own form is not known here", _PLAIN)
    return next((why for holds, why in _REASONS if any(map(holds, rows))), _NO_WELLS)


def _columns(row: list[Cell]) -> bool:
    found = [number for cell in row if (number := column_number(cell)) is not None]
    return found[:_LEAST] == [1, 2, 3]


def _is_time(row: list[Cell]) -> bool:
    first = next(_texts(row), "")
    return small(first).startswith(("time", "zeit", "temps", "tiempo", "cycle")) or (
        ":" in first and seconds_in(first) is not None
    )


def _texts(row: list[Cell]) -> Iterator[str]:
    return (text for cell in row if (text := cell_text(cell).strip()))


def _first_row(row: list[Cell]) -> bool:
    return row_at(row, 0) == 0 and sum(map(number_like, row)) >= _LEAST


def _names_a_well(row: list[Cell]) -> bool:
    return any(well_at(row, column) is not None for column in range(len(row)))


_REASONS: tuple[tuple[Callable[[list[Cell]], bool], UnknownFile], ...] = (
    (_is_time, UnknownFile("a table of times without the names of wells", _END_POINT)),
    (_columns, UnknownFile("column numbers without row A below them", _PLAIN)),
    (_first_row, UnknownFile("row A without column numbers above it", _PLAIN)),
    (_names_a_well, UnknownFile("names of wells without a heading such as 'Well'", _PLAIN)),
)
_NO_WELLS = UnknownFile("a table of numbers that names no wells", _PLAIN)
