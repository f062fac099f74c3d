"""Rules over past runs: is a control where it used to be? The z are computed before; here they are compared.

Names and limits after Westgard, Barry, Hunt and Groth 1981, Clin Chem 27:493. A control with fewer accepted
past runs than a chart needs is not evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import TypeAlias

from pipeline.domain.assay import Assay
from pipeline.domain.declared import Limit
from pipeline.domain.history import ControlStanding
from pipeline.domain.results import PlateResult
from pipeline.domain.rounding import fixed
from qc.rule import Observation, rule

_Controls: TypeAlias = tuple[ControlStanding, ...]


def _controls(result: PlateResult) -> _Controls:
    return result.standing.controls if result.standing is not None else ()


@rule("HIS-01", title="Control within 2 SD of its history (1-2s)", limit="westgard_1_2s")
def one_2s(result: PlateResult, _assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Distance of a control from the mean of its reference runs, in SD; a warning by Westgard's scheme."""
    return _distance(_controls(result), limit)


@rule("HIS-02", title="Control within 3 SD of its history (1-3s)", limit="westgard_1_3s")
def one_3s(result: PlateResult, _assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Distance of a control from the mean of its reference runs, in SD."""
    return _distance(_controls(result), limit)


@rule("HIS-03", title="No two beyond 2 SD on one side (2-2s)", limit="westgard_2_2s")
def two_2s(result: PlateResult, _assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Distance that two reach on one side: a control and its last value, or two controls of this run."""
    yield from _along(_controls(result), limit, "this and the value before", lambda one: one.last_two)
    for one, other, first, second in _pairs(_controls(result)):
        reached = min(abs(first), abs(second)) if first * second > 0 else 0.0
        subject = f"controls {one.control} and {other.control}"
        yield Observation(subject, reached <= limit.value, reached, f"z {first:+.2f} and {second:+.2f}")


@rule("HIS-04", title="Two controls of a run do not part by 4 SD (R-4s)", limit="westgard_r_4s")
def r_4s(result: PlateResult, _assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Range of two controls of this run, each beyond half of the limit on its side."""
    for one, other, first, second in _pairs(_controls(result)):
        low, high = sorted((first, second))
        half = limit.value / 2
        subject = f"controls {one.control} and {other.control}"
        message = f"z {first:+.2f} and {second:+.2f}; breached with one above +{half:g}, one below -{half:g}"
        yield Observation(subject, not (high > half and low < -half), high - low, message)


@rule("HIS-05", title="No four beyond 1 SD on one side (4-1s)", limit="westgard_4_1s")
def four_1s(result: PlateResult, _assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Distance that the last four values of a control reach on one side."""
    return _along(_controls(result), limit, "the last four values", lambda one: one.last_four)


@rule("HIS-06", title="No ten on one side of the mean (10x)", limit="westgard_10x")
def ten_x(result: PlateResult, _assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Successive values of a control on one side of the mean; the limit is the number that breaches."""
    for one in _controls(result):
        if one.z is None:
            yield _unknown(one)
            continue
        message = f"{one.one_side} successive values on one side of the mean"
        yield Observation(_subject(one), one.one_side < limit.value, float(one.one_side), message)


def _distance(controls: _Controls, limit: Limit) -> Iterator[Observation]:
    for one in controls:
        if one.z is None:
            yield _unknown(one)
            continue
        message = f"z {one.z:+.2f} against {one.reference_runs} reference runs"
        yield Observation(_subject(one), abs(one.z) <= limit.value, abs(one.z), message)


def _along(
    controls: _Controls, limit: Limit, what: str, reached: Callable[[ControlStanding], float | None]
) -> Iterator[Observation]:
    for one in controls:
        distance = reached(one)
        if one.z is None:
            yield _unknown(one)
        elif distance is None:
            yield Observation(_subject(one), None, None, f"{what} are not there yet")
        else:
            message = f"{what} reach {fixed(distance, 2)} SD on one side"
            yield Observation(_subject(one), distance <= limit.value, distance, message)


def _pairs(controls: _Controls) -> Iterator[tuple[ControlStanding, ControlStanding, float, float]]:
    for one, other in combinations(controls, 2):
        if one.z is not None and other.z is not None:
            yield one, other, one.z, other.z


def _unknown(one: ControlStanding) -> Observation:
    return Observation(_subject(one), None, None, one.reason or "no value")


def _subject(one: ControlStanding) -> str:
    return f"control {one.control}" if one.lot is None else f"control {one.control}, lot {one.lot}"
