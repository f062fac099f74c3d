"""What is common to all sera of a plate when each of them is judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.compute.curves import StandardCurve
from pipeline.compute.inverse import BackCalculated, back_calculate
from pipeline.compute.series import Step
from pipeline.domain.assay import Assay


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
    well_df: int
    """Degrees of freedom behind the error of a well."""
    step_variance: float
    """Of the ln of one dilution step, as the plate's series show it."""
    floor: BackCalculated | None
    """Where the smallest net OD that may be positive lies on the curve; None without a curve or a cut-off."""
    hnk1_calibrator: Sequence[Step] = ()
    """Dilutions of the serum that HNK1 signals are compared with, where the assay names one."""
