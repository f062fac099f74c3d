"""All drawings of a run as scenes: standard curves here, dilution curves and plate map beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from pipeline.domain.curve_results import CalibratorResult, CurveFit
from pipeline.domain.message import Message
from pipeline.domain.record import RunRecord
from pipeline.report.drawing.axes import TICK_SIZE, Frame, od_label, od_scale, x_axis, y_axis
from pipeline.report.drawing.dilution_charts import (
    PANEL_SIZE,
    dilution_scene,
    dilutions_scene,
    has_curve,
    legend_entries,
    legend_scene,
    main_antigen,
    series,
    top_od,
)
from pipeline.report.drawing.platemap import plate_scene
from pipeline.report.drawing.scene import GREY, INK, RULE, Anchor, Drawing, Scale, Scene, SceneLabel
from pipeline.report.language import Given, language_of, pieces
from pipeline.report.tables.recovery import beyond_recovery
from pipeline.report.tables.results import level_name
from pipeline.report.words.text import short, visible
from pipeline.report.words.tones import FAIL, NEUTRAL, PASS, WARN, Format, number

__all__ = [
    "CURVE_SIZE",
    "PANEL_SIZE",
    "Scenes",
    "curve_scene",
    "dilution_scene",
    "dilutions_scene",
    "has_curve",
    "legend_entries",
    "legend_scene",
    "main_antigen",
    "od_label",
    "plate_scene",
    "scenes_of",
    "series",
    "top_od",
]

CURVE_SIZE = (480.0, 300.0)
_ZERO_STRIP = 56.0
"""Width of the broken left edge on which a zero standard stands."""


@dataclass(frozen=True)
class Scenes:
    """The drawings of one run; each is made when it is first asked for, and once."""

    record: RunRecord

    @cached_property
    def curves(self) -> tuple[Scene, ...]:
        """One a standard curve."""
        return tuple(curve_scene(self.record, fit) for fit in self.record.curves)

    @cached_property
    def samples(self) -> tuple[Scene | None, ...]:
        """One a sample; None for a sample with a single dilution: a curve of one point shows nothing."""
        found = self.record.samples
        return tuple(dilution_scene(self.record, one) if has_curve(one) else None for one in found)

    @cached_property
    def legend(self) -> Scene:
        """Of the dilution curves."""
        return legend_scene(self.record)

    @cached_property
    def dilutions(self) -> Scene:
        """The dilution curves of all samples in one picture."""
        return dilutions_scene(self.record)

    @cached_property
    def plate(self) -> Scene:
        """The plate map."""
        return plate_scene(self.record)


def scenes_of(record: RunRecord) -> Scenes:
    """The drawings of a run, to be handed to every report of it."""
    return Scenes(record)


def curve_scene(record: RunRecord, fit: CurveFit) -> Scene:
    """Points of each well, the fitted line, the working range and its limits."""
    width, height = CURVE_SIZE
    drawing = Drawing(language_of(record))
    frame = Frame(58, width - 24, 30, height - 48)
    zero = [level for level in fit.calibrators if level.nominal <= 0 and level.ods]
    x = _x_scale(fit, frame.left + (_ZERO_STRIP if zero else 0), frame.right)
    y = od_scale(_curve_ods(fit), frame)
    _working_range(drawing, fit, x, frame)
    y_axis(drawing, y, frame, od_label(record))
    ticks = [(tick, number(tick, Format.GENERAL)) for tick in x.ticks()]
    if zero:
        _zero_edge(drawing, frame)
    unit = short(visible(fit.range.unit), 20)
    words = (
        "Calibrator value ({unit}), log scale"
        if fit.calibrators
        else "Titer over dilution ({unit}), log scale"
    )
    x_axis(drawing, x, frame, ticks, Message(words, unit=unit))
    _curve_line(drawing, fit, x, y, frame)
    if fit.failure is not None:
        _no_curve(drawing, frame)
    beyond = beyond_recovery(record, fit)
    for level in fit.calibrators:
        at = x.at(level.nominal) if level.nominal > 0 else frame.left + _ZERO_STRIP * 0.7
        _calibrator(drawing, level, at, y, beyond=beyond.get(level.level))
    if beyond:
        _beyond_legend(drawing, frame)
    return drawing.scene(width, height, _curve_description(fit))


def _no_curve(drawing: Drawing, frame: Frame) -> None:
    words = "No curve could be fitted"
    drawing.label(frame.middle, frame.top + 24, words, size=14, anchor="middle", colour=FAIL.text, bold=True)


def _curve_description(fit: CurveFit) -> str:
    template = (
        "Standard curve, {antigen}: OD of every calibrator well against its value, no curve could be fitted"
        if fit.failure
        else "Standard curve, {antigen}: OD of every calibrator well against its value, with the fitted line "
        "and the working range"
    )
    return Message(template, antigen=fit.antigen)


def _curve_ods(fit: CurveFit) -> list[float]:
    return [od for level in fit.calibrators for od in level.ods] + [od for _, od in fit.line]


def _x_scale(fit: CurveFit, start: float, end: float) -> Scale:
    values = [level.nominal for level in fit.calibrators] + [at for at, _ in fit.line]
    positive = [value for value in values if value > 0] or [1.0]
    return Scale(min(positive) / 1.5, max(positive) * 1.5, start, end, log=True)


def _zero_edge(drawing: Drawing, frame: Frame) -> None:
    """The zero standard has no place on a log axis: it stands left of a break in the axis."""
    at, edge = frame.left + _ZERO_STRIP * 0.7, frame.left + _ZERO_STRIP
    drawing.label(at, frame.bottom + 17, "0", size=TICK_SIZE, anchor="middle", colour=GREY)
    drawing.line([(edge, frame.top), (edge, frame.bottom)], RULE, 1.0, dash=True)
    for shift in (-3, 2):
        drawing.line([(edge + shift - 2, frame.bottom + 5), (edge + shift + 2, frame.bottom - 5)], GREY, 1.2)


def _working_range(drawing: Drawing, fit: CurveFit, x: Scale, frame: Frame) -> None:
    low, high = fit.range.lloq, fit.range.uloq
    if low is None or high is None or low <= 0:
        return
    size = (x.at(high) - x.at(low), frame.bottom - frame.top)
    drawing.box(x.at(low), frame.top, size, PASS.pale)
    ends: tuple[tuple[str, float, Anchor], ...] = (("LLOQ", low, "start"), ("ULOQ", high, "end"))
    for name, value, anchor in ends:
        drawing.line([(x.at(value), frame.top), (x.at(value), frame.bottom)], PASS.text, 1.2, dash=True)
        text, at = Message("{name:t} {n:n}", name=name, n=number(value, Format.TITER)), round(x.at(value), 1)
        heights = (frame.top - 7, frame.top - 19)
        drawing.place(SceneLabel(at, height, text, 10, anchor, PASS.text) for height in heights)


def _curve_line(drawing: Drawing, fit: CurveFit, x: Scale, y: Scale, frame: Frame) -> None:
    drawing.line([(x.at(at), y.at(od)) for at, od in fit.line if at > 0], INK, 1.8)
    zero = [od for at, od in fit.line if at <= 0]
    if zero and x.start > frame.left:
        drawing.line([(x.start - 36, y.at(zero[0])), (x.start - 6, y.at(zero[0]))], INK, 1.8)


def _beyond_legend(drawing: Drawing, frame: Frame) -> None:
    """What the triangles mean, in a corner that no label has taken."""
    text, size = "\u25b2 beyond its recovery limit", 10.0
    left, right, low = frame.left + 8, frame.right - 6, frame.bottom - 8
    corners: tuple[tuple[float, float, Anchor], ...] = (
        *((right, low, "end"), (left, frame.top + 14, "start"), (right, frame.top + 14, "end")),
        (left, frame.top + 30, "start"),
    )
    drawing.place(SceneLabel(x, y, text, size, anchor, WARN.text, bold=True) for x, y, anchor in corners)


def _calibrator(
    drawing: Drawing, level: CalibratorResult, at: float, y: Scale, *, beyond: str | None
) -> None:
    """A dot a well; a cross where the level was left out, a triangle where it is not recovered."""
    for od in level.ods:
        why = level.reason or beyond
        reason = (", ", why) if why else ()
        title = pieces(level_name(level), ": OD ", number(od, Format.OD), *reason)
        if level.used and beyond is not None:
            drawing.mark((at, y.at(od)), "triangle", WARN.colour, size=8, title=title)
        elif level.used:
            drawing.mark((at, y.at(od)), "circle", NEUTRAL.colour, title=title)
        else:
            drawing.mark((at, y.at(od)), "cross", FAIL.colour, size=8, title=title)
    if level.ods:
        drawing.place(_names(level, at, y, beyond=beyond is not None))


def _names(level: CalibratorResult, at: float, y: Scale, *, beyond: bool) -> Iterator[SceneLabel]:
    """Places for the name of a level, best first: beside its highest point, then beside its lowest."""
    name = level_name(level)
    shown = Given(short(visible(name), 10)) if isinstance(name, Given) else name
    tone = FAIL if not level.used else WARN if beyond else None
    text = shown if tone is None else pieces(shown, " ", tone.symbol)
    colour = GREY if tone is None else tone.text
    above, below = y.at(max(level.ods)), y.at(min(level.ods))
    places: tuple[tuple[float, float, Anchor], ...] = (
        *((at - 7, above - 4, "end"), (at + 7, below + 12, "start")),
        *((at, above - 10, "middle"), (at, above - 22, "middle")),
    )
    for x, height, anchor in places:
        yield SceneLabel(round(x, 1), round(height, 1), text, 9, anchor, colour, bold=tone is not None)
