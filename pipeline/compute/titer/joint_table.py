"""The readings of all series of a plate side by side, and what the standard curve expects of them.

Shapes: S series, K dilutions of the longest one. A shorter series is padded with readings that are neither
seen nor censored and therefore say nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from pipeline.compute.curve.fitting import Fit
from pipeline.compute.curve.models import LN_EC50, LOWER, curve, gradient

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_LEAST_SLOPE = 1e-9


@dataclass(frozen=True, slots=True)
class JointDilution:
    """One dilution as the joint fit sees it."""

    step: int
    """Steps of the serial dilution up to here, the first from the serum included."""
    ln_shift: float
    """ln titer minus ln concentration on the plate."""
    net_od: float
    negative_od: float
    """Mean of the antigen-negative wells; 0 without them."""
    wells: tuple[int, int]
    """How many antigen and antigen-negative wells."""
    beyond: str | None = None
    """``below`` or ``above``: the signal is only known to lie beyond ``limit_od``."""
    limit_od: float = 0.0
    further_variance: float = 0.0
    """Of the net OD beyond its wells', as of borrowed antigen-negative wells."""


@dataclass(frozen=True, slots=True)
class JointTable:
    """Readings as arrays of shape (S, K)."""

    step: Array
    shift: Array
    net: Array
    negative: Array
    main_wells: Array
    negative_wells: Array
    limit: Array
    further_variance: Array
    seen: Flags
    """A reading in the working range."""
    below: Flags
    """Known to lie below ``limit``."""
    above: Flags
    """Known to lie above ``limit``."""

    @property
    def beyond(self) -> Flags:
        """Censored on either side."""
        return self.below | self.above

    def without_censored(self, contradicted: Flags) -> JointTable:
        """Take some censored readings out."""
        return replace(self, below=self.below & ~contradicted, above=self.above & ~contradicted)


def lay_out(series: Sequence[Sequence[JointDilution]]) -> JointTable:
    """Fill the arrays."""
    shape = (len(series), max((len(readings) for readings in series), default=0))
    numbers = np.zeros((8, *shape))
    flags = np.zeros((3, *shape), dtype=bool)
    for s, readings in enumerate(series):
        for k, r in enumerate(readings):
            wells = (r.step, r.ln_shift, r.net_od, r.negative_od, *r.wells)
            numbers[:, s, k] = (*wells, r.limit_od, r.further_variance)
            flags[:, s, k] = (r.beyond is None, r.beyond == "below", r.beyond == "above")
    return JointTable(*numbers, *flags)


@dataclass(frozen=True, slots=True)
class Expected:
    """The readings at trial ln titers: what the curve expects there, and every error in ln units."""

    net: Array
    """Expected net OD, shape (S, K)."""
    slope: Array
    """d OD / d ln concentration, shape (S, K)."""
    wells: Array
    """OD² of a reading per unit of additive² and of proportional² of a well, shape (2, S, K)."""
    by_theta: Array
    """d ln concentration / d curve parameters, shape (S, K, 5)."""

    def residual(self, table: JointTable) -> Array:
        """Reading minus expectation in ln concentration; 0 where nothing was seen."""
        return np.where(table.seen, (table.net - self.net) / self.slope, 0.0)


def expect(ln_titer: Array, table: JointTable, fit: Fit) -> Expected:
    """Put every series on the curve at its trial titer, shape (S,)."""
    x = np.exp(ln_titer[:, None] - table.shift)
    slopes = gradient(x, fit.theta)
    slope = np.maximum(-slopes[..., LN_EC50], _LEAST_SLOPE)
    paired = table.negative_wells > 0
    net = curve(x, fit.theta) - np.where(paired, fit.theta[LOWER], 0.0)
    by_theta = -slopes / slope[..., None]
    by_theta[..., LOWER] += paired / slope
    own, other = 1 / np.maximum(table.main_wells, 1), paired / np.maximum(table.negative_wells, 1)
    main = np.maximum(net + table.negative, 0.0)
    wells = np.stack([own + other, own * main**2 + other * np.maximum(table.negative, 0.0) ** 2])
    return Expected(net, slope, wells, by_theta)
