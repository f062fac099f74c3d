"""Plates of four sera, each with a mishap of its own, and the promises that their classes do not keep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from scipy.special import stdtrit
from simulator import PlateTruth, SerumTruth, TrueCurve, control_truths, simulate_plate
from simulator.truth import Hook

from benchmarks.promises.mishaps import MISHAPS, Block
from pipeline.compute.analyse import analyse
from pipeline.definitions import AssayDefinition
from pipeline.domain.layout import Role, SampleEntry
from pipeline.domain.plate import Kind, PlateRead, PlateReading, Quantity
from pipeline.domain.results import PlateResult, SampleResult

CI_SERA = 1_200
FAR = 2.0


@dataclass(slots=True)
class Tally:
    """What was seen."""

    sera: int = 0
    classes: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(mishap, class) -> sera."""
    broken: list[str] = field(default_factory=list)
    """Promises that were not kept, in words."""
    wrong: list[str] = field(default_factory=list)
    """Reportable classes of sera that lie far on the other side of the cut-off, in words."""


def campaign(definition: AssayDefinition, sera: int, seed: int) -> Tally:
    """Simulate at least so many sera and hold each class against its titer."""
    tally = Tally()
    slots = definition.layout.names(Role.SAMPLE)
    for plate in range(-(-sera // len(slots))):
        rng = np.random.default_rng([seed, plate])
        names, sera_of_plate, result = _plate(definition, slots, rng)
        for name, serum, sample in zip(names, sera_of_plate, result.samples, strict=True):
            at = f"plate {plate}, {sample.slot}, {name}"
            tally.sera += 1
            tally.classes[name, sample.classification] += 1
            tally.broken += [f"{at}: {what}" for what in broken(sample, definition)]
            if _far_off(sample, serum.titer, definition):
                tally.wrong.append(f"{at}: {serum.titer:.0f} is {sample.classification}, {sample.titer.text}")
    return tally


def _plate(
    definition: AssayDefinition, slots: list[str], rng: np.random.Generator
) -> tuple[list[str], list[SerumTruth], PlateResult]:
    layout, assay = definition.layout, definition.assay
    sera = {slot: _serum(rng) for slot in slots}
    truth = PlateTruth(sera, control_truths(assay), curve=_curve(rng))
    wells = simulate_plate(layout, assay, truth, rng)
    ods = {well: od.net() or 0.0 for well, od in wells.items()}
    names = []
    for slot in slots:
        mishap = MISHAPS[int(rng.integers(len(MISHAPS)))]
        mishap(ods, Block(layout, slot), rng)
        names.append(mishap.__name__)
    reading = PlateReading(Kind.ABSORBANCE, Quantity.RAW, 450.0, "450", None, ods, {}, "simulated")
    single = assay.model_copy(
        update={"reading": assay.reading.model_copy(update={"reference_wavelength_nm": None})}
    )
    read = PlateRead("P1", layout.rows, layout.columns, (reading,))
    result = analyse(read, layout, single, {slot: SampleEntry(slot, slot) for slot in slots})
    return names, list(sera.values()), result


def _far_off(sample: SampleResult, titer: float, definition: AssayDefinition) -> bool:
    """Is the class reported though the truth lies two-fold and more on the other side of the cut-off?"""
    cutoff = definition.assay.cutoff
    if cutoff is None or not sample.reportable:
        return False
    if sample.classification.startswith("POSITIVE"):
        return titer < cutoff.titer / FAR
    return sample.classification.startswith("NEGATIVE") and titer > cutoff.titer * FAR


def _serum(rng: np.random.Generator) -> SerumTruth:
    """Half without antibodies, many near the cut-off; some stick, some have a hook."""
    titer = float(rng.choice([rng.uniform(0, 300), rng.uniform(700, 1_600), np.exp(rng.uniform(7, 14))]))
    hook = (
        Hook(float(np.exp(rng.uniform(8.0, 12.0))), float(rng.uniform(2, 4))) if rng.random() < 0.2 else None
    )
    sticks = float(np.exp(rng.normal(-0.7, 0.8))) if rng.random() < 0.3 else float(rng.uniform(0.005, 0.04))
    affinity = float(rng.uniform(0.0, 1.2))
    return SerumTruth(
        titer,
        "",
        nsb_od=min(sticks, 2.5),
        nsb_gamma=float(rng.uniform(0.3, 0.7)),
        hnk1_affinity=affinity,
        hook=hook,
    )


def _curve(rng: np.random.Generator) -> TrueCurve:
    top, ec50, slope = rng.uniform((2.6, 10_000.0, 0.9), (3.3, 20_000.0, 1.2))
    return TrueCurve(top=top, ec50=ec50, slope=slope)


def broken(sample: SampleResult, definition: AssayDefinition) -> Iterator[str]:
    """Promises that a class does not keep, computed from what ``results.json`` shows."""
    cutoff = definition.assay.cutoff
    if cutoff is None or not sample.reportable:
        return
    low, high = _ends(sample, cutoff.straddle_confidence)
    said = f"{sample.classification} with {sample.titer.text}"
    if sample.classification.startswith("POSITIVE") and not low > cutoff.titer:
        yield said
    if sample.classification.startswith("NEGATIVE") and not high <= cutoff.titer:
        yield said


def _ends(sample: SampleResult, confidence: float) -> tuple[float, float]:
    """Between what the titer lies; from minus to plus infinity where nothing is said."""
    titer, error = sample.titer, sample.ln_titer
    if titer.value is None:
        return -np.inf, np.inf
    if titer.qualifier == "<":
        return -np.inf, titer.value
    if titer.qualifier == ">=":
        return titer.value, np.inf
    if error is None:
        return -np.inf, np.inf
    quantile = stdtrit(error.df if error.df is not None else 1e9, 0.5 + confidence / 2)
    half = float(quantile) * error.se
    return float(np.exp(np.log(titer.value) - half)), float(np.exp(np.log(titer.value) + half))
