"""Text on PDF pages: wrapped lines, paragraphs, labels with their texts, headings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pipeline.report.drawing.scene import GREY
from pipeline.report.pdf.canvas import INNER, LEADING, MARGIN, Canvas
from pipeline.report.words.text import NO_BREAK, unbroken

HEAD = "#1F3A4D"
_LONGEST = 600
"""Characters of a text; the record holds the rest."""


def wrap(canvas: Canvas, text: str, room: float, size: float, *, bold: bool = False) -> list[str]:
    """Cleaned text in lines of at most ``room``; a word that is too long is broken. Made once a canvas."""
    key = (text, room, size, bold)
    if key not in canvas.wrapped:
        canvas.wrapped[key] = _wrap(canvas, text, room, size, bold=bold)
    return canvas.wrapped[key]


def _wrap(canvas: Canvas, text: str, room: float, size: float, *, bold: bool) -> list[str]:
    shown = unbroken(canvas.clean(text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "\u2026"))
    if canvas.width(shown, size, bold=bold) <= room:
        return [shown]
    space = canvas.width(" ", size, bold=bold)
    lines, line, used = [], "", 0.0
    for word in _pieces(canvas, shown, room, size, bold=bold):
        width = canvas.width(word, size, bold=bold)
        if line and used + space + width > room:
            lines.append(line)
            line, used = word, width
        else:
            line, used = (f"{line} {word}", used + space + width) if line else (word, width)
    return [*lines, line]


def _pieces(canvas: Canvas, text: str, room: float, size: float, *, bold: bool) -> Iterable[str]:
    """Words, and parts of words that are wider than the room."""
    for word in _words(canvas, text, room, size, bold=bold):
        rest = word
        while canvas.width(rest, size, bold=bold) > room and len(rest) > 1:
            cut = max(1, int(len(rest) * room / canvas.width(rest, size, bold=bold)))
            while cut > 1 and canvas.width(rest[:cut], size, bold=bold) > room:
                cut -= 1
            yield rest[:cut]
            rest = rest[cut:]
        yield rest


def _words(canvas: Canvas, text: str, room: float, size: float, *, bold: bool) -> Iterable[str]:
    """Between spaces; an interval wider than the room is parted at its ends, before a number has to be."""
    for word in text.split(" "):
        if NO_BREAK in word and canvas.width(word, size, bold=bold) > room:
            yield from word.split(NO_BREAK)
        else:
            yield word


def paragraph(  # noqa: PLR0913 - place, width and look of a text
    canvas: Canvas,
    x: float,
    y: float,
    room: float,
    text: str,
    *,
    size: float = 7.5,
    lead: str = "",
    colour: str = "#1A1A1A",
) -> float:
    """Wrapped text from its top; a bold ``lead`` stands before it. Returns the height."""
    indent = canvas.width(lead, size, bold=True) + 4 if lead else 0.0
    lines = wrap(canvas, text, room - indent, size)
    step = size * LEADING
    if lead:
        canvas.text(x, y + size, lead, size=size, bold=True, colour=colour)
    for n, line in enumerate(lines):
        canvas.text(x + indent, y + size + n * step, line, size=size, colour=colour)
    return len(lines) * step + 1.5


def lines_height(canvas: Canvas, text: str, room: float, *, size: float = 7.5, lead: str = "") -> float:
    """Height that :func:`paragraph` takes."""
    indent = canvas.width(lead, size, bold=True) + 4 if lead else 0.0
    return len(wrap(canvas, text, room - indent, size)) * size * LEADING + 1.5


def fact_height(canvas: Canvas, room: float, pair: tuple[str, str], label: float, size: float) -> float:
    """Height that one pair of :func:`facts` takes."""
    lines = (wrap(canvas, pair[0], label - 4, size), wrap(canvas, pair[1], room - label, size))
    return max(map(len, lines)) * size * LEADING + 1.2


def facts(
    canvas: Canvas,
    x: float,
    y: float,
    room: float,
    pairs: Sequence[tuple[str, str]],
    *,
    label: float = 84.0,
    size: float = 6.6,
) -> float:
    """Labels and texts below each other; returns the height."""
    start, step = y, size * LEADING
    for name, text in pairs:
        names = wrap(canvas, name, label - 4, size)
        lines = wrap(canvas, text, room - label, size)
        for n, line in enumerate(names):
            canvas.text(x, y + size + n * step, line, size=size, colour=GREY)
        for n, line in enumerate(lines):
            canvas.text(x + label, y + size + n * step, line, size=size)
        y += max(len(names), len(lines)) * step + 1.2
    return y - start


def section(canvas: Canvas, title: str, keep: float = 60.0) -> None:
    """A heading with its entry in the outline; it is never the last thing on a page."""
    title = canvas.say(title)
    canvas.need(keep + 26)
    canvas.y += 8 if canvas.y > MARGIN else 0
    canvas.pdf.start_section(title)
    canvas.text(MARGIN, canvas.y + 11, title, size=11, bold=True, colour=HEAD)
    canvas.line([(MARGIN, canvas.y + 15), (MARGIN + INNER, canvas.y + 15)], HEAD, 1.1)
    canvas.y += 21


def heading(canvas: Canvas, title: str, keep: float = 40.0) -> None:
    """A small heading."""
    title = canvas.say(title)
    canvas.need(keep + 16)
    canvas.y += 5
    canvas.text(MARGIN, canvas.y + 8, canvas.fit(title, INNER, 8, bold=True), size=8, bold=True)
    canvas.y += 13
