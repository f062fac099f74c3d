"""All control charts of an assay's past runs, the rules they break, and where a new run stands among them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.compute.control_chart import Chart, ChartSettings, baseline, chart
from pipeline.compute.westgard import Violation, violations
from pipeline.domain.history import (
    ControlPast,
    ControlStanding,
    History,
    Key,
    Past,
    PastRun,
    Reading,
    RunStanding,
)

_LOOK_BACK = 4
"""Values of the longest sequence whose distances are told; the streak on one side is counted further."""


@dataclass(frozen=True, slots=True)
class Trend:
    """One chart over **all** runs of the history; runs without this quantity or lot have no value."""

    key: Key
    chart: Chart
    reasons: tuple[str | None, ...]
    """Why a run has no value; None where it has one, another lot, or no such control."""
    violations: tuple[Violation, ...]


@dataclass(frozen=True, slots=True)
class Trends:
    """Charts of controls, judged together, and of the other quantities, each judged alone."""

    controls: tuple[Trend, ...]
    quantities: tuple[Trend, ...]


def trends(history: History, settings: ChartSettings) -> Trends:
    """Chart every control and quantity of the past runs.

    The rules across controls (2-2s, R-4s) need controls of one run; curve parameters of one run depend on
    each other, so that each is judged for itself.
    """
    controls = _charts([run.controls for run in history.runs], history.runs, settings)
    quantities = _charts([run.quantities for run in history.runs], history.runs, settings)
    together = violations(_scores(controls, len(history.runs)))
    return Trends(
        tuple(_trend(key, one, history.runs, together) for key, one in controls.items()),
        tuple(_alone(key, one, history.runs) for key, one in quantities.items()),
    )


def _charts(
    readings: Sequence[Mapping[str, Reading]], runs: Sequence[PastRun], settings: ChartSettings
) -> dict[Key, Chart]:
    keys = dict.fromkeys(_key(name, reading) for run in readings for name, reading in run.items())
    accepted = [not run.rejected for run in runs]
    return {key: chart([_value(run, key) for run in readings], accepted, settings) for key in keys}


def _key(name: str, reading: Reading) -> Key:
    return Key(name, reading.lot, reading.measure)


def _value(run: Mapping[str, Reading], key: Key) -> float | None:
    reading = run.get(key.name)
    return reading.value if reading is not None and _key(key.name, reading) == key else None


def _scores(charts: Mapping[Key, Chart], runs: int) -> list[dict[str, float | None]]:
    return [{key.label: one.z[n] for key, one in charts.items()} for n in range(runs)]


def _alone(key: Key, one: Chart, runs: Sequence[PastRun]) -> Trend:
    return _trend(key, one, runs, violations(_scores({key: one}, len(runs))))


def _trend(key: Key, one: Chart, runs: Sequence[PastRun], found: Sequence[Violation]) -> Trend:
    mine = tuple(violation for violation in found if key.label in violation.controls)
    return Trend(key, one, tuple(_reason(run, key) for run in runs), mine)


def _reason(run: PastRun, key: Key) -> str | None:
    readings = run.controls if key.name in run.controls else run.quantities
    reading = readings.get(key.name)
    return reading.reason if reading is not None and _key(key.name, reading) == key else None


class HistoryPast:
    """The past of an assay, told by a whole history in memory."""

    def __init__(self, history: History) -> None:
        """Of these runs, oldest first."""
        self._runs = history.runs
        self.runs = len(history.runs)
        self.last = history.runs[-1].id if history.runs else None

    def of(self, key: Key, reference_runs: int) -> ControlPast:
        """First accepted values, and all values from the newest on."""
        accepted = (run for run in self._runs if not run.rejected)
        reference = tuple(itertools.islice(_present(accepted, key), reference_runs))
        return ControlPast(reference, _present(reversed(self._runs), key))


def stand(past: Past, controls: Mapping[str, Reading], settings: ChartSettings) -> RunStanding:
    """Where the controls of a new run stand among the past ones.

    Args:
        past: the runs before it; the new run is not among them.
        controls: of the new run.
        settings: how many runs are needed; below ``enough`` there is no z.
    """
    standing = (_stand(past, _key(name, one), one, settings) for name, one in controls.items())
    return RunStanding(tuple(standing), past.runs, past.last)


def _stand(past: Past, key: Key, reading: Reading, settings: ChartSettings) -> ControlStanding:
    known = past.of(key, settings.reference_runs)
    base = baseline(np.array(known.reference), settings)
    z, problem = base.z(reading.value), reading.reason if reading.value is None else base.reason
    if base.provisional:
        problem = f"{base.n} accepted runs with this control, {settings.enough} needed"
    if z is None or base.provisional:
        return ControlStanding(key.name, key.lot, base.n, None, problem)
    before = (base.z(value) for value in known.newest_first)
    return _streaks(key, base.n, _recent(z, (score for score in before if score is not None)))


def _present(runs: Iterator[PastRun], key: Key) -> Iterator[float]:
    return (value for run in runs if (value := _value(run.controls, key)) is not None)


def _recent(z: float, before: Iterator[float]) -> list[float]:
    """Newest first: the last four, and as many more as lie on the side of the newest."""
    scores = [z]
    for score in before:
        if len(scores) >= _LOOK_BACK and score * z <= 0:
            break
        scores.append(score)
    return scores


def _streaks(key: Key, n: int, scores: Sequence[float]) -> ControlStanding:
    """``scores`` newest first."""
    side = 1 if scores[0] > 0 else -1
    streak = sum(1 for _ in itertools.takewhile(lambda z: side * z > 0, scores))
    two, four = (_reached(scores[:length], length) for length in (2, _LOOK_BACK))
    return ControlStanding(key.name, key.lot, n, scores[0], None, two, four, streak)


def _reached(scores: Sequence[float], length: int) -> float | None:
    """Distance that all of them reach on one side, 0 where they lie on both, None where they are fewer."""
    if len(scores) < length:
        return None
    return max(min(scores), -max(scores), 0.0)
