"""Cells of the workbook: one function writes them all, text as text, numbers as numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from openpyxl.cell.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.report.excel.styles import NamedStyles
from pipeline.report.tables.columns import Column, Table
from pipeline.report.words.text import safe_text
from pipeline.report.words.tones import Format, Value, Word, show

_LOOKS = {
    Format.OD: "od",
    Format.PERCENT: "percent",
    Format.FRACTION: "od",
    Format.WHOLE: "whole",
}
"""Formats with fixed decimals."""
_TEXT_WIDTH, _WORDS_FOR_A_NUMBER, _LEAST_WIDTH = 40.0, 18.0, 6.0
_UNBROKEN = 70.0
"""Widest column for text without a space, such as a hash, which reads badly on two lines."""
_PADDING = 2.5
_NUMBER_FACTOR, _TEXT_FACTOR = 1.04, 0.93
_WRAP_FACTOR, _HEADING_FACTOR = 0.87, 1.3
"""Columns are as wide as digits of 11 points; the text has 10, and letters are narrower."""
_LINE_HEIGHT, _HEAD_LINE_HEIGHT, _TALLEST = 13.5, 14.0, 400.0
"""In points; Excel's tallest row is 409.5."""
_CODED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def put_text(cell: Cell, text: str) -> None:
    """Write text that Excel can take for nothing but text.

    openpyxl makes a formula of ``=...`` and an error of ``#N/A``, so the type is set after the value. An
    ``_x0041_`` would be read as the letter A: the file format's own sign for ``_`` keeps it as it was typed.
    """
    if text:  # a cell of text without text is one that some programs want to repair
        cell.value = _CODED.sub("_x005F_", safe_text(text))
        cell.data_type = "s"


def put_number(cell: Cell, value: float) -> None:
    """Write a finite number to the 15 digits that every spreadsheet keeps; NaN would become an empty cell."""
    if not math.isfinite(value):
        msg = f"{value} cannot be written to cell {cell.coordinate}: a report holds finite numbers"
        raise ValueError(msg)
    cell.value = float(f"{value:.15g}")


def number_look(shown: str, form: Format) -> str:
    """The style of a number: as many decimals as the other reports print of it, who show it so."""
    if form in _LOOKS:
        return _LOOKS[form]
    mantissa, exponent, _ = shown.partition("e")
    decimals = len(mantissa.partition(".")[2])
    return f"{'number' if form.numeric else 'value'} {'e' if exponent else ''}{decimals}"


def is_number(value: Value) -> bool:
    """Numbers proper: a truth value is none."""
    return isinstance(value, float | int) and not isinstance(value, bool)


