"""Faults over time: series of runs judged by the rules over past runs.

The controls of a series are those of clean simulated plates, drawn at random with their whole run; from a run
on they are moved as the fault would move them. A titer is proportional to the values that calibrators are
given and to what is left of a control, so that both faults move the ln titer by a constant or by steps.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import stdev

import numpy as np

from benchmarks.faults.run import Share
from benchmarks.plates import flagship
from pipeline.compute.past.control_chart import ChartSettings
from pipeline.compute.past.trends import HistoryPast, stand
from pipeline.domain.findings import RunVerdict, Verdict
from pipeline.domain.history import History, PastRun, PastValue, RunStanding
from pipeline.domain.plate import Accounting
from pipeline.domain.results import PlateResult, ReadingChoice
from qc.rule import all_rules

Controls = Mapping[str, PastValue]
REFERENCE, RUNS = 20, 20
"""Runs that set mean and SD, and runs after them, with the fault from the first of these on."""
WITHIN = (5, 10, 20)
"""Runs after the onset within which a rule has to fire."""
RULES = tuple(rule for rule in all_rules() if rule.id.startswith("HIS-"))
NOTHING = PlateResult(
    ReadingChoice("", None, None, None, None, None), (), (), None, (), (), (), Accounting(*[0] * 7)
)
"""The rules over past runs look at nothing of a plate but where its controls stand."""


@dataclass(frozen=True, slots=True)
class SlowFault:
    """A fault over time; ``moved`` gives the change of a control's ln titer in its n-th run."""

    fault: str
    size: str
    moved: Callable[[str, int], float]


def _lot(percent: float) -> SlowFault:
    """A new calibrator lot whose assigned values are off: all titers move together."""
    return SlowFault("lot shift", f"{percent:+g} %", lambda _control, _n: math.log1p(percent / 100))


def _decay(percent: float) -> SlowFault:
    """The first positive control loses this much with every run."""
    return SlowFault(
        "control decay",
        f"-{percent:g} % a run",
        lambda control, n: n * math.log1p(-percent / 100) if control == "PC1" else 0.0,
    )


STEADY = SlowFault("none", "", lambda _control, _n: 0.0)
SLOW_FAULTS = (*map(_lot, (5.0, 10.0, 15.0, 20.0)), *map(_decay, (0.5, 1.0, 2.0)))


@dataclass(frozen=True, slots=True)
class Series:
    """One series: the rules that fired in each run after the reference runs."""

    fired: tuple[frozenset[str], ...]

    def within(self, runs: int) -> bool:
        """Did any rule fire in the first so many runs?"""
        return any(self.fired[:runs])


def series_of(fault: SlowFault, pool: Sequence[Controls], number: int, seed: int) -> list[Series]:
    """``number`` series of a fault, from the controls of clean plates."""
    rng = np.random.default_rng([seed, *(ord(letter) for letter in fault.fault + fault.size)])
    draws = (rng.choice(len(pool), REFERENCE + RUNS) for _ in range(number))
    return [_series(fault, [pool[n] for n in drawn]) for drawn in draws]


def found_within(series: Sequence[Series], runs: int) -> Share:
    """Share of series in which a rule fired in the first so many runs."""
    return Share(sum(one.within(runs) for one in series), len(series))


def fired_per_run(series: Sequence[Series], rule: str | None = None) -> Share:
    """Share of runs in which a rule fired; any rule where none is named."""
    runs = [fired for one in series for fired in one.fired]
    return Share(sum(bool(fired) if rule is None else rule in fired for fired in runs), len(runs))


def spread(pool: Sequence[Controls]) -> dict[str, float]:
    """SD of the ln titer of each positive control between the plates, a fraction."""
    names = [name for name, reading in pool[0].items() if reading.measure == "ln"]
    return {name: stdev(r.value for c in pool if (r := c[name]).value is not None) for name in names}


def _series(fault: SlowFault, drawn: Sequence[Controls]) -> Series:
    runs = [_past_run(n, controls) for n, controls in enumerate(_moved(fault, drawn))]
    return Series(tuple(_fired(runs[:n], runs[n].controls) for n in range(REFERENCE, len(runs))))


def _moved(fault: SlowFault, drawn: Sequence[Controls]) -> Iterator[Controls]:
    for n, controls in enumerate(drawn):
        late = n - REFERENCE + 1
        yield (
            controls
            if late < 1
            else {name: _shifted(reading, fault.moved(name, late)) for name, reading in controls.items()}
        )


def _shifted(reading: PastValue, by: float) -> PastValue:
    if reading.value is None or reading.measure != "ln":
        return reading
    return replace(reading, value=reading.value + by)


def _past_run(n: int, controls: Controls) -> PastRun:
    return PastRun(f"r{n}", "P1", f"2026-01-01T00:00:{n:02}Z", "1", RunVerdict.ACCEPTED, controls, {})


def _fired(past: Sequence[PastRun], controls: Controls) -> frozenset[str]:
    history = History(flagship().assay.name, flagship().assay.unit, tuple(past))
    standing: RunStanding = stand(HistoryPast(history), controls, ChartSettings())
    judged = replace(NOTHING, standing=standing)
    findings = (finding for rule in RULES for finding in rule.apply(judged, flagship().assay))
    return frozenset(f.rule for f in findings if f.verdict in (Verdict.WARN, Verdict.FAIL))
