"""Plates in whatever arrangement, as text or workbook, and what a reader makes of them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import openpyxl
import pytest

from pipeline.domain.plate import Export, PlateRead, PlateReading
from pipeline.domain.wells import Well, plate_wells
from pipeline.errors import InputError
from pipeline.readers import read_export

ROWS = "ABCDEFGH"
WELLS = [well.name for well in plate_wells(8, 12)]
NUMBERS = list(range(1, 13))

Rows = Sequence[Sequence[Any]]


def od(well: str, factor: float = 1.0) -> float:
    """A different OD in every well."""
    at = Well.parse(well)
    return round(factor * (0.061 + 0.3 * at.row + 0.0213 * at.column), 4)


def grid(factor: float = 1.0, corner: Any = None, behind: Any = None) -> list[list[Any]]:
    """Column numbers, letters and ODs; perhaps a label behind each line."""
    tail = [behind] if behind is not None else []
    body = [[row, *(od(f"{row}{c}", factor) for c in NUMBERS), *tail] for row in ROWS]
    return [[corner, *NUMBERS, *([None] if tail else [])], *body]


def words(text: str = "Sample") -> list[list[Any]]:
    """A grid of names."""
    return [[None, *NUMBERS], *([row, *(f"{text} {row}{c}" for c in NUMBERS)] for row in ROWS)]


def shifted(rows: Rows, columns: int) -> list[list[Any]]:
    """The same some columns to the right."""
    return [[*[None] * columns, *row] for row in rows]


def beside(left: Rows, right: Rows, gap: int = 2) -> list[list[Any]]:
    """Two blocks beside each other."""
    width = max(map(len, left)) + gap
    return [[*one, *[None] * (width - len(one)), *two] for one, two in zip(left, right, strict=True)]


def text(rows: Rows, sign: str = ",", *, comma: bool = False) -> bytes:
    """Rows as a text file."""
    cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
    if comma:
        cells = [[cell.replace(".", ",") for cell in row] for row in cells]
    return "".join(sign.join(row) + "\r\n" for row in cells).encode()


def book(*sheets: tuple[str, Rows]) -> bytes:
    """A workbook."""
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for name, rows in sheets:
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def listed(names: Sequence[str], *factors: float | str, first: str = "Well") -> list[list[Any]]:
    """A list of wells with columns of ODs, or of one text."""
    lines = [[well, *(od(well, f) if isinstance(f, float) else f for f in factors)] for well in WELLS]
    return [[first, *names], *lines]


def read(data: bytes) -> Export:
    """Read an export; every cell is accounted for."""
    export = read_export(data, "plate.dat")
    assert all(plate.cells is not None and plate.cells.balanced for plate in export.plates)
    return export


def plate_of(data: bytes) -> PlateRead:
    """The only plate of a file."""
    (plate,) = read(data).plates
    return plate


def reading_of(data: bytes) -> PlateReading:
    """The only read of the only plate."""
    (reading,) = plate_of(data).reads
    return reading


def refusal(data: bytes) -> InputError:
    """Why a file is refused."""
    with pytest.raises(InputError) as caught:
        read_export(data, "plate.dat")
    return caught.value


def is_plate(reading: PlateReading, factor: float = 1.0) -> bool:
    """Are these the ODs of all 96 wells?"""
    return {well.name: value for well, value in reading.values.items()} == {w: od(w, factor) for w in WELLS}


def tables(plate: PlateRead) -> list[str]:
    """Titles of what was kept beside the reads."""
    kept: Any = plate.metadata.get("tables", [])
    return [table["title"] for table in kept]
