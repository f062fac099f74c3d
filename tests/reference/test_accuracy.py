"""Simulated clean plates with known truth: titers and classes of 240 sera on seeds that nobody chose."""

from __future__ import annotations

import numpy as np
import pytest
from simulator import PlateTruth, clear_cut_sera, control_truths, simulate_plate

import qc
from pipeline.compute.analyse import analyse
from pipeline.definitions import AssayDefinition
from pipeline.domain.findings import RunVerdict, overall
from pipeline.domain.layout import Role, SampleEntry
from pipeline.domain.plate import Kind, PlateRead, PlateReading, Quantity

SERA = 240


def reading(values: dict[object, float], wavelength: float) -> PlateReading:
    """One wavelength of a simulated plate."""
    label = f"{wavelength:g}"
    return PlateReading(Kind.ABSORBANCE, Quantity.RAW, wavelength, label, None, values, {}, "")  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def outcome(flagship: AssayDefinition) -> list[tuple[object, object]]:
    """(truth, result) of every serum on plates that QC accepted; at most one plate in twenty may fail."""
    rng = np.random.default_rng(20_261_121)
    layout, assay = flagship.layout, flagship.assay
    slots = layout.names(Role.SAMPLE)
    sera = clear_cut_sera(rng, SERA, assay)
    pairs: list[tuple[object, object]] = []
    rejected = 0
    for start in range(0, SERA, len(slots)):
        on_plate = dict(zip(slots, sera[start : start + len(slots)], strict=True))
        wells = simulate_plate(layout, assay, PlateTruth(on_plate, control_truths(assay)), rng)
        main = {w: od.od450 for w, od in wells.items() if od.od450 is not None}
        reference = {w: od.od620 for w, od in wells.items()}
        read = PlateRead("P", layout.rows, layout.columns, (reading(main, 450), reading(reference, 620)))
        result = analyse(read, layout, assay, {slot: SampleEntry(slot, slot) for slot in slots})
        rejected += overall(qc.evaluate(result, assay)) is RunVerdict.REJECTED
        pairs += [(on_plate[sample.slot], sample) for sample in result.samples]
    assert rejected <= SERA / len(slots) / 20
    return pairs


def test_no_clear_cut_serum_gets_a_wrong_class(outcome: list[tuple[object, object]]) -> None:
    """Negative, non-specific, confirmed and not confirmed sera are classified as they are, all of them."""
    assert len(outcome) == SERA
    for truth, sample in outcome:
        assert sample.classification == truth.expected_class, (truth, sample)  # type: ignore[attr-defined]


def test_titers_are_within_ten_percent_and_intervals_cover(outcome: list[tuple[object, object]]) -> None:
    """Median error of the titer at most 10 %; 95 % intervals hold the truth in 90 to 100 % of sera."""
    errors, covered = [], []
    for truth, sample in outcome:
        titer = sample.titer  # type: ignore[attr-defined]
        if sample.classification.startswith("POSITIVE") and titer.qualifier == "=":  # type: ignore[attr-defined]
            errors.append(abs(titer.value / truth.titer - 1))  # type: ignore[attr-defined]
            covered.append(titer.ci95[0] <= truth.titer <= titer.ci95[1])  # type: ignore[attr-defined]
    assert len(errors) > SERA / 3
    assert np.median(errors) <= 0.10
    assert 0.90 <= np.mean(covered) <= 1.0
