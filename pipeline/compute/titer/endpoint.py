"""The endpoint titer: the last positive dilution of the uninterrupted run, discrete and interpolated."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.compute.plate.series import Step
from pipeline.domain.codes.qualifier import Qualifier
from pipeline.domain.message import Message
from pipeline.domain.names import number
from pipeline.domain.results import EndpointTiter


def endpoint_titer(
    steps: Sequence[Step], cutoffs: Sequence[float | None], positive: Sequence[bool | None], scale: float
) -> EndpointTiter:
    """Reciprocal dilution of the last positive of the uninterrupted run from the first dilution.

    Interpolated between the last positive k and the next dilution where net minus cut-off changes sign:
    ln T = ln d_k + e_k / (e_k - e_k+1) (ln d_k+1 - ln d_k); never extrapolated: censored at both ends.

    Args:
        steps: most concentrated first.
        cutoffs: cut-off OD of each.
        positive: is each dilution positive (None where it cannot be judged)?
        scale: dilution of the sample before the plate.
    """
    judged = [(s, c, p) for s, c, p in zip(steps, cutoffs, positive, strict=True) if p is not None]
    if not judged:
        return EndpointTiter(None, None, None, Qualifier.MEASURED, "not judged")
    run = next((i for i, (_, _, p) in enumerate(judged) if not p), len(judged))
    if run == 0:
        first = judged[0][0].dilution * scale
        return EndpointTiter(None, None, (None, first), Qualifier.BELOW, Qualifier.BELOW.bound(first))
    last = judged[run - 1][0].dilution * scale
    if run == len(judged):
        return EndpointTiter(last, None, (last, None), Qualifier.AT_LEAST, Qualifier.AT_LEAST.bound(last))
    crossing = _crossing(judged[run - 1][:2], judged[run][:2])
    if crossing is None:
        return EndpointTiter(last, None, None, Qualifier.MEASURED, number(last))
    value, low, high = (scale * dilution for dilution in crossing)
    text = Message("{n:n} (interpolated {m:n})", n=number(last), m=number(value))
    return EndpointTiter(last, value, (low, high), Qualifier.MEASURED, text)


def _crossing(
    positive: tuple[Step, float | None], negative: tuple[Step, float | None]
) -> tuple[float, float, float] | None:
    """Dilution, and the 95 % interval inside the bracket, where the excess over the cut-off reaches 0."""
    (step_k, cut_k), (step_l, cut_l) = positive, negative
    if step_k.net is None or step_l.net is None or cut_k is None or cut_l is None:
        return None
    above, under = step_k.net.od - cut_k, step_l.net.od - cut_l
    if above <= under:
        return None
    ln_k, ln_l = np.log(step_k.dilution), np.log(step_l.dilution)
    share = above / (above - under)
    se = float(np.hypot(under * step_k.net.se, above * step_l.net.se)) / (above - under) ** 2
    ends = np.clip([share - 1.96 * se, share, share + 1.96 * se], 0.0, 1.0)
    low, value, high = np.exp(ln_k + ends * (ln_l - ln_k)).tolist()
    return value, low, high
