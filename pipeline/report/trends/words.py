"""Westgard's rules in plain words: what was seen, and what to do. Runs close together become one line."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.compute.past.run_events import Kind, RunEvent
from pipeline.compute.past.trends import Trend, Trends
from pipeline.compute.past.westgard import Violation, WestgardRule
from pipeline.compute.past.yardstick import IntervalsHold, Yardstick
from pipeline.domain.history import Measure
from pipeline.report.words.text import short, visible
from pipeline.report.words.tones import FAIL, MINUS, WARN, Format, Word, number

SEEN: Mapping[WestgardRule, str] = {
    WestgardRule.ONE_2S: "one value beyond 2 SD",
    WestgardRule.ONE_3S: "one value beyond 3 SD",
    WestgardRule.TWO_2S: "two beyond 2 SD on the same side",
    WestgardRule.R_4S: "two controls of one run more than 4 SD apart",
    WestgardRule.FOUR_1S: "four in a row beyond 1 SD on the same side",
    WestgardRule.TEN_X: "ten in a row on the same side of the mean",
}
TO_DO: Mapping[WestgardRule, str] = {
    WestgardRule.ONE_2S: "A warning: happens by chance in one of 20 values. Watch the next run.",
    WestgardRule.ONE_3S: "Look at this plate before its results go out: wrong vial, bubble, washing.",
    WestgardRule.TWO_2S: "A shift: compare lots, dilutions and incubation with the runs before.",
    WestgardRule.R_4S: "Scatter inside the run: pipetting, washing or mixed-up vials. Repeat the plate.",
    WestgardRule.FOUR_1S: "A small shift: what changed before the first of these runs (vial, lot, washer)?",
    WestgardRule.TEN_X: "A lasting shift or drift: find its cause. A new lot needs its own limits.",
}
NAMES: Mapping[str, str] = {
    "ec50": "ec50 of the curve",
    "slope": "slope of the curve",
    "upper": "upper asymptote",
    "lower": "lower asymptote",
    "blank": "blank",
    "background": "antigen-negative background",
    "negative_background": "background of the negative control",
    "cutoff": "cut-off OD at the first dilution",
}
EVENTS: Mapping[Kind, str] = {
    "assay": "assay",
    "software": "software",
    "reader": "reader",
    "curve": "curve",
    "lot": "lot",
}
"""First word of what is written above a line in the charts."""
CHANGES: Mapping[Kind, str] = {
    "assay": "version of the assay",
    "software": "version of titerline",
    "reader": "reader",
    "curve": "curve model",
    "lot": "lot",
}
"""The same in the table of changes."""


_EVENT_LENGTH = 20
"""Characters of a version or lot on a chart; the table of changes has all."""
CLOSE = 8
"""Values of a chart within which the same broken rule is the same event."""


@dataclass(frozen=True, slots=True)
class Episode:
    """One rule, broken on the same side by the same chart or charts, in runs that lie close together."""

    rule: WestgardRule
    side: str
    charts: tuple[str, ...]
    """Labels of the charts."""
    control: bool
    """Of controls; else of the curve, blank or background."""
    first: int
    """Index of the run that first completed the pattern."""
    last: int
    start: int
    """Index of the oldest run that belongs to the pattern."""
    runs: tuple[int, ...]
    z: float
    """Of the first chart in the last of these runs."""

    @property
    def word(self) -> Word:
        """Symbol, rule and tone."""
        return Word(self.rule.value, WARN if self.rule.warning else FAIL)


def episodes(found: Trends) -> tuple[Episode, ...]:
    """Every broken rule once, newest first; without a 1-2s that a stronger rule on the same run explains."""
    made = [*_episodes(found.controls, control=True), *_episodes(found.quantities, control=False)]
    return tuple(sorted(made, key=lambda row: (-row.last, row.rule.warning, row.charts)))


def _episodes(trends: Sequence[Trend], *, control: bool) -> Iterator[Episode]:
    charts = {trend.key.label: trend for trend in trends}
    distinct = dict.fromkeys(violation for trend in trends for violation in trend.violations)
    strong = {(one.run, name) for one in distinct if not one.rule.warning for name in one.controls}
    grouped: dict[tuple[object, ...], list[Violation]] = {}
    for one in distinct:
        if not (one.rule.warning and (one.run, one.controls[0]) in strong):
            grouped.setdefault((one.rule, one.side, one.controls), []).append(one)
    places = {label: _places(charts[label]) for label in {group[0].controls[0] for group in grouped.values()}}
    for group in grouped.values():
        label = group[0].controls[0]
        rows = _rows(group, places[label])
        yield from (_episode(row, charts[label], control=control) for row in rows)


def _places(trend: Trend) -> list[int]:
    """Values of a chart up to each run: runs without a value count for nothing."""
    return list(itertools.accumulate(z is not None for z in trend.chart.z))


def _rows(group: Sequence[Violation], place: Sequence[int]) -> Iterator[list[Violation]]:
    """Split one rule's violations where more than ``CLOSE`` values of that chart lie between them."""
    row: list[Violation] = []
    for one in sorted(group, key=lambda violation: violation.run):
        if row and place[one.run] > place[row[-1].run] + CLOSE:
            yield row
            row = []
        row.append(one)
    yield row


def _episode(row: Sequence[Violation], trend: Trend, *, control: bool) -> Episode:
    first, last = row[0], row[-1]
    return Episode(
        *(first.rule, first.side, first.controls, control, first.run, last.run, first.points[0][0]),
        runs=tuple(one.run for one in row),
        z=trend.chart.z[last.run] or 0.0,
    )


def chart_name(trend: Trend, *, control: bool) -> str:
    """``PC1, lot 07: titer`` or ``ec50 of the curve, 4pl``."""
    key = trend.key
    if control:
        lot = "" if key.lot is None else f", lot {key.lot}"
        return f"{key.name}{lot}: {'titer' if key.measure == 'ln' else 'net OD'}"
    name = NAMES.get(key.name, key.name)
    return name if key.lot is None else f"{name}, {key.lot}"


def event_text(event: RunEvent) -> str:
    """``assay 1.3`` or ``lot L2``, short enough for a chart."""
    return f"{EVENTS[event.kind]} {short(visible(event.now), _EVENT_LENGTH)}"


def shown_value(value: float, measure: Measure) -> str:
    """A titer or ec50 on its own scale, an OD with three decimals."""
    return number(math.exp(value), Format.TITER) if measure == "ln" else number(value, Format.OD)


def shown_z(z: float) -> str:
    """``+2.3`` or ``-0.4``, with a true minus."""
    return f"{z:+.1f}".replace("-", MINUS)


_HELD: Mapping[IntervalsHold, str] = {
    IntervalsHold.YES: "the intervals hold what they say",
    IntervalsHold.TOO_NARROW: "runs differ by more than the intervals say (lots, days, calibrators)",
    IntervalsHold.TOO_WIDE: "the intervals are wider than the runs differ",
}


def yardstick_text(one: Yardstick) -> str:
    """Do the intervals hold what they say? In a sentence, with the SD of z and its interval."""
    low, high = one.ci95
    return f"SD of z {one.sd:.2f} ({low:.2f} to {high:.2f}) over {one.runs} runs: {_HELD[one.held]}"
