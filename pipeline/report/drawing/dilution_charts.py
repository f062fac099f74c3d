"""Dilution curves as scenes: the coatings of a sample on top of each other, cut-off and usable dilutions."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipeline.domain.codes.unused import WellUnused
from pipeline.domain.message import Message
from pipeline.domain.record import RunRecord
from pipeline.domain.results import DilutionResult, SampleResult
from pipeline.report.drawing.axes import Frame, od_label, od_scale, x_axis, y_axis
from pipeline.report.drawing.scene import INK, Drawing, MarkShape, Scale, Scene, SceneLabel, text_width
from pipeline.report.language import Given, language_of, pieces
from pipeline.report.words.text import short, visible
from pipeline.report.words.tones import PASS, Format, class_word, dilution_text, number

PANEL_SIZE = (320.0, 216.0)
_PANELS_PER_ROW = 4
_LEGEND_HEIGHT = 30.0
_LONGEST_NAME = 34
_MOST_TICKS = 6
_LONGEST_ID = 80
ABOVE_RANGE = WellUnused.ABOVE_RANGE.means.words

_STYLES: tuple[tuple[MarkShape, str], ...] = (
    ("circle", "#0072B2"),
    ("square", "#D55E00"),
    ("triangle", "#009E73"),
    ("diamond", "#CC79A7"),
)
"""Antigen, antigen-negative, HNK1, any other coating."""


@dataclass(frozen=True, slots=True)
class CoatingStyle:
    """One coating: its name on the plate, its words and its look."""

    antigen: str
    label: str
    shape: MarkShape
    colour: str


def series(record: RunRecord) -> tuple[CoatingStyle, ...]:
    """The coatings in use: antigen, antigen-negative and HNK1 first, each with its look."""
    main = main_antigen(record)
    negative = record.antigen("antigen_negative") or "none"
    hnk1 = record.antigen("hnk1") or "HNK1"
    present = dict.fromkeys(a for r in _results(record) for d in r.dilutions for a in d.od)
    named = {main: Given(main), negative: _negative_label(record, negative), hnk1: Given(hnk1)}
    others = [antigen for antigen in present if antigen not in named]
    looks = itertools.chain(_STYLES, itertools.repeat(_STYLES[-1]))
    drawn = [antigen for antigen in [*named, *others] if antigen in present]
    return tuple(
        CoatingStyle(antigen, named.get(antigen, Given(antigen)), *look)
        for antigen, look in zip(drawn, looks)  # noqa: B905 - looks never end
    )


def _negative_label(record: RunRecord, negative: str) -> str:
    """Uncoated wells, or wells coated with an irrelevant antigen."""
    part = record.settings.get("antigen_negative")
    control = part.get("control_antigen") if isinstance(part, Mapping) else None
    if control:
        return Message("control antigen ({antigen})", antigen=str(control))
    return Message("without antigen ({antigen})", antigen=negative)


def _results(record: RunRecord) -> Iterator[SampleResult]:
    yield from record.samples
    yield from (control.result for control in record.controls)


def main_antigen(record: RunRecord) -> str:
    """The coating that the titer is about."""
    return record.antigen("calibration") or (record.curves[0].antigen if record.curves else "")


def top_od(record: RunRecord) -> float:
    """Common top of all dilution panels, so that samples can be compared by eye."""
    return max([0.5, *(s.mean for r in record.samples for d in r.dilutions for s in d.od.values())])


def has_curve(sample: SampleResult) -> bool:
    """Two dilutions or more; a single one is a number, not a curve."""
    return len(sample.dilutions) > 1


def dilution_scene(record: RunRecord, sample: SampleResult) -> Scene:
    """The dilution curves of one sample: coatings on top of each other, and what MAG has to exceed."""
    drawing = Drawing(language_of(record))
    width, height = PANEL_SIZE
    frame = Frame(56, width - 14, 24, height - 46)
    _panel(drawing, record, sample, frame, titled=True)
    word = class_word(sample.classification).text
    named = Given(short(sample.sample_id, _LONGEST_ID))
    return drawing.scene(width, height, pieces("Dilution curves of sample ", named, ": ", word))


def dilutions_scene(record: RunRecord) -> Scene:
    """The dilution curves of all samples that have one, as small multiples with one legend."""
    drawing = Drawing(language_of(record))
    shown = [sample for sample in record.samples if has_curve(sample)]
    panel_width, panel_height = PANEL_SIZE
    per_row = min(_PANELS_PER_ROW, max(1, len(shown)))
    rows = -(-len(shown) // per_row)
    width = max(per_row * panel_width, _legend(drawing, record))
    for index, sample in enumerate(shown):
        left = index % per_row * panel_width
        top = _LEGEND_HEIGHT + index // per_row * (panel_height + 24)
        word = class_word(sample.classification)
        drawing.label(left + 40, top + 14, Given(short(visible(sample.sample_id), 26)), size=11, bold=True)
        marked = pieces(word.tone.symbol, " ", word.text)
        drawing.label(left + 40, top + 28, marked, size=10, colour=word.tone.text)
        frame = Frame(left + 56, left + panel_width - 14, top + 48, top + panel_height - 22)
        _panel(drawing, record, sample, frame, titled=True)
    height = _LEGEND_HEIGHT + rows * (panel_height + 24)
    return drawing.scene(width, height, "OD over dilution (log scale) of every sample")


def legend_entries(record: RunRecord) -> tuple[tuple[CoatingStyle | None, str], ...]:
    """Series and words of the legend; None is the dashed limit."""
    known = series(record)
    entries: list[tuple[CoatingStyle | None, str]] = [(one, one.label) for one in known]
    if any(_limit(step, record) is not None for sample in record.samples for step in sample.dilutions):
        limit = Message("{antigen} has to exceed this: background + cut-off", antigen=main_antigen(record))
        entries.append((None, limit))
    return tuple(entries)


def legend_scene(record: RunRecord) -> Scene:
    """The legend alone, for a page with one panel a sample."""
    drawing = Drawing(language_of(record))
    width = _legend(drawing, record)
    return drawing.scene(max(760.0, width), _LEGEND_HEIGHT, "Legend of the dilution curves")


def _legend(drawing: Drawing, record: RunRecord) -> float:
    """Draw the entries in a row; returns where they end."""
    at = 12.0
    for one, words in legend_entries(record):
        if one is None:
            drawing.line([(at, 15), (at + 24, 15)], INK, 1.3, dash=True)
        else:
            drawing.line([(at, 15), (at + 24, 15)], one.colour, 1.6)
            drawing.mark((at + 12, 15), one.shape, one.colour)
        said = drawing.language.say(words)
        text = Given(said if one is None else short(visible(said), _LONGEST_NAME))
        drawing.label(at + 30, 19, text, size=11)
        at += 48 + text_width(text, 11)
    return at


def _panel(drawing: Drawing, record: RunRecord, sample: SampleResult, frame: Frame, *, titled: bool) -> None:
    steps = sorted(sample.dilutions, key=lambda step: step.dilution)
    y = od_scale([*_panel_ods(sample), top_od(record)], frame)
    if not steps:
        y_axis(drawing, y, frame, od_label(record) if titled else "")
        drawing.label(frame.middle, frame.top + 30, "no dilution measured", anchor="middle")
        return
    x = Scale(steps[0].dilution / 1.5, steps[-1].dilution * 1.5, frame.left, frame.right, log=True)
    _usable(drawing, steps, x, frame)
    y_axis(drawing, y, frame, od_label(record) if titled else "")
    ticks = [(step, dilution_text(step)) for step in _some_dilutions([one.dilution for one in steps])]
    x_axis(drawing, x, frame, ticks, "Dilution, log scale" if titled else "")
    limits = [(x.at(s.dilution), y.at(limit)) for s in steps if (limit := _limit(s, record)) is not None]
    drawing.line(((at, max(od, frame.top)) for at, od in limits), INK, 1.3, dash=True)
    for one in series(record):
        _series(drawing, one, steps, (x, y), main=one.antigen == main_antigen(record))
    _above_range(drawing, record, steps, x, frame)


def _above_range(
    drawing: Drawing, record: RunRecord, steps: list[DilutionResult], x: Scale, frame: Frame
) -> None:
    """Open marks at the top edge for wells without an OD because they read above the reader's range."""
    over = {well.well for well in record.wells if well.state is WellUnused.ABOVE_RANGE}
    if not over:
        return
    found = [
        (one, step)
        for one in series(record)
        for step in steps
        if one.antigen not in step.od and over.intersection(step.wells.get(one.antigen, ()))
    ]
    for one, step in found:
        title = pieces(one.label, f", {dilution_text(step.dilution)}", ": ", ABOVE_RANGE)
        drawing.mark((x.at(step.dilution), frame.top), one.shape, one.colour, filled=False, title=title)
    if found:
        one, step = found[0]
        left = round(max(x.at(step.dilution) - 4, frame.left + 2), 1)
        drawing.place([SceneLabel(left, frame.top - 8, "above range", 9, "start", one.colour)])