@dataclass(slots=True)
class SheetWriter:
    """A worksheet that is filled from top to bottom; ``row`` is the next free row."""

    ws: Worksheet
    styles: NamedStyles
    row: int = 1
    prose_width: float = 46.0
    """Widest column that a sentence may ask for, in characters."""
    widths: dict[int, float] = field(default_factory=dict)
    wrapped: list[tuple[int, int, int, int]] = field(default_factory=list)
    """(row, first column, last column, characters) of text that may need several lines."""

    def write(self, row: int, column: int, value: Value, style: str) -> None:
        """Write one value in a given style; None leaves an empty cell with that style."""
        cell = self.ws.cell(row, column)
        if not isinstance(cell, Cell):
            msg = f"{cell.coordinate} of {self.ws.title} is inside a merged range"
            raise TypeError(msg)
        if value is None:
            self.styles.apply(cell, style)
        elif isinstance(value, date):
            cell.value = value
            self.styles.apply(cell, style)
        elif isinstance(value, float | int) and not isinstance(value, bool):
            put_number(cell, value)
            self.styles.apply(cell, style)
        else:
            put_text(cell, show(value))
            self.styles.apply(cell, style, text=True)

    def put(self, row: int, column: int, value: Value, form: Format = Format.TEXT, *, span: int = 1) -> None:
        """Write one value in the style that fits it, and note the room that it needs."""
        if value is None:
            self.write(row, column, None, "text")
            return
        text = show(value, form)
        limit = self._limit(text, form)
        style = _style_of(value, text, form, wide=span > 1 or len(text) * _TEXT_FACTOR > limit - _PADDING)
        self.write(row, column, value, style)
        if style.endswith("wrapped") or style.startswith("value"):
            self.wrapped.append((row, column, column + span - 1, len(text)))
        if span == 1:
            factor = _NUMBER_FACTOR if is_number(value) or isinstance(value, Word) else _TEXT_FACTOR
            self._at_least(column, min(len(text) * factor + _PADDING, limit))

    def title(self, text: str) -> None:
        """A heading above a table."""
        self.write(self.row, 1, text, "title")
        self.ws.row_dimensions[self.row].height = 22
        self.row += 1

    def note(self, text: str) -> None:
        """A line in italics, running over the empty cells to its right."""
        self.write(self.row, 1, text, "note")
        self.row += 1

    def line(self, values: Iterable[Value]) -> None:
        """One row of text cells that may run over the empty cells to their right."""
        for number, value in enumerate(values, start=1):
            style = value.tone.name if isinstance(value, Word) else "text"
            self.write(self.row, number, value, style)
        self.row += 1

    def table(self, table: Table, *, titled: bool = True, spans: Sequence[int] = ()) -> tuple[int, int]:
        """Write a table and leave a line free; returns the rows of its heading and of its last line.

        ``spans`` says over how many columns of the sheet each column of the table runs; without it, one.
        """
        if titled and table.title:
            self.title(table.title)
        top = self.row
        places = _places(table, spans)
        self._head(table.columns, places)
        for values in table.rows:
            for (at, span), column, value in zip(places, table.columns, values, strict=True):
                self.put(self.row, at, value, column.form, span=span)
                if span > 1:
                    self.merge(self.row, at, at + span - 1)
            self.row += 1
        if not table.rows:
            self.note("none")
        self.row += 1
        return top, top + len(table.rows)

    def _head(self, columns: tuple[Column, ...], places: Sequence[tuple[int, int]]) -> None:
        for (at, span), column in zip(places, columns, strict=True):
            style = "number heading" if column.form.numeric else "heading"
            self.write(self.row, at, column.heading, style)
            if span > 1:
                self.merge(self.row, at, at + span - 1)
                continue
            longest = max(map(len, column.heading.split()), default=0)
            self._at_least(at, min(longest * _NUMBER_FACTOR + _PADDING + 1.0, _TEXT_WIDTH))
            self.wrapped.append((self.row, at, at, round(len(column.heading) * _HEADING_FACTOR)))
        self.ws.row_dimensions[self.row].height = 2 * _HEAD_LINE_HEIGHT
        self.row += 1

    def merge(self, row: int, first: int, last: int) -> None:
        """One cell over several columns; all get the style of the first, for their lines.

        openpyxl's own way looks through all merged cells of the sheet for each new one.
        """
        for column in range(first + 1, last + 1):
            self.styles.copy(self.ws.cell(row, first), self.ws.cell(row, column))
        self.ws.merged_cells.ranges.add(CellRange(None, first, row, last, row))

    def _limit(self, text: str, form: Format) -> float:
        """Widest column that a text may ask for."""
        if " " not in text:
            return _UNBROKEN
        if not form.numeric:
            return self.prose_width if form is Format.PROSE else min(_TEXT_WIDTH, self.prose_width)
        return _WORDS_FOR_A_NUMBER

    def _at_least(self, number: int, width: float) -> None:
        self.widths[number] = max(self.widths.get(number, _LEAST_WIDTH), width)

    def finish(self) -> None:
        """Set column widths and row heights: not every program finds the height of wrapped text itself."""
        for number, width in self.widths.items():
            self.ws.column_dimensions[get_column_letter(number)].width = width
        heights: dict[int, float] = {}
        for row, first, last, length in self.wrapped:
            width = sum(self.widths.get(column, _LEAST_WIDTH) for column in range(first, last + 1))
            lines = math.ceil(length * _WRAP_FACTOR / max(width - _PADDING, 1.0))
            heights[row] = max(heights.get(row, 0.0), lines * _LINE_HEIGHT + 2)
        for row, height in heights.items():
            if height > _LINE_HEIGHT + 2:
                at_least = self.ws.row_dimensions[row].height or 0.0
                self.ws.row_dimensions[row].height = min(max(height, at_least), _TALLEST)


def _places(table: Table, spans: Sequence[int]) -> list[tuple[int, int]]:
    """(first column of the sheet, number of columns) of each column of a table."""
    places, at = [], 1
    for span in spans or (1,) * len(table.columns):
        places.append((at, span))
        at += span
    return places


def _style_of(value: Value, shown: str, form: Format, *, wide: bool) -> str:
    if isinstance(value, Word):
        return f"{value.tone.name} wrapped" if wide else value.tone.name
    if isinstance(value, date):
        return "date"
    if isinstance(value, float | int) and not isinstance(value, bool):
        return number_look(shown, form)
    return "wrapped" if wide else "text"
