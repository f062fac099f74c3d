"""The course of a patient's titer as a picture: intervals, bounds as arrows, the fall to be marked."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import matplotlib as mpl

from pipeline.domain.codes.qualifier import Qualifier
from pipeline.report.drawing.figures import paint
from pipeline.report.drawing.scene import GREY, RULE, Drawing, Scale, Scene
from pipeline.report.words.text import short, visible
from pipeline.report.words.tones import Format, number
from pipeline.runs.follow_up import Compared, FollowUp, Visit

WIDTH, HEIGHT = 760.0, 430.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 84.0, WIDTH - 20.0, 44.0, HEIGHT - 84.0
_BLUE, _VERMILLION, _GREEN = "#0072B2", "#D55E00", "#009E73"
"""Okabe-Ito; a measured titer is also a circle, a bound a diamond with an arrow, the fall a dashed line."""
_ARROW, _CAP = 26.0, 4.0
_TICKS = 7
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120)
_LEAST_DAYS = 20
_NO_DAY = date(2000, 1, 1).toordinal()
"""Where no visit has a date there is nothing to draw, but still a picture."""
_DPI = 144
_LONGEST_NOTE = 160
"""Characters in the width of the picture."""


@dataclass(frozen=True, slots=True)
class _CourseAxes:
    """Days and titers to pixels."""

    x: Scale
    y: Scale


def follow_up_chart(found: FollowUp, kind: str) -> bytes:
    """Draw the course as ``svg`` or ``png``; the same bytes for the same visits."""
    buffer = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "titerline"}):
        scene = course_scene(found)
        metadata = {"Title": scene.description, "Date" if kind == "svg" else "Software": None}
        paint(scene).savefig(buffer, format=kind, dpi=_DPI, metadata=metadata)
    return buffer.getvalue()


def course_scene(found: FollowUp) -> Scene:
    """Titer on a log scale over the days of the visits."""
    drawing = Drawing()
    axes = _CourseAxes(_days(found.visits), _titers(found))
    code = short(visible(found.request.patient_code), 40)
    drawing.label(_LEFT, 22, f"{code}: {found.assay}, titer in {found.unit}, log scale", size=12, bold=True)
    _grid(drawing, axes)
    _fall_line(drawing, axes, found)
    for compared in found.visits:
        _visit(drawing, axes, compared.visit)
    _name_baseline(drawing, axes, found.baseline)
    _legend(drawing, found)
    if found.note is not None:
        drawing.label(_LEFT, HEIGHT - 7, short(visible(found.note), _LONGEST_NOTE), size=8, colour=GREY)
    return drawing.scene(WIDTH, HEIGHT, f"Titer of patient {code} over {len(found.visits)} visits")


def _drawn(visits: Sequence[Compared]) -> list[Visit]:
    return [compared.visit for compared in visits if compared.visit.not_used is None]


def _days(visits: Sequence[Compared]) -> Scale:
    days = [c.visit.day.toordinal() for c in visits if c.visit.day is not None] or [_NO_DAY]
    margin = max((max(days) - min(days)) * 0.06, _LEAST_DAYS)
    return Scale(min(days) - margin, max(days) + margin, _LEFT, _RIGHT)


def _titers(found: FollowUp) -> Scale:
    values = [value for visit in _drawn(found.visits) for value in _extent(visit)]
    line = _fallen(found)
    values = [*values, line] if line is not None else values
    low, high = min(values, default=100.0), max(values, default=10_000.0)
    return Scale(low / 1.6, high * 1.6, _BOTTOM, _TOP, log=True)


def _extent(visit: Visit) -> list[float]:
    ends = visit.titer.ci95 or ()
    return [value for value in (visit.titer.value, *ends) if value is not None and value > 0]


def _fallen(found: FollowUp) -> float | None:
    """Titer at which the fall is reached; none below a baseline that is itself only ``<``."""
    titer = None if found.baseline is None else found.baseline.titer
    if titer is None or titer.value is None or titer.qualifier is Qualifier.BELOW:
        return None
    return titer.value * (1 - found.request.fall_percent / 100)


def _grid(drawing: Drawing, axes: _CourseAxes) -> None:
    for tick in axes.y.ticks():
        at = axes.y.at(tick)
        drawing.line([(_LEFT, at), (_RIGHT, at)], RULE, 0.7)
        drawing.label(_LEFT - 7, at + 4, number(tick, Format.TITER), size=10, anchor="end", colour=GREY)
    drawing.line([(_LEFT, _TOP), (_LEFT, _BOTTOM), (_RIGHT, _BOTTOM)], GREY)
    for day in _month_ticks(axes.x):
        at = axes.x.at(day.toordinal())
        drawing.line([(at, _BOTTOM), (at, _BOTTOM + 4)], GREY)
        drawing.label(at, _BOTTOM + 17, f"{day:%Y-%m}", size=10, anchor="middle", colour=GREY)


def _month_ticks(x: Scale) -> list[date]:
    """First days of months inside the scale, as many as have room."""
    first, last = date.fromordinal(int(x.low) + 1), date.fromordinal(int(x.high))
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    for step in _MONTHS:
        found = [date(month // 12, month % 12 + 1, 1) for month in months if month % step == 0]
        inside = [day for day in found if first <= day <= last]
        if len(inside) <= _TICKS:
            return inside or [first + timedelta(days=(last - first).days // 2)]
    return [first, last]


def _fall_line(drawing: Drawing, axes: _CourseAxes, found: FollowUp) -> None:
    level = _fallen(found)
    if level is None:
        return
    at = axes.y.at(level)
    bound = found.baseline is not None and found.baseline.titer.qualifier is Qualifier.AT_LEAST
    text = f"{found.request.fall_percent:g} % below baseline" + (" or more" if bound else "")
    drawing.line([(_LEFT, at), (_RIGHT, at)], _GREEN, 1.4, dash=True)
    drawing.label(_RIGHT - 4, at - 6, text, size=10, anchor="end", colour="#00593F")


def _visit(drawing: Drawing, axes: _CourseAxes, visit: Visit) -> None:
    if visit.day is None:
        return
    x = axes.x.at(visit.day.toordinal())
    if visit.not_used is not None or visit.titer.value is None:
        drawing.mark((x, _BOTTOM - 8), "cross", GREY, size=8)
        return
    y = axes.y.at(visit.titer.value)
    if visit.titer.qualifier.means.side is not None:
        _arrow(drawing, (x, y), -1 if visit.titer.qualifier is Qualifier.AT_LEAST else 1)
        drawing.mark((x, y), "diamond", _VERMILLION, size=8)
        return
    _bar(drawing, axes, x, visit)
    drawing.mark((x, y), "circle", _BLUE, size=8)


def _name_baseline(drawing: Drawing, axes: _CourseAxes, baseline: Visit | None) -> None:
    if baseline is None or baseline.day is None or baseline.titer.value is None:
        return
    x, y = axes.x.at(baseline.day.toordinal()), axes.y.at(baseline.titer.value)
    drawing.label(x + 9, y + 4, "baseline", size=10, colour=GREY)


def _bar(drawing: Drawing, axes: _CourseAxes, x: float, visit: Visit) -> None:
    """The 95 % interval; an open end reaches the frame and has no cap."""
    if visit.titer.ci95 is None:
        return
    low, high = visit.titer.ci95
    bottom = _BOTTOM if low is None or low <= 0 else axes.y.at(low)
    top = _TOP if high is None else axes.y.at(high)
    drawing.line([(x, bottom), (x, top)], _BLUE, 1.6)
    for end in (bottom, top):
        if end not in (_BOTTOM, _TOP):
            drawing.line([(x - _CAP, end), (x + _CAP, end)], _BLUE, 1.6)


def _arrow(drawing: Drawing, at: tuple[float, float], direction: int) -> None:
    """From the bound to where the titer lies; y runs downwards."""
    x, y = at
    tip = y + direction * _ARROW
    back = tip - direction * 7
    drawing.line([(x, y), (x, tip)], _VERMILLION, 1.6)
    drawing.line([(x - 5, back), (x, tip), (x + 5, back)], _VERMILLION, 1.6)


def _legend(drawing: Drawing, found: FollowUp) -> None:
    """Only what the picture shows."""
    drawn = _drawn(found.visits)
    y, x = HEIGHT - 26.0, _LEFT
    if any(visit.titer.qualifier is Qualifier.MEASURED for visit in drawn):
        drawing.mark((x + 5, y - 4), "circle", _BLUE, size=8)
        drawing.label(x + 15, y, "titer with 95 % interval", size=10)
        x += 170
    if any(visit.titer.qualifier.means.side is not None for visit in drawn):
        drawing.mark((x + 5, y - 4), "diamond", _VERMILLION, size=8)
        drawing.label(x + 15, y, "bound: the titer lies beyond", size=10)
        x += 195
    if len(drawn) < len(found.visits):
        drawing.mark((x + 5, y - 4), "cross", GREY, size=8)
        drawing.label(x + 15, y, "visit without a titer to compare", size=10)
