"""S. alba with two herbicides (Ritz, Baty, Streibig, Gerhard 2015, PLoS ONE 10:e0146021; R package drc)."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import least_squares

from pipeline.compute.statistics.inference import Array
from pipeline.compute.statistics.parallelism import equivalence_of_ln_slopes, extra_sum_of_squares

HERBICIDES = ("Bentazone", "Glyphosate")


@pytest.fixture(scope="module")
def answers(shared: Path) -> dict[str, Any]:
    """Answers of the R package drc."""
    path = shared / "reference_data" / "dose_response" / "expected.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["s_alba"]
    return found


def weights(shared: Path) -> tuple[Array, Array, Array]:
    """Dose, which herbicide (0 or 1) and dry matter of the 68 pots."""
    with (shared / "reference_data" / "dose_response" / "s_alba.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        rows = list(csv.DictReader(file))
    dose = np.array([float(row["Dose"]) for row in rows])
    which = np.array([HERBICIDES.index(row["Herbicide"]) for row in rows])
    return dose, which, np.array([float(row["DryMatter"]) for row in rows])


Spread = Callable[[Array], tuple[Array, Array, Array, Array]]
"""Parameters of a fit to b, c, d and ln e of the two curves, shape (2,) each."""

MODELS: dict[str, tuple[Spread, list[float]]] = {
    "free": (lambda p: (p[0:2], p[2:4], p[4:6], p[6:8]), [4.0, 3.0, 0.7, 0.8, 3.8, 3.8, 3.4, 4.2]),
    "common_c_d": (
        lambda p: (p[0:2], p[[2, 2]], p[[3, 3]], p[4:6]),
        [4.0, 3.0, 0.7, 3.8, 3.4, 4.2],
    ),
    "common_b_c_d": (lambda p: (p[[0, 0]], p[[1, 1]], p[[2, 2]], p[3:5]), [3.0, 0.7, 3.8, 3.4, 4.2]),
}


@pytest.fixture(scope="module")
def fits(shared: Path) -> dict[str, tuple[float, int, Array, Array]]:
    """Residual sum of squares, degrees of freedom, parameters and covariance of each model."""
    dose, which, y = weights(shared)
    ln_dose = np.log(dose, where=dose > 0, out=np.full(len(dose), -50.0))
    found = {}
    for name, (spread, start) in MODELS.items():

        def residual(p: Array, spread: Spread = spread) -> Array:
            b, c, d, ln_e = (part[which] for part in spread(p))
            return np.asarray(c + (d - c) / (1 + np.exp(b * (ln_dose - ln_e))) - y)

        best = least_squares(residual, start, xtol=1e-14, ftol=1e-14, gtol=1e-14, x_scale="jac")
        df = len(y) - len(start)
        slopes = np.asarray(best.jac)
        covariance = np.linalg.inv(slopes.T @ slopes) * 2 * best.cost / df
        found[name] = (float(2 * best.cost), df, best.x, covariance)
    return found


def test_the_fits_are_those_of_the_paper(
    fits: dict[str, tuple[float, int, Array, Array]], answers: dict[str, Any]
) -> None:
    """Sums of squares and degrees of freedom of the three models."""
    for name, key in (
        ("free", "free_LL4"),
        ("common_c_d", "common_c_d"),
        ("common_b_c_d", "common_b_c_d_parallel"),
    ):
        assert fits[name][0] == pytest.approx(answers[key]["rss"], rel=2e-5)
        assert fits[name][1] == pytest.approx(answers[key].get("df", 63))


def test_common_asymptotes(fits: dict[str, tuple[float, int, Array, Array]], answers: dict[str, Any]) -> None:
    """The two curves may share their asymptotes."""
    found = extra_sum_of_squares(*fits["common_c_d"][:2], *fits["free"][:2])
    expected = answers["F_common_asymptotes_vs_free"]
    assert [found.df_extra, found.df_separate] == expected["df"]
    assert found.f == pytest.approx(answers["tightly_converged"]["F_common_asymptotes_vs_free"], abs=2e-5)
    assert found.f == pytest.approx(expected["F"], rel=3e-4)  # as drc stopped
    assert found.p == pytest.approx(expected["p"], rel=3e-4)


def test_common_slope(fits: dict[str, tuple[float, int, Array, Array]], answers: dict[str, Any]) -> None:
    """They may not share their slope."""
    found = extra_sum_of_squares(*fits["common_b_c_d"][:2], *fits["common_c_d"][:2])
    expected = answers["F_common_slope_given_common_asymptotes"]
    assert [found.df_extra, found.df_separate] == expected["df"]
    assert found.f == pytest.approx(answers["tightly_converged"]["F_common_slope"], abs=1e-4)
    assert found.p == pytest.approx(answers["tightly_converged"]["p_common_slope"], abs=1e-5)
    assert found.f == pytest.approx(expected["F"], rel=1e-4)


def test_all_three_at_once(fits: dict[str, tuple[float, int, Array, Array]], answers: dict[str, Any]) -> None:
    """b, c and d common against separate: F(3, n - 8), from the sums of squares of the paper."""
    found = extra_sum_of_squares(*fits["common_b_c_d"][:2], *fits["free"][:2])
    rss = answers["free_LL4"]["rss"]
    expected = (answers["common_b_c_d_parallel"]["rss"] - rss) / 3 / (rss / 60)
    assert (found.df_extra, found.df_separate) == (3, 60)
    assert found.f == pytest.approx(expected, rel=1e-4)


def test_the_slopes_are_not_equivalent(fits: dict[str, tuple[float, int, Array, Array]]) -> None:
    """A ratio of two, with an interval that excludes 1, agrees with the F test."""
    _, df, theta, covariance = fits["common_c_d"]
    gradient = np.array([1 / theta[0], -1 / theta[1]])
    variance = float(gradient @ covariance[:2, :2] @ gradient)
    found = equivalence_of_ln_slopes(float(np.log(theta[0] / theta[1])), variance, df, (0.80, 1.25), 0.90)
    assert found.ratio == pytest.approx(5.0461408 / 2.390218, rel=0.01)  # drc stopped early
    assert found.low is not None
    assert found.low > 1.25
    assert found.equivalent is False
