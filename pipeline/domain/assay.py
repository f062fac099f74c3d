"""An assay as its folder declares it. Frozen and strict: a misspelt key is an error, never a default.

Every limit has a value, a unit, a consequence and a source. Nothing here computes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from pipeline.domain.declared import (
    Declared,
    NotNegative,
    Positive,
    Setting,
    Text,
    optional,
    required,
)
from pipeline.domain.hnk1 import Hnk1, Hnk1Direct, is_mag
from pipeline.domain.limits import LIMIT_KINDS, Limits
from pipeline.domain.steering import DilutionSettings, Steering, steered
from pipeline.errors import nearest

SHORTEST_NM, LONGEST_NM = 200, 1100
"""What the optics of plate readers for absorbance, fluorescence and luminescence reach."""
WEIGHTS = re.compile(r"(none|1/y|1/y2|power|power:\d+(\.\d+)?)\Z")


class ReadingSettings(Declared):
    """Which numbers of the export the assay uses."""

    kind: Literal["absorbance", "fluorescence", "luminescence"] = "absorbance"
    wavelength_nm: Positive | None = None
    reference_wavelength_nm: Positive | None = None
    wavelength_tolerance_nm: NotNegative = 5.0
    reference_tolerance_nm: NotNegative = 30.0
    accept_reduced: bool = False
    """May a matrix that the reader's software already reduced stand in for raw numbers?"""
    max_od: Setting | None = optional("OD")
    """Upper end of the reader's linear range: a well above it carries no number."""

    @model_validator(mode="after")
    def _possible(self) -> ReadingSettings:
        measured, reference = self.wavelength_nm, self.reference_wavelength_nm
        for key, nm in (("wavelength_nm", measured), ("reference_wavelength_nm", reference)):
            if nm is not None and not SHORTEST_NM <= nm <= LONGEST_NM:
                msg = f"{key} is {nm:g}; plate readers measure from {SHORTEST_NM} to {LONGEST_NM} nm"
                raise ValueError(msg)
        if measured is not None and measured == reference:
            msg = f"reference_wavelength_nm is {measured:g} nm, as the measuring wavelength is"
            raise ValueError(msg)
        return self


class SampleSettings(Declared):
    """How samples are named, and which of their wells agree."""

    without_sheet: Literal["wait", "slot_names"] = "wait"
    """A run without a sample sheet waits for one, or uses the slots' names as ids."""
    replicate_cv: Setting | None = optional("%")
    """Largest CV of replicate wells that agree; HNK1 is not read from wells that do not."""
    replicate_difference_od: Setting | None = optional("OD")
    """Replicate wells that differ by no more than this agree whatever their CV."""
    widest_interval: Setting | None = optional("fold")
    """A titer whose 95 % interval is wider than this is no number: a bound, or none."""


class Calibration(Declared):
    """The calibrators. A level of 0 is a zero standard; ``zero = "blank"`` takes the blank wells as one."""

    antigen: Text
    levels: Mapping[str, NotNegative] = {}
    """At least two; none where the sera of the plate make the curve (``common-shape``)."""
    reference_dilution: Positive
    zero: Literal["blank", "none"] = "none"
    source: Text


class ExpectedCurve(Declared):
    """The standard curve of a good plate: to say beforehand how far a layout reaches, never for a result."""

    lower: NotNegative
    upper: Positive
    ec50: Positive
    """In the assay's unit."""
    slope: Positive
    source: Text


class CurveSettings(Declared):
    """How the standard curve is fitted."""

    model: Literal["3pl", "4pl", "5pl", "4pl-fixed-lower", "auto", "common-shape"] = "4pl"
    """``common-shape``: no calibrators, one shape for all sera, titers as reciprocal dilutions."""
    weights: str = "none"
    fit_to: Literal["wells", "means"] = "wells"
    drop_level: Literal["none", "one"] = "none"
    """May one calibrator level that is not recovered be left out and the curve fitted again (ICH M10)?"""
    average: Literal["geometric", "arithmetic"] = "geometric"
    """How results of replicate wells and dilutions of one sample are averaged."""
    levels_min: Setting | None = optional("levels")
    """Levels above zero that the curve is meant to have: one may be lost, and none left out below this."""
    recovery: Setting | None = optional("%")
    """A level that is read farther from its nominal value than this may be left out (``drop_level``) ..."""
    recovery_ends: Setting | None = optional("%")
    """... and at the ends farther than this; the working range ends at levels within it ..."""
    range_cv: Setting | None = optional("%")
    """... whose wells have no larger CV than this."""
    shape_low: Setting | None = optional("share of the span")
    """``common-shape``: signals from this share of the common curve's span ..."""
    shape_high: Setting | None = optional("share of the span")
    """... to this one are read."""
    expected: ExpectedCurve | None = None
    """Of a good plate; for ``layout check``."""
    fading: Setting | None = optional("SE")
    """A low level that is not recovered fades into the blank where the curve rises by less than so many SE of
    its mean for each unit of ln concentration ..."""
    fading_distance: Setting | None = optional("SE")
    """... and it lies no farther from the curve than so many SE. It narrows the range and is no failure."""
    source: Text

    @field_validator("weights")
    @classmethod
    def _known_weights(cls, value: str) -> str:
        if WEIGHTS.fullmatch(value) is None:
            msg = "weights must be none, 1/y, 1/y2, power (estimated) or power:THETA (such as power:0.8)"
            raise ValueError(msg)
        return value

    @property
    def theta(self) -> float | None:
        """Exponent of the fitted mean in the well SD: Var(y) = s² mean^(2 theta); None: to be estimated."""
        fixed = {"none": 0.0, "1/y": 0.5, "1/y2": 1.0}
        if self.weights == "power":
            return None
        return fixed[self.weights] if self.weights in fixed else float(self.weights.removeprefix("power:"))


