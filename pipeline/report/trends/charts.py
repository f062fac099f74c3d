"""Levey-Jennings charts as scenes: values over runs, mean and 1, 2, 3 SD; marks differ in shape and word."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.compute.past.run_events import RunEvent
from pipeline.compute.past.trends import Trend
from pipeline.compute.past.westgard import WestgardRule
from pipeline.domain.history import PastRun
from pipeline.report.drawing.scene import GREY, INK, RULE, Drawing, MarkShape, Scale, Scene
from pipeline.report.trends.flags import draw_flags, event_flags, height_of
from pipeline.report.trends.names import Names
from pipeline.report.trends.words import CLOSE, shown_value, shown_z
from pipeline.report.words.text import short, visible
from pipeline.report.words.tones import FAIL, NEUTRAL, WARN

LARGE, SMALL = (930.0, 320.0), (456.0, 240.0)
_HEADROOM = 24.0
"""Between frame and farthest values, for the names of rules."""
_HIGHEST_Z = 5.0
"""Values farther out are drawn at the edge, with their z."""
_LINES: tuple[tuple[int, float, bool], ...] = ((1, 0.7, False), (2, 0.9, True), (3, 1.3, False))
"""SD, width and dash of the lines beside the mean."""
_DATE_WIDTH = 92.0
_LEFT, _RIGHT, _ABOVE, _BELOW = 66.0, 52.0, 18.0, 34.0
"""Around the frame: values, names of the lines, marks of missing runs, days."""
_ORDER = {rule: n for n, rule in enumerate(WestgardRule)}


@dataclass(frozen=True, slots=True)
class PointStyle:
    """Mark of one kind of point, and its word in the legend."""

    shape: MarkShape
    colour: str
    word: str


IN_CONTROL = PointStyle("circle", NEUTRAL.colour, "within its limits")
WARNED = PointStyle("triangle", WARN.text, "1-2s, a warning")
BROKEN = PointStyle("diamond", FAIL.colour, "breaks the rule written beside it")
REJECTED = PointStyle("cross", GREY, "run rejected by QC; never part of the limits")
MISSING = PointStyle("square", GREY, "no value in this run")
LEGEND = (IN_CONTROL, WARNED, BROKEN, REJECTED, MISSING)


@dataclass(frozen=True, slots=True)
class _TrendAxes:
    """Runs and values to pixels; the frame's edges."""

    x: Scale
    y: Scale
    left: float
    right: float
    top: float
    bottom: float


def trend_scene(
    trend: Trend,
    runs: Sequence[PastRun],
    first: int,
    size: tuple[float, float],
    events: Sequence[RunEvent] = (),
) -> Scene:
    """One chart from run ``first`` on.

    Args:
        trend: the values of all runs.
        runs: of the history, as many.
        first: index of the first run drawn.
        size: width and height in pixels; the words of events add to the height.
        events: of the history; those that do not concern this chart are left out.
    """
    drawing = Drawing()
    mine = [one for one in events if one.concerns(trend.key.name)]
    flags = event_flags(mine, first, _across(trend, first, size))
    axes = _axes(trend, first, size, height_of(flags))
    _reference(drawing, axes, trend, runs, first)
    _limits(drawing, axes, trend)
    _dates(drawing, axes, runs, first)
    draw_flags(drawing, flags, axes.top, axes.bottom)
    for stretch in _stretches(trend, first):
        places = ((axes.x.at(n), _height(axes, trend, n)) for n in stretch)
        drawing.line(places, "#9AA5AD", 1.0)
    _gaps(drawing, axes, trend, runs, first)
    _points(drawing, axes, trend, runs, first)
    drawing.line([(axes.left, axes.top), (axes.left, axes.bottom), (axes.right, axes.bottom)], GREY)
    name = visible(trend.key.label)
    description = f"Control chart of {name}: {len(runs) - first} runs"
    return drawing.scene(size[0], axes.bottom + _BELOW, description)


def _across(trend: Trend, first: int, size: tuple[float, float]) -> Scale:
    """Index of a run to its place."""
    last = max(len(trend.chart.values) - 1, first)
    return Scale(first - 0.5, last + 0.5, _LEFT + 6, size[0] - _RIGHT - 6)


def _axes(trend: Trend, first: int, size: tuple[float, float], words: float) -> _TrendAxes:
    """``words``: height that the words of events take above the frame."""
    top, bottom = _ABOVE + words, size[1] + words - _BELOW
    low, high = _extent(trend, first)
    y = Scale(low, high, bottom - _HEADROOM, top + _HEADROOM)
    return _TrendAxes(_across(trend, first, size), y, _LEFT, size[0] - _RIGHT, top, bottom)


