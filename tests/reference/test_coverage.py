"""Simulated plates with known truth: the 95 % interval of the titer holds it, and the titer is not biased.

``python -m benchmarks.coverage`` prints the tables behind these bounds, which are wide: several standard
errors of the CI size beyond what the pipeline reaches.
"""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import numpy as np
import pytest
from sizes import FULL, size

sys.path.append(str(Path(__file__).resolve().parents[2]))  # last: the installed pipeline stays the one tested

from benchmarks.coverage import history, measure
from benchmarks.coverage.design import FACTORS, SERIES, Design, designs
from benchmarks.coverage.learned import laboratories
from benchmarks.coverage.measure import Outcome, outcomes
from benchmarks.coverage.run import CI_PLATES, Measured, measured
from benchmarks.coverage.simulate import Simulated, simulate
from benchmarks.coverage.summary import GROUPS, Cell, cells, summarise

SEED = 20_261_121
PLATES, LABORATORIES = size(100, CI_PLATES), size(4, 8)
CHANCE = 0.0 if FULL else 0.015
"""By how much more chance moves a share of the few samples of every day."""
EXACT = Design(plate=96, levels=7, dilutions=4, fold=3, wells=2, well_cv=0.0, od_noise=0.0, step_cv=0.0)
TYPICAL = dataclasses.replace(SERIES, plate=96, fold=4)


@pytest.fixture(scope="module")
def found() -> Measured:
    """About 13 samples a plate."""
    return measured(designs(PLATES, SEED), SEED)


def table(found: Measured, by: str, *, known: bool) -> dict[float | str, Cell]:
    """The cells of one factor."""
    chosen = [o for o in found.outcomes if o.known is known]
    summaries = {levels[0]: summarise(members) for levels, members in cells(chosen, (by,)).items()}
    return {level: cell for level, cell in summaries.items() if cell is not None}


def test_intervals_cover_when_the_step_cv_is_known(found: Measured) -> None:
    """95 % intervals cover 93 to 97 %, ln titer is biased by at most 0.02, most samples have a titer."""
    cell = summarise([o for o in found.outcomes if o.known])
    assert cell is not None
    assert cell.samples >= 10 * PLATES
    assert 0.93 - CHANCE <= cell.coverage <= 0.97 + CHANCE, cell
    assert abs(cell.bias) <= 0.02, cell
    assert cell.without <= 0.20, cell  # near the plateau a titer is a bound


def test_intervals_cover_on_a_laboratorys_first_plate(found: Measured) -> None:
    """With a guess of 3 % and this plate's own increments at least 93 % are covered, whatever the truth."""
    cell = summarise([o for o in found.outcomes if not o.known])
    assert cell is not None
    assert 0.93 - CHANCE <= cell.coverage <= 0.985, cell
    for truth, part in table(found, "step_cv", known=False).items():
        assert 0.915 - CHANCE <= part.coverage <= 0.99 + CHANCE, (truth, part)


@pytest.mark.parametrize("factor", GROUPS)
def test_no_factor_breaks_the_intervals(found: Measured, factor: str) -> None:
    """At every level of every factor 89 to 98.5 % are covered; the worst are wells with a CV of 10 %."""
    for level, cell in table(found, factor, known=True).items():
        assert 0.89 - CHANCE <= cell.coverage <= 0.985 + CHANCE, (factor, level, cell)


def test_in_the_middle_of_the_curve_the_series_beats_its_best_dilution(found: Measured) -> None:
    """Where the series lies on the curve its titer's RMSE is at most 0.85 of the best single dilution's."""
    cell = table(found, "strength", known=True)["middle"]
    assert 0.92 - CHANCE <= cell.coverage <= 0.98 + CHANCE, cell
    assert cell.without <= 0.02, cell
    assert cell.ratio <= 0.87 + CHANCE, cell
    design = dataclasses.replace(TYPICAL, plate=384)
    outcomes = measured([design] * size(12, 25), SEED).outcomes
    middle = [o for o in outcomes if o.known and o.strength == "middle"]
    summary = summarise(middle)
    assert summary is not None
    assert summary.ratio <= 0.85, summary


