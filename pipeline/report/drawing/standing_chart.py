"""The controls of a run among those of past runs: one Levey-Jennings strip each, as one scene."""

from __future__ import annotations

import math

from pipeline.domain.history import ControlStanding, RunStanding
from pipeline.domain.message import Message
from pipeline.report.drawing.scene import GREY, INK, RULE, Drawing, MarkShape, Scale, Scene
from pipeline.report.language import ENGLISH, Given, Language, pieces
from pipeline.report.words.text import short, visible
from pipeline.report.words.tones import FAIL, MINUS, NEUTRAL, WARN, signed

WIDTH, HEIGHT = 660.0, 118.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 48.0, 124.0, 24.0, 10.0
_REACH = 4.0
"""SD that the strip shows; values farther out stand at its edge."""
_LINES = ((0, 1.0, False), (1, 0.6, False), (2, 0.8, True), (3, 1.1, False))
"""SD, width and dash of the lines."""
_WARNS, _BREAKS = 2.0, 3.0
"""SD from which a value is marked, as on every Levey-Jennings chart."""
_NEWEST = 10.0
_RUNS_DRAWN = 30


def standing_scene(standing: RunStanding | None, language: Language = ENGLISH) -> Scene | None:
    """One strip for each control that has a place among past runs; None where none has."""
    controls = [one for one in standing.controls if one.recent] if standing is not None else []
    if not controls:
        return None
    drawing = Drawing(language)
    for n, one in enumerate(controls):
        _strip(drawing, one, n * HEIGHT)
    names = ", ".join(visible(one.control) for one in controls)
    title = Message("Past values of the controls {names}", names=names)
    return drawing.scene(WIDTH, HEIGHT * len(controls), title)


def _strip(drawing: Drawing, one: ControlStanding, top: float) -> None:
    y = Scale(-_REACH, _REACH, top + HEIGHT - _BOTTOM, top + _TOP)
    right = WIDTH - _RIGHT
    lot = (", lot ", Given(short(visible(one.lot), 20))) if one.lot is not None else ()
    drawing.label(_LEFT, top + 14, pieces(Given(short(visible(one.control), 30)), *lot), bold=True)
    limits = Message("limits from {n:n} runs", n=one.reference_runs)
    drawing.label(right, top + 14, limits, size=9, anchor="end", colour=GREY)
    for sd, width, dash in _LINES:
        for place in {-sd, sd}:
            colour = GREY if place == 0 else RULE if sd == 1 else GREY
            drawing.line([(_LEFT, y.at(place)), (right, y.at(place))], colour, width, dash=dash)
            if sd != 1:
                text = Message("mean") if place == 0 else Message("{n:n} SD", n=_signed(place, 0))
                drawing.label(_LEFT - 4, y.at(place) + 3, text, size=8.5, anchor="end", colour=GREY)
    _values(drawing, one, y, right)


def _values(drawing: Drawing, one: ControlStanding, y: Scale, right: float) -> None:
    """The newest value at the right edge, larger and with its distance in words."""
    x = Scale(1 - _RUNS_DRAWN, 0, _LEFT + 8, right - 10)
    places = [(x.at(n + 1 - len(one.recent)), y.at(_shown(z))) for n, z in enumerate(one.recent)]
    drawing.line(places, "#9AA5AD", 1.0)
    for place, z in zip(places[:-1], one.recent[:-1], strict=True):
        shape, colour = _mark(z)
        drawing.mark(place, shape, colour, size=5, title=Message("z {n:n}", n=_signed(z, 2)))
    shape, colour = _mark(one.recent[-1])
    drawing.mark(places[-1], shape, colour, size=_NEWEST, title="this run")
    text = Message("this run: {n:n} SD", n=_signed(one.recent[-1], 2))
    drawing.label(right + 4, places[-1][1] + 4, text, size=9.5, colour=INK, bold=abs(one.recent[-1]) > _WARNS)


def _signed(value: float, decimals: int) -> str:
    """With a plus or a minus sign; a zero has a plus."""
    text = signed(value, decimals)
    return text if text.startswith(MINUS) else f"+{text}"


def _shown(z: float) -> float:
    return math.copysign(min(abs(z), _REACH), z)


def _mark(z: float) -> tuple[MarkShape, str]:
    if abs(z) > _BREAKS:
        return "diamond", FAIL.colour
    return ("triangle", WARN.text) if abs(z) > _WARNS else ("circle", NEUTRAL.colour)
