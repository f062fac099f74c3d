"""The first page: verdict, why, what to do, samples, curve, controls, exclusions, plate, signatures."""

from __future__ import annotations

from pipeline.domain.message import Message
from pipeline.report.drawing.scene import GREY, INK, Scene
from pipeline.report.first_page.contents import SIGNATURES, Contents
from pipeline.report.pdf.canvas import INNER, MARGIN, Canvas
from pipeline.report.pdf.table import draw_table, lay_out
from pipeline.report.pdf.text import HEAD, facts, lines_height, paragraph, section
from pipeline.report.words.tones import WARN

_GAP = 16.0
_LEFT, _RIGHT = 262.0, INNER - 262.0 - _GAP
"""Widths of the curve and of the controls beside it."""
_BIG, _SMALL = 19.0, 13.0
_SHOWN = 6
"""Exclusions listed here before 'and n more'."""
_SIGN_HEIGHT = 58.0
_LEAST_PLATE = 0.9
"""A plate map is not made smaller than this share of the width."""
_PLATE_WORDS = 26.0
"""Heading and note of the plate map."""
_FIRST_ROWS = 40.0
"""Room below the heading of the samples that is worth beginning their table on this page."""
_HEAD, _LINE = 13.0, 9.0
"""Heights of a small heading, and of a line of small text."""
_BELOW = 7.0
"""Room below the samples."""
_BALANCE = 6
"""Lines below the controls: what was left out, counts, in = out."""


def first_page(canvas: Canvas, said: Contents) -> None:
    """Everything a manager needs, all samples above the lines to sign; what has no room there follows."""
    _head(canvas, said)
    _banner(canvas, said)
    _samples(canvas, said)
    left = [(_curves, _curves_height(canvas, said)), (_plate, _plate_height(said.plate))]
    while left and left[0][1] + _SIGN_HEIGHT <= canvas.room:
        left.pop(0)[0](canvas, said)
    signatures(canvas)
    for draw, height in left:
        canvas.need(height)
        draw(canvas, said)


