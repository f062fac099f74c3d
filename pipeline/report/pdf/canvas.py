"""A4 pages to draw on: text that any name survives, boxes, and scenes as vectors. Units are points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from fpdf import FPDF

from pipeline.record.job import LONG_AGO, moment
from pipeline.report.drawing.scene import GREY, INK, RULE, Anchor, Mark, Polyline, Scene, SceneLabel
from pipeline.report.language import ENGLISH, Language
from pipeline.report.tables.spoken import shown_in
from pipeline.report.words.text import visible
from pipeline.report.words.tones import Format, Value, Word

WIDTH, HEIGHT = 595.28, 841.89
MARGIN, FOOT = 36.0, 40.0
INNER = WIDTH - 2 * MARGIN
LEADING = 1.28
"""Line distance over font size."""

_FONTS = Path(__file__).parent / "fonts"
_FAMILY = "titerline"
_NO_GLYPH = "\u25a1"
_NO_DATE = datetime(2000, 1, 1, tzinfo=UTC)
"""For a record without a readable time; the file never carries the time of its printing."""


@dataclass(frozen=True, slots=True)
class Properties:
    """Of the document, and what its footers say."""

    title: str
    subject: str
    author: str
    creator: str
    date: str
    footer: str


@cache
def rgb(colour: str) -> tuple[int, int, int]:
    """``#0072B2`` as three numbers of 0 to 255."""
    value = int(colour.removeprefix("#"), 16)
    return value >> 16, value >> 8 & 255, value & 255


