"""Cells of the workbook: every text through one function, numbers as numbers, one look."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from openpyxl.cell.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.report.looks import Look, Wardrobe
from pipeline.report.tables import Column, Table
from pipeline.report.text import safe_text
from pipeline.report.words import Format, Value, Word, show

_HEAD_INK, _HEAD_FILL = "#1F3A4D", "#E8EEF2"
_BODY = Look()
_WRAPPED = Look(align="wrapped")
_TITLE = Look("title", border="none", ink=_HEAD_INK)
_NOTE = Look("note", border="none", ink="#505050")
_HEAD = Look("head", "head", ink=_HEAD_INK, fill=_HEAD_FILL)
_HEAD_RIGHT = replace(_HEAD, align="head right")
_DATE = Look(align="right", code="yyyy-mm-dd")

_CODES = {
    Format.OD: "0.000",
    Format.TITER: "[>=100]#,##0;[>=10]0.0;0.00",
    Format.PERCENT: "0.0",
    Format.FRACTION: "0.000",
    Format.WHOLE: "#,##0",
    Format.P: "0.0000",
}
_BANDS = ((100, "#,##0.0"), (1, "0.0##"), (0.001, "0.0###"))
_TEXT_FORMS = (Format.TEXT, Format.PROSE)
_PROSE_WIDTH, _TEXT_WIDTH, _WORDS_FOR_A_NUMBER, _LEAST_WIDTH = 46.0, 40.0, 24.0, 7.0
_UNBROKEN = 70.0
"""Widest column for text without a space, such as a hash, which cannot be wrapped."""
_PADDING = 3.5
_LINE_HEIGHT = 13.5


def put_text(cell: Cell, text: str) -> None:
    """Write text that Excel can take for nothing but text.

    openpyxl makes a formula of ``=...`` and an error of ``#N/A``, so the type is set after the value;
    the quote prefix keeps it text when somebody edits the cell. To be called after the cell got its look.
    """
    cell.value = safe_text(text)
    cell.data_type = "s"
    cell.quotePrefix = True


def put_number(cell: Cell, value: float) -> None:
    """Write a finite number; openpyxl would write NaN as an empty cell."""
    if not math.isfinite(value):
        msg = f"{value} cannot be written to cell {cell.coordinate}: a report holds finite numbers"
        raise ValueError(msg)
    cell.value = value


def number_code(value: float, form: Format) -> str:
    """Excel's code for a number; formats without fixed decimals follow the size of the number."""
    if form in _CODES and not (form is Format.TITER and value == 0):
        return _CODES[form]
    if float(value).is_integer():
        return "#,##0" if abs(value) < 1e9 else "0.00E+00"  # noqa: PLR2004 - ten digits still fit a cell
    return next((code for bound, code in _BANDS if abs(value) >= bound), "0.00E+00")


def is_number(value: Value) -> bool:
    """Numbers proper: a truth value is none."""
    return isinstance(value, float | int) and not isinstance(value, bool)


@dataclass(slots=True)
class Sheet:
    """A worksheet that is filled from top to bottom; ``row`` is the next free row."""

    ws: Worksheet
    wardrobe: Wardrobe
    row: int = 1
    widths: dict[int, float] = field(default_factory=dict)
    wrapped: list[tuple[int, int, int]] = field(default_factory=list)
    """(row, column, characters) of text that may need several lines."""

    def write(self, row: int, column: int, value: Value, look: Look) -> None:
        """Write one value in a given look; None leaves an empty cell with that look."""
        cell = self.ws.cell(row, column)
        if not isinstance(cell, Cell):
            msg = f"{cell.coordinate} of {self.ws.title} is inside a merged range"
            raise TypeError(msg)
        self.wardrobe.dress(cell, look)
        if isinstance(value, date):
            cell.value = value
        elif isinstance(value, float | int) and not isinstance(value, bool):
            put_number(cell, value)
        elif value is not None:
            put_text(cell, show(value))

    def put(self, row: int, column: int, value: Value, form: Format = Format.TEXT) -> None:
        """Write one value in the look that fits it, and note the room that it needs."""
        look = _look(value, form)
        self.write(row, column, value, look)
        if value is None:
            return
        text = show(value, form)
        if look.align == "wrapped":
            self.wrapped.append((row, column, len(text)))
        self._at_least(column, min(len(text) + _PADDING, _limit(text, form)))

    def title(self, text: str) -> None:
        """A heading above a table."""
        self.write(self.row, 1, text, _TITLE)
        self.ws.row_dimensions[self.row].height = 22
        self.row += 1

    def note(self, text: str) -> None:
        """A line in italics, running over the empty cells to its right."""
        self.write(self.row, 1, text, _NOTE)
        self.row += 1

    def line(self, values: Iterable[Value]) -> None:
        """One row of text cells that may run over the empty cells to their right."""
        for number, value in enumerate(values, start=1):
            look = Look("bold", ink=value.tone.text) if isinstance(value, Word) else _BODY
            self.write(self.row, number, value, look)
        self.row += 1

    def table(self, table: Table, *, titled: bool = True) -> tuple[int, int]:
        """Write a table and leave a line free; returns the rows of its heading and of its last line."""
        if titled and table.title:
            self.title(table.title)
        top = self.row
        self._head(table.columns)
        for values in table.rows:
            for number, (column, value) in enumerate(zip(table.columns, values, strict=True), start=1):
                self.put(self.row, number, value, column.form)
            self.row += 1
        if not table.rows:
            self.note("none")
        self.row += 1
        return top, top + len(table.rows)

    def _head(self, columns: tuple[Column, ...]) -> None:
        for number, column in enumerate(columns, start=1):
            look = _HEAD if column.form in _TEXT_FORMS else _HEAD_RIGHT
            self.write(self.row, number, column.heading, look)
            longest = max(map(len, column.heading.split()), default=0)
            self._at_least(number, max(longest * 1.15 + _PADDING, len(column.heading) * 0.6 + 2))
        self.ws.row_dimensions[self.row].height = 30
        self.row += 1

    def _at_least(self, number: int, width: float) -> None:
        self.widths[number] = max(self.widths.get(number, _LEAST_WIDTH), width)

    def finish(self) -> None:
        """Set column widths and row heights: not every program finds the height of wrapped text itself."""
        for number, width in self.widths.items():
            self.ws.column_dimensions[get_column_letter(number)].width = width
        lines: dict[int, int] = {}
        for row, column, length in self.wrapped:
            needed = math.ceil(length * 0.92 / (self.widths[column] - 2.5))
            lines[row] = max(lines.get(row, 1), needed)
        for row, count in lines.items():
            if count > 1:
                self.ws.row_dimensions[row].height = count * _LINE_HEIGHT + 2


def _look(value: Value, form: Format) -> Look:
    if isinstance(value, Word):
        return Look("bold", ink=value.tone.text, fill=value.tone.pale)
    if isinstance(value, date):
        return _DATE
    if isinstance(value, float | int) and not isinstance(value, bool):
        return Look(align="left" if form in _TEXT_FORMS else "right", code=number_code(value, form))
    if isinstance(value, str) and len(value) > _limit(value, form) - _PADDING:
        return _WRAPPED
    return _BODY


def _limit(text: str, form: Format) -> float:
    """Widest column that a text may ask for."""
    if " " not in text:
        return _UNBROKEN
    if form in _TEXT_FORMS:
        return _PROSE_WIDTH if form is Format.PROSE else _TEXT_WIDTH
    return _WORDS_FOR_A_NUMBER