def _extent(trend: Trend, first: int) -> tuple[float, float]:
    """The mean and 3.6 SD, farther where values lie, never beyond 5 SD."""
    values = [value for value in trend.chart.values[first:] if value is not None]
    mean, sd = trend.chart.baseline.mean, trend.chart.baseline.sd
    if mean is None or sd is None:
        low, high = min(values, default=0.0), max(values, default=1.0)
        margin = 0.1 * (high - low) or 0.1
        return low - margin, high + margin
    farthest = max((abs(value - mean) / sd for value in values), default=0.0)
    reach = sd * min(max(3.6, farthest), _HIGHEST_Z)
    return mean - reach, mean + reach


def _reference(drawing: Drawing, axes: _TrendAxes, trend: Trend, runs: Sequence[PastRun], first: int) -> None:
    """Shade the runs that set the limits."""
    usable = (n for n, value in enumerate(trend.chart.values) if value is not None and not runs[n].rejected)
    reference = [n for n in itertools.islice(usable, trend.chart.baseline.n) if n >= first]
    if not reference:
        return
    start, end = axes.x.at(reference[0] - 0.5), axes.x.at(reference[-1] + 0.5)
    drawing.box(start, axes.top, (end - start, axes.bottom - axes.top), "#EFF3F6")
    base = trend.chart.baseline
    text = f"provisional: only {base.n} runs" if base.provisional else f"reference: {base.n} runs"
    colour = INK if base.provisional else GREY
    drawing.label(start + 4, axes.bottom - 5, text, size=9, colour=colour, bold=base.provisional)


def _limits(drawing: Drawing, axes: _TrendAxes, trend: Trend) -> None:
    base = trend.chart.baseline
    if base.mean is None:
        _range(drawing, axes, trend)
        return
    _level(drawing, axes, trend, base.mean, "mean")
    drawing.line([(axes.left, axes.y.at(base.mean)), (axes.right, axes.y.at(base.mean))], INK, 1.4)
    if base.sd is None:
        return
    for (sds, width, dash), sign in itertools.product(_LINES, (1, -1)):
        level = base.mean + sign * sds * base.sd
        at = axes.y.at(level)
        drawing.line([(axes.left, at), (axes.right, at)], GREY if sds > 1 else RULE, width, dash=dash)
        _level(drawing, axes, trend, level, f"{shown_z(sign * sds)[:-2]} SD")


def _range(drawing: Drawing, axes: _TrendAxes, trend: Trend) -> None:
    """Without limits, the lowest and highest value and their middle: a chart without numbers says nothing."""
    drawn = [
        value for value in trend.chart.values if value is not None and axes.y.low <= value <= axes.y.high
    ]
    low, high = min(drawn, default=axes.y.low), max(drawn, default=axes.y.low)
    words = {low: "lowest", (low + high) / 2: "", high: "highest"} if low < high else {low: ""}
    for level, word in words.items():
        at = axes.y.at(level)
        drawing.line([(axes.left, at), (axes.right, at)], RULE, 0.7)
        _level(drawing, axes, trend, level, word)


def _level(drawing: Drawing, axes: _TrendAxes, trend: Trend, level: float, text: str) -> None:
    at = axes.y.at(level) + 3.5
    drawing.label(axes.right + 5, at, text, size=9.5, colour=GREY)
    value = shown_value(level, trend.key.measure)
    drawing.label(axes.left - 6, at, value, size=9.5, anchor="end", colour=GREY)