def _head(canvas: Canvas, said: Contents) -> None:
    view, half = said.view, (INNER - _GAP) / 2
    canvas.pdf.start_section(canvas.say("Verdict"))
    canvas.text(MARGIN, canvas.y + 7, canvas.fit(view.title, INNER, 8), size=8, colour=GREY)
    canvas.text(MARGIN, canvas.y + 26, canvas.fit(view.heading, INNER, 17, bold=True), size=17, bold=True)
    canvas.y += 34
    pairs = [(label, canvas.fit(text, half * 1.3, 6.6)) for label, text in view.identity]
    middle = -(-len(pairs) // 2)
    left = facts(canvas, MARGIN, canvas.y, half, pairs[:middle], label=62)
    right = facts(canvas, MARGIN + half + _GAP, canvas.y, half, pairs[middle:], label=62)
    canvas.y += max(left, right) + 5


def _banner(canvas: Canvas, said: Contents) -> None:
    """The verdict in its colour, with symbol and word, and beside it why and what to do."""
    view, tone = said.view, said.view.word.tone
    with_ = canvas.say(" with ")
    words = view.word.marked.split(with_)
    size = _BIG if len(words) == 1 else _SMALL
    shown = [words[0], *(f"{with_.lstrip()}{rest}" for rest in words[1:])]
    side = max(canvas.width(line, size, bold=True) for line in shown) + 34
    room = INNER - side - 10
    texts = ((canvas.say("Why:"), view.why), (canvas.say("What to do:"), view.action))
    height = sum(lines_height(canvas, text, room, lead=lead) for lead, text in texts) + 14
    canvas.box(MARGIN, canvas.y, (INNER, height), tone.pale)
    canvas.box(MARGIN, canvas.y, (6, height), tone.colour)
    at = canvas.y + height / 2 + size * 0.36 - (len(shown) - 1) * size * 0.6
    for n, line in enumerate(shown):
        place = at + n * size * 1.2
        canvas.text(MARGIN + 18, place, line, size=size, bold=True, colour=tone.text)
    y = canvas.y + 7
    for lead, text in texts:
        y += paragraph(canvas, MARGIN + side, y, room, text, lead=lead)
    canvas.y += height + 8


def _curves_height(canvas: Canvas, said: Contents) -> float:
    """Of curve and controls, a little more rather than less."""
    curves = sum(
        _HEAD + _LEFT * one.scene.height / one.scene.width + _LINE * len(one.warnings) for one in said.curves
    )
    lines = min(len(said.excluded), _SHOWN + 1) + 2 * len(said.beyond) + _BALANCE
    return max(curves, 2 * _HEAD + lay_out(canvas, said.checks, _RIGHT, 6.2).total + _LINE * lines)


def _curves(canvas: Canvas, said: Contents) -> None:
    """The standard curve; beside it controls, exclusions and counts."""
    top = canvas.y
    for curve in said.curves:
        _small_heading(canvas, canvas.put("Standard curve, {antigen}", antigen=curve.antigen))
        canvas.y += canvas.scene(curve.scene, MARGIN, canvas.y, _LEFT) + 2
        notes = [*([curve.failure] if curve.failure else []), *curve.warnings]
        for note in notes:
            canvas.y += paragraph(canvas, MARGIN, canvas.y, _LEFT, f"\u25b2 {note}", size=6.4)
    if not said.curves:
        _small_heading(canvas, "This run has no standard curve.")
    left, canvas.y = canvas.y, top
    x = MARGIN + _LEFT + _GAP
    _small_heading(canvas, "Controls against their limits", x)
    draw_table(canvas, said.checks, x=x, room=_RIGHT, size=6.2)
    canvas.y += 4
    _exclusions(canvas, said, x)
    canvas.y = max(left, canvas.y) + 6


def _small_heading(canvas: Canvas, text: str, x: float = MARGIN) -> None:
    shown = canvas.fit(canvas.say(text), _LEFT, 8, bold=True)
    canvas.text(x, canvas.y + 8, shown, size=8, bold=True, colour=HEAD)
    canvas.y += 13


def _exclusions(canvas: Canvas, said: Contents, x: float) -> None:
    _small_heading(canvas, "Left out, and why", x)
    shown = list(said.excluded[:_SHOWN]) or [said.nothing_left_out]
    if (rest := len(said.excluded) - _SHOWN) > 0:
        shown.append(canvas.say(Message("And {n:n} more, see \u201cWells not used\u201d.", n=rest)))
    for text in shown:
        canvas.y += paragraph(canvas, x, canvas.y, _RIGHT, text, size=6.6)
    if said.beyond:
        canvas.y += 3
        _small_heading(canvas, "In the fit, but beyond the recovery limit", x)
        text = "; ".join(said.beyond)
        canvas.y += paragraph(canvas, x, canvas.y, _RIGHT, text, lead=WARN.symbol, size=6.6, colour=WARN.text)
    canvas.y += 4
    lower = canvas.language.code == "en"  # German nouns keep their capital
    counts = ", ".join(f"{_lowered(label) if lower else label} {count}" for label, count in said.view.counts)
    canvas.y += paragraph(canvas, x, canvas.y, _RIGHT, f"{counts}.", size=6.2, colour=GREY)
    balance = said.view.balance
    colour = balance.tone.text
    canvas.y += paragraph(
        canvas, x, canvas.y, _RIGHT, balance.text, lead=balance.tone.symbol, size=6.6, colour=colour
    )


def _lowered(label: str) -> str:
    return f"{label[0].lower()}{label[1:]}"


def _plate_height(scene: Scene) -> float:
    """Of the map at its smallest, with its words."""
    return _LEAST_PLATE * INNER * scene.height / scene.width + _PLATE_WORDS


def _plate(canvas: Canvas, said: Contents) -> None:
    """The plate, a little smaller where that makes room for the signatures below it."""
    scene = said.plate
    full = INNER * scene.height / scene.width
    share = (canvas.room - _PLATE_WORDS - _SIGN_HEIGHT) / full
    width = INNER * (share if _LEAST_PLATE <= share < 1 else 1.0)
    _small_heading(canvas, "Plate map")
    canvas.y += canvas.scene(scene, MARGIN, canvas.y, width) + 2
    note = canvas.say("Shades show the OD, white low and blue high; \u2716 and a red frame: not used.")
    canvas.text(MARGIN, canvas.y + 6, note, size=6.2, colour=GREY)
    canvas.y += 10


def _samples(canvas: Canvas, said: Contents) -> None:
    section(canvas, "Samples", keep=_FIRST_ROWS)
    draw_table(canvas, said.samples)
    if said.classes:
        text = ", ".join(f"{count} \u00d7 {name}" for name, count in said.classes)
        canvas.y += 2 + paragraph(canvas, MARGIN, canvas.y + 2, INNER, f"{text}.", size=6.6, colour=GREY)
    canvas.y += _BELOW


def signatures(canvas: Canvas) -> None:
    """Lines to write on: name and signature, and the date."""
    canvas.need(_SIGN_HEIGHT)
    canvas.y += 12
    for who in SIGNATURES:
        canvas.y += 20
        canvas.text(MARGIN, canvas.y, canvas.say(who), size=7.5, bold=True)
        canvas.line([(MARGIN + 62, canvas.y + 1), (MARGIN + 350, canvas.y + 1)], INK, 0.6)
        date = canvas.say("Date")
        canvas.text(MARGIN + 366, canvas.y, date, size=7.5, bold=True)
        start = MARGIN + max(392.0, 370 + canvas.width(date, 7.5, bold=True))
        canvas.line([(start, canvas.y + 1), (MARGIN + INNER, canvas.y + 1)], INK, 0.6)
    canvas.y += 8
