"""Low calibrators that fade into the blank narrow the range; they are no failures and reject no plate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from simulator.plate import simulate_plate
from simulator.truth import Fault, PlateTruth, SerumTruth, TrueCurve, control_truths

import qc
from pipeline.compute.analyse import analyse
from pipeline.compute.curve.model_choice import choose_model
from pipeline.definitions import AssayDefinition
from pipeline.domain.assay import Assay
from pipeline.domain.curve_results import CalibratorResult, WorkingRange
from pipeline.domain.findings import Finding, Verdict
from pipeline.domain.layout import Role, SampleEntry
from pipeline.domain.plate import Kind, PlateRead, PlateReading, Quantity
from pipeline.domain.results import PlateResult, ReplicatePrecision

STEEP = TrueCurve(slope=1.6)
ASYMMETRIC = TrueCurve(slope=1.6, asymmetry=0.3, ec50=6_000.0)
PLATES = 12


def _plate(
    definition: AssayDefinition, curve: TrueCurve, seed: int, faults: tuple[Fault, ...] = ()
) -> PlateResult:
    """A plate with usual errors, four sera between 2,000 and 50,000 BTU."""
    layout, assay = definition.layout, definition.assay
    slots = layout.names(Role.SAMPLE)
    sera = {slot: SerumTruth(titer, "") for slot, titer in zip(slots, (2e3, 8e3, 2e4, 5e4), strict=True)}
    truth = PlateTruth(sera, control_truths(assay), curve=curve, faults=faults)
    wells = simulate_plate(layout, assay, truth, np.random.default_rng([9, seed]))
    main = {well: od.od450 for well, od in wells.items() if od.od450 is not None}
    reads = (_reading(450.0, main), _reading(620.0, {well: od.od620 for well, od in wells.items()}))
    read = PlateRead("P1", layout.rows, layout.columns, reads)
    return analyse(read, layout, assay, {slot: SampleEntry(slot, slot) for slot in slots})


def _reading(wavelength: float, values: Mapping[object, float]) -> PlateReading:
    label = f"{wavelength:g}"
    return PlateReading(Kind.ABSORBANCE, Quantity.RAW, wavelength, label, None, values, {}, "simulated")


def _findings(result: PlateResult, assay: Assay, rule: str) -> list[Finding]:
    return [finding for finding in qc.evaluate(result, assay) if finding.rule == rule]


def _faded(result: PlateResult) -> list[CalibratorResult]:
    return [level for level in result.curves[0].calibrators if level.faded]


@pytest.mark.parametrize(("curve", "model"), [(STEEP, "4pl"), (ASYMMETRIC, "auto")])
def test_sound_plates_are_not_rejected_for_faint_calibrators(
    flagship: AssayDefinition, curve: TrueCurve, model: str
) -> None:
    """Before, 30 % of steep and 62 % of such asymmetric plates failed CAL-03."""
    fitted = flagship.assay.curve.model_copy(update={"model": model})
    definition = replace(flagship, assay=flagship.assay.model_copy(update={"curve": fitted}))
    for seed in range(PLATES):
        result = _plate(definition, curve, seed)
        failed = [f for f in qc.evaluate(result, flagship.assay) if f.verdict is Verdict.FAIL]
        assert not [f for f in failed if f.group == "calibrators"], seed


def test_a_faded_level_narrows_the_range_and_counts_as_a_level(flagship: AssayDefinition) -> None:
    """It stays in the fit, the range begins above it, the curve names it."""
    plates = [_plate(flagship, STEEP, seed) for seed in range(PLATES)]
    faded = [(result.curves[0], level) for result in plates for level in _faded(result)]
    assert len(faded) >= PLATES
    assert {level.level for _, level in faded} == {"CAL6", "CAL7"}
    for curve, level in faded:
        assert level.used
        assert curve.range.lloq is not None
        assert curve.range.lloq > level.nominal
        assert any("fade into the blank" in note and level.level in note for note in curve.warnings)


def test_a_low_level_that_is_wrong_does_not_fade(flagship: AssayDefinition) -> None:
    """Made up 2.5 times too strong it reads far from the curve: a mistake, whatever its signal should be."""
    wells = frozenset(well for well, use in flagship.layout.uses.items() if use.name == "CAL7")
    wrong = Fault("calibrator CAL7 mispipetted", wells, amount=2.5)
    result = _plate(flagship, TrueCurve(), 1, (wrong,))
    assert "CAL7" not in {level.level for level in _faded(result)}
    assert not next(level for level in result.curves[0].calibrators if level.level == "CAL7").used


def test_an_assay_without_the_setting_has_no_faded_level(flagship: AssayDefinition) -> None:
    """Assays of older versions compute what they always did."""
    curve = flagship.assay.curve.model_copy(update={"fading": None})
    older = replace(flagship, assay=flagship.assay.model_copy(update={"curve": curve}))
    assert not any(_faded(_plate(older, STEEP, seed)) for seed in range(3))


@pytest.mark.parametrize(
    ("lloq", "uloq", "observed", "verdict"),
    [
        (1000.0, 70_000.0, 1.0, Verdict.PASS),
        (3000.0, 70_000.0, 3.0, Verdict.FAIL),
        (100.0, 500.0, 2.0, Verdict.FAIL),
        (None, None, "none", Verdict.FAIL),
    ],
)
def test_a_range_without_the_cutoff_rejects(
    flagship: AssayDefinition,
    lloq: float | None,
    uloq: float | None,
    observed: float | str,
    verdict: Verdict,
) -> None:
    """Where the cut-off cannot be measured nothing tells positive from negative."""
    result = _plate(flagship, TrueCurve(), 1)
    (curve,) = result.curves
    narrow = replace(result, curves=(replace(curve, range=WorkingRange(lloq, uloq, "BTU")),))
    (found,) = _findings(narrow, flagship.assay, "CAL-13")
    assert (found.observed, found.verdict) == (observed, verdict)


def test_auto_finds_an_asymmetric_curve() -> None:
    """By the error that the whole plate tells: the few points of a curve hide its asymmetry."""
    error = ReplicatePrecision(additive_od=0.004, proportional=0.04, df=40)
    nominal = np.repeat([0.0, 0.0, 100, 300, 1000, 3000, 9000, 25_000, 70_000], 2)
    for curve, expected in ((ASYMMETRIC, "5pl"), (TrueCurve(), "4pl"), (STEEP, "4pl")):
        ods = np.array([curve.zero + curve.specific_od(x) for x in nominal])
        spread = ods * np.where(np.arange(len(ods)) % 2, 1.02, 0.98)
        assert choose_model(nominal, spread, 1.0, error)[0] == expected
    ods = np.array([ASYMMETRIC.zero + ASYMMETRIC.specific_od(x) for x in nominal])
    assert choose_model(nominal, ods * np.where(np.arange(len(ods)) % 2, 1.05, 0.95), 1.0)[0] == "4pl"
