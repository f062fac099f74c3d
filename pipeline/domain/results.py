"""Results of one plate, shaped as ``results.json`` shows them.

Out of range is a state (a qualifier, a reason), never 0, -1 or NaN; absent is None. OD has no unit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.domain import ADDED
from pipeline.domain.codes.classes import SampleClass
from pipeline.domain.codes.flags import Flag
from pipeline.domain.codes.qualifier import Qualifier
from pipeline.domain.codes.reasons import Reason
from pipeline.domain.codes.reference import NoReference
from pipeline.domain.codes.steps import NextStep
from pipeline.domain.codes.unused import CurvePlace, DilutionUnused, WellUnused
from pipeline.domain.curve_results import CurveFit, Reach
from pipeline.domain.history import RunStanding, SampleIds, StepError
from pipeline.domain.lot_use import LotUse
from pipeline.domain.patterns import PlatePatterns
from pipeline.domain.plate import Accounting
from pipeline.domain.specificity import AntigenNegative, Hnk1Result, Interval, NonspecificBinding


@dataclass(frozen=True, slots=True)
class WellResult:
    """One well of the plate: what was read, what it was for, what became of it."""

    well: str
    role: str | None
    name: str | None
    antigen: str | None
    dilution: float | None
    raw_od: float | None
    """At the measurement wavelength, as printed."""
    reference_od: float | None
    """At the reference wavelength, as printed."""
    od: float | None
    """The signal used: raw minus reference where there is one."""
    state: WellUnused | None
    used: bool
    reason: str | None
    """Why a well of the layout was not used, in words."""
    concentration: float | None = None
    """Curve concentration of this well alone, in the calibrators' unit, dilution not applied."""
    concentration_state: CurvePlace | None = None
    """None where no curve applies."""
    unused: WellUnused | None = field(default=None, metadata=ADDED)
    """The code of ``reason``; None in records of versions without it."""
    competitor: str | None = field(default=None, metadata=ADDED)
    """What the serum was treated with; None in records of versions without it."""


@dataclass(frozen=True, slots=True)
class OdSummary:
    """Replicate wells of one sample, dilution and antigen; CV in percent, None for a single well."""

    mean: float
    n: int
    cv_percent: float | None
    range_od: float | None = None
    """Largest minus smallest OD; None for a single well."""


@dataclass(frozen=True, slots=True)
class Titer:
    """A titer on the undiluted scale; with a qualifier ``<`` or ``>=`` the value is the bound."""

    value: float | None
    ci95: Interval | None
    unit: str
    qualifier: Qualifier
    method: str
    text: str


@dataclass(frozen=True, slots=True)
class LnTiter:
    """Error of the natural logarithm of a titer: its intervals are ``ln titer +/- t(df) se``."""

    se: float
    df: float | None
    """Degrees of freedom (Satterthwaite); None where the errors are taken as known."""


@dataclass(frozen=True, slots=True)
class EndpointTiter:
    """Reciprocal dilution of the last positive of the uninterrupted run, and interpolated."""

    last_positive: float | None
    interpolated: float | None
    ci95: Interval | None
    qualifier: Qualifier
    text: str


@dataclass(frozen=True, slots=True)
class CutoffTiter:
    """Reciprocal dilution at which the fitted series falls to the cut-off OD; never beyond the dilutions."""

    value: float | None
    ci95: Interval | None
    qualifier: Qualifier
    cutoff_od: float
    text: str


@dataclass(frozen=True, slots=True)
class Parallelism:
    """Does the sample fall over its dilutions as the calibrators do?"""

    slope_ratio: float | None
    """ln-ln slope of the sample over the calibrators'; 1 is parallel."""
    ci90: Interval | None
    """Inside the limits: shown to be parallel; outside: shown not to be; else open."""
    p: float | None
    """Chance of a scatter between the dilutions as large as this, given the errors of the plate."""
    reason: str | None = None
    """Why there is no slope."""


@dataclass(frozen=True, slots=True)
class SeriesResult:
    """What stands beside the titer: other readings of the same series, and whether they agree."""

    cutoff_titer: CutoffTiter | None
    area: float | None
    """Area under the net OD over ln dilution, OD times ln; a companion that needs no curve."""
    area_se: float | None
    area_reason: str | None
    parallelism: Parallelism
    titers_fold: float | None
    """Larger over smaller of the cut-off and the interpolated endpoint titer; None where one is a bound."""
    censored_dilutions: int
    """Dilutions beyond the working range that took part in the titer as such."""
    next_dilution: float | None
    """Reciprocal dilution of the serum to run next, where the answer lies out of range."""


@dataclass(frozen=True, slots=True)
class DilutionResult:
    """One dilution of a sample."""

    dilution: float
    wells: Mapping[str, tuple[str, ...]]
    od: Mapping[str, OdSummary]
    net_od: float | None
    """MAG minus antigen-negative; negative differences are kept."""
    net_od_se: float | None
    cutoff_od: float | None
    titer: float | None
    """Concentration x dilution / reference dilution, in the assay's unit."""
    used: bool
    """Did this dilution contribute to the combined titer?"""
    reason: DilutionUnused | None
    titer_ci95: Interval | None = None
    raw_positive: bool | None = None
    positive: bool | None = None
    hnk1_net_od: float | None = None
    hnk1_net_od_se: float | None = None
    specific_fraction: float | None = None
    specific_fraction_ci95: Interval | None = None
    negative_borrowed: bool = False
    """Read against the antigen-negative wells of a neighbouring dilution."""


