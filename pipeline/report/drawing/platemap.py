"""The plate as a picture: OD as shades, names in the wells, unused wells crossed."""

from __future__ import annotations

from pipeline.domain.message import Message
from pipeline.domain.record import RunRecord
from pipeline.domain.results import WellResult
from pipeline.domain.wells import Well, row_letters
from pipeline.report.drawing.scene import GREY, INK, Drawing, Scene, text_width
from pipeline.report.language import Given, language_of, listed, pieces
from pipeline.report.tables.quality import crossed_wells
from pipeline.report.words.text import short, visible
from pipeline.report.words.tones import FAIL, Format, dilution_text, number, words_of

ROLE_COLOURS = {"calibrator": "#CFE8F7", "blank": "#ECECEC", "control": "#FCE7B8", "sample": "#DDF0E6"}
LOW, HIGH = "#FFFFFF", "#5BA3D0"
"""Ends of the OD shades; black text is legible on both."""

_EDGE = 28.0
_WIDE = 96
_ROOM_FOR_THREE_LINES = 60.0
_LINES = 3
"""Lines of a well in the usual size; the treatment of a serum is one more."""
_LONGEST_NAME = 20
_LONGEST_TITLE = 80
_LEAST_SHARE = 0.72
"""Text is made smaller down to this share of its size, then cut."""
_WHITE = (255, 255, 255)
_DEEP = (91, 163, 208)


def plate_scene(record: RunRecord) -> Scene:
    """One box a well: name, coating, treatment and dilution, OD; 384 wells show name and OD only."""
    drawing = Drawing(language_of(record))
    small = record.rows * record.columns > _WIDE
    width, height = (41.0, 30.0) if small else (76.0, 46.0)
    top = max([well.od for well in record.wells if well.od is not None and well.used], default=1.0)
    for column in range(record.columns):
        at = _EDGE + (column + 0.5) * width
        drawing.label(at, 18, str(column + 1), size=11, anchor="middle", colour=GREY)
    for row in range(record.rows):
        at = _EDGE + (row + 0.5) * height + 4
        drawing.label(12, at, Given(row_letters(row)), size=11, anchor="middle", colour=GREY)
    crossed = crossed_wells(record)
    for well in record.wells:
        _well(drawing, well, (width, height), top, crossed=well.well in crossed)
    size = (_EDGE + record.columns * width + 4, _EDGE + record.rows * height + 4)
    wells = record.rows * record.columns
    return drawing.scene(*size, Message("Plate map of {n:n} wells with their OD", n=wells))


def shade(od: float | None, top: float) -> str:
    """White at OD 0, blue at the highest OD of the plate."""
    share = 0.0 if od is None or top <= 0 else min(max(od / top, 0.0), 1.0)
    mixed = (round(low + share * (high - low)) for low, high in zip(_WHITE, _DEEP, strict=True))
    return "#" + "".join(f"{part:02X}" for part in mixed)


def well_title(well: WellResult) -> str:
    """The story of a well in one line."""
    if well.role is None:
        return pieces(Given(well.well), ": ", "not in the layout")
    dilution = None if well.dilution is None else dilution_text(well.dilution)
    od = None if well.od is None else pieces("OD ", number(well.od, Format.OD))
    state = words_of(well.state)
    use = None if well.used else pieces("not used: ", well.reason or "no reason recorded")
    named = (Given(short(well.name or "", _LONGEST_TITLE)), Given(_condition(well)))
    parts = (well.role, *named, dilution, od, state, use)
    return pieces(Given(well.well), ": ", listed(", ", filter(None, parts)))


def _well(
    drawing: Drawing, well: WellResult, size: tuple[float, float], top: float, *, crossed: bool
) -> None:
    place = Well.parse(well.well)
    x, y = _EDGE + place.column * size[0], _EDGE + place.row * size[1]
    inner = (size[0] - 2, size[1] - 2)
    fill = shade(well.od if well.used else None, top)
    stroke = FAIL.colour if crossed else "#C8C8C8"
    drawing.box(x, y, inner, fill, stroke=stroke, title=well_title(well))
    middle = x + inner[0] / 2
    small = size[0] < _ROOM_FOR_THREE_LINES
    texts = [drawing.language.say(text) for text in _texts(well, small=small, crossed=crossed)]
    step = inner[1] / (len(texts) + 0.35)
    for index, text in enumerate(texts):
        bold = index == 0
        words, font = fitted(text, inner[0] - 3, 8.5 if small or len(texts) > _LINES else 10.0, bold=bold)
        colour = FAIL.text if crossed and index == len(texts) - 1 else INK
        drawing.label(
            middle,
            y + (index + 0.9) * step,
            Given(words),
            size=font,
            anchor="middle",
            bold=bold,
            colour=colour,
        )


def fitted(text: str, room: float, size: float, *, bold: bool = False) -> tuple[str, float]:
    """A text and its size, smaller by up to a quarter and then cut, so that it stays inside ``room``."""
    shown = visible(text)
    share = room / max(text_width(shown, size, bold=bold), 0.1)
    if share >= _LEAST_SHARE:
        return shown, round(size * min(share, 1.0), 1) - (0.1 if share < 1 else 0.0)
    size = round(size * _LEAST_SHARE, 1)
    return short(shown, max(1, int(len(shown) * share / _LEAST_SHARE) - 1)), size


def _texts(well: WellResult, *, small: bool, crossed: bool) -> list[str]:
    if well.role is None:
        return ["\u00b7"]
    name = Given(short(well.name, _LONGEST_NAME)) if well.name else well.role
    if not well.used and not crossed:
        return [name, "no sample"]
    od: str = "no OD" if well.od is None else Message("{n:n}", n=number(well.od, Format.OD))
    last = Message("\u2716 {od:t}", od=od) if crossed else od
    if small:
        return [name, last]
    dilution = None if well.dilution is None else dilution_text(well.dilution)
    coating = " ".join(filter(None, (well.antigen, dilution)))
    lines = [coating, *([] if well.competitor is None else [well.competitor])]
    return [name, *(Given(short(line, _LONGEST_NAME)) for line in lines), last]


def _condition(well: WellResult) -> str:
    """Coating, and what the serum was treated with."""
    return " + ".join(filter(None, (well.antigen, well.competitor)))
