"""Tables on PDF pages: columns as wide as they need, rows never broken over pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.report.drawing.scene import GREY, RULE
from pipeline.report.pdf.canvas import INNER, LEADING, MARGIN, Canvas
from pipeline.report.pdf.text import HEAD, fact_height, facts, wrap
from pipeline.report.tables.columns import Column, Table
from pipeline.report.words.text import NO_BREAK, short, unbroken
from pipeline.report.words.tones import Format, Value, Word

_GAP = 7.0
"""Between columns."""
_PAD = 2.6
_SEEN = 120
"""Characters of a cell that decide how wide its column is."""
_LARGE_SHARE = 0.3
"""A column that would take more of the table than this is broken into lines like prose."""
_INTERVAL_SHARE = 0.5
"""The same for a column with numbers that are kept whole."""
_HALVINGS = 24
_NEARLY = 0.6
"""A table that would take this share of the width is stretched to all of it."""
_LONGEST_HEADING = 60
_LONGEST_NAME, _LONGEST_PROSE = 80, 600
"""Characters of a cell; the record holds the rest."""
_LONGEST_VALUE = 240
_LABEL = 108.0
"""Width of the labels in two columns."""
_LINES = 3
"""A heading takes at most so many lines."""


@dataclass(frozen=True, slots=True)
class _Cell:
    """One cell ready to print."""

    lines: list[str]
    word: Word | None
    right: bool


@dataclass(frozen=True, slots=True)
class LaidOutTable:
    """A table laid out for a page."""

    widths: list[float]
    head: list[_Cell]
    rows: list[list[_Cell]]
    size: float

    def height(self, cells: Sequence[_Cell]) -> float:
        """Of one row."""
        return max(len(cell.lines) for cell in cells) * self.size * LEADING + _PAD

    @property
    def total(self) -> float:
        """Of the whole table."""
        return sum(map(self.height, [self.head, *self.rows]))


def lay_out(canvas: Canvas, table: Table, room: float = INNER, size: float = 6.8) -> LaidOutTable:
    """Column widths and wrapped cells of a table."""
    words = [
        [_text(canvas, value, column) for value, column in zip(row, table.columns, strict=True)]
        for row in table.rows
    ]
    widths = _widths(canvas, table, words, room, size)
    head = [
        _Cell(wrap(canvas, column.heading, width, size, bold=True)[:_LINES], None, _is_number(column))
        for column, width in zip(table.columns, widths, strict=True)
    ]
    rows = [
        [_cell(canvas, *each, size) for each in zip(row, texts, table.columns, widths, strict=True)]
        for row, texts in zip(table.rows, words, strict=True)
    ]
    return LaidOutTable(widths, head, rows, size)


def _text(canvas: Canvas, value: Value, column: Column) -> str:
    longest = _LONGEST_PROSE if _is_number(column) or column.form is Format.PROSE else _LONGEST_NAME
    shown = canvas.show(value, column.form)
    return short(shown.replace(" ", NO_BREAK, 1) if isinstance(value, Word) else shown, longest)


def _is_number(column: Column) -> bool:
    return column.form.numeric


def _cell(canvas: Canvas, value: Value, text: str, column: Column, width: float, size: float) -> _Cell:
    word = value if isinstance(value, Word) else None
    inner = width - 5 if word else width
    return _Cell(
        wrap(canvas, text, inner, size, bold=word is not None),
        word,
        _is_number(column) and not isinstance(value, str),
    )


def _widths(
    canvas: Canvas, table: Table, words: Sequence[Sequence[str]], room: float, size: float
) -> list[float]:
    """Short columns get what they need; columns of prose share the rest by what they would like."""
    count = len(table.columns)
    room -= _GAP * (count - 1)
    likes, needs, floors = [], [], []
    for n, column in enumerate(table.columns):
        bold = any(isinstance(row[n], Word) for row in table.rows)
        longest = max(
            (canvas.width(canvas.clean(row[n][:_SEEN]), size, bold=bold) for row in words), default=0.0
        )
        whole, word = _heading_widths(canvas, column.heading, size)
        like = max(longest + 5 * bold, whole) + 0.5
        likes.append(like)
        prose = column.form is Format.PROSE or longest > room * _LARGE_SHARE
        least = min(_longest_word(canvas, words, n, size), room * _LARGE_SHARE) + 5 * bold + 0.5
        whole_numbers = min(_longest_interval(canvas, words, n, size), room * _INTERVAL_SHARE) + 0.5
        least = max(least, whole_numbers)
        floors.append(whole_numbers)
        needs.append(min(like, max(word, least)) if prose else max(longest + 5 * bold, word) + 0.5)
    return _shared(likes, needs, floors, room, fill=sum(likes) > room * _NEARLY)


def _longest_word(canvas: Canvas, words: Sequence[Sequence[str]], n: int, size: float) -> float:
    """Width of the longest unbreakable text of column ``n``."""
    found = (max(canvas.clean(row[n][:_SEEN]).split(" "), key=len) for row in words)
    return max((canvas.width(word, size) for word in found), default=0.0)


def _longest_interval(canvas: Canvas, words: Sequence[Sequence[str]], n: int, size: float) -> float:
    """Width of the longest number or interval of column ``n``; each is written without an ordinary space."""
    parts = (part for row in words for part in unbroken(canvas.clean(row[n][:_SEEN])).split(" "))
    return max((canvas.width(part, size) for part in parts if NO_BREAK in part), default=0.0)


def _heading_widths(canvas: Canvas, text: str, size: float) -> tuple[float, float]:
    """Of the whole heading, and of its longest word."""
    words = canvas.clean(text[:_LONGEST_HEADING]).split(" ")
    widths = [canvas.width(word, size, bold=True) for word in words]
    return sum(widths) + (len(words) - 1) * 0.35 * size, max(widths)


def _capped(needs: list[float], floors: list[float], room: float) -> list[float]:
    """The widest columns give way, all to the same width; numbers and narrow columns keep what they need."""
    low, high = 0.0, max(needs)
    for _ in range(_HALVINGS):
        cap = (low + high) / 2
        fits = sum(_under(needs, floors, cap)) <= room
        low, high = (cap, high) if fits else (low, cap)
    return _under(needs, floors, low)


def _under(needs: list[float], floors: list[float], cap: float) -> list[float]:
    return [min(need, max(cap, floor)) for need, floor in zip(needs, floors, strict=True)]


def _shared(
    likes: list[float], needs: list[float], floors: list[float], room: float, *, fill: bool
) -> list[float]:
    if sum(needs) > room:
        return _capped(needs, floors if sum(floors) <= room else [0.0] * len(floors), room)
    if sum(likes) <= room:
        return [like + (room - sum(likes)) / len(likes) for like in likes] if fill else likes
    wanted = sum(like - need for like, need in zip(likes, needs, strict=True))
    share = (room - sum(needs)) / wanted
    return [need + (like - need) * share for like, need in zip(likes, needs, strict=True)]


def draw_table(
    canvas: Canvas, table: Table, *, x: float = MARGIN, room: float = INNER, size: float = 6.8
) -> None:
    """A table at the place of the canvas; its heading is repeated on every page it reaches."""
    grid = lay_out(canvas, table, room, size)
    if not grid.rows:
        canvas.text(x, canvas.y + size, canvas.say("None."), size=size, colour=GREY)
        canvas.y += size * LEADING + _PAD
        return
    canvas.need(grid.height(grid.head) + grid.height(grid.rows[0]))
    _row(canvas, grid, grid.head, x, head=True)
    for cells in grid.rows:
        if canvas.need(grid.height(cells)):
            _row(canvas, grid, grid.head, x, head=True)
        _row(canvas, grid, cells, x, head=False)


def _row(canvas: Canvas, grid: LaidOutTable, cells: Sequence[_Cell], x: float, *, head: bool) -> None:
    height, step = grid.height(cells), grid.size * LEADING
    at = x
    for cell, width in zip(cells, grid.widths, strict=True):
        lift = (height - _PAD - len(cell.lines) * step) if head else 0.0
        _lines(canvas, cell, (at, canvas.y + grid.size + lift), (width, step), grid.size, head=head)
        at += width + _GAP
    canvas.y += height
    rule = canvas.y - 0.9
    canvas.line([(x, rule), (at - _GAP, rule)], "#C3CCD3" if head else RULE, 1.0 if head else 0.4)


def _lines(
    canvas: Canvas,
    cell: _Cell,
    at: tuple[float, float],
    box: tuple[float, float],
    size: float,
    *,
    head: bool,
) -> None:
    x, y = at
    width, step = box
    if cell.word is not None:
        broad = max(canvas.width(line, size, bold=True) for line in cell.lines) + 5
        canvas.box(x, y - size, (broad, len(cell.lines) * step + 0.6), cell.word.tone.pale)
    for n, line in enumerate(cell.lines):
        place = (x + width if cell.right else x + 2.5 if cell.word else x, y + n * step)
        canvas.text(
            *place,
            line,
            size=size,
            bold=head or cell.word is not None,
            colour=HEAD if head else cell.word.tone.text if cell.word else "#1A1A1A",
            anchor="end" if cell.right else "start",
        )


def draw_columns(canvas: Canvas, table: Table, size: float = 6.2) -> None:
    """Labels and values, two pairs on a line."""
    half, gap = (INNER - 14) / 2, 14.0
    form = table.columns[1].form
    pairs = [(canvas.show(row[0]), short(canvas.show(row[1], form), _LONGEST_VALUE)) for row in table.rows]
    for n in range(0, len(pairs), 2):
        both = pairs[n : n + 2]
        height = max(fact_height(canvas, half, pair, _LABEL, size) for pair in both)
        canvas.need(height)
        for side, pair in enumerate(both):
            facts(canvas, MARGIN + side * (half + gap), canvas.y, half, [pair], label=_LABEL, size=size)
        canvas.y += height
