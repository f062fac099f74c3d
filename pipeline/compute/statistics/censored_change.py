"""Changes of titers of which one or both lie beyond what was measured: the change is a bound, never a number.

From 8000 to "< 100" is a fall to less than 1/80; from ">= 70 000" to 2000 a fall to 1/35 or less; from
"< 100" to "< 100" may be anything. Two-sided intervals become one-sided limits, because only the error of the
measured titer on the known side counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.compute.statistics.change import Change, MeasuredTiter, change
from pipeline.compute.statistics.inference import not_positive, t_one_sided
from pipeline.domain.codes.qualifier import Qualifier


@dataclass(frozen=True, slots=True)
class ReportedTiter:
    """A titer as it was reported; of a censored one the number is the bound and has no error."""

    titer: MeasuredTiter
    qualifier: Qualifier


@dataclass(frozen=True, slots=True)
class BoundedChange:
    """What is known of a change: at most, or at least, this fold (0.25: a fall to a quarter)."""

    at_most: float | None
    """The fold is this or less."""
    at_least: float | None
    """The fold is this or more."""
    limit: float | None
    """The same bound with the error of the measured titer, at the one-sided confidence; None without one."""
    confidence: float
    least_fold: float
    reason: str | None = None
    """Why nothing is known, or why the limit is not there."""

    @property
    def percent(self) -> float | None:
        """The bound in percent: -75 where the fold is at most 0.25, so the fall is 75 % or more."""
        fold = self.at_least if self.at_most is None else self.at_most
        return None if fold is None else 100.0 * (fold - 1)

    @property
    def log2_steps(self) -> float | None:
        """The bound in two-fold steps."""
        fold = self.at_least if self.at_most is None else self.at_most
        return None if fold is None else float(np.log2(fold))

    @property
    def significant(self) -> bool | None:
        """True if even the bound is a change, by its limit or by the fold; else unknown, never False."""
        if self.at_most is not None:
            fall = self.limit is not None and self.limit < 1
            return True if fall or _reaches_down(self.at_most, 1 / self.least_fold) else None
        rise = self.limit is not None and self.limit > 1
        return True if rise or _reaches_up(self.at_least, self.least_fold) else None


def _reaches_down(value: float | None, fold: float) -> bool:
    return value is not None and value <= fold * (1 + 1e-12)


def _reaches_up(value: float | None, fold: float) -> bool:
    return value is not None and value >= fold * (1 - 1e-12)


def reported_change(
    before: ReportedTiter, after: ReportedTiter, *, confidence: float, least_fold: float, ln_covariance: float
) -> Change | BoundedChange:
    """The change between two reported titers of one patient, in the same unit.

    Args:
        before: the baseline.
        after: the later titer.
        confidence: two-sided for two measured titers, one-sided for a bound.
        least_fold: a change by this factor counts without an interval; above 1.
        ln_covariance: of two measured titers; a bound has no error to share.
    """
    if before.qualifier is after.qualifier is Qualifier.MEASURED:
        return change(
            before.titer,
            after.titer,
            confidence=confidence,
            least_fold=least_fold,
            ln_covariance=ln_covariance,
        )
    if not least_fold > 1:
        raise ValueError(f"the least fold must be above 1, not {least_fold}")
    problem = not_positive(before.titer.titer, after.titer.titer)
    direction = _direction(before.qualifier, after.qualifier)
    if problem is None and direction == 0:
        problem = "both titers lie beyond the same end, so their change may be anything"
    if problem is not None:
        return BoundedChange(None, None, None, confidence, least_fold, problem)
    fold = after.titer.titer / before.titer.titer
    half = _half_width(before, after, confidence)
    limit = None if isinstance(half, str) else fold * float(np.exp(-direction * half))
    reason = half if isinstance(half, str) else None
    at_most, at_least = (fold, None) if direction < 0 else (None, fold)
    return BoundedChange(at_most, at_least, limit, confidence, least_fold, reason)


def _direction(before: Qualifier, after: Qualifier) -> int:
    """-1: the quotient of the numbers is an upper bound of the fold, 1: a lower bound, 0: neither."""
    side = {Qualifier.BELOW: -1, Qualifier.MEASURED: 0, Qualifier.AT_LEAST: 1}
    return int(np.sign(side[after] - side[before]))


def _half_width(before: ReportedTiter, after: ReportedTiter, confidence: float) -> float | str:
    """Error of the measured titer on the ln scale; 0 if none was measured; or why it is not known."""
    measured = [one.titer for one in (before, after) if one.qualifier is Qualifier.MEASURED]
    if not measured:
        return 0.0
    se, df = measured[0].ln_se, measured[0].df
    if se is None:
        return "the measured titer has no standard error"
    if not (0 <= se < np.inf and df > 0):
        return "the standard error of the measured titer cannot be used"
    return t_one_sided(confidence, df) * se


@dataclass(frozen=True, slots=True)
class Fall:
    """Did a titer fall by a percentage? None: it cannot be said."""

    by_number: bool | None
    """By the change itself, or by the bound of a censored one."""
    surely: bool | None
    """By the whole interval, or by the limit of a bound."""


def fall_reached(found: Change | BoundedChange, percent: float) -> Fall:
    """Has the titer fallen by ``percent`` (above 0, below 100) or more?"""
    if not 0 < percent < 100:  # noqa: PLR2004 -- percent of a whole
        raise ValueError(f"a fall lies between 0 and 100 percent, not {percent}")
    fold = 1 - percent / 100
    if isinstance(found, BoundedChange):
        return _bounded_fall(found, fold)
    number = None if found.fold is None else _reaches_down(found.fold, fold)
    ends = found.fold_interval
    return Fall(number, None if ends is None else _reaches_down(ends[1], fold))


def _bounded_fall(found: BoundedChange, fold: float) -> Fall:
    """An upper bound of the fold can show a fall, a lower one can exclude it; else nothing can be said."""
    if found.at_most is not None:
        number = True if _reaches_down(found.at_most, fold) else None
        return Fall(number, True if _reaches_down(found.limit, fold) else None)
    excluded = found.at_least is not None and not _reaches_down(found.at_least, fold)
    return Fall(False if excluded else None, False if excluded else None)
