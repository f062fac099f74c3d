"""Calibrators that were made up wrongly are named, and what follows from them is said to follow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.compute.curve.checks import LevelMean
from pipeline.compute.curve.models import curve
from pipeline.compute.curve.wrong_levels import one_curve_without
from pipeline.definitions import AssayDefinition, load_definition
from pipeline.domain.curve_results import OneCurve
from pipeline.domain.findings import Verdict
from pipeline.domain.record import RunRecord
from pipeline.domain.results import ReplicatePrecision
from pipeline.report import render

NOMINAL = {"CAL1": 70e3, "CAL2": 25e3, "CAL3": 9e3, "CAL4": 3e3, "CAL5": 1e3, "CAL6": 300.0, "CAL7": 100.0}
TRUE = np.array([0.03, 2.8, np.log(18_000.0), np.log(1.05), 0.0])
PRECISION = ReplicatePrecision(additive_od=0.004, proportional=0.04, df=40)


def _levels(**factors: float) -> list[LevelMean]:
    """Calibrators without noise; some of them made up this many times too strong."""
    made = {name: nominal * factors.get(name, 1.0) for name, nominal in NOMINAL.items()}
    ods = curve(np.array([*made.values(), 0.0]), TRUE)
    names = {**NOMINAL, "blank": 0.0}
    return [LevelMean(*level, float(od), 2) for level, od in zip(names.items(), ods, strict=True)]


@pytest.fixture(scope="module")
def flagship(root: Path) -> AssayDefinition:
    """Seven levels and the blank as zero standard."""
    return load_definition(root / "plate_layouts" / "anti_mag_igm")


@pytest.mark.parametrize(
    "factors",
    [
        {"CAL3": 0.5},
        {"CAL4": 3.0},
        {"CAL2": 0.4, "CAL5": 2.0},
        {"CAL4": 0.3, "CAL6": 3.0},
    ],
)
def test_the_levels_that_are_wrong_are_named(flagship: AssayDefinition, factors: dict[str, float]) -> None:
    """Not those that the spoilt curve misses, but those without which the others lie on one curve."""
    found = one_curve_without(_levels(**factors), "4pl", PRECISION, flagship.assay.steering)
    assert found is not None
    assert set(found.without) == set(factors)


def test_nothing_is_named_where_levels_tell_nothing(flagship: AssayDefinition) -> None:
    """Levels without any signal, and too few levels for a curve: no name is better than any."""
    flat = [LevelMean(name, nominal, 0.05, 2) for name, nominal in NOMINAL.items()]
    for levels in (flat, _levels()[:4]):
        assert one_curve_without(levels, "4pl", PRECISION, flagship.assay.steering) is None


def test_a_choice_among_others_says_so(flagship: AssayDefinition) -> None:
    """One level that is far off is the only choice; a slight fault at the end could be another level's."""
    far = one_curve_without(_levels(CAL4=3.0), "4pl", PRECISION, flagship.assay.steering)
    near = one_curve_without(_levels(CAL1=0.6), "4pl", PRECISION, flagship.assay.steering)
    assert (far, near) == (OneCurve(("CAL4",), only=True), OneCurve(("CAL1",), only=False))


def test_a_plate_with_wrong_calibrators_names_them(sample_records: dict[str, RunRecord]) -> None:
    """The plate of three wrong levels names these three; the numbers of its curve are those of all levels."""
    record = sample_records["failed_calibrators, Plate1"]
    (fit,) = record.curves
    assert fit.one_curve == OneCurve(("CAL2", "CAL4", "CAL6"), only=False)
    assert all(level.used for level in fit.calibrators)
    (share,) = [finding for finding in record.findings if finding.rule == "CAL-03"]
    assert "without CAL2, CAL4, CAL6, among other choices, the others lie on one curve" in share.message
    others = [name for name, one in sample_records.items() if one.curves[0].one_curve]
    assert others == ["failed_calibrators, Plate1"]


def test_one_cause_is_called_one_cause(sample_records: dict[str, RunRecord]) -> None:
    """Six failed checks with one cause say so; controls that fail alone are no consequence of anything."""
    first = _text(sample_records["failed_calibrators, Plate1"])
    assert "6 checks failed (1 cause: calibrators; the controls follow): " in first
    alone = sample_records["failed_control, Plate1"]
    failed = sum(finding.verdict is Verdict.FAIL for finding in alone.findings)
    assert f"{failed} checks failed: " in _text(alone)


def test_a_rejected_plate_does_not_say_that_all_counts(sample_records: dict[str, RunRecord]) -> None:
    """Nothing was left out of the computation, and nothing of it counts."""
    counts = "every calibrator level and every well of a sample counts"
    assert counts in _text(sample_records["clean_plate, Plate1"])
    rejected = _text(sample_records["failed_calibrators, Plate1"])
    assert counts not in rejected
    assert "the plate was rejected: none of them counts" in rejected


def _text(record: RunRecord) -> str:
    return render(record)["report.html"].decode()
