"""Standard curve and dilution curves as scenes. Pure geometry from the record's numbers."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipeline.domain.record import RunRecord
from pipeline.domain.results import CalibratorResult, CurveFit, DilutionResult, SampleResult
from pipeline.report.scene import GREY, INK, RULE, Anchor, Drawing, Scale, Scene, Shape
from pipeline.report.text import short
from pipeline.report.words import FAIL, NEUTRAL, PASS, Format, class_word, number, show

CURVE_SIZE = (660.0, 400.0)
PANEL_SIZE = (300.0, 200.0)
_PANELS_PER_ROW = 4
_LEGEND_HEIGHT = 30.0
_ZERO_STRIP = 64.0
"""Width of the broken left edge on which a zero standard stands."""

_STYLES: tuple[tuple[Shape, str], ...] = (
    ("circle", "#0072B2"),
    ("square", "#D55E00"),
    ("triangle", "#009E73"),
    ("diamond", "#CC79A7"),
)
"""Antigen, antigen-negative, HNK1, any other coating."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """The plotting area in pixels."""

    left: float
    right: float
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Series:
    """One coating: its name on the plate, its words and its look."""

    antigen: str
    label: str
    shape: Shape
    colour: str


def od_label(record: RunRecord) -> str:
    """What the OD axis shows, with its wavelengths."""
    main, reference = record.reading.wavelength_nm, record.reading.reference_wavelength_nm
    if main is None:
        return "OD"
    minus = f" \u2212 {reference:g} nm" if reference is not None else " nm"
    return f"OD ({main:g}{minus})"


def curve_scene(record: RunRecord, fit: CurveFit) -> Scene:
    """Points of each well, the fitted line, the working range and its limits."""
    width, height = CURVE_SIZE
    drawing = Drawing()
    frame = _Frame(62, width - 18, 26, height - 54)
    zero = [level for level in fit.calibrators if level.nominal <= 0 and level.ods]
    x = _x_scale(fit, frame.left + (_ZERO_STRIP if zero else 0), frame.right)
    y = _y_scale(_curve_ods(fit), frame)
    _working_range(drawing, fit, x, frame)
    _y_axis(drawing, y, frame, od_label(record))
    _x_axis(drawing, x, frame, [number(tick, Format.GENERAL) for tick in x.ticks()], x.ticks())
    middle = (frame.left + frame.right) / 2
    drawing.label(middle, height - 10, f"Calibrator value ({fit.range.unit}), log scale", anchor="middle")
    if zero:
        _zero_edge(drawing, frame)
    _curve_line(drawing, fit, x, y, frame)
    for level in fit.calibrators:
        at = x.at(level.nominal) if level.nominal > 0 else frame.left + _ZERO_STRIP * 0.7
        _calibrator(drawing, level, at, y)
    if fit.failure is not None:
        drawing.label(
            middle,
            frame.top + 24,
            "No curve could be fitted",
            size=14,
            anchor="middle",
            colour=FAIL.text,
            bold=True,
        )
    return drawing.scene(width, height, _curve_description(fit))


def _curve_description(fit: CurveFit) -> str:
    what = "no curve could be fitted" if fit.failure else "with the fitted line and the working range"
    return f"Standard curve, {fit.antigen}: OD of every calibrator well against its value, {what}"


def _curve_ods(fit: CurveFit) -> list[float]:
    return [od for level in fit.calibrators for od in level.ods] + [od for _, od in fit.line]


def _x_scale(fit: CurveFit, start: float, end: float) -> Scale:
    values = [level.nominal for level in fit.calibrators] + [at for at, _ in fit.line]
    positive = [value for value in values if value > 0] or [1.0]
    return Scale(min(positive) / 1.5, max(positive) * 1.5, start, end, log=True)


def _y_scale(ods: list[float], frame: _Frame) -> Scale:
    low, high = min([0.0, *ods]), max([0.1, *ods])
    return Scale(low * 1.1, high * 1.08, frame.bottom, frame.top)


def _y_axis(drawing: Drawing, y: Scale, frame: _Frame, title: str) -> None:
    ticks = y.ticks()
    decimals = max(1, -math.floor(math.log10(ticks[1] - ticks[0])))
    for tick in ticks:
        drawing.line([(frame.left, y.at(tick)), (frame.right, y.at(tick))], RULE, 0.7)
        drawing.label(
            frame.left - 6, y.at(tick) + 4, f"{tick:.{decimals}f}", size=10, anchor="end", colour=GREY
        )
    drawing.line([(frame.left, frame.top), (frame.left, frame.bottom)], GREY)
    if title:
        drawing.label(frame.left - 42, (frame.top + frame.bottom) / 2, title, anchor="middle", turned=True)


def _x_axis(drawing: Drawing, x: Scale, frame: _Frame, texts: list[str], ticks: list[float]) -> None:
    drawing.line([(frame.left, frame.bottom), (frame.right, frame.bottom)], GREY)
    for tick, text in zip(ticks, texts, strict=True):
        drawing.line([(x.at(tick), frame.bottom), (x.at(tick), frame.bottom + 4)], GREY)
        drawing.label(x.at(tick), frame.bottom + 17, text, size=10, anchor="middle", colour=GREY)


def _zero_edge(drawing: Drawing, frame: _Frame) -> None:
    """The zero standard has no place on a log axis: it stands left of a break in the axis."""
    at, edge = frame.left + _ZERO_STRIP * 0.7, frame.left + _ZERO_STRIP
    drawing.label(at, frame.bottom + 17, "0", size=10, anchor="middle", colour=GREY)
    drawing.line([(edge, frame.top), (edge, frame.bottom)], RULE, 1.0, dash=True)
    for shift in (-3, 2):
        drawing.line([(edge + shift - 2, frame.bottom + 5), (edge + shift + 2, frame.bottom - 5)], GREY, 1.2)


def _working_range(drawing: Drawing, fit: CurveFit, x: Scale, frame: _Frame) -> None:
    low, high = fit.range.lloq, fit.range.uloq
    if low is None or high is None or low <= 0:
        return
    size = (x.at(high) - x.at(low), frame.bottom - frame.top)
    drawing.box(x.at(low), frame.top, size, PASS.pale)
    ends: tuple[tuple[str, float, Anchor], ...] = (("LLOQ", low, "start"), ("ULOQ", high, "end"))
    for name, value, anchor in ends:
        drawing.line([(x.at(value), frame.top), (x.at(value), frame.bottom)], PASS.text, 1.2, dash=True)
        text = f"{name} {number(value, Format.TITER)}"
        drawing.label(x.at(value), frame.top - 8, text, size=10, anchor=anchor, colour=PASS.text)


def _curve_line(drawing: Drawing, fit: CurveFit, x: Scale, y: Scale, frame: _Frame) -> None:
    drawing.line([(x.at(at), y.at(od)) for at, od in fit.line if at > 0], INK, 1.8)
    zero = [od for at, od in fit.line if at <= 0]
    if zero and x.start > frame.left:
        drawing.line([(x.start - 36, y.at(zero[0])), (x.start - 6, y.at(zero[0]))], INK, 1.8)


def _calibrator(drawing: Drawing, level: CalibratorResult, at: float, y: Scale) -> None:
    for od in level.ods:
        title = f"{level.level}: OD {number(od, Format.OD)}" + (f", {level.reason}" if level.reason else "")
        if level.used:
            drawing.mark((at, y.at(od)), "circle", NEUTRAL.colour, title=title)
        else:
            drawing.mark((at, y.at(od)), "cross", FAIL.colour, size=8, title=title)
    if level.ods:
        text = short(level.level, 10) + ("" if level.used else " \u2716")
        drawing.label(at - 7, y.at(max(level.ods)) - 4, text, size=9, anchor="end", colour=GREY)


def series(record: RunRecord) -> tuple[Series, ...]:
    """The coatings in use: antigen, antigen-negative and HNK1 first, each with its look."""
    main = main_antigen(record)
    negative = _setting(record, "antigen_negative") or "none"
    hnk1 = _setting(record, "hnk1") or "HNK1"
    present = dict.fromkeys(a for r in _results(record) for d in r.dilutions for a in d.od)
    named = {main: main, negative: _negative_label(record, negative), hnk1: hnk1}
    others = [antigen for antigen in present if antigen not in named]
    looks = itertools.chain(_STYLES, itertools.repeat(_STYLES[-1]))
    drawn = [antigen for antigen in [*named, *others] if antigen in present]
    return tuple(
        Series(antigen, named.get(antigen, antigen), *look)
        for antigen, look in zip(drawn, looks)  # noqa: B905 - looks never end
    )


def _negative_label(record: RunRecord, negative: str) -> str:
    """Uncoated wells, or wells coated with an irrelevant antigen."""
    part = record.settings.get("antigen_negative")
    control = part.get("control_antigen") if isinstance(part, Mapping) else None
    return f"control antigen ({control})" if control else f"without antigen ({negative})"


def _results(record: RunRecord) -> Iterator[SampleResult]:
    yield from record.samples
    yield from (control.result for control in record.controls)


def main_antigen(record: RunRecord) -> str:
    """The coating that the titer is about."""
    return _setting(record, "calibration") or (record.curves[0].antigen if record.curves else "MAG")


def _setting(record: RunRecord, section: str) -> str | None:
    part = record.settings.get(section)
    antigen = part.get("antigen") if isinstance(part, Mapping) else None
    return antigen if isinstance(antigen, str) else None


def top_od(record: RunRecord) -> float:
    """Common top of all dilution panels, so that samples can be compared by eye."""
    return max([0.5, *(s.mean for r in record.samples for d in r.dilutions for s in d.od.values())])


def has_curve(sample: SampleResult) -> bool:
    """Two dilutions or more; a single one is a number, not a curve."""
    return len(sample.dilutions) > 1


def dilution_scene(record: RunRecord, sample: SampleResult) -> Scene:
    """The dilution curves of one sample: coatings on top of each other, and what MAG has to exceed."""
    drawing = Drawing()
    width, height = PANEL_SIZE
    frame = _Frame(52, width - 12, 12, height - 42)
    _panel(drawing, record, sample, frame)
    drawing.label(
        (52 + width - 12) / 2, height - 8, "Reciprocal dilution, log scale", size=10, anchor="middle"
    )
    drawing.label(12, (frame.top + frame.bottom) / 2, od_label(record), size=10, anchor="middle", turned=True)
    word = class_word(sample.classification).text
    return drawing.scene(width, height, f"Dilution curves of sample {sample.sample_id}: {word}")


def dilutions_scene(record: RunRecord) -> Scene:
    """The dilution curves of all samples that have one, as small multiples with one legend."""
    drawing = Drawing()
    shown = [sample for sample in record.samples if has_curve(sample)]
    panel_width, panel_height = PANEL_SIZE
    per_row = min(_PANELS_PER_ROW, max(1, len(shown)))
    rows = -(-len(shown) // per_row)
    width, height = max(per_row * panel_width, 640.0), _LEGEND_HEIGHT + rows * panel_height
    _legend(drawing, record)
    for index, sample in enumerate(shown):
        left = index % per_row * panel_width
        top = _LEGEND_HEIGHT + index // per_row * panel_height
        word = class_word(sample.classification)
        drawing.label(left + 40, top + 14, short(sample.sample_id, 26), size=11, bold=True)
        drawing.label(left + 40, top + 28, word.marked, size=10, colour=word.tone.text)
        frame = _Frame(left + 40, left + panel_width - 12, top + 36, top + panel_height - 28)
        _panel(drawing, record, sample, frame)
    return drawing.scene(width, height, "OD over reciprocal dilution (log scale) of every sample")


def legend_entries(record: RunRecord) -> tuple[tuple[Series | None, str], ...]:
    """Series and words of the legend; None is the dashed limit."""
    known = series(record)
    entries: list[tuple[Series | None, str]] = [(one, one.label) for one in known]
    if any(_limit(step, record) is not None for sample in record.samples for step in sample.dilutions):
        entries.append((None, f"{main_antigen(record)} has to exceed this: background + cut-off"))
    return tuple(entries)


def legend_scene(record: RunRecord) -> Scene:
    """The legend alone, for a page with one panel a sample."""
    drawing = Drawing()
    width = _legend(drawing, record)
    return drawing.scene(max(760.0, width), _LEGEND_HEIGHT, "Legend of the dilution curves")


def _legend(drawing: Drawing, record: RunRecord) -> float:
    """Draw the entries in a row; returns where they end."""
    at = 12.0
    for one, text in legend_entries(record):
        if one is None:
            drawing.line([(at, 15), (at + 24, 15)], INK, 1.3, dash=True)
        else:
            drawing.line([(at, 15), (at + 24, 15)], one.colour, 1.6)
            drawing.mark((at + 12, 15), one.shape, one.colour)
        drawing.label(at + 30, 19, text, size=11)
        at += 52 + 6.0 * len(text)
    return at


def _panel(drawing: Drawing, record: RunRecord, sample: SampleResult, frame: _Frame) -> None:
    steps = sorted(sample.dilutions, key=lambda step: step.dilution)
    y = Scale(min([0.0, *_panel_ods(sample)]) * 1.1, top_od(record) * 1.08, frame.bottom, frame.top)
    _y_axis(drawing, y, frame, "")
    if not steps:
        drawing.label((frame.left + frame.right) / 2, frame.top + 30, "no dilution measured", anchor="middle")
        return
    low, high = steps[0].dilution, steps[-1].dilution
    x = Scale(low / 1.5, high * 1.5, frame.left, frame.right, log=True)
    ticks = _some_dilutions([step.dilution for step in steps])
    _x_axis(drawing, x, frame, [show(tick, Format.DILUTION) for tick in ticks], ticks)
    limits = [(x.at(s.dilution), y.at(limit)) for s in steps if (limit := _limit(s, record)) is not None]
    drawing.line(((at, max(od, frame.top)) for at, od in limits), INK, 1.3, dash=True)
    for one in series(record):
        _series(drawing, one, steps, (x, y), main=one.antigen == main_antigen(record))


def _panel_ods(sample: SampleResult) -> list[float]:
    return [summary.mean for step in sample.dilutions for summary in step.od.values()]


def _some_dilutions(values: list[float]) -> list[float]:
    """At most five tick labels, so that they never overlap."""
    return values[:: -(-len(values) // 5)]


def _limit(step: DilutionResult, record: RunRecord) -> float | None:
    """OD that the antigen wells have to exceed: what was subtracted from them, plus the cut-off."""
    summary = step.od.get(main_antigen(record))
    if summary is None or step.net_od is None or step.cutoff_od is None:
        return None
    return summary.mean - step.net_od + step.cutoff_od


def _series(
    drawing: Drawing, one: Series, steps: list[DilutionResult], scales: tuple[Scale, Scale], *, main: bool
) -> None:
    x, y = scales
    present = [(step, step.od[one.antigen].mean) for step in steps if one.antigen in step.od]
    drawing.line(((x.at(step.dilution), y.at(od)) for step, od in present), one.colour, 2.0 if main else 1.4)
    for step, od in present:
        title = f"{one.label}, 1:{show(step.dilution, Format.DILUTION)}: OD {number(od, Format.OD)}"
        at = (x.at(step.dilution), y.at(od))
        drawing.mark(at, one.shape, one.colour, filled=step.used or not main, title=title)
