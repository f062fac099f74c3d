"""Rules on the standard curve."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import pairwise

from pipeline.domain.curve_results import CalibratorResult, CurveFit
from pipeline.domain.findings import About
from pipeline.domain.limits import Limits
from pipeline.domain.message import Message, joined
from pipeline.domain.names import bound_small, rounded
from pipeline.domain.results import PlateResult, ReplicatePrecision
from pipeline.domain.rounding import fixed
from qc.rule import Observation, Observations, Terms, rule, rule_by_terms, unknown
from qc.subjects import CALIBRATORS, calibrator, curve


def _nonzero(result: PlateResult) -> list[CalibratorResult]:
    return sorted(
        (c for curve in result.curves for c in curve.calibrators if c.nominal > 0), key=lambda c: c.nominal
    )


def _signalling(result: PlateResult) -> list[CalibratorResult]:
    """Levels whose signal does not fade into the blank: those that may be recovered or not."""
    return [c for c in _nonzero(result) if not c.faded]


def _without(curves: Iterable[CurveFit]) -> Iterator[Message]:
    """What was made up wrongly, as far as the levels tell."""
    for fit in curves:
        if fit.one_curve is None:
            continue
        levels = ", ".join(fit.one_curve.without)
        if fit.one_curve.only:
            yield Message("without {levels} the others lie on one curve", levels=levels)
        else:
            text = "without {levels}, among other choices, the others lie on one curve"
            yield Message(text, levels=levels)


@rule(
    "CAL-01",
    title="The standard curve could be fitted",
    breach="Standard curve missing or on too few levels",
    limit="calibrator_levels_min",
)
def curve_fitted(result: PlateResult) -> Observations:
    """The calibrators carry a curve, with at least the declared number of usable levels above zero."""
    for fit in result.curves:
        levels = sum(c.used for c in fit.calibrators if c.nominal > 0)
        if fit.failure is not None:
            text = joined("; ", [fit.failure, *_without((fit,))])
            yield Observation(curve(fit.antigen), float(levels), text, ok=False)
        else:
            fitted = Message("{model} fitted to {n:n} levels", model=fit.model, n=levels)
            yield Observation(curve(fit.antigen), float(levels), joined("; ", [fitted, *fit.warnings]))


@rule_by_terms(
    "CAL-02",
    title="Calibrators are recovered",
    breach="Calibrators out of range",
    limit="calibrator_levels_beyond",
)
def calibrators_recovered(result: PlateResult, terms: Terms) -> Observations:
    """Calibrator levels beyond ``calibrator_recovery`` (``calibrator_recovery_ends`` at the ends)."""
    levels = _signalling(result)
    if terms.limits.calibrator_recovery is None or all(c.recovery_percent is None for c in levels):
        return
    beyond = [c for c in levels if not _recovered(c, levels, terms.limits)]
    text = Message("all levels are recovered")
    if beyond:
        read = Message("beyond their recovery limit: {levels:t}", levels=joined(", ", map(_named, beyond)))
        text = joined("; ", [*_without(result.curves), read])
    yield Observation(CALIBRATORS, float(len(beyond)), text, named=tuple(_about(beyond)))


def _about(levels: Iterable[CalibratorResult]) -> Iterator[About]:
    return (about for c in levels for about in calibrator(c.level).about)


def _recovered(c: CalibratorResult, levels: list[CalibratorResult], limits: Limits) -> bool:
    """The ends of the curve have their own limit where the assay declares one."""
    middle, ends = limits.calibrator_recovery, limits.calibrator_recovery_ends
    limit = ends if ends is not None and (c is levels[0] or c is levels[-1]) else middle
    if limit is None or c.recovery_percent is None:
        return False
    return limit.allows(abs(c.recovery_percent - 100))


def _named(c: CalibratorResult) -> Message:
    return Message("{level} {recovery:t}", level=c.level, recovery=_recovery(c))


def _recovery(c: CalibratorResult) -> str:
    if c.recovery_percent is None:
        return c.reason or Message("no concentration could be read from the curve")
    return Message("{p:n} % of {target:n}", p=fixed(c.recovery_percent, 1), target=f"{c.nominal:g}")


@rule_by_terms(
    "CAL-03",
    title="Enough calibrators are recovered",
    breach="Too few calibrators in range",
    limit="calibrator_levels_passing",
)
def enough_calibrators(result: PlateResult, terms: Terms) -> Observations:
    """Share of calibrator levels within the recovery limit, in percent of all levels that do not fade."""
    levels = _signalling(result)
    if not levels or terms.limits.calibrator_recovery is None:
        return
    passing = sum(_recovered(c, levels, terms.limits) for c in levels)
    text = Message("{n:n} of {m:n} levels are within their recovery limit", n=passing, m=len(levels))
    text = joined("; ", [text, *_without(result.curves)])
    yield Observation(CALIBRATORS, 100 * passing / len(levels), text)


@rule_by_terms(
    "CAL-04",
    title="Calibrator replicates agree",
    breach="Calibrator replicates differ",
    limit="calibrator_cv",
)
def calibrator_replicates(result: PlateResult, terms: Terms) -> Observations:
    """CV of the ODs of each calibrator level, in percent; low signals may differ by a fixed OD instead."""
    small = terms.limits.replicate_difference_od
    for c in _nonzero(result):
        if c.cv_percent is None:
            yield unknown(calibrator(c.level), c.reason or Message("a single well has no CV"))
            continue
        spread = max(c.ods) - min(c.ods)
        text = Message(
            "CV {cv:n} % of {n:n} wells, range {od:n} OD",
            cv=fixed(c.cv_percent, 1),
            n=c.n,
            od=fixed(spread, 3),
        )
        close = small is not None and small.allows(spread)
        yield Observation(calibrator(c.level), c.cv_percent, text, ok=True if close else None)


@rule(
    "CAL-05",
    title="The top calibrator develops",
    breach="The top calibrator is weak",
    limit="top_calibrator_min_od",
)
def top_calibrator(result: PlateResult) -> Observations:
    """Mean OD of the highest calibrator; a weak top means weak conjugate, substrate or antigen."""
    for c in _nonzero(result)[-1:]:
        if c.mean_od is None:
            yield unknown(calibrator(c.level), c.reason or Message("no usable well"))
        else:
            yield Observation(
                calibrator(c.level), c.mean_od, Message("mean OD {od:n}", od=fixed(c.mean_od, 3))
            )


@rule(
    "CAL-06",
    title="Two engines agree on the curve",
    breach="Two engines disagree on the curve",
    limit="engine_disagreement",
)
def engines_agree(result: PlateResult) -> Observations:
    """Largest difference between the fitted ODs of lmfit and of our own engine, in percent of the span."""
    for fit in result.curves:
        apart = fit.disagreement_percent
        if apart is None:
            yield unknown(curve(fit.antigen), fit.failure or Message("no curve"))
        else:
            text = "the fitted ODs differ by at most {n:n} % of the curve's span"
            yield Observation(curve(fit.antigen), apart, Message(text, n=bound_small(apart)))


@rule(
    "CAL-07",
    title="The curve fits the calibrators",
    breach="The curve does not fit the calibrators",
    limit="lack_of_fit_p",
)
def curve_fits(result: PlateResult) -> Observations:
    """F test of the level means' distance from the curve against replicate error; a small p is a breach.

    Where a level was left out, the fit with all levels is judged: leaving it out does not hide it.
    """
    for fit in result.curves:
        test = fit.lack_of_fit if fit.dropped is None else fit.dropped.before.lack_of_fit
        if test is None:
            why = Message("there is no replicate error or no level to spare")
            yield unknown(curve(fit.antigen), fit.failure or why)
            continue
        found = Message(
            "F {f:n} with {a:n} and {b:n} degrees of freedom, p {p:n}",
            f=fixed(test.f, 2),
            a=test.df[0],
            b=test.df[1],
            p=f"{test.p:.2g}",
        )
        left_out = (
            [Message("with {level}, which was left out", level=fit.dropped.level)] if fit.dropped else []
        )
        yield Observation(curve(fit.antigen), test.p, joined("; ", [found, *left_out]))


@rule(
    "CAL-08",
    title="The calibrators tell the parameters apart",
    breach="The calibrators do not tell the parameters apart",
    limit="parameter_correlation",
)
def parameters_independent(result: PlateResult) -> Observations:
    """Largest correlation between two parameters of the curve, in size; near 1 they cannot be told apart."""
    for fit in result.curves:
        if fit.correlation is None:
            yield unknown(curve(fit.antigen), fit.failure or Message("no covariance"))
        else:
            text = Message("largest correlation of two parameters {n:n}", n=fixed(fit.correlation, 3))
            yield Observation(curve(fit.antigen), fit.correlation, text)


@rule_by_terms(
    "CAL-09",
    title="The ec50 lies between the calibrators",
    breach="The ec50 lies beyond the calibrators",
    limit="ec50_outside",
)
def ec50_inside(result: PlateResult, terms: Terms) -> Observations:
    """How many times beyond the outermost calibrator the ec50 lies; below 1 it lies inside."""
    for fit in result.curves:
        ec50 = fit.parameters.get("ec50")
        nominal = [c.nominal for c in fit.calibrators if c.used and c.nominal > 0]
        if ec50 is None or not nominal or ec50.value <= 0:
            yield unknown(curve(fit.antigen), fit.failure or Message("no ec50"))
            continue
        low, high = min(nominal), max(nominal)
        text = Message(
            "ec50 {n:n}, calibrators {low:n} to {high:n} {unit}",
            n=rounded(ec50.value),
            low=f"{low:g}",
            high=f"{high:g}",
            unit=terms.assay.unit,
        )
        yield Observation(curve(fit.antigen), max(ec50.value / high, low / ec50.value), text)


@rule("CAL-10", title="Calibrators are in order", breach="Calibrators out of order", limit="calibrator_rise")
def calibrators_in_order(result: PlateResult) -> Observations:
    """Smallest rise of the OD from one level above zero to the next, in SD of the difference."""
    if result.precision is None:
        return
    levels = [c for c in _signalling(result) if c.mean_od is not None]
    pairs = [(_rise(*pair, result.precision), pair) for pair in pairwise(levels)]
    if not pairs:
        return
    least, (below, above) = min(pairs, key=lambda pair: pair[0])
    text = Message(
        "from {below} to {above} the OD rises by {n:n} SD",
        below=below.level,
        above=above.level,
        n=fixed(least, 1),
    )
    yield Observation(CALIBRATORS, least, text)


def _rise(below: CalibratorResult, above: CalibratorResult, precision: ReplicatePrecision) -> float:
    """In SD of the difference of both means, by the well-to-well error of the plate."""
    low, high = below.mean_od or 0.0, above.mean_od or 0.0
    return (high - low) / math.hypot(precision.sd(low) / below.n**0.5, precision.sd(high) / above.n**0.5)


@rule_by_terms(
    "CAL-11",
    title="Calibrators rise far above the blank's noise",
    breach="Calibrators hardly above the blank's noise",
    limit="calibrator_span_sd",
)
def span_against_noise(result: PlateResult, terms: Terms) -> Observations:
    """Highest mean OD of a calibrator less the blank, in SD of a blank well (error of all replicates)."""
    antigen = terms.assay.calibration.antigen
    blank = next((b.mean_od for b in result.blanks if b.antigen == antigen), None)
    means = [c.mean_od for c in _nonzero(result) if c.mean_od is not None]
    if blank is None or not means or result.precision is None:
        return
    sd = result.precision.sd(blank)
    if sd <= 0:
        yield unknown(CALIBRATORS, Message("the replicates of this plate show no error"))
        return
    span = max(means) - blank
    text = Message(
        "{n:n} OD above the blank, whose wells scatter by {sd:n} OD", n=fixed(span, 3), sd=fixed(sd, 4)
    )
    yield Observation(CALIBRATORS, span / sd, text)


@rule(
    "CAL-12",
    title="No calibrator was made up wrongly",
    breach="A calibrator was made up wrongly",
    limit="calibrator_distance_p",
)
def no_wrong_level(result: PlateResult) -> Observations:
    """Chance that any level lies so far from the curve (Bonferroni); a level that was left out counts."""
    levels = [(c.distance_p, c) for c in _nonzero(result) if c.distance_p is not None]
    if levels:
        least, c = min(levels, key=lambda level: level[0])
        chance = min(least * len(levels), 1.0)
        text = Message("{level} lies farthest from the curve, chance {p:n}", level=c.level, p=f"{chance:.2g}")
        yield Observation(CALIBRATORS, chance, joined("; ", [text, _recovery(c), *_without(result.curves)]))


@rule_by_terms(
    "CAL-13",
    title="The working range holds the cut-off",
    breach="The cut-off lies outside the working range",
    limit="cutoff_outside",
)
def range_holds_cutoff(result: PlateResult, terms: Terms) -> Observations:
    """How many times outside the working range the cut-off lies at the first dilution; 1 is at its end."""
    cutoff, reference = terms.assay.cutoff, terms.assay.calibration.reference_dilution
    series = [*(one.result for one in result.controls), *result.samples]
    dilutions = [d.dilution for one in series for d in one.dilutions]
    if cutoff is None or not dilutions:
        return
    for fit in result.curves:
        low, high = fit.range.lloq, fit.range.uloq
        if fit.failure is not None:
            yield unknown(curve(fit.antigen), fit.failure)
        elif low is None or high is None:
            yield Observation(curve(fit.antigen), "none", Message("there is no working range"), ok=False)
        else:
            scale = min(dilutions) / reference
            text = Message(
                "measured from {low:n} to {high:n} {unit} at the first dilution, cut-off {n:n}",
                low=rounded(low * scale),
                high=rounded(high * scale),
                unit=terms.assay.unit,
                n=f"{cutoff.titer:g}",
            )
            outside = max(low * scale / cutoff.titer, cutoff.titer / (high * scale))
            yield Observation(curve(fit.antigen), round(outside, 9), text)
