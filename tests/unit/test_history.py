"""A fixed cut point from many plates."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.compute.past.history import HistoryCut, fixed_cut
from pipeline.compute.statistics.cutpoints import frey_factor
from pipeline.compute.statistics.inference import Array, t_one_sided


def plates(count: int, each: int, between: float, seed: int = 1) -> list[Array]:
    """Normal negatives with SD 1 inside a plate."""
    random = np.random.default_rng(seed)
    return [random.normal(random.normal(0, between), 1, each) for _ in range(count)]


def test_one_negative_per_plate_is_the_prediction_limit() -> None:
    """The limit of Frey 1998, on as many values as plates."""
    values = np.random.default_rng(3).normal(size=12)
    found = fixed_cut([values[k : k + 1] for k in range(12)], 0.05, 6)
    factor = frey_factor(0.95, 12)
    assert factor is not None
    assert found.value == pytest.approx(values.mean() + factor * values.std(ddof=1), rel=1e-12)
    assert (found.plates, found.n, found.between_sd, found.use_default) == (12, 12, None, False)
    assert found.df == pytest.approx(11)


def test_equal_plates_give_the_textbook_components() -> None:
    """Three plates of two: mean squares 12.5 and 0.5, between-plate variance 6."""
    found = fixed_cut([np.array([0.0, 1.0]), np.array([2.5, 3.5]), np.array([5.0, 6.0])], 0.05, 3)
    assert found.between_sd == pytest.approx(6**0.5)
    first, second = 12.5 * (1 / 2 + 1 / 6), 0.5 * (1 / 2)
    assert found.df == pytest.approx((first + second) ** 2 / (first**2 / 2 + second**2 / 3))


def test_plates_that_do_not_differ_have_one_variance() -> None:
    """SD of all values together; fewer degrees of freedom, because that was not known beforehand."""
    same = [np.array([1.0, 2.0, 3.0])] * 4
    values, found = np.concatenate(same), fixed_cut(same, 0.01, 2)
    assert found.between_sd == 0.0
    assert found.df == pytest.approx((13 / 12) ** 2 / ((5 / 12) ** 2 / 3 + (8 / 12) ** 2 / 8))
    quantile = t_one_sided(0.99, found.df)
    expected = values.mean() + quantile * values.std(ddof=1) * (13 / 12) ** 0.5
    assert found.value == pytest.approx(expected)


def test_a_hair_of_difference_between_plates_changes_the_cut_point_by_a_hair() -> None:
    """No step where the mean squares of plates and wells are equal."""
    well = np.array([-1.0, 1.0])
    cuts = [
        fixed_cut([well - d, well, well + d], 0.05, 2).value
        for d in (1 - 1e-9, 1 + 1e-9)  # at 1 both mean squares are 2
    ]
    assert cuts[0] == pytest.approx(cuts[1], rel=1e-6)


@pytest.mark.parametrize("between", [0.0, 0.5, 2.0])
def test_one_in_twenty_negatives_on_a_further_plate_lies_above(between: float) -> None:
    """Six plates of three, 2000 times: 5 % within 4 binomial SE, where one big sample would give over 7 %."""
    random, above = np.random.default_rng(5), 0
    for k in range(2000):
        value = fixed_cut(plates(6, 3, between, seed=k), 0.05, 2).value
        assert value is not None
        above += random.normal(random.normal(0, between), 1) > value
    assert above / 2000 == pytest.approx(0.05, abs=0.0195)


def reason(found: HistoryCut) -> str | None:
    """Why there is no value; the default counts then."""
    assert (found.value, found.use_default) == (None, True)
    return found.reason


def test_a_history_that_gives_no_cut_point() -> None:
    """No negative, one plate, equal negatives, missing values."""
    assert reason(fixed_cut([], 0.05, 2)) == "no negative"
    assert reason(fixed_cut([np.array([])], 0.05, 2)) == "no negative"
    assert reason(fixed_cut(plates(1, 30, 0), 0.05, 1)) == "one plate cannot say how plates differ"
    assert reason(fixed_cut([np.full(3, 0.1)] * 4, 0.05, 2)) == "the negatives do not vary"
    assert reason(fixed_cut([np.array([0.1, np.nan]), np.array([0.2])], 0.05, 2))


def test_too_few_plates_keep_the_default() -> None:
    """The number is shown, and marked; a plate without negatives is none."""
    found = fixed_cut([*plates(5, 3, 1), np.array([])], 0.05, 6)
    assert found.value is not None
    assert (found.plates, found.use_default, found.reason) == (5, True, "fewer than 6 plates")
    assert not fixed_cut(plates(6, 3, 1), 0.05, 6).use_default


def test_negative_means() -> None:
    """ODs below the blank, and logarithms, are values like others."""
    low = fixed_cut([plate - 50 for plate in plates(8, 3, 1)], 0.05, 6).value
    high = fixed_cut(plates(8, 3, 1), 0.05, 6).value
    assert low is not None
    assert low + 50 == pytest.approx(high)
