"""Rules on the standard curve."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from pipeline.domain.assay import Assay
from pipeline.domain.curve_results import CalibratorResult
from pipeline.domain.declared import Limit
from pipeline.domain.names import bound_small, rounded
from pipeline.domain.results import PlateResult, ReplicatePrecision
from pipeline.domain.rounding import fixed
from qc.rule import Observation, rule


def _nonzero(result: PlateResult) -> list[CalibratorResult]:
    return sorted(
        (c for curve in result.curves for c in curve.calibrators if c.nominal > 0), key=lambda c: c.nominal
    )


def _recovery_limit(c: CalibratorResult, levels: list[CalibratorResult], assay: Assay, limit: Limit) -> Limit:
    """The ends of the curve have their own limit where the assay declares one."""
    ends = assay.limits.calibrator_recovery_ends
    return ends if ends is not None and c in (levels[0], levels[-1]) else limit


@rule("CAL-01", title="The standard curve could be fitted", limit="calibrator_levels_min")
def curve_fitted(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """The calibrators carry a curve, with at least the declared number of usable levels above zero."""
    del assay
    for curve in result.curves:
        levels = sum(c.used for c in curve.calibrators if c.nominal > 0)
        if curve.failure is not None:
            yield Observation(
                f"curve {curve.antigen}", ok=False, observed=float(levels), message=curve.failure
            )
        else:
            text = "; ".join((f"{curve.model} fitted to {levels} levels", *curve.warnings))
            yield Observation(f"curve {curve.antigen}", levels >= limit.value, float(levels), text)


@rule("CAL-02", title="Calibrators are recovered", limit="calibrator_levels_beyond")
def calibrators_recovered(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Calibrator levels beyond ``calibrator_recovery`` (``calibrator_recovery_ends`` at the ends)."""
    levels = _nonzero(result)
    recovery = assay.limits.calibrator_recovery
    if recovery is None or all(c.recovery_percent is None for c in levels):
        return
    beyond = [c for c in levels if not _recovered(c, levels, assay, recovery)]
    read = ", ".join(f"{c.level} {_recovery(c)}" for c in beyond)
    text = f"beyond their recovery limit: {read}" if beyond else "all levels are recovered"
    yield Observation("calibrators", len(beyond) <= limit.value, float(len(beyond)), text)


def _recovered(c: CalibratorResult, levels: list[CalibratorResult], assay: Assay, limit: Limit) -> bool:
    own = _recovery_limit(c, levels, assay, limit)
    return c.recovery_percent is not None and abs(c.recovery_percent - 100) <= own.value


def _recovery(c: CalibratorResult) -> str:
    if c.recovery_percent is None:
        return c.reason or "no concentration could be read from the curve"
    return f"{fixed(c.recovery_percent, 1)} % of {c.nominal:g}"


