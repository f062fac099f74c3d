"""What one dilution says of the titer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.domain.codes.unused import DilutionUnused

Array = npt.NDArray[np.float64]

NORMAL_95 = 1.959964
"""Two-sided 95 % quantile of the normal distribution."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """The ln titer of one dilution; ``variance`` is the well error's, ``by_theta`` carries the curve's."""

    ln_titer: float | None
    variance: float
    by_theta: Array
    side: str
    """``inside`` the working range, ``below`` or ``above`` it, ``unknown`` without a signal."""
    ln_upper: float | None
    """Upper 97.5 % limit of ln titer with all errors; the honest bound of a weak signal."""
    reason: DilutionUnused | None
    """Why this dilution is not used for the joint titer."""
    ln_shift: float = 0.0
    """ln titer minus ln concentration on the plate."""
    ln_lower: float | None = None
    """Lower 97.5 % limit of ln titer with all errors; the honest bound of a strong signal."""
