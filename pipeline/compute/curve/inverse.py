"""Back-calculation: from OD to ln concentration, with the gradient that carries the curve's uncertainty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.compute.curve.fitting import Fit
from pipeline.compute.curve.models import LN_EC50, LOWER, gradient, inverse

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class BackCalculated:
    """Concentrations of n signals; ``exists`` is False where the curve has no inverse.

    ``ln_x`` shape (n,); ``by_y`` = d ln x / d OD, shape (n,); ``by_theta`` shape (n, 5). Entries without an
    inverse hold 0 and must not be read: ask ``exists``, ``below`` and ``above``.
    """

    ln_x: Array
    by_y: Array
    by_theta: Array
    below: npt.NDArray[np.bool_]
    above: npt.NDArray[np.bool_]

    @property
    def exists(self) -> npt.NDArray[np.bool_]:
        """Is the signal strictly between the asymptotes?"""
        return ~(self.below | self.above)


def back_calculate(fit: Fit, y: Array, *, above_zero: bool = False) -> BackCalculated:
    """Invert the curve at n signals.

    Args:
        fit: a rising curve.
        y: OD, shape (n,); or, with ``above_zero``, net signals that are 0 for a serum without antibody.
        above_zero: place the net signal on the curve by adding the curve's response at zero, so that a
            background is subtracted once and the uncertainty of that response is carried.

    Source: implicit differentiation of y = f(x, theta); for the 4PL the closed forms of the delta method.
    """
    signal = y + fit.theta[LOWER] if above_zero else y
    ln_x = inverse(signal, fit.theta)
    exists = np.isfinite(ln_x)
    safe = np.where(exists, ln_x, 0.0)
    x = np.exp(safe)
    slopes = gradient(x, fit.theta)
    in_ln_x = -slopes[:, LN_EC50]
    by_y = np.where(exists, 1.0 / np.where(in_ln_x > 0, in_ln_x, 1.0), 0.0)
    by_theta = -slopes * by_y[:, None]
    if above_zero:
        by_theta[:, LOWER] += by_y
    return BackCalculated(
        safe,
        by_y,
        np.where(exists[:, None], by_theta, 0.0),
        np.asarray(ln_x == -np.inf),
        np.asarray(ln_x == np.inf),
    )
