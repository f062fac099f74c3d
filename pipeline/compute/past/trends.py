"""All control charts of an assay's past runs, the rules they break, and where a new run stands among them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.compute.past.bridges import LotBridge, lot_bridges
from pipeline.compute.past.control_chart import Chart, ChartSettings, baseline, chart
from pipeline.compute.past.run_events import RunEvent, run_events
from pipeline.compute.past.westgard import Violation, violations
from pipeline.domain.history import (
    ChartKey,
    ControlPast,
    ControlStanding,
    History,
    Past,
    PastRun,
    PastValue,
    RunStanding,
)
from pipeline.domain.message import Message

_LOOK_BACK = 4
"""Values of the longest sequence whose distances are told; the streak on one side is counted further."""

_DRAWN = 30
"""Values that a report draws of each control: a month and a half of working days."""


_LONGEST = 100
"""Values that are looked at for a streak on one side: ten break a rule, and after a lasting shift all past
values lie on that side."""


@dataclass(frozen=True, slots=True)
class Trend:
    """One chart over **all** runs of the history; runs without this quantity or lot have no value."""

    key: ChartKey
    chart: Chart
    reasons: tuple[str | None, ...]
    """Why a run has no value; None where it has one, another lot, or no such control."""
    violations: tuple[Violation, ...]


@dataclass(frozen=True, slots=True)
class Trends:
    """Charts of controls, judged together, and of the other quantities, each judged alone."""

    controls: tuple[Trend, ...]
    quantities: tuple[Trend, ...]
    bridges: tuple[LotBridge, ...] = ()
    events: tuple[RunEvent, ...] = ()


@dataclass(slots=True)
class _Column:
    """Values of one chart and reasons for missing ones, a place for each run of the history."""

    values: list[float | None]
    reasons: list[str | None]


def trends(history: History, settings: ChartSettings) -> Trends:
    """Chart every control and quantity of the past runs.

    The rules across controls (2-2s, R-4s) need controls of one run; curve parameters of one run depend on
    each other, so that each is judged for itself.
    """
    runs = history.runs
    accepted = [not run.rejected for run in runs]
    controls = _columns([run.controls for run in runs])
    charts = {key: chart(column.values, accepted, settings) for key, column in controls.items()}
    found = _by_chart(violations(_scores(charts, len(runs))))
    return Trends(
        tuple(_trend(key, one, controls[key], found) for key, one in charts.items()),
        tuple(
            _alone(key, column, accepted, settings)
            for key, column in _columns([run.quantities for run in runs]).items()
        ),
        lot_bridges(runs),
        run_events(runs),
    )


def _columns(readings: Sequence[Mapping[str, PastValue]]) -> dict[ChartKey, _Column]:
    """One pass over the runs; a run without this quantity or lot has neither value nor reason.

    In the order in which names first appear, the lots of one name together.
    """
    columns: dict[ChartKey, _Column] = {}
    for n, run in enumerate(readings):
        for name, reading in run.items():
            key = _key(name, reading)
            if key not in columns:
                columns[key] = _Column([None] * len(readings), [None] * len(readings))
            columns[key].values[n] = reading.value
            columns[key].reasons[n] = reading.reason
    names = {name: n for n, name in enumerate(dict.fromkeys(key.name for key in columns))}
    return {key: columns[key] for key in sorted(columns, key=lambda key: names[key.name])}


def _key(name: str, reading: PastValue) -> ChartKey:
    return ChartKey(name, reading.lot, reading.measure)


def _value(run: Mapping[str, PastValue], key: ChartKey) -> float | None:
    reading = run.get(key.name)
    return reading.value if reading is not None and _key(key.name, reading) == key else None


def _scores(charts: Mapping[ChartKey, Chart], runs: int) -> list[dict[str, float | None]]:
    scores: list[dict[str, float | None]] = [{} for _ in range(runs)]
    for key, one in charts.items():
        label = key.label
        for n, z in enumerate(one.z):
            if z is not None:
                scores[n][label] = z
    return scores


def _by_chart(found: Sequence[Violation]) -> dict[str, list[Violation]]:
    """Violations by the label of each chart that they concern."""
    grouped: dict[str, list[Violation]] = {}
    for violation in found:
        for label in violation.controls:
            grouped.setdefault(label, []).append(violation)
    return grouped


def _alone(key: ChartKey, column: _Column, accepted: Sequence[bool], settings: ChartSettings) -> Trend:
    one = chart(column.values, accepted, settings)
    return _trend(key, one, column, _by_chart(violations(_scores({key: one}, len(accepted)))))


def _trend(key: ChartKey, one: Chart, column: _Column, found: Mapping[str, Sequence[Violation]]) -> Trend:
    return Trend(key, one, tuple(column.reasons), tuple(found.get(key.label, ())))


class HistoryPast:
    """The past of an assay, told by a whole history in memory."""

    def __init__(self, history: History) -> None:
        """Of these runs, oldest first."""
        self._runs = history.runs
        self.runs = len(history.runs)
        self.last = history.runs[-1].id if history.runs else None

    def of(self, key: ChartKey, reference_runs: int) -> ControlPast:
        """First accepted values, and all values from the newest on."""
        accepted = (run for run in self._runs if not run.rejected)
        reference = tuple(itertools.islice(_present(accepted, key), reference_runs))
        return ControlPast(reference, _present(reversed(self._runs), key))


def stand(past: Past, controls: Mapping[str, PastValue], settings: ChartSettings) -> RunStanding:
    """Where the controls of a new run stand among the past ones.

    Args:
        past: the runs before it; the new run is not among them.
        controls: of the new run.
        settings: how many runs are needed; below ``enough`` there is no z.
    """
    standing = (_stand(past, _key(name, one), one, settings) for name, one in controls.items())
    return RunStanding(tuple(standing), past.runs, past.last)


def _stand(past: Past, key: ChartKey, reading: PastValue, settings: ChartSettings) -> ControlStanding:
    known = past.of(key, settings.reference_runs)
    base = baseline(np.array(known.reference), settings)
    z, problem = base.z(reading.value), reading.reason if reading.value is None else base.reason
    if base.provisional:
        problem = Message("{n:n} accepted runs with this control, {m:n} needed", n=base.n, m=settings.enough)
    if z is None or base.provisional:
        return ControlStanding(key.name, key.lot, base.n, None, problem)
    before = (base.z(value) for value in known.newest_first)
    return _streaks(key, base.n, _recent(z, (score for score in before if score is not None)))


def _present(runs: Iterator[PastRun], key: ChartKey) -> Iterator[float]:
    return (value for run in runs if (value := _value(run.controls, key)) is not None)


def _recent(z: float, before: Iterator[float]) -> list[float]:
    """Newest first: as many as are drawn, and then as many more as lie on the side of the newest."""
    scores = [z]
    for score in itertools.islice(before, _LONGEST - 1):
        if len(scores) >= _DRAWN and score * z <= 0:
            break
        scores.append(score)
    return scores


def _streaks(key: ChartKey, n: int, scores: Sequence[float]) -> ControlStanding:
    """``scores`` newest first."""
    side = 1 if scores[0] > 0 else -1
    streak = sum(1 for _ in itertools.takewhile(lambda z: side * z > 0, scores))
    two, four = (_reached(scores[:length], length) for length in (2, _LOOK_BACK))
    drawn = tuple(reversed(scores[:_DRAWN]))
    return ControlStanding(key.name, key.lot, n, scores[0], None, two, four, streak, drawn)


def _reached(scores: Sequence[float], length: int) -> float | None:
    """Distance that all of them reach on one side, 0 where they lie on both, None where they are fewer."""
    if len(scores) < length:
        return None
    return max(min(scores), -max(scores), 0.0)
