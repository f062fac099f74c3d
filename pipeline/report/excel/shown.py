"""How a workbook shows its values: number formats, colours, what is hidden, and what lies over the cells.

One form for a workbook in memory and for one that another program saved, which may word a look otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.cell.read_only import ReadOnlyCell
from openpyxl.styles.colors import COLOR_INDEX, Color
from openpyxl.worksheet.worksheet import Worksheet

_CODE = re.compile(r'\\(.)|"([^"]*)"|\[\$-[^\]]*\]|(General)|[_*].|([-:/ ])|(.)', re.DOTALL | re.IGNORECASE)
"""Parts of a number format: literal signs, a language, what leaves room, and all else."""
_LEAST_CONTRAST, _SMALLEST_FONT = 1.5, 5.0
"""Of text that can be seen at all; it can be read from 4.5 on."""
_WHITE, _BLACK = "FFFFFF", "000000"
_THEME = {0: _WHITE, 1: _BLACK}
_AUTOMATIC = (64, 65)
"""Numbers of the colours that the system chooses."""


class CellLook(NamedTuple):
    """What a cell with a value looks like."""

    code: str
    """Number format, in one wording."""
    ink: str
    """Colour of the text as ``RRGGBB``."""
    seen: bool
    """The text stands out from its ground and is not tiny."""


@dataclass(frozen=True, slots=True)
class SheetLook:
    """A sheet without its values; sets of cells are named as in a formula, such as ``B4:M11``."""

    cells: Mapping[tuple[int, int], CellLook] = field(default_factory=dict)
    state: str = "visible"
    hidden_rows: tuple[int, ...] = ()
    """That hold something."""
    hidden_columns: tuple[int, ...] = ()
    filtered: bool = False
    """A filter is set, which may be what hides rows."""
    merged: frozenset[str] = frozenset()
    rules: frozenset[str] = frozenset()
    """Conditional formats: cells, kinds and colours."""
    comments: frozenset[str] = frozenset()
    drawn: Mapping[str, int] = field(default_factory=dict)
    """``charts``, ``pictures``, ``shapes`` -> how many."""
    charted: tuple[str, ...] = ()
    """Cells that charts show."""
    protected: bool = False

    def words(self) -> str:
        """All of it in one order, for a fingerprint."""
        cells = sorted(self.cells.items())
        sets = (sorted(self.merged), sorted(self.rules), sorted(self.comments))
        drawn = sorted(self.drawn.items())
        hidden = (self.state, self.hidden_rows, self.hidden_columns)
        return repr((cells, hidden, sets, drawn, self.charted, self.protected))


class CellLooks:
    """Looks of the cells of one workbook, each style looked up once."""

    def __init__(self) -> None:
        """Begin without a style."""
        self._known: dict[tuple[int, int, int], CellLook] = {}

    def of(self, cell: Cell | ReadOnlyCell) -> CellLook:
        """The look of a cell."""
        style: Any = cell.style_array if isinstance(cell, ReadOnlyCell) else cell._style  # type: ignore[attr-defined]  # noqa: SLF001
        key = (style.numFmtId, style.fontId, style.fillId)
        if key not in self._known:
            self._known[key] = _look(cell)
        return self._known[key]


def _look(cell: Cell | ReadOnlyCell) -> CellLook:
    ink = _colour(cell.font.color, _BLACK)
    fill: Any = cell.fill  # the stubs know only what all fills have
    ground = _colour(fill.fgColor, _WHITE) if getattr(fill, "fill_type", None) == "solid" else _WHITE
    tiny = cell.font.sz is not None and cell.font.sz < _SMALLEST_FONT
    return CellLook(
        plain_code(cell.number_format), ink, not tiny and _contrast(ink, ground) >= _LEAST_CONTRAST
    )


def plain_code(code: str) -> str:
    """A number format in one wording: signs that stand for themselves are quoted, languages left out."""
    parts = (_part(match) for match in _CODE.finditer(code.removesuffix(";@")))
    joined = "".join(parts).replace('""', "")
    return "General" if joined in ("@", "") else joined


def _part(match: re.Match[str]) -> str:
    escaped, quoted, general, sign, other = match.groups()
    if general or other:
        return "General" if general else other
    literal = escaped or quoted or sign
    return f'"{literal}"' if literal else ""


def _colour(colour: Color | None, automatic: str) -> str:
    """``RRGGBB``; of a theme the two usual ones, of the others their number."""
    if colour is None or (colour.type == "indexed" and colour.indexed in _AUTOMATIC):
        return automatic
    if colour.type == "theme":
        return _THEME.get(colour.theme, f"theme {colour.theme}")
    if colour.type == "indexed":
        return str(COLOR_INDEX[colour.indexed])[-6:] if colour.indexed < len(COLOR_INDEX) else automatic
    return str(colour.rgb)[-6:].upper() if colour.type == "rgb" else automatic


def _contrast(ink: str, ground: str) -> float:
    """By WCAG 2.2; of a colour that is not known, enough."""
    if not (_is_rgb(ink) and _is_rgb(ground)):
        return _LEAST_CONTRAST
    dark, light = sorted((_luminance(ink), _luminance(ground)))
    return (light + 0.05) / (dark + 0.05)


def _is_rgb(text: str) -> bool:
    return re.fullmatch("[0-9A-F]{6}", text) is not None


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4))
    linear = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)  # noqa: PLR2004
    red, green, blue = linear
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def looks_of(book: Workbook) -> dict[str, SheetLook]:
    """The looks of a workbook in memory that titerline made: nothing is hidden there."""
    looks = CellLooks()
    return {sheet.title: _written(sheet, looks) for sheet in book.worksheets}


def _written(sheet: Worksheet, looks: CellLooks) -> SheetLook:
    cells = sheet._cells.items()  # noqa: SLF001 - iter_rows would make the empty ones too
    charts: list[Any] = sheet._charts  # type: ignore[attr-defined]  # noqa: SLF001 - its only list of them
    return SheetLook(
        cells={place: looks.of(cell) for place, cell in cells if cell.value not in (None, "")},
        merged=frozenset(str(area) for area in sheet.merged_cells.ranges),
        rules=frozenset(_rules(sheet)),
        drawn={"charts": len(charts)} if charts else {},
        charted=tuple(sorted(_charted(charts))),
        protected=bool(sheet.protection.sheet),
    )


def _rules(sheet: Worksheet) -> Iterator[str]:
    for area in sheet.conditional_formatting:
        for rule in area.rules:
            yield rule_words(str(area.sqref), rule.type, [str(one.rgb) for one in rule.colorScale.color])


def rule_words(area: str, kind: str, colours: list[str]) -> str:
    """A conditional format in one wording."""
    return " ".join([area, kind, *(colour[-6:].upper() for colour in colours)])


def _charted(charts: list[Any]) -> Iterator[str]:
    for chart in charts:
        for series in chart.series:
            yield from (plain_reference(one.numRef.f) for one in (series.xVal, series.yVal))


def plain_reference(formula: str) -> str:
    """``'Wells'!$A$1`` is ``Wells!A1``."""
    return formula.replace("$", "").replace("'", "")
