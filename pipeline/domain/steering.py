"""Settings that steer the computation and have a QC limit of the same kind beside them.

A limit is only judged; what the computation does is declared in ``[reading]``, ``[samples]``, ``[curve]`` and
``[dilution]``. Assays of older versions have only the limits, which steered as well: where a setting is not
declared it takes the value of the limit, so that such an assay computes what it always did.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.domain.declared import Limit, Setting


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
