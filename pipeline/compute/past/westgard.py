"""Westgard's control rules on z-scores: which run breaks which rule, and which points show it.

Westgard, Barry, Hunt and Groth 1981, Clin Chem 27:493: R-4s inside one run, 2-2s along a control and across
the controls of one run. 4-1s and 10x are followed along one control. "Exceeds" is strict: a z of exactly 2
breaks nothing, a z of exactly 0 lies on no side. A run without a value of a control neither breaks nor ends a
sequence: the rules look at successive measurements of that control.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

Scores = Mapping[str, float | None]
"""z of each control of one run; None where it has no value."""
Point = tuple[int, str]
"""Index of the run, and control."""


class WestgardRule(StrEnum):
    """The six rules, in the order in which they are reported."""

    ONE_2S = "1-2s"
    """One z beyond 2 SD: a warning, never alone a reason to reject."""
    ONE_3S = "1-3s"
    """One z beyond 3 SD."""
    TWO_2S = "2-2s"
    """Two beyond 2 SD on the same side: successive ones of a control, or two controls of one run."""
    R_4S = "R-4s"
    """One control of a run above +2 SD, another below -2 SD: more than 4 SD between them."""
    FOUR_1S = "4-1s"
    """Four successive ones of a control beyond 1 SD on the same side."""
    TEN_X = "10x"
    """Ten successive ones of a control on the same side of the mean."""

    @property
    def warning(self) -> bool:
        """Calls for a look at the other rules, not for rejection."""
        return self is WestgardRule.ONE_2S


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule broken in one run."""

    rule: WestgardRule
    run: int
    """Index of the run that completes the pattern."""
    points: tuple[Point, ...]
    """The points that show it, oldest first; those of one run in the order of its controls."""
    side: str
    """``high``, ``low`` or, for R-4s, ``both``."""

    @property
    def controls(self) -> tuple[str, ...]:
        """Controls concerned, each once."""
        return tuple(dict.fromkeys(control for _, control in self.points))


@dataclass(frozen=True, slots=True)
class _Sequence:
    """A rule over ``length`` successive values beyond ``limit`` SD on one side."""

    rule: WestgardRule
    length: int
    limit: float


_ALONE = (
    _Sequence(WestgardRule.ONE_2S, 1, 2.0),
    _Sequence(WestgardRule.ONE_3S, 1, 3.0),
    _Sequence(WestgardRule.TWO_2S, 2, 2.0),
    _Sequence(WestgardRule.FOUR_1S, 4, 1.0),
    _Sequence(WestgardRule.TEN_X, 10, 0.0),
)
"""The rules' definitions, not settings: their names carry the numbers."""
_PAIR_LIMIT = 2.0
"""SD beyond which each of two controls of one run has to lie for 2-2s and R-4s."""
_ORDER = {rule: n for n, rule in enumerate(WestgardRule)}


def violations(runs: Sequence[Scores]) -> tuple[Violation, ...]:
    """Every rule broken by a sequence of runs.

    Args:
        runs: in the order of time; each with the z of its controls, finite or None.

    Returns:
        In the order of runs, rules and controls. A pattern that goes on is reported in each further run.

    Raises:
        ValueError: a z that is NaN or infinite.
    """
    found = [
        *itertools.chain.from_iterable(_along(name, values) for name, values in _by_control(runs).items())
    ]
    found += [*itertools.chain.from_iterable(_inside(n, run) for n, run in enumerate(runs))]
    return tuple(sorted(found, key=lambda violation: (violation.run, _ORDER[violation.rule])))


def _by_control(runs: Sequence[Scores]) -> dict[str, list[tuple[int, float]]]:
    """Run and z of every value, by control: a run without a value leaves no trace."""
    values: dict[str, list[tuple[int, float]]] = {}
    for n, run in enumerate(runs):
        for control, z in run.items():
            if z is None:
                continue
            if not math.isfinite(z):
                raise ValueError(f"the z of {control} is {z}: a missing one is None")
            values.setdefault(control, []).append((n, z))
    return values


def _along(control: str, values: Sequence[tuple[int, float]]) -> Iterator[Violation]:
    """Rules over successive values of one control, by the length of each rule's streak at each value."""
    streaks = [0] * len(_ALONE)
    before = 0.0
    for place, (_, z) in enumerate(values):
        if z * before <= 0:
            streaks = [0] * len(_ALONE)
        before = z
        for k, rule in enumerate(_ALONE):
            streaks[k] = streaks[k] + 1 if abs(z) > rule.limit else 0
            if streaks[k] >= rule.length:
                last = values[place + 1 - rule.length : place + 1]
                yield _streak(rule.rule, control, last)


def _streak(rule: WestgardRule, control: str, values: Sequence[tuple[int, float]]) -> Violation:
    last, z = values[-1]
    return Violation(rule, last, tuple((n, control) for n, _ in values), "high" if z > 0 else "low")


def _inside(n: int, run: Scores) -> Iterator[Violation]:
    """Rules over the controls of one run."""
    high = tuple((n, control) for control, z in run.items() if z is not None and z > _PAIR_LIMIT)
    low = tuple((n, control) for control, z in run.items() if z is not None and z < -_PAIR_LIMIT)
    for points, side in ((high, "high"), (low, "low")):
        if len(points) > 1:
            yield Violation(WestgardRule.TWO_2S, n, points, side)
    if high and low:
        yield Violation(WestgardRule.R_4S, n, (*high, *low), "both")
