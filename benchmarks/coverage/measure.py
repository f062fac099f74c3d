"""One simulated plate through the pipeline: how far each titer is from the truth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.coverage.bench import assay_for, layout_for
from benchmarks.coverage.design import Design
from benchmarks.coverage.simulate import Simulated, simulate
from benchmarks.coverage.single import single_dilution
from pipeline.compute.analyse import analyse
from pipeline.domain.layout import SampleEntry
from pipeline.domain.plate import Kind, PlateRead, PlateReading, Quantity
from pipeline.domain.results import PlateResult, SampleResult, Titer

DECLARED, DECLARED_DF = 3.0, 5.0
"""The step CV of a laboratory that does not know its own, percent, and that guess's degrees of freedom."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One serum, evaluated once. Errors are of ln titer; None without a titer."""

    design: Design
    number: int
    """Of the plate."""
    strength: str
    known: bool
    """Did the assay declare the true step CV?"""
    error: float | None
    covered: bool
    """Does the 95 % interval hold the truth? False without a titer."""
    width: float | None
    """ln of the interval's upper end over its lower end; infinite if an end is open."""
    single_error: float | None
    bound_true: bool | None
    """Does the truth agree with the ``<`` or ``>=``? None without such a bound."""


def outcomes(number: int, design: Design, seed: int, calibrator_cv: float) -> list[Outcome]:
    """Simulate plate ``number`` and evaluate it with the step CV known, and with a guess of 3 %."""
    simulated = simulate(design, np.random.default_rng([seed, 1, number]), calibrator_cv)
    found = list(evaluated(number, design, simulated, design.step_cv, None))
    return found + list(evaluated(number, design, simulated, DECLARED, DECLARED_DF))


def evaluated(
    number: int, design: Design, simulated: Simulated, step_cv: float, step_df: float | None
) -> Iterator[Outcome]:
    """Evaluate the plate with this step CV in percent; without degrees of freedom it counts as known."""
    result = analysed(design, simulated, step_cv, step_df)
    truths = {f"S{i}": truth for i, truth in enumerate(simulated.ln_titer.tolist(), start=1)}
    strengths = dict(zip(truths, simulated.strength, strict=True))
    for sample in result.samples:
        truth = truths[sample.slot]
        error, covered, width = _against(sample.titer, truth)
        yield Outcome(
            design=design,
            number=number,
            strength=strengths[sample.slot],
            known=step_df is None,
            error=error,
            covered=covered,
            width=width,
            single_error=_single_error(sample, result, design, truth),
            bound_true=_bound_true(sample.titer, truth),
        )


def analysed(design: Design, simulated: Simulated, step_cv: float, step_df: float | None) -> PlateResult:
    """Send the plate through the pipeline's analysis."""
    layout = layout_for(design)
    values = dict(zip(layout.uses, simulated.ods.tolist(), strict=True))
    reading = PlateReading(Kind.ABSORBANCE, Quantity.RAW, 450.0, "450", None, values, {}, "simulated")
    read = PlateRead("P1", layout.rows, layout.columns, (reading,))
    slots = [f"S{i}" for i in range(1, simulated.ln_titer.size + 1)]
    entries = {slot: SampleEntry(slot, slot) for slot in slots}
    return analyse(read, layout, assay_for(design.levels, step_cv, step_df), entries)


def _against(titer: Titer, truth: float) -> tuple[float | None, bool, float | None]:
    """(error, covered, width) of a titer; an open end of the interval is unbounded."""
    if titer.value is None or titer.qualifier != "=":
        return None, False, None
    low, high = titer.ci95 or (None, None)
    ends = (np.log(low) if low else -np.inf, np.log(high) if high else np.inf)
    return float(np.log(titer.value)) - truth, bool(ends[0] <= truth <= ends[1]), float(ends[1] - ends[0])


def _single_error(sample: SampleResult, result: PlateResult, design: Design, truth: float) -> float | None:
    reference = assay_for(design.levels, DECLARED, None).calibration.reference_dilution
    single = single_dilution(sample, result.curves[0], reference)
    return None if single is None else single - truth


def _bound_true(titer: Titer, truth: float) -> bool | None:
    if titer.value is None or titer.qualifier == "=":
        return None
    below = bool(truth < np.log(titer.value))
    return below if titer.qualifier == "<" else not below