@dataclass(frozen=True, slots=True)
class SampleResult:
    """Everything about one sample on one plate."""

    sample_id: str
    slot: str
    classification: SampleClass
    reasons: tuple[Reason, ...]
    flags: tuple[Flag, ...]
    reportable: bool
    titer: Titer
    endpoint_titer: EndpointTiter
    antigen_negative: AntigenNegative
    hnk1: Hnk1Result
    dilutions: tuple[DilutionResult, ...]
    dilution_cv_percent: float | None = None
    """Geometric CV of the titers of the usable dilutions; None below three."""
    ln_titer: LnTiter | None = field(default=None, metadata=ADDED)
    """None without a measured titer."""
    nonspecific: NonspecificBinding | None = None
    series: SeriesResult | None = None
    """None where the plate has no curve, or was rejected."""
    explanation: str = ""
    """The class in a sentence that a manager understands."""
    reference_range: str | None = None
    """The assay's, with its source."""
    converted: tuple[str, ...] = ()
    """The titer in further units, each with factor and source."""
    level_comment: str | None = None
    """Meaning of the level in the assay's own tiers, with its source."""
    titer_reported: str = field(default="", metadata=ADDED)
    """The titer as a result states it: :func:`pipeline.compute.sample.result_text.reported`."""
    result_text: str = field(default="", metadata=ADDED)
    """The result in one sentence, for the clinic."""
    next_step: str | None = None
    """What to do at the bench, or None when nothing is needed."""
    next_steps: tuple[NextStep, ...] = field(default=(), metadata=ADDED)
    """The codes of ``next_step``; empty in records of versions without them."""
    patient_code: str | None = None
    prior_dilution: float = 1.0
    collected_on: str | None = None
    comment: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ControlResult:
    """A control: a sample with an expected answer, analysed in the same way."""

    name: str
    kind: str
    target: float | None
    expected_hnk1: str | None
    recovery_percent: float | None
    result: SampleResult
    lot: str | None = None
    """None where no lot is known."""


@dataclass(frozen=True, slots=True)
class BlankResult:
    """Blank wells of one antigen coating."""

    antigen: str
    wells: tuple[str, ...]
    mean_od: float | None
    sd_od: float | None
    n: int


@dataclass(frozen=True, slots=True)
class ReadingChoice:
    """Which reads of the export were used, and what the export did not say."""

    measurement: str
    reference: str | None
    wavelength_nm: float | None
    reference_wavelength_nm: float | None
    expected_wavelength_nm: float | None
    expected_reference_wavelength_nm: float | None
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    """What the reader of the export found odd, as ``CODE: text``."""
    no_reference: NoReference | None = field(default=None, metadata=ADDED)
    """Why nothing was subtracted though the assay asks for it, as the notes say in words."""


@dataclass(frozen=True, slots=True)
class ReplicatePrecision:
    """Well-to-well error of this plate, from all its replicate groups.

    SD of one well at mean OD m is ``sqrt(additive_od² + (proportional m)²)`` (two-component error model,
    Rocke and Lorenzato 1995, Technometrics 37:176).
    """

    additive_od: float
    """Part that does not depend on the signal, OD."""
    proportional: float
    """Part that grows with the signal, a fraction (0.04 is 4 %)."""
    df: int
    """Degrees of freedom: wells minus groups."""
    covariance: tuple[float, float, float] | None = None
    """(variance of additive², covariance, variance of proportional²); None where they are assumed."""
    left_out: int = 0
    """Replicate groups that scatter far beyond the others (failed dispenses) and were left out."""

    def df_at(self, mean_od: float) -> float:
        """Degrees of freedom behind the variance of a well at a mean OD (Satterthwaite 1946).

        Fewer than ``df``: what low wells teach says little about the part that grows with the signal.
        """
        if self.covariance is None:
            return max(float(self.df), 1.0)
        additive, both, proportional = self.covariance
        square = max(mean_od, 0.0) ** 2
        variance = self.additive_od**2 + self.proportional**2 * square
        spread = additive + 2 * both * square + proportional * square**2
        df = 2 * variance**2 / spread if spread > 0 else float(self.df)
        return min(max(df, 1.0), max(float(self.df), 1.0))

    def sd(self, mean_od: float) -> float:
        """SD of one well at a mean OD."""
        return math.hypot(self.additive_od, self.proportional * max(mean_od, 0.0))


@dataclass(frozen=True, slots=True)
class NegativeLimit:
    """What a new negative serum stays below at one dilution, from the plate's negative controls."""

    dilution: float
    n: int
    """Negative controls that could be read there."""
    mean_od: float | None
    factor: float | None
    """Of the SD, above the mean."""
    limit_od: float | None
    """Net OD; None with a reason."""
    reason: str | None


@dataclass(frozen=True, slots=True)
class PlateResult:
    """The whole assay computed for one plate, before any rule judged it."""

    reading: ReadingChoice
    wells: tuple[WellResult, ...]
    blanks: tuple[BlankResult, ...]
    precision: ReplicatePrecision | None
    curves: tuple[CurveFit, ...]
    controls: tuple[ControlResult, ...]
    samples: tuple[SampleResult, ...]
    accounting: Accounting
    step_error: StepError | None = None
    negative_limits: tuple[NegativeLimit, ...] = ()
    patterns: PlatePatterns | None = None
    """Edge effect, drift and copied numbers; None in records of versions that did not look."""
    standing: RunStanding | None = None
    """Its controls among those of past runs; None where no history is at hand."""
    lots: tuple[LotUse, ...] = ()
    """Lots that were used; empty where neither a lot file nor the layout names any."""
    reach: Reach | None = None
    """From which titer to which the layout reports with this curve."""
    ids: SampleIds | None = None
    """Its sample ids among those of the sheet and of earlier runs; None without a sample sheet."""