def _dates(drawing: Drawing, axes: _TrendAxes, runs: Sequence[PastRun], first: int) -> None:
    """Days of as many runs as have room."""
    count = len(runs) - first
    room = max(int((axes.right - axes.left) // _DATE_WIDTH), 1)
    for n in range(first, len(runs), max(-(-count // room), 1)):
        at = axes.x.at(n)
        drawing.line([(at, axes.bottom), (at, axes.bottom + 4)], GREY)
        day = short(visible(runs[n].processed_at[:10]), 10)
        drawing.label(at, axes.bottom + 16, day, size=9.5, anchor="middle", colour=GREY)


def _stretches(trend: Trend, first: int) -> Iterator[list[int]]:
    """Successive runs with a value: the line is not drawn across a gap."""
    numbered = range(first, len(trend.chart.values))
    for present, group in itertools.groupby(numbered, lambda n: trend.chart.values[n] is not None):
        if present:
            yield list(group)


def _height(axes: _TrendAxes, trend: Trend, n: int) -> float:
    value = trend.chart.values[n] or 0.0
    return axes.y.at(min(max(value, axes.y.low), axes.y.high))


def rules_by_run(trend: Trend) -> Mapping[int, tuple[WestgardRule, ...]]:
    """Rules that each run of a chart breaks; 1-2s only where no stronger one does."""
    found: dict[int, set[WestgardRule]] = {}
    for one in trend.violations:
        found.setdefault(one.run, set()).add(one.rule)
    return {run: tuple(sorted(_strongest(rules), key=_ORDER.__getitem__)) for run, rules in found.items()}


def _strongest(rules: set[WestgardRule]) -> set[WestgardRule]:
    return {rule for rule in rules if not rule.warning} or rules


def _points(drawing: Drawing, axes: _TrendAxes, trend: Trend, runs: Sequence[PastRun], first: int) -> None:
    broken = rules_by_run(trend)
    present = [n for n in range(first, len(runs)) if trend.chart.values[n] is not None]
    places = {n: (axes.x.at(n), _height(axes, trend, n)) for n in present}
    names = Names(axes.left, axes.right, axes.top, axes.bottom, list(places.values()))
    last: dict[tuple[WestgardRule, bool], int] = {}
    before = 0
    for n, at in places.items():
        rules, beyond = broken.get(n, ()), _beyond(axes, trend, n)
        look, title = _look(runs[n], rules), _title(trend, runs[n], n, rules)
        drawing.mark(at, look.shape, look.colour, size=8 if rules or runs[n].rejected else 6, title=title)
        above = (trend.chart.z[n] or 0.0) > 0
        fresh = [rule for rule in rules if n - last.get((rule, above), -CLOSE - 1) > CLOSE]
        names.put(drawing, at, _text(fresh, trend.chart.z[n] if beyond not in (0, before) else None))
        last.update({(rule, above): n for rule in rules})
        before = beyond


def _gaps(drawing: Drawing, axes: _TrendAxes, trend: Trend, runs: Sequence[PastRun], first: int) -> None:
    """A mark for each run that has no value and a reason for it."""
    for n in range(first, len(runs)):
        reason = trend.reasons[n]
        if trend.chart.values[n] is None and reason is not None:
            _missing(drawing, axes, runs[n], n, reason)


def _look(run: PastRun, rules: Sequence[WestgardRule]) -> PointStyle:
    if run.rejected:
        return REJECTED
    if not rules:
        return IN_CONTROL
    return WARNED if all(rule.warning for rule in rules) else BROKEN


def _text(rules: Sequence[WestgardRule], z: float | None) -> str:
    """The rules that this run is the first to break, and its z where it is the first outside the frame."""
    far = [] if z is None else [f"z {shown_z(z)}"]
    return " ".join([", ".join(rule.value for rule in rules), *far]).strip()


def _beyond(axes: _TrendAxes, trend: Trend, n: int) -> int:
    """1 above the frame, -1 below it, 0 inside."""
    value = trend.chart.values[n] or 0.0
    return (value > axes.y.high) - (value < axes.y.low)


def _missing(drawing: Drawing, axes: _TrendAxes, run: PastRun, n: int, reason: str) -> None:
    at = (axes.x.at(n), axes.top + 2)
    title = f"{visible(run.id)}: no value, {visible(reason)}"
    drawing.mark(at, MISSING.shape, MISSING.colour, size=6, filled=False, title=title)


def _title(trend: Trend, run: PastRun, n: int, rules: Sequence[WestgardRule]) -> str:
    value, z = trend.chart.values[n] or 0.0, trend.chart.z[n]
    parts = [visible(run.id), shown_value(value, trend.key.measure)]
    parts += [] if z is None else [f"z {shown_z(z)}"]
    parts += ["run rejected"] if run.rejected else []
    return ", ".join([*parts, *(rule.value for rule in rules)])


def legend_scene() -> Scene:
    """What the marks mean."""
    drawing = Drawing()
    at = 8.0
    for look in LEGEND:
        drawing.mark((at + 5, 14), look.shape, look.colour, size=8, filled=look is not MISSING)
        drawing.label(at + 15, 18, look.word, size=11)
        at += 34 + 5.9 * len(look.word)
    return drawing.scene(max(at, LARGE[0]), 28, "Legend of the control charts")
