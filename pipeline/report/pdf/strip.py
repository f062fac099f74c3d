"""One strip a sample: curves, class and reason in words, titers, dilutions. Never broken over pages."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.report.drawing.scene import GREY, Scene
from pipeline.report.first_page.contents import Contents, Strip
from pipeline.report.first_page.single_table import SingleTable
from pipeline.report.pdf.canvas import INNER, MARGIN, Canvas
from pipeline.report.pdf.table import draw_table, lay_out
from pipeline.report.pdf.text import fact_height, facts, heading, lines_height, paragraph, section
from pipeline.report.words.tones import WARN

_PICTURE = 204.0
_GAP = 14.0
_PAD = 7.0
_HEAD = 17.0
_ROOM = INNER - 2 * _PAD
_LABEL = 82.0
_FRAME = "#D5DCE1"
_SIZE = 6.4
_PROSE = 7.2
_SMALL = 5.6
_LEGEND = 36.0
_NEXT = "Next:"


@dataclass(frozen=True, slots=True)
class _Plan:
    """How many facts come first, and how high picture, words and facts are together."""

    split: int
    height: float


def draw_strips(canvas: Canvas, said: Contents) -> None:
    """All samples, each with the legend of the curves at the top of its page."""
    plans = [_plan(canvas, strip) for strip in said.strips]
    heights = [_height(canvas, *pair) for pair in zip(said.strips, plans, strict=True)]
    section(canvas, "Samples in detail", keep=heights[0] + _LEGEND if heights else 0.0)
    for n, (strip, plan, height) in enumerate(zip(said.strips, plans, heights, strict=True)):
        if (canvas.need(height) or n == 0) and said.legend is not None:
            _legend(canvas, said.legend)
        _draw(canvas, strip, plan, height)
    if said.single is not None:
        _single(canvas, said.single)
    elif not said.strips:
        nothing = canvas.say("There is no sample on this plate.")
        canvas.text(MARGIN, canvas.y + 8, nothing, colour=GREY)
        canvas.y += 14


def _single(canvas: Canvas, single: SingleTable) -> None:
    """All samples with a single dilution."""
    draw_table(canvas, single.table, size=_SIZE)
    if single.shared:
        heading(canvas, "The same for all of these samples")
        for pair in single.shared:
            canvas.need(fact_height(canvas, INNER, pair, _LABEL, _SIZE))
            canvas.y += facts(canvas, MARGIN, canvas.y, INNER, [pair], label=_LABEL, size=_SIZE)


def _legend(canvas: Canvas, scene: Scene) -> None:
    canvas.y += canvas.scene(scene, MARGIN, canvas.y, min(INNER, scene.width * 0.68))
    note = (
        "Filled circle on a shaded dilution: usable for the titer; open: not usable. "
        "All samples have the same OD scale."
    )
    canvas.text(MARGIN + 8, canvas.y + 4, canvas.say(note), size=6.2, colour=GREY)
    canvas.y += 9


def _columns(strip: Strip) -> tuple[float, float]:
    """Left edge and width of the words: beside the picture, or all the width."""
    if strip.scene is None:
        return MARGIN + _PAD, _ROOM
    return MARGIN + _PAD + _PICTURE + _GAP, _ROOM - _PICTURE - _GAP


def _words_height(canvas: Canvas, strip: Strip) -> float:
    """Of explanation and next step."""
    _, room = _columns(strip)
    height = lines_height(canvas, strip.explanation, room, size=_PROSE) if strip.explanation else 0.0
    if strip.next_step:
        height += _next_height(canvas, strip.next_step, room) + 3
    return height + 2


def _next_height(canvas: Canvas, text: str, room: float) -> float:
    return lines_height(canvas, text, room - 10, lead=canvas.say(_NEXT), size=_PROSE) + 4


def _plan(canvas: Canvas, strip: Strip) -> _Plan:
    """Where the facts stand: beside the words and, where that is shorter, the last ones below the picture."""
    _, room = _columns(strip)
    words = _words_height(canvas, strip)
    picture = 0.0 if strip.scene is None else _PICTURE * strip.scene.height / strip.scene.width
    sides = (_PICTURE, room) if strip.scene is not None else ((room - _GAP) / 2,) * 2
    left = [fact_height(canvas, sides[0], pair, _LABEL, _SIZE) for pair in strip.facts]
    right = [fact_height(canvas, sides[1], pair, _LABEL, _SIZE) for pair in strip.facts]
    base = (picture, words) if strip.scene is not None else (words, words)

    def height(split: int) -> float:
        # Beside a picture the first facts stand on the right; without one they stand on the left.
        if strip.scene is not None:
            return max(base[0] + sum(left[split:]), base[1] + sum(right[:split]))
        return base[0] + max(sum(left[:split]), sum(right[split:]))

    best = min(range(len(strip.facts) + 1), key=lambda split: (round(height(split)), -split))
    return _Plan(best, height(best))


def _height(canvas: Canvas, strip: Strip, plan: _Plan) -> float:
    table = lay_out(canvas, strip.dilutions, _ROOM, _SIZE).total
    return _HEAD + plan.height + table + _small_height(canvas, strip) + 2 * _PAD + 10


def _small_height(canvas: Canvas, strip: Strip) -> float:
    return lines_height(canvas, strip.small, _ROOM, size=_SMALL) + 2 if strip.small else 0.0


def _draw(canvas: Canvas, strip: Strip, plan: _Plan, height: float) -> None:
    top = canvas.y
    size = (INNER, height - 8)
    canvas.box(MARGIN, top, size, "#FFFFFF", _FRAME)
    canvas.box(MARGIN, top, (4, size[1]), strip.words[0].tone.colour)
    canvas.y += _PAD
    _title(canvas, strip)
    body = canvas.y
    _words(canvas, strip)
    _facts(canvas, strip, plan, body)
    canvas.y = body + plan.height + 2
    draw_table(canvas, strip.dilutions, x=MARGIN + _PAD, room=_ROOM, size=_SIZE)
    if strip.small:
        paragraph(canvas, MARGIN + _PAD, canvas.y + 2, _ROOM, strip.small, size=_SMALL, colour=GREY)
    canvas.y = top + height


def _title(canvas: Canvas, strip: Strip) -> None:
    y = canvas.y + 9
    name = canvas.fit(strip.sample_id, _ROOM * 0.42, 10, bold=True)
    slot = canvas.fit(canvas.put("slot {slot}", slot=strip.slot), 80, 7)
    canvas.text(MARGIN + _PAD, y, name, size=10, bold=True)
    at = MARGIN + _PAD + canvas.width(name, 10, bold=True) + 6
    canvas.text(at, y, slot, size=7, colour=GREY)
    at += canvas.width(slot, 7) + 10
    for word in strip.words:
        at += canvas.tag(at, y, word, size=8, room=INNER + MARGIN - at) + 6
    canvas.y += _HEAD


def _words(canvas: Canvas, strip: Strip) -> None:
    x, room = _columns(strip)
    if strip.explanation:
        canvas.y += paragraph(canvas, x, canvas.y, room, strip.explanation, size=_PROSE)
    if strip.next_step:
        high = _next_height(canvas, strip.next_step, room)
        canvas.box(x, canvas.y, (room, high), WARN.pale)
        canvas.box(x, canvas.y, (2.5, high), WARN.colour)
        paragraph(
            canvas, x + 7, canvas.y + 2, room - 10, strip.next_step, lead=canvas.say(_NEXT), size=_PROSE
        )
        canvas.y += high + 3
    canvas.y += 2


def _facts(canvas: Canvas, strip: Strip, plan: _Plan, body: float) -> None:
    """The facts below the words, and below the picture or in a second column."""
    x, room = _columns(strip)
    first, second = strip.facts[: plan.split], strip.facts[plan.split :]
    if strip.scene is None:
        half = (room - _GAP) / 2
        facts(canvas, x, canvas.y, half, first, label=_LABEL, size=_SIZE)
        facts(canvas, x + half + _GAP, canvas.y, half, second, label=_LABEL, size=_SIZE)
        return
    facts(canvas, x, canvas.y, room, first, label=_LABEL, size=_SIZE)
    below = body + canvas.scene(strip.scene, MARGIN + _PAD, body, _PICTURE)
    facts(canvas, MARGIN + _PAD + 2, below, _PICTURE, second, label=_LABEL, size=_SIZE)