class AntigenNegativeSettings(Declared):
    """Wells without the antigen: the internal control of each sample at each dilution."""

    antigen: Text = "none"
    coating: Literal["uncoated", "control antigen"] = "uncoated"
    """Blocked like the others but not coated, or coated with an irrelevant antigen."""
    control_antigen: str = ""
    """Which one, such as histone H3; required for that coating."""
    missing: Literal["not judged", "neighbour"] = "not judged"
    """A dilution whose antigen-negative wells are lost: left out, or read against its neighbours' wells."""
    coating_correction: Literal["none", "blanks"] = "none"
    """Correct each antigen-negative signal by what the plate's blanks with and without antigen differ."""
    min_ratio: Setting = required("ratio")
    """Smallest antigen / antigen-negative OD ratio of a positive dilution without ``sticking_factor``."""
    sticking_factor: Setting | None = optional("ratio")
    """A serum that sticks is positive where its net signal exceeds the cut-off by this many times what
    sticks: it would be positive even if the antigen wells stuck so much more."""
    sticks_from: Setting | None = optional("OD")
    """Antigen-negative signal above the blanks from which a serum sticks."""
    max_od: Setting = required("OD")
    """Antigen-negative OD above which binding counts as raised."""
    nonspecific_below: Setting = required("fraction")
    """Specific fraction below which raised binding makes the signal non-specific."""
    partial_below: Setting = required("fraction")
    """Specific fraction below which raised binding leaves the result open."""
    bad_well_se: Setting | None = optional("SE")
    """A dilution that alone lies more than this many SE below its antigen-negative wells is a bad well."""

    @model_validator(mode="after")
    def _control_antigen_named(self) -> AntigenNegativeSettings:
        if (self.coating == "control antigen") != bool(self.control_antigen):
            msg = "control_antigen belongs to coating = 'control antigen', and must be named there"
            raise ValueError(msg)
        return self


class Tier(Declared):
    """A level comment: from this titer upwards."""

    from_titer: NotNegative
    comment: Text
    hnk1_in_doubt: Text | None = None
    """In its place where HNK1 was tested and did not confirm."""


class Negatives(Declared):
    """A cut-off that follows the plate's negative controls: mean + f SD at the same dilution.

    f = t(confidence, n - 1) sqrt(1 + 1/n): a new negative serum stays below with this confidence (Frey et al.
    1998, J Immunol Methods 221:35).
    """

    confidence: Annotated[float, Field(gt=0.5, lt=1, strict=True)]
    fewest: Annotated[int, Field(ge=2, strict=True)]
    """Negative controls that must be readable at a dilution; with fewer the negatives say nothing there."""
    source: Text


class Conversion(Declared):
    """Another unit in which titers are printed as well; never used for a decision."""

    unit: Text
    factor: Positive
    """Titer in that unit = titer in the assay's unit x factor."""
    source: Text


class Cutoff(Declared):
    """When a dilution, and a sample, is positive."""

    titer: Positive
    """In the assay's unit, at the undiluted scale."""
    titer_source: Text
    reference_range: str = ""
    """As the laboratory prints it beside a result, such as "below 1000 BTU"."""
    absent_below: Setting | None = optional("share of the cut-off")
    """Antibodies are clearly absent where the titer's upper end lies below this share of the cut-off."""
    floor_od: Setting = required("OD")
    """Smallest net OD that may count as positive at any dilution."""
    confirming_floor_od: Setting | None = optional("OD")
    """Smallest net OD with which the dilution after a positive one confirms it; else ``floor_od``."""
    negatives: Negatives | None = None
    min_adjacent_dilutions: Annotated[int, Field(ge=1, strict=True)] = 2
    straddle_confidence: Annotated[float, Field(gt=0.5, lt=1, strict=True)] = 0.90
    """Confidence of the interval that must not straddle the cut-off."""
    tiers: tuple[Tier, ...] = ()
    tiers_source: str = ""


