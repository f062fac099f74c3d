"""What is common to all sera of a plate when each of them is judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from pipeline.compute.curve.curves import StandardCurve
from pipeline.compute.curve.inverse import BackCalculated, back_calculate
from pipeline.compute.plate.series import Step
from pipeline.domain.assay import Assay
from pipeline.domain.results import ReplicatePrecision
from pipeline.domain.specificity import Hnk1Result


def floor_on(curve: StandardCurve, assay: Assay) -> BackCalculated | None:
    """The assay's ``cutoff.floor_od`` on the curve."""
    if curve.fit is None or assay.cutoff is None:
        return None
    floor = np.array([assay.cutoff.floor_od.value])
    return back_calculate(curve.fit, floor, above_zero=assay.antigen_negative is not None)


@dataclass(frozen=True, slots=True)
class PlateFacts:
    """The curve, the rules and the errors of one plate."""

    curve: StandardCurve
    assay: Assay
    precision: ReplicatePrecision
    """Error of a well."""
    well_df: int
    """Degrees of freedom behind it, over all signals."""
    step_variance: float
    """Of the ln of one dilution step, as the plate's series show it."""
    floor: BackCalculated | None
    """Where the smallest net OD that may be positive lies on the curve; None without a curve or a cut-off."""
    hnk1_calibrator: Sequence[Step] = ()
    """Dilutions of the serum that HNK1 signals are compared with, where the assay names one."""
    bare_od: float = 0.0
    """What wells without antigen read without serum: their blanks' mean OD, else the curve's zero."""
    other_results: Mapping[str, Hnk1Result] = field(default_factory=dict)
    """Slot -> HNK1 result of the same sample in another run, where the assay asks for one."""
