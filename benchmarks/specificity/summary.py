"""Outcomes -> rates with intervals, for each rule and share, and by what the sera are."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.specificity.population import SHARES
from benchmarks.specificity.rules import RULES, Decision
from benchmarks.specificity.run import Outcome

NORMAL_95 = 1.959964
STICKY_BANDS = ((0.0, 0.15), (0.15, 0.3), (0.3, 0.6), (0.6, 1.2), (1.2, math.inf))
"""OD in wells without antigen at 1:1000; the first holds the sera that do not stick."""
TITER_BANDS = ((1_000.0, 2_000.0), (2_000.0, 7_000.0), (7_000.0, 70_000.0), (70_000.0, math.inf))
"""BTU; limits in use lie at 7000 (EAN/PNS) and 70 000 (Svahn et al. 2018)."""
Band = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Rate:
    """``k`` of ``n``, and the Wilson interval (Wilson 1927, J Am Stat Assoc 22:209; score form, 95 %)."""

    k: int
    n: int

    @property
    def value(self) -> float | None:
        """0 to 1; None where nothing was counted."""
        return self.k / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float]:
        """0 to 1 where nothing was counted."""
        if not self.n:
            return 0.0, 1.0
        share, z2 = self.k / self.n, NORMAL_95**2
        middle = (share + z2 / (2 * self.n)) / (1 + z2 / self.n)
        half = NORMAL_95 / (1 + z2 / self.n) * math.sqrt(share * (1 - share) / self.n + z2 / (4 * self.n**2))
        return max(middle - half, 0.0), min(middle + half, 1.0)


@dataclass(frozen=True, slots=True)
class Line:
    """One rule at one share of sticky sera."""

    share: float
    rule: str
    false_positive: Rate
    sensitivity: Rate
    open_negative: Rate
    """Left open, of those without anti-MAG IgM."""
    open_positive: Rate
    """Left open, of those with it."""

    def ppv(self, prevalence: float) -> float | None:
        """Positive predictive value; None where nothing is ever called positive."""
        return _ppv(self.sensitivity.value, self.false_positive.value, prevalence)

    def worst_ppv(self, prevalence: float) -> float | None:
        """The same from the lowest sensitivity and the highest false-positive rate of the intervals."""
        return _ppv(self.sensitivity.interval[0], self.false_positive.interval[1], prevalence)


def _ppv(sensitivity: float | None, false_positive: float | None, prevalence: float) -> float | None:
    """Sens p / (sens p + fpr (1 - p)), Bayes."""
    if sensitivity is None or false_positive is None:
        return None
    true, false = sensitivity * prevalence, false_positive * (1 - prevalence)
    return true / (true + false) if true + false > 0 else None


def lines(outcomes: Sequence[Outcome]) -> list[Line]:
    """Every rule at every share."""
    return [_line(_at(outcomes, share), share, rule) for share in SHARES for rule in RULES]


def _line(outcomes: Sequence[Outcome], share: float, rule: str) -> Line:
    negatives = [o for o in outcomes if not o.serum.positive]
    positives = [o for o in outcomes if o.serum.positive]
    return Line(
        share=share,
        rule=rule,
        false_positive=rate(negatives, rule),
        sensitivity=rate(positives, rule),
        open_negative=rate(negatives, rule, Decision.OPEN),
        open_positive=rate(positives, rule, Decision.OPEN),
    )


def rate(outcomes: Sequence[Outcome], rule: str, decision: Decision = Decision.POSITIVE) -> Rate:
    """How many of these sera a rule calls so."""
    return Rate(sum(o.decisions[rule] is decision for o in outcomes), len(outcomes))


def by_sticky_od(outcomes: Sequence[Outcome]) -> list[tuple[Band, list[Outcome]]]:
    """Sera without anti-MAG IgM, at the largest share, by what sticks of them."""
    chosen = [o for o in _at(outcomes, SHARES[-1]) if not o.serum.positive]
    return _banded(chosen, STICKY_BANDS, _sticky_od)


def by_titer(outcomes: Sequence[Outcome], *, sticky: bool) -> list[tuple[Band, list[Outcome]]]:
    """Sera with anti-MAG IgM, at the largest share, by their true titer."""
    chosen = [o for o in _at(outcomes, SHARES[-1]) if o.serum.positive and o.sticky is sticky]
    return _banded(chosen, TITER_BANDS, lambda outcome: outcome.serum.titer)


def open_reasons(outcomes: Sequence[Outcome], *, sticky: bool) -> Counter[tuple[str, str]]:
    """(class, reason) of the sera with anti-MAG IgM that titerline leaves open, at the largest share."""
    return Counter(
        (o.classification, o.reason)
        for _, members in by_titer(outcomes, sticky=sticky)
        for o in members
        if o.decisions["titerline"] is Decision.OPEN
    )


def _at(outcomes: Sequence[Outcome], share: float) -> list[Outcome]:
    return [o for o in outcomes if o.share == share]


def _sticky_od(outcome: Outcome) -> float:
    return outcome.serum.sticky_od if outcome.sticky else 0.0


def _banded(
    outcomes: Sequence[Outcome], bands: Sequence[Band], value: Callable[[Outcome], float]
) -> list[tuple[Band, list[Outcome]]]:
    return [(band, [o for o in outcomes if band[0] <= value(o) < band[1]]) for band in bands]
