"""Rules over past runs: is a control where it used to be? The z are computed before; here they are compared.

Names and limits after Westgard, Barry, Hunt and Groth 1981, Clin Chem 27:493. A control with fewer accepted
past runs than a chart needs is not evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations

from pipeline.domain.history import ControlStanding
from pipeline.domain.message import Message, joined
from pipeline.domain.results import PlateResult
from pipeline.domain.rounding import fixed
from qc.rule import Observation, Observations, Terms, rule, rule_by_terms, unknown
from qc.subjects import FindingSubject, control, two_controls


def _controls(result: PlateResult) -> tuple[ControlStanding, ...]:
    return result.standing.controls if result.standing is not None else ()


def _subject(one: ControlStanding) -> FindingSubject:
    return control(one.control, one.lot)


@rule(
    "HIS-01",
    title="Control within 2 SD of its history (1-2s)",
    breach="Control beyond 2 SD of its history (1-2s)",
    limit="westgard_1_2s",
    follows="calibrators",
)
def one_2s(result: PlateResult) -> Observations:
    """Distance of a control from the mean of its reference runs, in SD; a warning by Westgard's scheme."""
    return _distance(result)


@rule(
    "HIS-02",
    title="Control within 3 SD of its history (1-3s)",
    breach="Control beyond 3 SD of its history (1-3s)",
    limit="westgard_1_3s",
    follows="calibrators",
)
def one_3s(result: PlateResult) -> Observations:
    """Distance of a control from the mean of its reference runs, in SD."""
    return _distance(result)


def _distance(result: PlateResult) -> Observations:
    for one in _controls(result):
        if one.z is None:
            yield _unknown(one)
        else:
            text = "z {z:n} against {n:n} reference runs"
            yield Observation(
                _subject(one), abs(one.z), Message(text, z=f"{one.z:+.2f}", n=one.reference_runs)
            )


@rule(
    "HIS-03",
    title="No two beyond 2 SD on one side (2-2s)",
    breach="Two beyond 2 SD on one side (2-2s)",
    limit="westgard_2_2s",
    follows="calibrators",
)
def two_2s(result: PlateResult) -> Observations:
    """Distance that two reach on one side: a control and its last value, or two controls of this run."""
    yield from _along(
        result,
        lambda one: one.last_two,
        "this and the value before reach {n:n} SD on one side",
        Message("this and the value before are not there yet"),
    )
    for subject, first, second in _pairs(result):
        reached = min(abs(first), abs(second)) if first * second > 0 else 0.0
        yield Observation(subject, reached, _both(first, second))


@rule_by_terms(
    "HIS-04",
    title="Two controls of a run do not part by 4 SD (R-4s)",
    breach="Two controls of a run part by 4 SD (R-4s)",
    limit="westgard_r_4s",
    follows="calibrators",
)
def r_4s(result: PlateResult, terms: Terms) -> Observations:
    """Range of two controls of this run, each beyond half of the limit on its side."""
    half = f"{terms.limit.value / 2:g}"
    breach = Message("breached with one above {a:n}, one below {b:n}", a=f"+{half}", b=f"-{half}")
    for subject, first, second in _pairs(result):
        low, high = sorted((first, second))
        nearer = min(high, -low)
        text = joined("; ", [_both(first, second), breach])
        yield Observation(subject, high - low, text, ok=terms.limit.allows(2 * nearer))


@rule(
    "HIS-05",
    title="No four beyond 1 SD on one side (4-1s)",
    breach="Four beyond 1 SD on one side (4-1s)",
    limit="westgard_4_1s",
    follows="calibrators",
)
def four_1s(result: PlateResult) -> Observations:
    """Distance that the last four values of a control reach on one side."""
    return _along(
        result,
        lambda one: one.last_four,
        "the last four values reach {n:n} SD on one side",
        Message("the last four values are not there yet"),
    )


@rule(
    "HIS-06",
    title="No ten on one side of the mean (10x)",
    breach="Ten on one side of the mean (10x)",
    limit="westgard_10x",
    follows="calibrators",
)
def ten_x(result: PlateResult) -> Observations:
    """Successive values of a control on one side of the mean; the limit is the number that breaches."""
    for one in _controls(result):
        if one.z is None:
            yield _unknown(one)
        else:
            text = Message("{n:n} successive values on one side of the mean", n=one.one_side)
            yield Observation(_subject(one), float(one.one_side), text)


def _along(
    result: PlateResult, reached: Callable[[ControlStanding], float | None], template: str, too_few: Message
) -> Observations:
    for one in _controls(result):
        distance = reached(one)
        if one.z is None:
            yield _unknown(one)
        elif distance is None:
            yield unknown(_subject(one), too_few)
        else:
            yield Observation(_subject(one), distance, Message(template, n=fixed(distance, 2)))


def _pairs(result: PlateResult) -> Iterator[tuple[FindingSubject, float, float]]:
    for one, other in combinations(_controls(result), 2):
        if one.z is not None and other.z is not None:
            yield two_controls(_subject(one), _subject(other)), one.z, other.z


def _both(first: float, second: float) -> Message:
    return Message("z {a:n} and {b:n}", a=f"{first:+.2f}", b=f"{second:+.2f}")


def _unknown(one: ControlStanding) -> Observation:
    return unknown(_subject(one), one.reason or Message("no value"))