def test_bounds_hold(found: Measured) -> None:
    """Nine of ten ``<`` and ``>=`` agree with the truth, though only extreme readings have one."""
    bounds = [o.bound_true for o in found.outcomes if o.bound_true is not None]
    assert np.mean(bounds) >= 0.88


@pytest.mark.parametrize("wells", [1, 2])
def test_the_wells_error_is_neither_lost_nor_counted_twice(wells: int) -> None:
    """Weak sera at one dilution: their error is that of the wells with antigen and of those without."""
    design = dataclasses.replace(EXACT, plate=384, dilutions=1, wells=wells, well_cv=2.0, od_noise=0.01)
    outcomes = measured([design] * size(30, 60), SEED).outcomes
    cell = summarise([o for o in outcomes if o.known and o.strength == "weak"])
    assert cell is not None
    assert 0.915 - CHANCE <= cell.coverage <= 0.98 + CHANCE, cell


def test_a_plate_without_errors_gives_the_true_titers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Generator and pipeline mean the same curve, dilutions and units, though they share no formula."""
    shares: list[Simulated] = []

    def kept(design: Design, rng: np.random.Generator, calibrator_cv: float) -> Simulated:
        shares.append(simulate(design, rng, calibrator_cv))
        return shares[-1]

    monkeypatch.setattr(measure, "simulate", kept)
    exact = [o for o in outcomes(0, EXACT, SEED, 0.0) if o.known]
    assert len(exact) == len(shares[0].strength) == 3
    for outcome in exact:
        assert outcome.error == pytest.approx(0.0, abs=5e-3)
        assert outcome.single_error == pytest.approx(0.0, abs=5e-3)


def test_a_seed_makes_the_same_plates_in_any_number_of_processes() -> None:
    """A table can be made again."""
    drawn = designs(3, SEED)
    alone, shared_out = measured(drawn, SEED), measured(drawn, SEED, processes=2)
    assert alone.outcomes == shared_out.outcomes


def test_designs_are_balanced() -> None:
    """Every level of every factor stands on an equal share of the plates."""
    drawn = designs(240, SEED)
    for factor, levels in FACTORS.items():
        seen = [getattr(design, factor) for design in drawn]
        assert {level: seen.count(level) for level in levels} == dict.fromkeys(levels, 240 // len(levels))


def test_plates_are_what_is_counted() -> None:
    """Sera that share their plate's error count as one: the standard error says so."""
    proto = Outcome(EXACT, 0, "middle", True, 0.1, True, 0.2, 0.1, None)  # noqa: FBT003 - a record
    alike = [
        dataclasses.replace(proto, number=n, covered=n % 2 == 0, error=0.1 * (-1) ** n)
        for n in range(20)
        for _ in range(10)
    ]
    cell = summarise(alike)
    assert cell is not None
    assert cell.coverage == pytest.approx(0.5)
    assert cell.binomial_se == pytest.approx((0.25 / 200) ** 0.5)
    assert cell.plate_se == pytest.approx((0.25 / 19) ** 0.5)
    assert (cell.bias, cell.rmse, cell.ratio) == pytest.approx((0.0, 0.1, 1.0))
    assert cell.verdicts() == ("coverage low",)


def test_intervals_cover_once_a_laboratory_has_learned_its_step_cv() -> None:
    """With the CV that 20 past plates taught, the next plates are covered; at full size 93 to 97 %."""
    labs = laboratories(LABORATORIES, SEED)
    cell = summarise([outcome for lab in labs for outcome in lab.outcomes])
    assert cell is not None
    assert cell.samples >= 37 * LABORATORIES
    assert 0.92 - CHANCE <= cell.coverage <= 0.985 + CHANCE, cell
    assert all(lab.df >= measure.DECLARED_DF for lab in labs)


def test_a_laboratorys_own_history_narrows_the_intervals() -> None:
    """At a true step CV of 2 % they are narrower than a lone plate's, near those with the CV known."""
    labs = [history.laboratory(0, history.design(2.0, 2.0), SEED, past=25, following=8)]
    lone, learned, known = (history.width(labs, way) for way in range(3))
    assert learned <= 0.9 * lone
    assert learned <= 1.25 * known
    assert history.coverage(labs, 1) >= 0.85, "about 24 sera"
