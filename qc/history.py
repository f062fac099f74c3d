"""Rules over past runs: is a control where it used to be? The z are computed before; here they are compared.

Names and limits after Westgard, Barry, Hunt and Groth 1981, Clin Chem 27:493. A control with fewer accepted
past runs than a chart needs is not evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations

from pipeline.domain.declared import Limit
from pipeline.domain.findings import Finding, Verdict
from pipeline.domain.history import ControlStanding, HistoryLimits, RunStanding
from qc.rule import Observation

HistoryCheck = Callable[[RunStanding, Limit], Iterator[Observation]]


@dataclass(frozen=True, slots=True)
class HistoryRule:
    """One rule; ``limit`` is its key in the limits."""

    id: str
    title: str
    limit: str
    check: HistoryCheck

    def apply(self, standing: RunStanding, limits: HistoryLimits) -> Iterator[Finding]:
        """Findings of this rule; ``not_evaluated`` where there is no limit or nothing to see."""
        limit: Limit | None = getattr(limits, self.limit)
        if limit is None:
            yield self._not_evaluated(f"the assay declares no limit history.{self.limit}")
            return
        observations = list(self.check(standing, limit))
        if not observations:
            yield self._not_evaluated("no control of this run to which the rule applies")
        for seen in observations:
            yield self._finding(seen, limit)

    def _not_evaluated(self, why: str) -> Finding:
        return Finding(self.id, self.title, "controls", Verdict.NOT_EVALUATED, None, None, "", "", why)

    def _finding(self, seen: Observation, limit: Limit) -> Finding:
        verdict = Verdict.NOT_EVALUATED
        if seen.ok is not None:
            verdict = Verdict.PASS if seen.ok else Verdict(limit.on_breach)
        return Finding(
            *(self.id, self.title, seen.subject, verdict, seen.observed),
            *(limit.value, limit.unit, limit.source, seen.message),
        )


def judge_standing(standing: RunStanding, limits: HistoryLimits) -> tuple[Finding, ...]:
    """Apply every rule over past runs to the controls of a new run."""
    return tuple(finding for rule in HISTORY_RULES for finding in rule.apply(standing, limits))


def one_2s(standing: RunStanding, limit: Limit) -> Iterator[Observation]:
    """Distance of a control from the mean of its reference runs, in SD; a warning by Westgard's scheme."""
    return _distance(standing, limit)


def one_3s(standing: RunStanding, limit: Limit) -> Iterator[Observation]:
    """Distance of a control from the mean of its reference runs, in SD."""
    return _distance(standing, limit)


def two_2s(standing: RunStanding, limit: Limit) -> Iterator[Observation]:
    """Distance that two reach on one side: a control and its last value, or two controls of this run."""
    yield from _along(standing, limit, "this and the value before", lambda one: one.last_two)
    for one, other, first, second in _pairs(standing):
        reached = min(abs(first), abs(second)) if first * second > 0 else 0.0
        subject = f"controls {one.control} and {other.control}"
        yield Observation(subject, reached <= limit.value, reached, f"z {first:+.2f} and {second:+.2f}")


def r_4s(standing: RunStanding, limit: Limit) -> Iterator[Observation]:
    """Range of two controls of this run, each beyond half of the limit on its side."""
    for one, other, first, second in _pairs(standing):
        low, high = sorted((first, second))
        half = limit.value / 2
        subject = f"controls {one.control} and {other.control}"
        message = f"z {first:+.2f} and {second:+.2f}; breached with one above +{half:g}, one below -{half:g}"
        yield Observation(subject, not (high > half and low < -half), high - low, message)


def four_1s(standing: RunStanding, limit: Limit) -> Iterator[Observation]:
    """Distance that the last four values of a control reach on one side."""
    return _along(standing, limit, "the last four values", lambda one: one.last_four)


def ten_x(standing: RunStanding, limit: Limit) -> Iterator[Observation]:
    """Successive values of a control on one side of the mean; the limit is the number that breaches."""
    for one in standing.controls:
        if one.z is None:
            yield _unknown(one)
            continue
        message = f"{one.one_side} successive values on one side of the mean"
        yield Observation(_subject(one), one.one_side < limit.value, float(one.one_side), message)


def _distance(standing: RunStanding, limit: Limit) -> Iterator[Observation]:
    for one in standing.controls:
        if one.z is None:
            yield _unknown(one)
            continue
        message = f"z {one.z:+.2f} against {one.reference_runs} reference runs"
        yield Observation(_subject(one), abs(one.z) <= limit.value, abs(one.z), message)


def _along(
    standing: RunStanding, limit: Limit, what: str, reached: Callable[[ControlStanding], float | None]
) -> Iterator[Observation]:
    for one in standing.controls:
        distance = reached(one)
        if one.z is None:
            yield _unknown(one)
        elif distance is None:
            yield Observation(_subject(one), None, None, f"{what} are not there yet")
        else:
            message = f"{what} reach {distance:.2f} SD on one side"
            yield Observation(_subject(one), distance <= limit.value, distance, message)


def _pairs(standing: RunStanding) -> Iterator[tuple[ControlStanding, ControlStanding, float, float]]:
    for one, other in combinations(standing.controls, 2):
        if one.z is not None and other.z is not None:
            yield one, other, one.z, other.z


def _unknown(one: ControlStanding) -> Observation:
    return Observation(_subject(one), None, None, one.reason or "no value")


def _subject(one: ControlStanding) -> str:
    return f"control {one.control}" if one.lot is None else f"control {one.control}, lot {one.lot}"


HISTORY_RULES: tuple[HistoryRule, ...] = (
    HistoryRule("HIS-01", "Control within 2 SD of its history (1-2s)", "one_2s", one_2s),
    HistoryRule("HIS-02", "Control within 3 SD of its history (1-3s)", "one_3s", one_3s),
    HistoryRule("HIS-03", "No two beyond 2 SD on one side (2-2s)", "two_2s", two_2s),
    HistoryRule("HIS-04", "Two controls of a run do not part by 4 SD (R-4s)", "r_4s", r_4s),
    HistoryRule("HIS-05", "No four beyond 1 SD on one side (4-1s)", "four_1s", four_1s),
    HistoryRule("HIS-06", "No ten on one side of the mean (10x)", "ten_x", ten_x),
)
