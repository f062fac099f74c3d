"""Bad standard curves: named, and no titer comes from them. Fifty ways to spoil calibrators beside good sera.

One curve of each quick family here; the full size is ``python -m benchmarks.degenerate --seeds 250``.
"""

from __future__ import annotations

import sys
from itertools import combinations
from pathlib import Path

import pytest
from spoiled import calibrators

sys.path.append(str(Path(__file__).resolve().parents[2]))  # last: the installed pipeline stays the one tested

from benchmarks.degenerate.families import FAMILIES, Kind
from benchmarks.degenerate.measure import outcome
from benchmarks.degenerate.run import Summary, summary
from pipeline.compute.curve.curves import StandardCurve, standard_curve
from pipeline.compute.curve.result import CalibratorWells
from pipeline.definitions import AssayDefinition
from pipeline.domain.codes.unused import WellUnused
from pipeline.domain.results import ReplicatePrecision

SEED = 20_261_121
SLOW = ("two levels wrong", "three levels wrong", "well CV of 60 %", "levels equal in pairs")
"""A second each, because every level is tried as the one to leave out; the full size has them."""
GOOD = [2.79, 2.25, 1.36, 0.63, 0.28, 0.14, 0.09]
PRECISION = ReplicatePrecision(additive_od=0.004, proportional=0.03, df=40)


@pytest.fixture(scope="module")
def found() -> list[Summary]:
    """One curve of each family but the slow ones."""
    return [summary(f, [outcome(f, 0, SEED)]) for f in FAMILIES if f.name not in SLOW]


def test_there_are_forty_families(found: list[Summary]) -> None:
    """Most kinds of bad calibrators that laboratories have met are tried, each under its own name."""
    names = [s.family.name for s in found]
    assert len(set(names)) == len(names)
    assert sum(s.family.kind is Kind.DEGENERATE for s in found) >= 40


def test_a_degenerate_curve_releases_nothing(found: list[Summary]) -> None:
    """No serum gets a reportable result from a standard curve that is none."""
    wrong = [s.family.name for s in found if s.family.kind is Kind.DEGENERATE and s.released]
    assert not wrong


def test_the_controls_are_not_needed(found: list[Summary]) -> None:
    """A curve that is none is rejected by rules on the curve; wrong labels alone need a control to tell."""
    spoiled = [s for s in found if s.family.kind is Kind.DEGENERATE and s.family.expected != ("CTL-01",)]
    assert not [s.family.name for s in spoiled if s.by_controls_only or not s.rejected]


def test_an_incomplete_curve_is_not_extrapolated(found: list[Summary]) -> None:
    """Titers come only from between the usable calibrators, and are within a factor of 1.5 of the truth."""
    usable = [s for s in found if s.family.kind is not Kind.DEGENERATE]
    assert not [s.family.name for s in usable if s.outside]
    assert max(s.worst for s in usable) <= 1.5


def test_good_calibrators_release(found: list[Summary]) -> None:
    """The plates are good but for their calibrators: with good ones, sera are released."""
    (good,) = [s for s in found if s.family.name == "good calibrators"]
    assert good.released >= 3
    assert good.rejected == 0


def test_no_curve_crashes_or_leaks_a_warning(found: list[Summary]) -> None:
    """Whatever the calibrators are, the computation ends in a result and prints no Python warning."""
    assert [s.crashed for s in found if s.crashed] == []
    assert [(s.family.name, s.warned) for s in found if s.warned] == []


def test_what_is_wrong_is_named(found: list[Summary]) -> None:
    """The finding, the failure or the warning says what the calibrators suffer from."""
    unnamed = [(s.family.name, s.found) for s in found if s.family.expected and not s.named]
    assert not unnamed


def judged(definition: AssayDefinition, wells: list[CalibratorWells]) -> StandardCurve:
    """The standard curve of calibrators beside good blanks."""
    return standard_curve(wells, (0.07, 0.07), definition.assay, PRECISION)


@pytest.mark.parametrize(("high", "low"), [pair for pair in combinations(range(7), 2) if pair[1] > 2])
def test_the_swapped_pair_is_named(flagship: AssayDefinition, high: int, low: int) -> None:
    """Of any two exchanged levels, neighbours or far apart, both names are given, and no others."""
    ods = GOOD.copy()
    ods[high], ods[low] = ods[low], ods[high]
    failure = judged(flagship, calibrators(flagship, ods)).result.failure or ""
    assert failure.startswith("STANDARD_ORDER_SUSPECT")
    assert [f"CAL{i + 1} " in failure for i in range(7)] == [i in (high, low) for i in range(7)]


@pytest.mark.parametrize("tops", [[2.0, 2.25], [1.1, 1.2]])
def test_a_hook_is_not_taken_for_a_swap(flagship: AssayDefinition, tops: list[float]) -> None:
    """A fall that runs up to the highest calibrator is called what it is."""
    failure = judged(flagship, calibrators(flagship, [*tops, *GOOD[2:]])).result.failure
    assert str(failure).startswith("CURVE_NONMONOTONE")


@pytest.mark.parametrize(("saturated", "name"), [(2, None), (3, "CURVE_SATURATED"), (7, "CURVE_SATURATED")])
def test_saturated_levels_are_named(flagship: AssayDefinition, saturated: int, name: str | None) -> None:
    """Fewer than five levels because the reader gave up is not the same as levels that were never read."""
    wells = calibrators(flagship, GOOD)
    gone = [
        CalibratorWells(w.level, w.nominal, (), (("A1", WellUnused.ABOVE_RANGE),)) for w in wells[:saturated]
    ]
    failure = judged(flagship, [*gone, *wells[saturated:]]).result.failure
    assert (failure or "None").split(":")[0] == str(name)


def test_an_asymptote_beyond_the_calibrators_is_named(flagship: AssayDefinition) -> None:
    """Calibrators that end below half of the curve give a curve with a warning, by name."""
    ods = [0.07 + 5.0 * c / (c + 200_000) for c in flagship.assay.calibration.levels.values()]
    result = judged(flagship, calibrators(flagship, ods)).result
    assert result.failure is None
    assert any(w.startswith("ASYMPTOTE_NOT_OBSERVED: upper") for w in result.warnings)
