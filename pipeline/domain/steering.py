"""Settings that steer the computation: of the serial dilution, and all that have a QC limit beside them.

A limit is only judged; what the computation does is declared in ``[reading]``, ``[samples]``, ``[curve]`` and
``[dilution]``. Assays of older versions have only the limits, which steered as well: where a setting is not
declared it takes the value of the limit, so that such an assay computes what it always did.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, model_validator

from pipeline.domain.declared import Declared, LearnedSetting, Limit, Setting, optional, required

STEP_CV_MOST = 100
"""Percent: a dilution step that scatters more than its own size is a slip of the hand."""


@dataclass(frozen=True, slots=True)
class Steering:
    """Values in the units of their settings; None: the assay asks for no such step."""

    reader_max_od: float | None
    """OD above which a well carries no number."""
    replicate_cv: float | None
    """Largest CV of replicate wells that agree, percent."""
    replicate_difference_od: float | None
    """Largest range of replicate wells that agree whatever their CV, OD."""
    levels_min: float | None
    """Calibrator levels above zero that a curve is meant to have."""
    recovery: float | None
    """Farthest from nominal that a calibrator level is read and still kept, percent."""
    recovery_ends: float | None
    """The same for the ends of the curve and of the working range, percent."""
    range_cv: float | None
    """Largest CV of a calibrator level at an end of the working range, percent."""
    parallelism_cv: float | None
    """Largest CV of the titers of parallel dilutions, percent."""
    parallelism_ratio: float | None
    """Largest ratio of slopes of a parallel series; the smallest is its inverse."""
    titer_agreement: float | None
    """Farthest apart that titers of one series agree, fold."""


def steered(setting: Setting | None, limit: Limit | None) -> float | None:
    """The value of a setting; undeclared, that of the limit which steered before there was the setting."""
    declared = limit if setting is None else setting
    return None if declared is None else declared.value


class DilutionSettings(Declared):
    """The serial dilution of the samples."""

    step_cv: LearnedSetting = required("%")
    """Coefficient of variation of one pipetting step, in percent."""
    step_cv_df: Annotated[float, Field(gt=2, allow_inf_nan=False, strict=True)] | None = 5.0
    """Degrees of freedom behind it: about 5 for a guess, more when it was learned from past plates."""
    history_fewest: Setting | None = optional("runs")
    """With fewer past runs ``step_cv`` holds as it is declared."""
    history_most: Setting | None = optional("runs")
    """More are not asked: the newest count."""
    hook_sd: Setting = required("SD")
    """A hook needs a fall towards the more concentrated end of more than this many pooled SD ..."""
    hook_percent: Setting = required("%")
    """... and of more than this percentage."""
    odd_series_p: Setting | None = optional("p")
    """A series whose scatter the other series leave less chance than this is kept out of the step's error."""
    parallelism_p: Setting | None = optional("p")
    """Dilutions of a positive sample that the errors of the plate leave less chance than this to scatter so
    are not parallel; in place of ``parallelism_cv``."""
    parallelism_cv: Setting | None = optional("%")
    """Dilutions of a positive sample whose titers have a larger CV than this are not parallel."""
    parallelism_ratio: Setting | None = optional("ratio")
    """Nor are those whose slope over the calibrators' lies beyond this ratio, or its inverse."""
    titer_agreement: Setting | None = optional("fold")
    """Titers read from one series in different ways disagree when they are farther apart than this."""

    @model_validator(mode="after")
    def _history_bounded(self) -> DilutionSettings:
        if self.step_cv.origin == "ledger" and None in (self.history_fewest, self.history_most):
            raise ValueError("step_cv.from = 'ledger' needs history_fewest and history_most")
        return self

    @model_validator(mode="after")
    def _a_pipette(self) -> DilutionSettings:
        percent = self.step_cv.value
        if not 0 < percent <= STEP_CV_MOST:
            raise ValueError(f"step_cv.value is {percent:g} %, expected above 0, at most {STEP_CV_MOST}")
        return self
