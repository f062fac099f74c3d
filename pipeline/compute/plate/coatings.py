"""What the plate's own blanks say of its coatings: wells with and without antigen that differ by themselves.

An antigen-negative well controls for all that needs no antigen, as long as both coatings read alike without
serum. Where they do not, every net signal is wrong by the same amount.
"""

from __future__ import annotations

from pipeline.compute.curve.curves import StandardCurve
from pipeline.compute.curve.models import LOWER
from pipeline.compute.plate.background import Signal, difference, mean_signal
from pipeline.compute.plate.readings import Signals
from pipeline.compute.plate.series import well_group
from pipeline.domain.assay import Assay
from pipeline.domain.layout import PlateLayout, Role
from pipeline.domain.results import ReplicatePrecision


def blank_signal(
    antigen: str, signals: Signals, layout: PlateLayout, precision: ReplicatePrecision
) -> Signal | None:
    """Mean OD of the blank wells of one coating; None without a usable one."""
    wells = [well for well in layout.wells(Role.BLANK) if layout.uses[well].antigen == antigen]
    return mean_signal(well_group(wells, signals).ods, precision)


def bare_od(
    signals: Signals, layout: PlateLayout, assay: Assay, precision: ReplicatePrecision, curve: StandardCurve
) -> float:
    """OD of a well without antigen and without serum: its blanks' mean, else the curve's zero."""
    settings = assay.antigen_negative
    blanks = blank_signal(settings.antigen, signals, layout, precision) if settings is not None else None
    if blanks is not None:
        return blanks.od
    return float(curve.fit.theta[LOWER]) if curve.fit is not None else 0.0


def coating_correction(
    signals: Signals, layout: PlateLayout, assay: Assay, precision: ReplicatePrecision
) -> Signal | None:
    """Blanks with antigen minus blanks without, where the assay asks to correct by it; else None."""
    settings = assay.antigen_negative
    if settings is None or settings.coating_correction == "none":
        return None
    with_antigen = blank_signal(assay.calibration.antigen, signals, layout, precision)
    return difference(with_antigen, blank_signal(settings.antigen, signals, layout, precision))