class Canvas:
    """Pages, and the place on the current page where the next block goes: ``y`` runs downwards."""

    def __init__(self, properties: Properties, language: Language = ENGLISH) -> None:
        """Open the document and its first page."""
        self.language = language
        self.say, self.put = language.say, language.put
        self.pdf = FPDF(unit="pt", format="A4")
        self.pdf.set_auto_page_break(False)
        _describe(self.pdf, properties)
        self.pdf.set_lang(language.code)
        self.pdf.add_font(_FAMILY, "", _FONTS / "DejaVuSans.ttf")
        self.pdf.add_font(_FAMILY, "B", _FONTS / "DejaVuSans-Bold.ttf")
        self._widths = {bold: self._measure(bold=bold) for bold in (False, True)}
        self._known = frozenset(self._widths[False]) & frozenset(self._widths[True])
        self._style: tuple[float, bool, str] | None = None
        self._footer = properties.footer
        self.wrapped: dict[tuple[str, float, float, bool], list[str]] = {}
        self.y = MARGIN
        self.new_page()

    def _measure(self, *, bold: bool) -> dict[str, float]:
        font = self.pdf.fonts[_FAMILY + "B" * bold]
        return {chr(code): width / 1000 for code, width in font.cw.items() if isinstance(code, int)}

    def new_page(self) -> None:
        """The next page; ``y`` is at its top."""
        self.pdf.add_page()
        self._style = None
        self.y = MARGIN

    @property
    def room(self) -> float:
        """Height left on this page."""
        return HEIGHT - FOOT - self.y

    def need(self, height: float) -> bool:
        """Begin a new page unless ``height`` fits on this one; says whether it began one."""
        if height <= self.room or self.y <= MARGIN:
            return False
        self.new_page()
        return True

    def clean(self, text: str) -> str:
        """Text with everything visible, on one line; a sign that the font lacks is a square."""
        shown = visible(text)
        if shown.isascii():
            return shown
        return "".join([sign if sign in self._known else _NO_GLYPH for sign in shown])

    def show(self, value: Value, form: Format = Format.TEXT) -> str:
        """A cell in words, in the language of the report."""
        return shown_in(self.language, value, form)

    def width(self, text: str, size: float, *, bold: bool = False) -> float:
        """Of cleaned text, in points."""
        return size * sum(map(self._widths[bold].__getitem__, text))

    def fit(self, text: str, room: float, size: float, *, bold: bool = False) -> str:
        """Cleaned text that is at most ``room`` wide, with an ellipsis where it was cut."""
        shown = self.clean(text[:400])
        if self.width(shown, size, bold=bold) <= room and len(text) <= len(shown):
            return shown
        while shown and self.width(shown + "\u2026", size, bold=bold) > room:
            shown = shown[:-1]
        return shown + "\u2026"

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 7.0,
        bold: bool = False,
        colour: str = INK,
        anchor: Anchor = "start",
    ) -> None:
        """Cleaned text at its base line."""
        self._set_style(size, colour, bold=bold)
        if anchor != "start":
            x -= self.width(text, size, bold=bold) * (0.5 if anchor == "middle" else 1.0)
        self.pdf.text(x, y, text)

    def _set_style(self, size: float, colour: str, *, bold: bool) -> None:
        style = (size, bold, colour)
        if style == self._style:
            return
        if self._style is None or self._style[:2] != style[:2]:
            self.pdf.set_font(_FAMILY, "B" if bold else "", size)
        self.pdf.set_text_color(*rgb(colour))
        self._style = style

    def box(self, x: float, y: float, size: tuple[float, float], fill: str, stroke: str = "none") -> None:
        """A rectangle from its top left corner."""
        self.pdf.set_fill_color(*rgb(fill))
        if stroke != "none":
            self._pen(stroke, 0.5)
        self.pdf.rect(x, y, *size, style="F" if stroke == "none" else "DF")

    def line(
        self, points: Sequence[tuple[float, float]], colour: str, width: float, *, dash: bool = False
    ) -> None:
        """A polyline."""
        self._pen(colour, width)
        if dash:
            self.pdf.set_dash_pattern(3, 2)
        self.pdf.polyline(points)
        if dash:
            self.pdf.set_dash_pattern()

    def _pen(self, colour: str, width: float) -> None:
        self.pdf.set_draw_color(*rgb(colour))
        self.pdf.set_line_width(width)

    def tag(self, x: float, y: float, word: Word, *, size: float = 7.0, room: float = INNER) -> float:
        """A word in its tone with its symbol, ``y`` the base line; returns its width."""
        shown = self.fit(word.marked, room - 5, size, bold=True)
        width = self.width(shown, size, bold=True) + 5
        self.box(x, y - size * 0.98, (width, size * 1.3), word.tone.pale)
        self.text(x + 2.5, y, shown, size=size, bold=True, colour=word.tone.text)
        return width

    def scene(self, scene: Scene, x: float, y: float, width: float) -> float:
        """A scene from its top left corner, scaled to ``width``; returns its height."""
        scale = width / scene.width
        for box in scene.boxes:
            size = (box.width * scale, box.height * scale)
            self.box(x + box.x * scale, y + box.y * scale, size, box.fill, box.stroke)
        for line in scene.lines:
            self._scene_line(line, x, y, scale)
        for mark in scene.marks:
            self._mark(mark, x + mark.x * scale, y + mark.y * scale, scale)
        for label in scene.labels:
            self._label(label, x + label.x * scale, y + label.y * scale, scale)
        return scene.height * scale

    def _scene_line(self, line: Polyline, x: float, y: float, scale: float) -> None:
        points = [(x + px * scale, y + py * scale) for px, py in line.points]
        self.line(points, line.colour, max(line.width * scale, 0.4), dash=line.dash)

    def _label(self, label: SceneLabel, x: float, y: float, scale: float) -> None:
        size, text = label.size * scale, self.clean(label.text)
        if not label.turned:
            self.text(x, y, text, size=size, bold=label.bold, colour=label.colour, anchor=label.anchor)
            return
        with self.pdf.rotation(90, x, y):
            self._style = None
            self.text(x, y + size * 0.35, text, size=size, colour=label.colour, anchor="middle")
        self._style = None

    def _mark(self, mark: Mark, x: float, y: float, scale: float) -> None:
        half = mark.size * scale / 2
        self._pen(mark.colour, 1.5 * scale)
        self.pdf.set_fill_color(*rgb(mark.colour if mark.filled else "#FFFFFF"))
        if mark.shape == "circle":
            self.pdf.circle(x, y, half, style="DF")
        elif mark.shape == "cross":
            self.pdf.line(x - half, y - half, x + half, y + half)
            self.pdf.line(x - half, y + half, x + half, y - half)
        else:
            corners = [(x + dx * half, y + dy * half) for dx, dy in _CORNERS[mark.shape]]
            self.pdf.polygon(corners, style="DF")

    def finish(self) -> bytes:
        """Write the footers, now that the pages can be counted; the same bytes for the same drawing."""
        pages = self.pdf.page
        for page in range(1, pages + 1):
            self._foot(page, pages)
        return bytes(self.pdf.output())

    def _foot(self, page: int, pages: int) -> None:
        self.pdf.page = page
        # Font and pen are written to a page only when they change: going back to a page, change them first.
        self.pdf.set_font(_FAMILY, "B", 1)
        self.pdf.set_draw_color(0)
        self.pdf.set_line_width(0)
        self._style = None
        at = HEIGHT - 24
        self.line([(MARGIN, at - 10), (WIDTH - MARGIN, at - 10)], RULE, 0.6)
        self.text(MARGIN, at, self.fit(self._footer, 440, 6.5), size=6.5, colour=GREY)
        shown = self.put("Page {page:n} of {pages:n}", page=str(page), pages=str(pages))
        self.text(WIDTH - MARGIN, at, shown, size=6.5, colour=GREY, anchor="end")


_CORNERS = {
    "square": ((-1, -1), (1, -1), (1, 1), (-1, 1)),
    "triangle": ((0, -1), (1, 1), (-1, 1)),
    "diamond": ((0, -1), (1, 0), (0, 1), (-1, 0)),
}


def _describe(pdf: FPDF, properties: Properties) -> None:
    pdf.set_title(visible(properties.title))
    pdf.set_subject(visible(properties.subject))
    pdf.set_author(visible(properties.author))
    pdf.set_creator(properties.creator)
    pdf.set_producer("fpdf2")
    pdf.set_creation_date(_date(properties.date))


def _date(text: str) -> datetime:
    found = moment(text)
    return found if found != LONG_AGO else _NO_DATE
