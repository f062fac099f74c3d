"""One spoiled plate through the pipeline: what it says, and what it releases."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from simulator import SerumTruth

import qc
from benchmarks.degenerate.families import Family
from benchmarks.degenerate.plate import SpoiledPlate, spoiled_plate
from benchmarks.plates import flagship
from pipeline.compute.analyse import analyse
from pipeline.domain.curve_results import CurveFit
from pipeline.domain.findings import Finding, RunVerdict, Verdict, overall
from pipeline.domain.layout import SampleEntry
from pipeline.domain.results import PlateResult, SampleResult, Titer
from pipeline.process.export import withheld

ON_CURVE = ("CAL-", "PLT-")
"""Rules that see the calibrators or the plate; the others see sera."""
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one spoiled curve."""

    rejected: bool
    by_controls_only: bool
    """Rejected, and no rule on the calibrators or the plate failed."""
    names: frozenset[str]
    """Codes of failure and warnings; rules that failed or warned."""
    released: int
    """Sera with a reportable result."""
    outside: int
    """Of these, with a titer from beyond the usable calibrators."""
    worst: float
    """Largest factor between a released titer and the truth, at least 1; over sera above the cut-off."""
    warned: tuple[str, ...] = ()
    """Python warnings."""
    crashed: str | None = None


NOTHING = Outcome(rejected=False, by_controls_only=False, names=frozenset(), released=0, outside=0, worst=1.0)


def outcome(family: Family, number: int, seed: int) -> Outcome:
    """Draw curve ``number`` of a family and evaluate its plate."""
    code = [ord(letter) for letter in family.name]
    plate = spoiled_plate(family, np.random.default_rng([seed, number, *code]))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            found = _evaluated(plate)
        except Exception as error:  # noqa: BLE001 - a crash is what is looked for
            found = replace(NOTHING, crashed=repr(error))
    return replace(found, warned=tuple(f"{w.category.__name__}: {w.message}" for w in caught))


def _evaluated(plate: SpoiledPlate) -> Outcome:
    layout, declared = flagship().layout, flagship().assay
    result = analyse(plate.read, layout, declared, {slot: SampleEntry(slot, slot) for slot in plate.sera})
    findings = qc.evaluate(result, declared)
    rejected = overall(findings) is RunVerdict.REJECTED
    released = [s for s in _given_out(result, rejected=rejected) if s.reportable]
    failed = {f.rule for f in findings if f.verdict is Verdict.FAIL}
    return Outcome(
        rejected=rejected,
        by_controls_only=rejected and not any(rule.startswith(ON_CURVE) for rule in failed),
        names=frozenset(_names(result.curves, findings)),
        released=len(released),
        outside=sum(_outside(sample, result.curves[0]) for sample in released),
        worst=max((_factor(s.titer, plate.sera[s.slot]) for s in released), default=1.0),
    )


def _given_out(result: PlateResult, *, rejected: bool) -> Sequence[SampleResult]:
    return tuple(map(withheld, result.samples)) if rejected else result.samples


def _names(curves: Iterable[CurveFit], findings: Iterable[Finding]) -> set[str]:
    texts = [text for curve in curves for text in (curve.failure or "", *curve.warnings)]
    rules = {f.rule for f in findings if f.verdict in (Verdict.FAIL, Verdict.WARN)}
    return rules | {text.split(":")[0] for text in texts if text}


def _outside(sample: SampleResult, curve: CurveFit) -> bool:
    """Did a dilution contribute that reads beyond the usable calibrators, or without any curve?"""
    usable = [c.nominal for c in curve.calibrators if c.used and c.nominal > 0]
    reference = flagship().assay.calibration.reference_dilution
    read = [d.titer * reference / d.dilution for d in sample.dilutions if d.used and d.titer is not None]
    if curve.failure is not None or not usable:
        return True
    low, high = min(usable) * (1 - ROUNDING), max(usable) * (1 + ROUNDING)
    return any(not low <= concentration <= high for concentration in read)


def _factor(titer: Titer, truth: SerumTruth) -> float:
    """Titer over truth or truth over titer; for a bound, 1 where it holds. Weak sera say nothing: 1."""
    cutoff = flagship().assay.cutoff
    if titer.value is None or cutoff is None or truth.titer < cutoff.titer:
        return 1.0
    if titer.qualifier == "=":
        return max(titer.value / truth.titer, truth.titer / titer.value)
    above = titer.value / truth.titer
    return max(1.0, above if titer.qualifier == ">=" else 1 / above)