@rule("CAL-03", title="Enough calibrators are recovered", limit="calibrator_levels_passing")
def enough_calibrators(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Share of calibrator levels within the recovery limit, in percent of all declared levels above zero."""
    levels = _nonzero(result)
    recovery = assay.limits.calibrator_recovery
    if not levels or recovery is None:
        return
    passing = sum(_recovered(c, levels, assay, recovery) for c in levels)
    share = 100 * passing / len(levels)
    text = f"{passing} of {len(levels)} levels are within their recovery limit"
    yield Observation("calibrators", share >= limit.value, share, text)


@rule("CAL-04", title="Calibrator replicates agree", limit="calibrator_cv")
def calibrator_replicates(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """CV of the ODs of each calibrator level, in percent; low signals may differ by a fixed OD instead."""
    small = assay.limits.replicate_difference_od
    for c in _nonzero(result):
        if c.cv_percent is None:
            why = c.reason or "a single well has no CV"
            yield Observation(f"calibrator {c.level}", None, None, why)
            continue
        spread = max(c.ods) - min(c.ods)
        close = small is not None and spread <= small.value
        text = f"CV {fixed(c.cv_percent, 1)} % of {c.n} wells, range {fixed(spread, 3)} OD"
        yield Observation(f"calibrator {c.level}", c.cv_percent <= limit.value or close, c.cv_percent, text)


@rule("CAL-05", title="The top calibrator develops", limit="top_calibrator_min_od")
def top_calibrator(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Mean OD of the highest calibrator; a weak top means weak conjugate, substrate or antigen."""
    del assay
    for c in _nonzero(result)[-1:]:
        if c.mean_od is None:
            yield Observation(f"calibrator {c.level}", None, None, c.reason or "no usable well")
        else:
            yield Observation(
                f"calibrator {c.level}", c.mean_od >= limit.value, c.mean_od, f"mean OD {fixed(c.mean_od, 3)}"
            )


@rule("CAL-06", title="Two engines agree on the curve", limit="engine_disagreement")
def engines_agree(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Largest difference between the fitted ODs of lmfit and of our own engine, in percent of the span."""
    del assay
    for curve in result.curves:
        apart = curve.disagreement_percent
        if apart is None:
            yield Observation(f"curve {curve.antigen}", None, None, curve.failure or "no curve")
        else:
            text = f"the fitted ODs differ by at most {bound_small(apart)} % of the curve's span"
            yield Observation(f"curve {curve.antigen}", apart <= limit.value, apart, text)


@rule("CAL-07", title="The curve fits the calibrators", limit="lack_of_fit_p")
def curve_fits(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """F test of the level means' distance from the curve against replicate error; a small p is a breach.

    Where a level was left out, the fit with all levels is judged: leaving it out does not hide it.
    """
    del assay
    for curve in result.curves:
        test = curve.lack_of_fit if curve.dropped is None else curve.dropped.before.lack_of_fit
        if test is None:
            why = curve.failure or "there is no replicate error or no level to spare"
            yield Observation(f"curve {curve.antigen}", None, None, why)
        else:
            text = (
                f"F {fixed(test.f, 2)} with {test.df[0]} and {test.df[1]} degrees of freedom, p {test.p:.2g}"
            )
            left_out = f"; with {curve.dropped.level}, which was left out" if curve.dropped else ""
            yield Observation(f"curve {curve.antigen}", test.p >= limit.value, test.p, text + left_out)


@rule("CAL-08", title="The calibrators tell the parameters apart", limit="parameter_correlation")
def parameters_independent(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Largest correlation between two parameters of the curve, in size; near 1 they cannot be told apart."""
    del assay
    for curve in result.curves:
        largest = curve.correlation
        if largest is None:
            yield Observation(f"curve {curve.antigen}", None, None, curve.failure or "no covariance")
        else:
            text = f"largest correlation of two parameters {fixed(largest, 3)}"
            yield Observation(f"curve {curve.antigen}", largest <= limit.value, largest, text)


@rule("CAL-09", title="The ec50 lies between the calibrators", limit="ec50_outside")
def ec50_inside(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """How many times beyond the outermost calibrator the ec50 lies; below 1 it lies inside."""
    for curve in result.curves:
        ec50 = curve.parameters.get("ec50")
        nominal = [c.nominal for c in curve.calibrators if c.used and c.nominal > 0]
        if ec50 is None or not nominal or ec50.value <= 0:
            yield Observation(f"curve {curve.antigen}", None, None, curve.failure or "no ec50")
            continue
        fold = max(ec50.value / max(nominal), min(nominal) / ec50.value)
        text = f"ec50 {rounded(ec50.value)}, calibrators {min(nominal):g} to {max(nominal):g} {assay.unit}"
        yield Observation(f"curve {curve.antigen}", fold <= limit.value, fold, text)


@rule("CAL-10", title="Calibrators are in order", limit="calibrator_rise")
def calibrators_in_order(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Smallest rise of the OD from one level above zero to the next, in SD of the difference."""
    del assay
    if result.precision is None:
        return
    levels = [c for c in _nonzero(result) if c.mean_od is not None]
    pairs = [(_rise(*pair, result.precision), pair) for pair in pairwise(levels)]
    if not pairs:
        return
    least, (below, above) = min(pairs, key=lambda pair: pair[0])
    text = f"from {below.level} to {above.level} the OD rises by {fixed(least, 1)} SD"
    yield Observation("calibrators", least >= limit.value, least, text)


def _rise(below: CalibratorResult, above: CalibratorResult, precision: ReplicatePrecision) -> float:
    """In SD of the difference of both means, by the well-to-well error of the plate."""
    low, high = below.mean_od or 0.0, above.mean_od or 0.0
    return (high - low) / math.hypot(precision.sd(low) / below.n**0.5, precision.sd(high) / above.n**0.5)


@rule("CAL-11", title="Calibrators rise far above the blank's noise", limit="calibrator_span_sd")
def span_against_noise(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Highest mean OD of a calibrator less the blank, in SD of a blank well (error of all replicates)."""
    blank = next((b.mean_od for b in result.blanks if b.antigen == assay.calibration.antigen), None)
    means = [c.mean_od for c in _nonzero(result) if c.mean_od is not None]
    if blank is None or not means or result.precision is None:
        return
    sd = result.precision.sd(blank)
    if sd <= 0:
        yield Observation("calibrators", None, None, "the replicates of this plate show no error")
        return
    span = max(means) - blank
    text = f"{fixed(span, 3)} OD above the blank, whose wells scatter by {fixed(sd, 4)} OD"
    yield Observation("calibrators", span / sd >= limit.value, span / sd, text)


@rule("CAL-12", title="No calibrator was made up wrongly", limit="calibrator_distance_p")
def no_wrong_level(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Chance that any level lies so far from the curve (Bonferroni); a level that was left out counts."""
    del assay
    levels = [(c.distance_p, c) for c in _nonzero(result) if c.distance_p is not None]
    if levels:
        least, c = min(levels, key=lambda level: level[0])
        chance = min(least * len(levels), 1.0)
        text = f"{c.level} lies farthest from the curve, chance {chance:.2g}; {_recovery(c)}"
        yield Observation("calibrators", chance >= limit.value, chance, text)
