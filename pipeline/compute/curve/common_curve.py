"""A curve without calibrators: one shape for all sera of the plate, in units of their own dilution.

All series are fitted with one upper end and one slope (:mod:`pipeline.compute.statistics.common_shape`). On
the curve that this makes, concentration 1 is where the net signal is the assay's ``cutoff.floor_od``: a serum
that reads c at a dilution d crosses the cut-off at the dilution c d, which is its titer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import logit

from pipeline.compute.curve.curves import StandardCurve
from pipeline.compute.curve.fitting import Fit
from pipeline.compute.curve.models import LN_EC50, LN_SLOPE, LOWER, UPPER, Model, curve
from pipeline.compute.statistics.common_shape import CommonShape, fit_common_shape
from pipeline.domain.assay import Assay
from pipeline.domain.curve_results import CurveFit, Parameter, WorkingRange
from pipeline.domain.message import Message
from pipeline.domain.results import ReplicatePrecision

Array = npt.NDArray[np.float64]
MODEL = "common-shape"
SEARCHED_LN = float(np.log(1e4))
"""How far beyond the dilutions of the plate the middle of a serum's curve is looked for; no limit."""
_POINTS = 61
_OTHER_SIDE = 1e-3
"""The drawn curve begins and ends this far from its middle, as a share of the range."""


@dataclass(frozen=True, slots=True)
class SerumSignals:
    """What one serum reads above the response without antibody: reciprocal dilution -> net OD."""

    name: str
    net: tuple[tuple[float, float], ...]


def common_curve(
    sera: Sequence[SerumSignals], blank_ods: Sequence[float], assay: Assay, precision: ReplicatePrecision
) -> StandardCurve:
    """Fit one shape to all sera and place it so that the cut-off stands at 1.

    Args:
        sera: controls and samples with the net signals that may take part.
        blank_ods: usable blank wells on the antigen: the response without antibody.
        assay: must have a cut-off; its ``floor_od`` is the signal that a titer is about.
        precision: of a well, for the error of the mean blank.
    """
    points = [(serum.name, dilution, od) for serum in sera for dilution, od in serum.net]
    names, dilutions, ods = (list(part) for part in zip(*points, strict=True)) if points else ([], [], [])
    found = fit_common_shape(names, np.array(dilutions), np.array(ods), reach=SEARCHED_LN)
    if not blank_ods:
        return _failed(assay, "there is no blank well on the antigen")
    if isinstance(found, str):
        return _failed(assay, found)
    shared = found.shared_covariance
    if shared is None:
        return _failed(assay, found.reason or "the wells do not determine the common curve")
    assert assay.cutoff is not None  # noqa: S101 - what the model asks of its assay
    share = assay.cutoff.floor_od.value / found.upper
    if not 0 < share < 1 / 2:
        return _failed(assay, "no serum reads twice the cut-off's OD: the series have no common curve")
    blank = float(np.mean(blank_ods))
    theta, covariance = _placed(found, shared, share, (blank, precision.sd(blank) ** 2 / len(blank_ods)))
    fit = Fit(_MODEL, theta, covariance, found.rss, found.df, np.ones(len(ods)), ())
    return StandardCurve(fit, _result(fit, assay))


_MODEL = Model(MODEL, (LOWER, UPPER, LN_EC50, LN_SLOPE))


def _placed(
    found: CommonShape, shared: Array, share: float, zero: tuple[float, float]
) -> tuple[Array, Array]:
    """The vector of the curve and its covariance, by the delta method from upper end and ln slope.

    Args:
        found: the shape.
        shared: covariance of its upper end and ln slope.
        share: of the span, at the cut-off.
        zero: mean blank and the variance of that mean.
    """
    blank, blank_variance = zero
    slope, far = found.slope, float(logit(share))
    theta = np.array([blank, blank + found.upper, -far / slope, np.log(slope), 0.0])
    by_shared = np.zeros((len(theta), 2))
    by_shared[UPPER, 0] = 1.0
    by_shared[LN_EC50] = 1 / (slope * found.upper * (1 - share)), far / slope
    by_shared[LN_SLOPE, 1] = 1.0
    covariance = by_shared @ shared @ by_shared.T
    covariance[np.ix_((LOWER, UPPER), (LOWER, UPPER))] += blank_variance
    return theta, np.asarray(covariance)


def _result(fit: Fit, assay: Assay) -> CurveFit:
    low, high = _range(fit, assay)
    line = np.geomspace(low * _OTHER_SIDE**0.5, high / _OTHER_SIDE**0.5, _POINTS)
    return CurveFit(
        antigen=assay.calibration.antigen,
        model=MODEL,
        weighting="none",
        parameters=_parameters(fit),
        residual_df=fit.df,
        residual_sd=fit.sd,
        r_squared=None,
        lack_of_fit=None,
        calibrators=(),
        range=WorkingRange(low, high, assay.unit),
        warnings=(),
        fitted_to="means",
        line=tuple(zip(line.tolist(), curve(line, fit.theta).tolist(), strict=True)),
    )


def _range(fit: Fit, assay: Assay) -> tuple[float, float]:
    """Where the net signal is between two shares of the span; both are settings of the assay."""
    ends = assay.curve.shape_low, assay.curve.shape_high
    shares = [0.5 if end is None else end.value for end in ends]
    middle, slope = fit.theta[LN_EC50], float(np.exp(fit.theta[LN_SLOPE]))
    low, high = (float(np.exp(middle + logit(share) / slope)) for share in shares)
    return low, high


def _parameters(fit: Fit) -> dict[str, Parameter]:
    se = np.sqrt(np.maximum(np.diag(fit.covariance), 0.0))
    plain = {"lower": (fit.theta[LOWER], se[LOWER]), "upper": (fit.theta[UPPER], se[UPPER])}
    of_ln = {"ec50": LN_EC50, "slope": LN_SLOPE}
    values = {
        name: (float(np.exp(fit.theta[k])), float(np.exp(fit.theta[k]) * se[k])) for name, k in of_ln.items()
    }
    return {
        name: Parameter(float(value), float(error), None, None)
        for name, (value, error) in {**plain, **values}.items()
    }


def _failed(assay: Assay, why: str) -> StandardCurve:
    return StandardCurve(
        None,
        CurveFit(
            antigen=assay.calibration.antigen,
            model=MODEL,
            weighting="none",
            parameters={},
            residual_df=0,
            residual_sd=None,
            r_squared=None,
            lack_of_fit=None,
            calibrators=(),
            range=WorkingRange(None, None, assay.unit),
            warnings=(),
            fitted_to="means",
            failure=Message("CURVE_POOR: {why:t}", why=why),
        ),
    )
