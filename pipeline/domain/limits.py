"""The QC limits that an assay may declare, one a line: name, allowed side, unit. Nothing here computes.

A limit is judged by a rule in ``qc`` and nowhere else. What steers the computation is a setting of another
section of the assay; :mod:`pipeline.domain.steering` lists those that have a limit beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from pipeline.domain.declared import AtLeast, AtMost, Below, Declared, optional


class Limits(Declared):
    """The QC limits of an assay. A rule without its limit is reported as not evaluated."""

    blank_max_od: AtMost | None = optional("OD")
    top_calibrator_min_od: AtLeast | None = optional("OD")
    reader_max_od: AtMost | None = optional("OD")
    calibrator_recovery: AtMost | None = optional("%")
    calibrator_recovery_ends: AtMost | None = optional("%")
    calibrator_levels_passing: AtLeast | None = optional("%")
    calibrator_cv: AtMost | None = optional("%")
    calibrator_levels_min: AtLeast | None = optional("levels")
    control_recovery: AtMost | None = optional("%")
    negative_control_dilutions: AtMost | None = optional("dilutions")
    negative_limits_missing: AtMost | None = optional("dilutions")
    """Dilutions at which the negative controls give no cut-off, though the assay asks for one."""
    control_hnk1: AtMost | None = optional("controls")
    reference_missing: AtMost | None = optional("wavelengths")
    replicate_cv: AtMost | None = optional("%")
    replicate_difference_od: AtMost | None = optional("OD")
    wells_missing: AtMost | None = optional("wells")
    unused_well_max_od: AtMost | None = optional("OD")
    engine_disagreement: AtMost | None = optional("%")
    reader_remarks: AtMost | None = optional("remarks")
    cells_not_understood: AtMost | None = optional("%")
    """Share of the export's cells of values that the reader could not place."""
    parallelism_cv: AtMost | None = optional("%")
    parallelism_ratio: AtMost | None = optional("ratio")
    """Largest ratio of slopes that counts as parallel; the smallest is its inverse."""
    titer_agreement: AtMost | None = optional("fold")
    """Largest fold between the titers read from one series in different ways."""
    net_below_zero: AtMost | None = optional("SE")
    """How far antigen wells may read below antigen-negative ones, in SE of the difference."""
    lack_of_fit_p: AtLeast | None = optional("p")
    """Smallest p of the calibrators' lack of fit."""
    parameter_correlation: AtMost | None = optional("correlation")
    """Largest correlation between two parameters of the curve, in size."""
    ec50_outside: AtMost | None = optional("fold")
    """How many times beyond the outermost calibrator the ec50 may lie; 1 is on it."""
    control_cv: AtMost | None = optional("%")
    edge_effect: AtMost | None = optional("%")
    plate_drift: AtMost | None = optional("%")
    """From the first row or column to the last."""
    copied_wells: AtMost | None = optional("wells")
    """Most wells that may repeat the numbers of others."""
    pattern_p: AtLeast | None = optional("p")
    """A pattern over the plate counts only where chance makes it less often than this."""
    calibrator_levels_beyond: AtMost | None = optional("levels")
    """Most calibrator levels that may lie beyond their recovery limit without a warning."""
    cutoff_outside: AtMost | None = optional("fold")
    """How many times outside the working range the cut-off may lie at the first dilution; 1 is at its end."""
    calibrator_rise: AtLeast | None = optional("SD")
    """Least rise from one calibrator level to the next, in SD of the difference."""
    calibrator_distance_p: AtLeast | None = optional("p")
    """Least chance that a calibrator level lies as far from the curve as it does."""
    calibrator_span_sd: AtLeast | None = optional("SD")
    """Least span of the calibrators, in SD of a blank well."""
    controls_passing: AtLeast | None = optional("%")
    """Least share of all positive controls within control_recovery; compared to a tenth of a percent."""
    controls_passing_each: AtLeast | None = optional("%")
    """The same among the controls with one target."""
    negative_control_raw: AtMost | None = optional("dilutions")
    """Dilutions at which a negative control may exceed the cut-off before subtraction."""
    negative_control_quiet_od: AtMost | None = optional("OD")
    """Highest OD of a negative control on any other coating than the calibrators'."""
    blank_sd_od: AtMost | None = optional("OD")
    coating_difference_od: AtMost | None = optional("OD")
    """Largest difference between the blanks of the calibrators' coating and those of another."""
    hnk1_below_zero: AtMost | None = optional("SE")
    """How far HNK1 wells may read below antigen-negative ones, in SE of the difference."""
    hnk1_like_mag: AtMost | None = optional("sera")
    """Sera whose HNK1 wells may read as the antigen wells do at every dilution."""
    samples_hooked: AtMost | None = optional("%")
    """Largest share of a plate's samples with a hook."""
    samples_nonspecific: AtMost | None = optional("%")
    samples_above_range: AtMost | None = optional("%")
    export_other_ids: AtMost | None = optional("samples")
    """Samples whose id differs from the one that an earlier run of the same export gave."""
    ids_of_earlier_run: AtMost | None = optional("%")
    """Largest share of a plate's ids that one earlier run of another export holds."""
    ids_alike: AtMost | None = optional("pairs")
    """Pairs of ids that differ only by case, dashes, spaces or leading zeros."""
    ids_contradicting: AtMost | None = optional("ids")
    """Ids in several slots of a plate whose results contradict each other."""
    lots_unknown: AtMost | None = optional("lots")
    lot_expiry: AtMost | None = optional("days past")
    """Days past the expiry of a lot."""
    westgard_1_2s: AtMost | None = optional("SD")
    westgard_1_3s: AtMost | None = optional("SD")
    westgard_2_2s: AtMost | None = optional("SD")
    westgard_r_4s: AtMost | None = optional("SD")
    """Between two controls of one run; each of them has to be beyond half of it."""
    westgard_4_1s: AtMost | None = optional("SD")
    westgard_10x: Below | None = optional("runs")


@dataclass(frozen=True, slots=True)
class LimitKind:
    """What every limit of a name has in common."""

    unit: str
    side: str
    """``at most``, ``at least`` or ``below``."""


def _kinds() -> dict[str, LimitKind]:
    """A limit without unit or allowed side is a fault of the program, found at import."""
    units, found = dict(Limits.units()), {}
    for name, field in Limits.model_fields.items():
        kind = get_args(field.annotation)[0]
        if name not in units or not issubclass(kind, AtMost | AtLeast | Below):
            raise TypeError(f"limit {name} needs a unit and an allowed side: AtMost, AtLeast or Below")
        found[name] = LimitKind(units[name], kind.side)
    return found


LIMIT_KINDS: Mapping[str, LimitKind] = _kinds()
"""Every limit that a QC rule may have."""
