"""What the exports share: rows of ODs, and text as a Windows PC writes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from pipeline.domain.wells import Well, plate_wells, row_letters
from simulator.truth import WellOd
from simulator.workbook import Value

Wells = Mapping[Well, WellOd]
ROWS, COLUMNS = 8, 12
NUMBERS: list[Value] = list(range(1, COLUMNS + 1))
PLATE = "SYN-PLATE-7"
READ_AT = datetime(2026, 1, 26, 16, 6, 8)  # noqa: DTZ001 - a reader writes its own clock
WELLS = plate_wells(ROWS, COLUMNS)


def od(wells: Wells, well: Well, wavelength: int, word: str) -> Value:
    """The OD of a well, or the software's word for a well above its range."""
    value = wells[well].od450 if wavelength == 450 else wells[well].od620  # noqa: PLR2004
    return word if value is None else value


def row(wells: Wells, number: int, wavelength: int, word: str) -> list[Value]:
    """Twelve ODs of one row."""
    return [od(wells, Well(number, column), wavelength, word) for column in range(COLUMNS)]


def matrix(wells: Wells, wavelength: int, word: str, corner: str = "") -> list[list[Value]]:
    """Column numbers, then each row under its letter."""
    body = [[row_letters(r), *row(wells, r, wavelength, word)] for r in range(ROWS)]
    return [[corner, *NUMBERS], *body]


def name(well: Well, width: int = 1) -> str:
    """``A1``, or ``A01`` with a width of two."""
    return f"{row_letters(well.row)}{well.column + 1:0{width}d}"


def marks(mark: str, last: str | None = None) -> list[list[Value]]:
    """A plate map that says the same of every well."""
    return [[row_letters(r), *[mark] * (COLUMNS - 1), mark if last is None else last] for r in range(ROWS)]


def padded(rows: Sequence[Sequence[Value]], width: int) -> list[list[Value]]:
    """Every line filled up to ``width`` cells, as some software does."""
    return [[*line, *[""] * (width - len(line))] for line in rows]


def text(rows: Sequence[Sequence[Value]], sign: str, decimals: int | None = 4, decimal: str = ".") -> str:
    """Lines with Windows ends; ODs with fixed decimals, or as short as they can be."""
    return "".join(sign.join(_cell(cell, decimals, decimal) for cell in line) + "\r\n" for line in rows)


def _cell(cell: Value, decimals: int | None, decimal: str) -> str:
    if not isinstance(cell, float):
        return str(cell)
    return (f"{cell:.{decimals}f}" if decimals is not None else str(cell)).replace(".", decimal)
