"""A standard curve as it was fitted to one plate: parameters, calibrators, working range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.domain import ADDED
from pipeline.domain.message import Message
from pipeline.domain.names import number
from pipeline.domain.specificity import Interval


@dataclass(frozen=True, slots=True)
class Parameter:
    """A curve parameter with its standard error, Wald and profile-likelihood 95 % intervals."""

    value: float
    se: float | None
    ci95: Interval | None
    profile_ci95: Interval | None = None
    """Open at an end that the calibrators leave open."""


@dataclass(frozen=True, slots=True)
class CalibratorResult:
    """One calibrator level against the fitted curve; nominal and back-calculated in the assay's unit."""

    level: str
    nominal: float
    mean_od: float | None
    cv_percent: float | None
    back_calculated: float | None
    recovery_percent: float | None
    used: bool
    reason: str | None
    n: int
    ods: tuple[float, ...]
    """OD of each usable well."""
    distance_p: float | None = None
    """Chance that the mean OD lies so far from the curve, given the well-to-well error of the plate."""
    faded: bool = field(default=False, metadata=ADDED)
    """Not recovered because its signal fades into the blank: in the fit, below the range, no failure."""


@dataclass(frozen=True, slots=True)
class WorkingRange:
    """From the lowest to the highest calibrator that passes; None where none does."""

    lloq: float | None
    uloq: float | None
    unit: str


@dataclass(frozen=True, slots=True)
class LackOfFit:
    """F test of the level means' distance from the curve against pure replicate error."""

    f: float
    df: tuple[int, int]
    p: float


@dataclass(frozen=True, slots=True)
class OneCurve:
    """The smallest set of calibrator levels without which all others lie on one curve."""

    without: tuple[str, ...]
    only: bool
    """No other set of as many levels does it; else it is the one that leaves the best curve."""


@dataclass(frozen=True, slots=True)
class CurveFit:
    """A standard curve. A failed fit has no parameters and says why in ``failure``."""

    antigen: str
    model: str
    weighting: str
    parameters: Mapping[str, Parameter]
    residual_df: int
    residual_sd: float | None
    """Standard deviation of one unit weight; with weights 1/y² a relative SD."""
    r_squared: float | None
    """Printed for those who look for it; never a criterion."""
    lack_of_fit: LackOfFit | None
    calibrators: tuple[CalibratorResult, ...]
    range: WorkingRange
    warnings: tuple[str, ...]
    fitted_to: str
    """``wells`` or ``means``."""
    failure: str | None = None
    line: tuple[tuple[float, float], ...] = ()
    """(concentration, OD) along the curve, for drawing."""
    exponent: float | None = None
    """Of the fitted mean in the well SD: Var = s² mean^(2 exponent); declared or estimated."""
    disagreement_percent: float | None = None
    """Largest difference between the two engines' fitted ODs, in percent of the curve's span."""
    correlation: float | None = None
    """Largest correlation between two parameters, in size."""
    dropped: DroppedLevel | None = None
    one_curve: OneCurve | None = field(default=None, metadata=ADDED)
    """Where levels are wrong: without which the others lie on one curve. For words, not for results."""


@dataclass(frozen=True, slots=True)
class DroppedLevel:
    """A calibrator level that was left out, and the curve as it was with it (ICH M10: at most one)."""

    level: str
    reason: str
    before: CurveFit


@dataclass(frozen=True, slots=True)
class Reach:
    """How far the samples of a layout reach with a curve, in the assay's unit at the undiluted scale."""

    reports_from: float | None
    """Smallest titer that can be positive or, without a cut-off, that is in range; None: there is none."""
    reports_to: float | None
    """Largest titer that is read as a number."""
    cutoff: float | None
    unit: str

    def said(self) -> Message:
        """In a sentence."""
        if self.reports_from is None:
            return Message("This layout reports no positive: too few dilutions side by side can be judged.")
        unit, start = self.unit, number(self.reports_from)
        if self.reports_to is None:
            return Message("This layout reports from {n:n} {unit}.", n=start, unit=unit)
        ends = {"n": start, "m": number(self.reports_to), "unit": unit}
        if self.cutoff is None:
            return Message("This layout reports from {n:n} to {m:n} {unit}.", **ends)
        if self.reports_from <= self.cutoff:
            return Message("This layout reports from {n:n} {unit}, the cut-off, to {m:n} {unit}.", **ends)
        return Message(
            "This layout reports from {n:n} to {m:n} {unit}; from the cut-off of {cutoff:n} {unit} up to "
            "that, a positive serum stays open.",
            cutoff=number(self.cutoff),
            **ends,
        )
