"""Rules on the standard curve."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.domain.assay import Assay
from pipeline.domain.declared import Limit
from pipeline.domain.results import CalibratorResult, PlateResult
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


@rule("CAL-02", title="Calibrators are recovered", limit="calibrator_recovery")
def calibrators_recovered(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Back-calculated concentration of each calibrator against nominal, in percent deviation."""
    levels = _nonzero(result)
    for c in levels:
        own = _recovery_limit(c, levels, assay, limit)
        if c.recovery_percent is None:
            why = c.reason or "no concentration could be read from the curve"
            yield Observation(f"calibrator {c.level}", None, None, why, own)
            continue
        off = abs(c.recovery_percent - 100)
        text = f"recovery {c.recovery_percent:.1f} % of {c.nominal:g} {assay.unit}"
        yield Observation(f"calibrator {c.level}", off <= own.value, off, text, own)


@rule("CAL-03", title="Enough calibrators are recovered", limit="calibrator_levels_passing")
def enough_calibrators(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Share of calibrator levels within the recovery limit, in percent of all declared levels above zero."""
    levels = _nonzero(result)
    recovery = assay.limits.calibrator_recovery
    if not levels or recovery is None:
        return
    passing = [
        c.level
        for c in levels
        if c.recovery_percent is not None
        and abs(c.recovery_percent - 100) <= _recovery_limit(c, levels, assay, recovery).value
    ]
    share = 100 * len(passing) / len(levels)
    text = f"{len(passing)} of {len(levels)} levels are within their recovery limit"
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
        text = f"CV {c.cv_percent:.1f} % of {c.n} wells, range {spread:.3f} OD"
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
                f"calibrator {c.level}", c.mean_od >= limit.value, c.mean_od, f"mean OD {c.mean_od:.3f}"
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
            text = f"the fitted ODs differ by at most {apart:.1e} % of the curve's span"
            yield Observation(f"curve {curve.antigen}", apart <= limit.value, apart, text)


@rule("CAL-07", title="The curve fits the calibrators", limit="lack_of_fit_p")
def curve_fits(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """F test of the level means' distance from the curve against replicate error; a small p is a breach."""
    del assay
    for curve in result.curves:
        test = curve.lack_of_fit
        if test is None:
            why = curve.failure or "there is no replicate error or no level to spare"
            yield Observation(f"curve {curve.antigen}", None, None, why)
        else:
            text = f"F {test.f:.2f} with {test.df[0]} and {test.df[1]} degrees of freedom, p {test.p:.2g}"
            yield Observation(f"curve {curve.antigen}", test.p >= limit.value, test.p, text)


@rule("CAL-08", title="The calibrators tell the parameters apart", limit="parameter_correlation")
def parameters_independent(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Largest correlation between two parameters of the curve, in size; near 1 they cannot be told apart."""
    del assay
    for curve in result.curves:
        largest = curve.correlation
        if largest is None:
            yield Observation(f"curve {curve.antigen}", None, None, curve.failure or "no covariance")
        else:
            text = f"largest correlation of two parameters {largest:.3f}"
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
        text = f"ec50 {ec50.value:.4g}, calibrators {min(nominal):g} to {max(nominal):g} {assay.unit}"
        yield Observation(f"curve {curve.antigen}", fold <= limit.value, fold, text)
