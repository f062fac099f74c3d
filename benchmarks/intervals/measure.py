"""What a plate says of each serum beside the truth."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.intervals.plate import Errors, Simulated, definition, simulated
from pipeline.domain.hnk1 import Hnk1Inhibition
from pipeline.domain.results import DilutionResult, SampleResult
from pipeline.domain.specificity import Hnk1Number, Interval

Bound = float | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """One figure of one serum, in the figure's unit."""

    assay: str
    figure: str
    titer: float
    """True titer of the serum."""
    dilution: float | None
    """Reciprocal, for a figure of one dilution."""
    truth: float
    value: float | None
    low: float | None
    """None where there is no interval; minus infinite where it is open."""
    high: float | None
    at_least: float | None
    """A bound without a value."""


def outcomes(name: str, number: int, seed: int, errors: Errors) -> list[Outcome]:
    """Every figure of one plate.

    Args:
        name: of the assay.
        number: of the plate; with the seed it fixes everything random.
        seed: of the run.
        errors: of the calibrators, and which truth.
    """
    plate = simulated(name, (seed, number), errors)
    return [
        outcome
        for sample in plate.result.samples
        for find in (_fractions, _titer, _hnk1)
        for outcome in find(name, sample, plate)
    ]


def _outcome(  # noqa: PLR0913 - one argument for each field that differs
    name: str,
    figure: str,
    titer: float,
    truth: float,
    value: float | None,
    ends: Interval | None,
    *,
    dilution: float | None = None,
    at_least: float | None = None,
) -> Outcome:
    low, high = (None, None) if ends is None or value is None else _closed(ends)
    bound = at_least if value is None else None
    return Outcome(name, figure, titer, dilution, truth, value, low, high, bound)


def _closed(ends: Interval) -> tuple[float, float]:
    low, high = ends
    return -math.inf if low is None else low, math.inf if high is None else high


def _mean(plate: Simulated, step: DilutionResult, coating: str) -> float:
    """True OD of replicate wells, from the twin."""
    return float(np.mean([plate.silent[well] for well in step.wells[coating]]))


def _fractions(name: str, sample: SampleResult, plate: Simulated) -> Iterator[Outcome]:
    """1 - N/M at each dilution, and pooled over those that are positive."""
    titer = plate.sera[sample.slot].titer
    for step in sample.dilutions:
        truth = 1 - _mean(plate, step, "none") / _mean(plate, step, "MAG")
        found, ends = step.specific_fraction, step.specific_fraction_ci95
        yield _outcome(name, "specific fraction", titer, truth, found, ends, dilution=step.dilution)
    positive = [step for step in sample.dilutions if step.positive and step.specific_fraction is not None]
    if positive:
        without, with_it = (sum(_mean(plate, s, coating) for s in positive) for coating in ("none", "MAG"))
        pooled = sample.antigen_negative
        fraction = pooled.specific_fraction
        yield _outcome(name, "specific fraction, pooled", titer, 1 - without / with_it, fraction, pooled.ci95)


def _titer(name: str, sample: SampleResult, plate: Simulated) -> Iterator[Outcome]:
    """The MAG titer itself, for comparison."""
    truth, titer = plate.sera[sample.slot].titer, sample.titer
    value = titer.value if titer.qualifier == "=" else None
    yield _outcome(name, "MAG titer", truth, truth, value, titer.ci95)


def _hnk1(name: str, sample: SampleResult, plate: Simulated) -> Iterator[Outcome]:
    serum, hnk1 = plate.sera[sample.slot], sample.hnk1
    numbers = {number.name: number for number in hnk1.others}
    if hnk1.format == "direct":
        yield from _direct(name, sample, plate, numbers)
    elif hnk1.format == "inhibition":
        yield from _inhibition(name, sample, plate, numbers)
    elif "Fall of the titer" in numbers:
        fall = numbers["Fall of the titer"]
        truth = 100 * serum.hnk1_share
        yield _number(name, "fall of the titer", serum.titer, truth, fall, at_least=hnk1.at_least)


def _number(
    name: str,
    figure: str,
    titer: float,
    truth: float,
    number: Hnk1Number,
    *,
    dilution: float | None = None,
    at_least: float | None = None,
) -> Outcome:
    return _outcome(
        name, figure, titer, truth, number.value, number.ci95, dilution=dilution, at_least=at_least
    )


def _direct(
    name: str, sample: SampleResult, plate: Simulated, numbers: dict[str, Hnk1Number]
) -> Iterator[Outcome]:
    """Net HNK1 OD; HNK1 titer; its ratio to the MAG titer."""
    titer, hnk1 = plate.sera[sample.slot].titer, sample.hnk1
    step = next((s for s in sample.dilutions if s.dilution == hnk1.dilution), None)
    if step is not None:
        truth = _mean(plate, step, "HNK1") - _mean(plate, step, "none")
        yield _outcome(name, "HNK1 net OD", titer, truth, hnk1.value, hnk1.ci95, dilution=step.dilution)
    for key, figure, truth in (
        ("HNK1 titer, read from the MAG curve", "HNK1 titer", plate.ratio * titer),
        ("HNK1 titer / MAG titer", "HNK1 titer / MAG titer", 100 * plate.ratio),
    ):
        if key in numbers:
            yield _number(name, figure, titer, truth, numbers[key])


def _inhibition(
    name: str, sample: SampleResult, plate: Simulated, numbers: dict[str, Hnk1Number]
) -> Iterator[Outcome]:
    """Inhibition of concentration and OD, and by the mock competitor, at the dilution that was chosen."""
    serum, declared = plate.sera[sample.slot], definition(name).assay.hnk1
    step = next((s for s in sample.dilutions if s.dilution == sample.hnk1.dilution), None)
    if step is None or not isinstance(declared, Hnk1Inhibition):
        return
    none, plain = _mean(plate, step, "none"), _mean(plate, step, "MAG")
    inhibited = _mean(plate, step, f"MAG + {declared.competitor}")
    for key, truth in (
        ("Inhibition of the concentration", 100 * serum.hnk1_share),
        ("Inhibition of the OD", 100 * (1 - (inhibited - none) / (plain - none))),
        ("Inhibition by the mock competitor", 0.0),
    ):
        bound = sample.hnk1.at_least if "concentration" in key else None
        yield _number(name, key, serum.titer, truth, numbers[key], dilution=step.dilution, at_least=bound)
