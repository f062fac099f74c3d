"""Named columns of a plain table: numbers and texts, row by row, each error with its line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.message import Message
from pipeline.errors import InputError, nearest
from pipeline.tables.cells import table_rows
from pipeline.tables.numbers import DecimalSign, decimal_sign, parse_number


@dataclass(frozen=True, slots=True)
class TableRow:
    """One line: its number in the file, and the wanted cells in the order in which they were asked for."""

    line: int
    numbers: tuple[float, ...]
    texts: tuple[str, ...]
    maybe: tuple[float | None, ...] = ()
    """Numbers of columns that may be empty; None where one is."""


_NOTHING = frozenset({"", "-", "?", "na", "n/a", "nan", "none", "unknown"})
"""What people write where there is no number."""


def read_columns(
    data: bytes, name: str, numbers: Sequence[str], texts: Sequence[str], maybe: Sequence[str] = ()
) -> list[TableRow]:
    """Read columns by their headings from a CSV, text or workbook; empty lines are passed over.

    Args:
        data: the file.
        name: its name, which tells its format.
        numbers: columns whose cells must be numbers.
        texts: columns that are taken as typed.
        maybe: columns of numbers in which a cell may be empty.

    Raises:
        InputError: for a column that is not there, or a cell that is no number.
    """
    try:
        rows = [row for row in table_rows(data, name) if any(cell.strip() for cell in row)]
        at = [_column(rows, wanted) for wanted in (*numbers, *maybe, *texts)]
        split, last = len(numbers), len(numbers) + len(maybe)
        sign = decimal_sign(row[c].strip() for row in rows[1:] for c in at[:last] if c < len(row))
        return [
            TableRow(
                line,
                tuple(_number(row, column, line, sign) for column in at[:split]),
                tuple(_cell(row, column) for column in at[last:]),
                tuple(_maybe(row, column, line, sign) for column in at[split:last]),
            )
            for line, row in enumerate(rows[1:], start=2)
        ]
    except InputError as error:
        raise error.in_file(name) from error


def _column(rows: Sequence[Sequence[str]], name: str) -> int:
    header = [cell.strip() for cell in rows[0]] if rows else []
    if name not in header:
        raise InputError(
            "COLUMN_UNKNOWN",
            Message("the table has no column '{column}'", column=name),
            place="line 1",
            found=", ".join(header) + nearest(name, header),
            expected=Message("a column '{column}'", column=name),
        )
    return header.index(name)


def _cell(row: Sequence[str], column: int) -> str:
    return row[column].strip() if column < len(row) else ""


def _maybe(row: Sequence[str], column: int, line: int, sign: DecimalSign) -> float | None:
    empty = _cell(row, column).casefold() in _NOTHING
    return None if empty else _number(row, column, line, sign)


def _number(row: Sequence[str], column: int, line: int, sign: DecimalSign) -> float:
    text = _cell(row, column)
    value = parse_number(text, sign)
    if value is None:
        raise InputError(
            "NOT_A_NUMBER",
            "this cell holds no number",
            place=Message("line {n:n}, column {column}", n=line, column=column + 1),
            found=f"'{text[:40]}'",
            expected="a number such as 1.234",
        )
    return value
