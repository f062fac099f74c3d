"""The styles of the workbook: few, named, listed here and nowhere else.

Each is a named style of the file, so that a laboratory can change one of them for all sheets at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.styles.cell_style import StyleArray

from pipeline.report.drawing.platemap import ROLE_COLOURS
from pipeline.report.words.tones import FAIL, TONES, Tone

FontName: TypeAlias = Literal["body", "bold", "title", "note", "large", "banner", "small"]
AlignName: TypeAlias = Literal["left", "wrapped", "right", "centre", "centre wrapped", "middle", "right head"]
BorderName: TypeAlias = Literal["none", "line", "cell", "crossed"]

INK = "#1A1A1A"
GREY = "#505050"
_HEAD_INK, _HEAD_FILL = "#1F3A4D", "#E8EEF2"
_FAMILY = "Calibri"
_PREFIX = "titerline "
"""Before each name in the file: Excel has styles of its own called Title, Note and Percent."""

_FONTS: Mapping[FontName, tuple[float, bool, bool]] = {
    "body": (10, False, False),
    "bold": (10, True, False),
    "title": (13, True, False),
    "note": (10, False, True),
    "large": (11, False, False),
    "banner": (20, True, False),
    "small": (9, False, False),
}
"""Name -> size in points, bold, italic."""

_ALIGNMENTS: Mapping[AlignName, Alignment] = {
    "left": Alignment(horizontal="left", vertical="top", indent=1),
    "wrapped": Alignment(horizontal="left", vertical="top", wrap_text=True, indent=1),
    "right": Alignment(horizontal="right", vertical="top"),
    "centre": Alignment(horizontal="center", vertical="center", shrink_to_fit=True),
    "centre wrapped": Alignment(horizontal="center", vertical="center", wrap_text=True),
    "middle": Alignment(horizontal="left", vertical="center", wrap_text=True, indent=1),
    "right head": Alignment(horizontal="right", vertical="center", wrap_text=True),
}
_THIN = Side(style="thin", color="FFD0D7DC")
_THICK = Side(style="medium", color="FF" + FAIL.colour[1:])
_BORDERS: Mapping[BorderName, Border] = {
    "none": Border(),
    "line": Border(bottom=_THIN),
    "cell": Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN),
    "crossed": Border(left=_THICK, right=_THICK, top=_THICK, bottom=_THICK),
}


@dataclass(frozen=True, slots=True)
class CellStyle:
    """What a cell looks like; colours as ``#RRGGBB``, ``code`` is Excel's number format."""

    font: FontName = "body"
    align: AlignName = "left"
    border: BorderName = "line"
    code: str = "General"
    ink: str = INK
    fill: str = ""


def _number(code: str) -> CellStyle:
    return CellStyle(align="right", code=code)


def _banner(tone: Tone) -> CellStyle:
    return CellStyle("banner", "middle", "none", ink=tone.ink, fill=tone.colour)


def _toned(base: CellStyle, tone: Tone) -> CellStyle:
    return replace(base, ink=tone.text, fill=tone.pale)


_WORD = CellStyle("bold")
_GRID = CellStyle(align="centre", border="cell")
_GRID_WORDS = CellStyle("small", "centre wrapped", "cell")

_CODES: Mapping[str, str] = {
    "0": "#,##0",
    **{str(places): "#,##0." + "0" * places for places in range(1, 9)},
    **{f"e{places}": f"0.{'0' * places}E+00" for places in (1, 2)},
}
"""Decimals, or decimals before an exponent -> number format."""

STYLES: Mapping[str, CellStyle] = {
    "text": CellStyle(),
    "wrapped": CellStyle(align="wrapped"),
    "label": CellStyle("bold", ink=GREY),
    "title": CellStyle("title", border="none", ink=_HEAD_INK),
    "note": CellStyle("note", border="none", ink=GREY),
    "plain": CellStyle("large", "middle", "none"),
    "heading": CellStyle("bold", "middle", ink=_HEAD_INK, fill=_HEAD_FILL),
    "number heading": CellStyle("bold", "right head", ink=_HEAD_INK, fill=_HEAD_FILL),
    # numbers
    "od": _number("0.000"),
    "percent": _number("#,##0.0"),
    "whole": _number("#,##0"),
    **{f"number {places}": _number(code) for places, code in _CODES.items()},
    "date": _number("yyyy-mm-dd"),
    **{f"value {places}": CellStyle(align="wrapped", code=code) for places, code in _CODES.items()},
    # words with a meaning
    **{tone.name: _toned(_WORD, tone) for tone in TONES},
    **{f"{tone.name} wrapped": _toned(replace(_WORD, align="wrapped"), tone) for tone in TONES},
    **{f"{tone.name} banner": _banner(tone) for tone in TONES},
    # cells of plate maps
    "axis": CellStyle("bold", "centre", "none", ink=GREY),
    "well": _GRID,
    "well od": replace(_GRID, code="0.000"),
    "crossed": replace(_GRID, border="crossed"),
    "crossed od": replace(_GRID, border="crossed", code='"\u2716 "0.000'),
    **{f"well {tone.name}": _toned(_GRID_WORDS, tone) for tone in TONES},
    **{f"well {role}": replace(_GRID_WORDS, fill=fill) for role, fill in ROLE_COLOURS.items()},
}
"""Name -> style; a style called ``titerline NAME`` in the file."""


@dataclass(slots=True)
class NamedStyles:
    """The styles of one workbook, registered when first needed."""

    book: Workbook
    _known: dict[tuple[str, bool], StyleArray] = field(default_factory=dict)

    def apply(self, cell: Cell, name: str, *, text: bool = False) -> None:
        """Give a cell a style; text also gets the quote prefix, which keeps it text when somebody edits it.

        All cells of one style share one array of style numbers: assigning the style by its name, as openpyxl
        offers it, takes ten times as long.

        Raises:
            KeyError: there is no such style.
        """
        style = self._known.get((name, text))
        if style is None:
            style = self._known[name, text] = self._made(cell, name, text=text)
        cell._style = style  # type: ignore[attr-defined]  # noqa: SLF001 - see above

    def copy(self, styled: object, bare: object) -> None:
        """Give a cell the style of another one."""
        bare._style = styled._style  # type: ignore[attr-defined]  # noqa: SLF001 - see above

    def _made(self, cell: Cell, name: str, *, text: bool) -> StyleArray:
        full = _PREFIX + name
        if full not in self.book.named_styles:
            self.book.add_named_style(_style(full, STYLES[name]))
        cell.style = full
        cell.quotePrefix = text
        made: StyleArray = cell._style  # type: ignore[attr-defined]  # noqa: SLF001 - its own
        return made


def _style(name: str, style: CellStyle) -> NamedStyle:
    size, bold, italic = _FONTS[style.font]
    return NamedStyle(
        name,
        font=Font(name=_FAMILY, size=size, bold=bold, italic=italic, color="FF" + style.ink[1:]),
        fill=PatternFill("solid", fgColor="FF" + style.fill[1:]) if style.fill else PatternFill(),
        alignment=_ALIGNMENTS[style.align],
        border=_BORDERS[style.border],
        number_format=style.code,
    )
