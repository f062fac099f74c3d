"""Assays without calibrators: the sera make the curve, titers are reciprocal dilutions."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from sample_cases import CONTEXT, shipped
from simulator import PlateTruth, SerumTruth, TrueCurve, control_truths, simulate_plate
from simulator.case import by_slot
from simulator.grids import csv_bytes, two_grids

from pipeline.definitions import AssayDefinition
from pipeline.domain.codes.classes import SampleClass
from pipeline.domain.codes.qualifier import Qualifier
from pipeline.domain.findings import RunVerdict
from pipeline.domain.record import RunRecord
from pipeline.process import process_export

TITERS = (45_000.0, 17_000.0, 29_000.0, 200.0)
SPAN, CUTOFF_OD, SLOPE = 3.27, 0.1, 1.05


@pytest.fixture(scope="module")
def titration() -> AssayDefinition:
    """The shipped assay."""
    return shipped("anti_mag_titration")


def truth(definition: AssayDefinition, titers: tuple[float, ...] = TITERS) -> PlateTruth:
    """Sera whose titer is the dilution that reads the cut-off's net OD."""
    ec50 = (SPAN / CUTOFF_OD - 1) ** (1 / SLOPE)
    sera = [SerumTruth(titer, "", 0.03, hnk1_affinity=0.9) for titer in titers]
    on_mag = TrueCurve(top=0.03 + SPAN, ec50=ec50, slope=SLOPE)
    return PlateTruth(by_slot(definition, sera), control_truths(definition.assay), on_mag, on_mag)


def processed(definition: AssayDefinition, plate: PlateTruth, seed: int) -> RunRecord:
    """The record of a simulated plate."""
    wells = simulate_plate(definition.layout, definition.assay, plate, np.random.default_rng(seed))
    export = csv_bytes(two_grids(wells, (8, 12)))
    (record,) = process_export(export, "plate.csv", definition, None, CONTEXT)
    assert isinstance(record, RunRecord)
    return record


def test_titers_are_the_dilutions_that_cross_the_cut_off(titration: AssayDefinition) -> None:
    """Of twelve plates: no bias beyond 5 %, and nine of ten intervals hold the truth."""
    errors, inside = [], []
    for seed in range(12):
        record = processed(titration, truth(titration), seed)
        assert record.verdict is not RunVerdict.REJECTED
        for sample, titer in zip(record.samples, TITERS[:3], strict=False):
            if sample.titer.qualifier is Qualifier.MEASURED and sample.titer.ci95 is not None:
                low, high = sample.titer.ci95
                assert sample.titer.value is not None
                errors.append(math.log(sample.titer.value / titer))
                inside.append(low is not None and high is not None and low <= titer <= high)
        negative = record.samples[3]
        assert negative.classification is SampleClass.NEGATIVE
        assert negative.titer.text == "< 1\u202f000 reciprocal dilution"
    assert len(errors) >= 34
    assert abs(float(np.mean(errors))) < 0.05
    assert float(np.std(errors)) < 0.12
    assert sum(inside) >= 0.85 * len(inside)


def test_a_titer_is_never_extrapolated(titration: AssayDefinition) -> None:
    """A serum that still reads positive at the last dilution is at least that."""
    record = processed(titration, truth(titration, (300_000.0, *TITERS[1:])), 3)
    titer = record.samples[0].titer
    assert (titer.qualifier, titer.value) == (Qualifier.AT_LEAST, 64_000)
    assert record.samples[0].classification is SampleClass.POSITIVE_HNK1_CONFIRMED
    assert record.samples[0].series is not None
    assert record.samples[0].series.next_dilution is not None


def test_antigen_negative_wells_decide_as_in_the_flagship(titration: AssayDefinition) -> None:
    """A serum that sticks has no titer here either."""
    plate = truth(titration)
    sticky = {**plate.sera, "S1": SerumTruth(100.0, "", 1.3)}
    record = processed(titration, replace(plate, sera=sticky), 5)
    assert record.samples[0].classification is SampleClass.NONSPECIFIC_BINDING
    assert record.samples[0].titer.value is None


def test_a_plate_without_signal_has_no_curve_and_is_rejected(titration: AssayDefinition) -> None:
    """All sera negative and the positive control dead: no number is made of nothing."""
    plate = truth(titration, (50.0, 60.0, 70.0, 80.0))
    dead = {name: replace(serum, titer=10.0) for name, serum in plate.controls.items()}
    record = processed(titration, replace(plate, controls=dead), 7)
    assert record.verdict is RunVerdict.REJECTED
    assert record.curves[0].failure is not None
    assert {sample.classification for sample in record.samples} == {SampleClass.INVALID}


def test_the_curve_says_what_it_is(titration: AssayDefinition) -> None:
    """Concentration 1 reads the cut-off above the blank; there are no calibrators."""
    (curve,) = processed(titration, truth(titration), 11).curves
    assert (curve.model, curve.calibrators) == ("common-shape", ())
    lower, upper, ec50, slope = (curve.parameters[one].value for one in ("lower", "upper", "ec50", "slope"))
    assert (upper - lower) / (1 + ec50**slope) == pytest.approx(CUTOFF_OD)
