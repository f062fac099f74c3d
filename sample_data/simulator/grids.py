"""Plain grids: 8 x 12 or 16 x 24 numbers under a title, as CSV or XLSX, and sample sheets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from pipeline.domain.wells import Well, row_letters
from simulator.truth import WellOd
from simulator.workbook import Value, workbook

OVERFLOW = "OVRFLW"
Wells: TypeAlias = Mapping[Well, WellOd]
Shape: TypeAlias = tuple[int, int]
Table: TypeAlias = list[list[Value]]


def grid(title: str, values: Mapping[Well, float | None], shape: Shape) -> Table:
    """Rows of cells: the title alone, column numbers, one line for each row letter."""
    rows, columns = shape
    head: Table = [[title]] if title else []
    head.append(["", *range(1, columns + 1)])
    for row in range(rows):
        cells = [values[Well(row, column)] for column in range(columns)]
        head.append([row_letters(row), *(OVERFLOW if cell is None else cell for cell in cells)])
    return head


def two_grids(wells: Wells, shape: Shape) -> Table:
    """A grid titled 450 nm and one titled 620 nm, with an empty line between them."""
    measured = {well: od.od450 for well, od in wells.items()}
    reference = {well: od.od620 for well, od in wells.items()}
    return [*grid("450 nm", measured, shape), [], *grid("620 nm", reference, shape)]


def csv_bytes(table: Table, delimiter: str = ",", decimal: str = ".") -> bytes:
    """A CSV file in UTF-8 with Windows line ends; ODs have four decimals."""
    lines = [delimiter.join(_text(cell, decimal) for cell in row) for row in table]
    return ("\r\n".join(lines) + "\r\n").encode()


def xlsx_bytes(table: Table, sheet: str = "Plate 1") -> bytes:
    """The same as a workbook with one sheet."""
    return workbook([(sheet, table)])


def sheet_csv(rows: Sequence[Mapping[str, str]]) -> bytes:
    """A sample sheet as CSV; the first row's keys are the header."""
    return csv_bytes(_sheet_table(rows))


def sheet_xlsx(rows: Sequence[Mapping[str, str]]) -> bytes:
    """A sample sheet as a workbook, every cell typed as text."""
    return workbook([("Samples", _sheet_table(rows))])


def _sheet_table(rows: Sequence[Mapping[str, str]]) -> Table:
    header = list(rows[0])
    table: Table = [list(header)]
    table += [[row[key] for key in header] for row in rows]
    return table


def _text(cell: Value, decimal: str) -> str:
    return f"{cell:.4f}".replace(".", decimal) if isinstance(cell, float) else str(cell)