class Control(Declared):
    """A control serum with its expected answer."""

    kind: Literal["negative", "positive"]
    target: NotNegative | None = None
    """In the assay's unit, at the undiluted scale."""
    hnk1: Literal["positive", "negative"] | None = None
    source: Text

    @model_validator(mode="after")
    def _positive_has_target(self) -> Control:
        if self.kind == "positive" and not self.target:
            msg = "a positive control needs a target above 0"
            raise ValueError(msg)
        return self


class Assay(Declared):
    """What is measured and how it is judged."""

    name: Text
    title: Text
    version: Text
    description: str = ""
    measured: Text | None = None
    """What is measured, as a result names it: "Anti-MAG IgM"; the title where it is not said."""
    method: Text | None = None
    """How, in the words of a result."""
    follow_up_note: Text | None = None
    """What has to be said where titers of several visits stand beside each other."""
    unit: Text
    antigens: Annotated[tuple[Text, ...], Field(min_length=1)]
    """Coatings that the layout may use, antigen-negative included."""
    reading: ReadingSettings
    samples: SampleSettings = SampleSettings()
    calibration: Calibration
    curve: CurveSettings
    dilution: DilutionSettings
    antigen_negative: AntigenNegativeSettings | None = None
    hnk1: Hnk1 | None = None
    cutoff: Cutoff | None = None
    controls: Mapping[str, Control] = {}
    conversions: tuple[Conversion, ...] = ()
    """Laboratories' units differ and no standard links them: none is converted without a declared factor."""
    limits: Limits
    limits_removed: Mapping[str, Text] | None = None
    """Limits that a base declares and this assay does not, each with the reason."""

    @field_validator("limits_removed")
    @classmethod
    def _known_limits(cls, value: Mapping[str, str] | None) -> Mapping[str, str] | None:
        for name in value or ():
            if name not in LIMIT_KINDS:
                msg = f"limits_removed.{name} is no limit{nearest(name, LIMIT_KINDS)}"
                raise ValueError(msg)
        return value

    @property
    def has_calibrators(self) -> bool:
        """Do calibrators make the curve, or the sera themselves?"""
        return self.curve.model != "common-shape"

    @model_validator(mode="after")
    def _calibrators_or_common_shape(self) -> Assay:
        count, fewest = len(self.calibration.levels), 2
        if self.has_calibrators and count < fewest:
            msg = "calibration.levels needs two levels or more; without any, curve.model is 'common-shape'"
            raise ValueError(msg)
        if not self.has_calibrators and (count or self.cutoff is None or self.curve.shape_low is None):
            msg = "curve.model 'common-shape' needs cutoff, shape_low, shape_high, and no calibration.levels"
            raise ValueError(msg)
        return self

    @property
    def asks_hnk1(self) -> bool:
        """Is HNK1 a question here? For MAG, and where a check is declared; no other assay speaks of it."""
        return self.hnk1 is not None or is_mag(self.calibration.antigen)

    @property
    def steering(self) -> Steering:
        """The settings that have a limit beside them, each from its section, or else from that limit."""
        reading, samples, curve, dilution = self.reading, self.samples, self.curve, self.dilution
        limits = self.limits
        return Steering(
            reader_max_od=steered(reading.max_od, limits.reader_max_od),
            replicate_cv=steered(samples.replicate_cv, limits.replicate_cv),
            replicate_difference_od=steered(samples.replicate_difference_od, limits.replicate_difference_od),
            levels_min=steered(curve.levels_min, limits.calibrator_levels_min),
            recovery=steered(curve.recovery, limits.calibrator_recovery),
            recovery_ends=steered(curve.recovery_ends, limits.calibrator_recovery_ends),
            range_cv=steered(curve.range_cv, limits.calibrator_cv),
            parallelism_cv=steered(dilution.parallelism_cv, limits.parallelism_cv),
            parallelism_ratio=steered(dilution.parallelism_ratio, limits.parallelism_ratio),
            titer_agreement=steered(dilution.titer_agreement, limits.titer_agreement),
        )

    @model_validator(mode="after")
    def _antigens_declared(self) -> Assay:
        used = [("calibration.antigen", self.calibration.antigen)]
        if self.antigen_negative is not None:
            used.append(("antigen_negative.antigen", self.antigen_negative.antigen))
        if self.hnk1 is not None:
            used += [("hnk1.antigen", antigen) for antigen in self.hnk1.coatings]
        for key, antigen in used:
            if antigen not in self.antigens:
                msg = f"{key} is '{antigen}', which is not in antigens {list(self.antigens)}"
                raise ValueError(msg)
        if self.hnk1 is not None and self.antigen_negative is None:
            msg = "hnk1 needs antigen_negative: HNK1 wells are judged against antigen-negative wells"
            raise ValueError(msg)
        ratio = self.hnk1.ratio if isinstance(self.hnk1, Hnk1Direct) else None
        if ratio is not None and ratio.control not in self.controls:
            msg = f"hnk1.ratio.control is '{ratio.control}', which is not in controls {list(self.controls)}"
            raise ValueError(msg)
        return self