def _usable(drawing: Drawing, steps: list[DilutionResult], x: Scale, frame: Frame) -> None:
    """Shade the dilutions that are part of the titer, from half way to the one before to half way after."""
    edges = _edges([step.dilution for step in steps])
    used = [(low, high) for step, low, high in zip(steps, edges, edges[1:], strict=False) if step.used]
    for low, high in used:
        left, right = max(x.at(low), frame.left), min(x.at(high), frame.right)
        drawing.box(left, frame.top, (right - left, frame.bottom - frame.top), PASS.pale)
    if used:
        left = round(max(x.at(used[0][0]), frame.left), 1)
        words = SceneLabel(left, frame.top - 6, "shaded: usable for the titer", 9, "start", PASS.text)
        drawing.place([words, SceneLabel(frame.right, frame.top - 6, words.text, 9, "end", PASS.text)])


def _edges(values: list[float]) -> list[float]:
    """Geometric middles between neighbours, and as far beyond both ends."""
    middles = [(low * high) ** 0.5 for low, high in itertools.pairwise(values)]
    first = values[0] ** 2 / middles[0] if middles else values[0] / 1.4
    last = values[-1] ** 2 / middles[-1] if middles else values[-1] * 1.4
    return [first, *middles, last]


def _panel_ods(sample: SampleResult) -> list[float]:
    return [summary.mean for step in sample.dilutions for summary in step.od.values()]


def _some_dilutions(values: list[float]) -> list[float]:
    """At most six tick labels, evenly among the dilutions."""
    return values[:: -(-len(values) // _MOST_TICKS)]


def _limit(step: DilutionResult, record: RunRecord) -> float | None:
    """OD that the antigen wells have to exceed: what was subtracted from them, plus the cut-off."""
    summary = step.od.get(main_antigen(record))
    if summary is None or step.net_od is None or step.cutoff_od is None:
        return None
    return summary.mean - step.net_od + step.cutoff_od


def _series(
    drawing: Drawing,
    one: CoatingStyle,
    steps: list[DilutionResult],
    scales: tuple[Scale, Scale],
    *,
    main: bool,
) -> None:
    x, y = scales
    present = [(step, step.od[one.antigen].mean) for step in steps if one.antigen in step.od]
    drawing.line(((x.at(step.dilution), y.at(od)) for step, od in present), one.colour, 2.0 if main else 1.4)
    for step, od in present:
        place = f", {dilution_text(step.dilution)}"
        title = pieces(one.label, place, ": OD ", number(od, Format.OD))
        at = (x.at(step.dilution), y.at(od))
        drawing.mark(at, one.shape, one.colour, filled=step.used or not main, title=title)
