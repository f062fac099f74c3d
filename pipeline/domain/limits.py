"""The QC limits that an assay may declare, each with its unit. Nothing here computes."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import model_validator

from pipeline.domain.declared import Declared, Limit, require_units

LIMIT_UNITS: Mapping[str, str] = {
    "blank_max_od": "OD",
    "top_calibrator_min_od": "OD",
    "reader_max_od": "OD",
    "calibrator_recovery": "%",
    "calibrator_recovery_ends": "%",
    "calibrator_levels_passing": "%",
    "calibrator_cv": "%",
    "calibrator_levels_min": "levels",
    "control_recovery": "%",
    "negative_control_dilutions": "dilutions",
    "negative_limits_missing": "dilutions",
    "control_hnk1": "controls",
    "reference_missing": "wavelengths",
    "replicate_cv": "%",
    "replicate_difference_od": "OD",
    "wells_missing": "wells",
    "unused_well_max_od": "OD",
    "engine_disagreement": "%",
    "reader_remarks": "remarks",
    "parallelism_cv": "%",
    "parallelism_ratio": "ratio",
    "titer_agreement": "fold",
    "net_below_zero": "SE",
    "lack_of_fit_p": "p",
    "parameter_correlation": "correlation",
    "ec50_outside": "fold",
    "control_cv": "%",
    "edge_effect": "%",
    "plate_drift": "%",
    "copied_wells": "wells",
    "pattern_p": "p",
    "calibrator_levels_beyond": "levels",
    "calibrator_rise": "SD",
    "calibrator_distance_p": "p",
    "calibrator_span_sd": "SD",
    "controls_passing": "%",
    "controls_passing_each": "%",
    "negative_control_raw": "dilutions",
    "negative_control_quiet_od": "OD",
    "blank_sd_od": "OD",
    "samples_hooked": "%",
    "samples_nonspecific": "%",
    "samples_above_range": "%",
    "lots_unknown": "lots",
    "lot_expiry": "days past",
    "westgard_1_2s": "SD",
    "westgard_1_3s": "SD",
    "westgard_2_2s": "SD",
    "westgard_r_4s": "SD",
    "westgard_4_1s": "SD",
    "westgard_10x": "runs",
}
"""Limits that a QC rule may have -> the unit in which they must be given."""


class Limits(Declared):
    """The QC limits of an assay. A rule without its limit is reported as not evaluated."""

    blank_max_od: Limit | None = None
    top_calibrator_min_od: Limit | None = None
    reader_max_od: Limit | None = None
    calibrator_recovery: Limit | None = None
    calibrator_recovery_ends: Limit | None = None
    calibrator_levels_passing: Limit | None = None
    calibrator_cv: Limit | None = None
    calibrator_levels_min: Limit | None = None
    control_recovery: Limit | None = None
    negative_control_dilutions: Limit | None = None
    negative_limits_missing: Limit | None = None
    """Dilutions at which the negative controls give no cut-off, though the assay asks for one."""
    control_hnk1: Limit | None = None
    reference_missing: Limit | None = None
    replicate_cv: Limit | None = None
    replicate_difference_od: Limit | None = None
    wells_missing: Limit | None = None
    unused_well_max_od: Limit | None = None
    engine_disagreement: Limit | None = None
    reader_remarks: Limit | None = None
    parallelism_cv: Limit | None = None
    parallelism_ratio: Limit | None = None
    """Largest ratio of slopes that counts as parallel; the smallest is its inverse."""
    titer_agreement: Limit | None = None
    """Largest fold between the titers read from one series in different ways."""
    net_below_zero: Limit | None = None
    """How far antigen wells may read below antigen-negative ones, in SE of the difference."""
    lack_of_fit_p: Limit | None = None
    """Smallest p of the calibrators' lack of fit."""
    parameter_correlation: Limit | None = None
    """Largest correlation between two parameters of the curve, in size."""
    ec50_outside: Limit | None = None
    """How many times beyond the outermost calibrator the ec50 may lie; 1 is on it."""
    control_cv: Limit | None = None
    edge_effect: Limit | None = None
    plate_drift: Limit | None = None
    """From the first row or column to the last."""
    copied_wells: Limit | None = None
    """Most wells that may repeat the numbers of others."""
    pattern_p: Limit | None = None
    """A pattern over the plate counts only where chance makes it less often than this."""
    calibrator_levels_beyond: Limit | None = None
    """Most calibrator levels that may lie beyond their recovery limit without a warning."""
    calibrator_rise: Limit | None = None
    """Least rise from one calibrator level to the next, in SD of the difference."""
    calibrator_distance_p: Limit | None = None
    """Least chance that a calibrator level lies as far from the curve as it does."""
    calibrator_span_sd: Limit | None = None
    """Least span of the calibrators, in SD of a blank well."""
    controls_passing: Limit | None = None
    """Least share of all positive controls within control_recovery; compared to a tenth of a percent."""
    controls_passing_each: Limit | None = None
    """The same among the controls with one target."""
    negative_control_raw: Limit | None = None
    """Dilutions at which a negative control may exceed the cut-off before subtraction."""
    negative_control_quiet_od: Limit | None = None
    """Highest OD of a negative control on any other coating than the calibrators'."""
    blank_sd_od: Limit | None = None
    samples_hooked: Limit | None = None
    """Largest share of a plate's samples with a hook."""
    samples_nonspecific: Limit | None = None
    samples_above_range: Limit | None = None
    lots_unknown: Limit | None = None
    lot_expiry: Limit | None = None
    """Days past the expiry of a lot."""
    westgard_1_2s: Limit | None = None
    westgard_1_3s: Limit | None = None
    westgard_2_2s: Limit | None = None
    westgard_r_4s: Limit | None = None
    """Between two controls of one run; each of them has to be beyond half of it."""
    westgard_4_1s: Limit | None = None
    westgard_10x: Limit | None = None

    @model_validator(mode="after")
    def _units(self) -> Limits:
        require_units(self, LIMIT_UNITS)
        return self
