"""S. alba with two herbicides: fits and standard errors of the R package drc, by our own engine.

Ritz, Baty, Streibig, Gerhard 2015, PLoS ONE 10:e0146021. drc stopped before the minimum (b moves by 0.25 %),
so its printed parameters are held to 0.5 % and its sums of squares to their digits. Its standard errors are
those of the observed Hessian.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.compute.curve.engine import Indices, minimise
from pipeline.compute.statistics.inference import Array, f_tail

HERBICIDES = ("Bentazone", "Glyphosate")
STOPPED = 0.005
SHARED = {
    "free_LL4": [0, 1, 2, 3, 4, 5, 6, 7],
    "common_c_d": [0, 1, 2, 2, 3, 3, 4, 5],
    "common_b_c_d_parallel": [0, 0, 1, 1, 2, 2, 3, 4],
}
"""Which parameter each of b1, b2, c1, c2, d1, d2, e1, e2 is."""
START = np.array([4.0, 3.0, 0.7, 0.8, 3.8, 3.8, 30.0, 66.0])


@dataclass(frozen=True)
class Pots:
    """Dose, herbicide (0 or 1) and dry matter of the 68 pots."""

    dose: Array
    which: Indices
    y: Array

    def residuals(self, full: Array) -> tuple[Array, Array]:
        """Residuals (m, n) and their derivatives by the eight parameters (m, n, 8), for full of (m, 8)."""
        b, c, d, e = (full[:, 2 * k : 2 * k + 2][:, self.which] for k in range(4))
        ln_ratio = np.log(np.maximum(self.dose, 1e-30)) - np.log(e)
        share = 1 / (1 + np.exp(b * ln_ratio))
        by_z = -(d - c) * share * (1 - share)
        slopes = np.zeros((*share.shape, 8))
        for k, column in enumerate((by_z * ln_ratio, 1 - share, share, -by_z * b / e)):
            slopes[:, np.arange(len(self.y)), 2 * k + self.which] = column
        return c + (d - c) * share - self.y, slopes


@dataclass(frozen=True)
class Fitted:
    """One model's minimum; ``spread`` (8, p) turns its p parameters into all eight."""

    pots: Pots
    spread: Array
    theta: Array
    rss: float

    @property
    def df(self) -> int:
        """Residual degrees of freedom."""
        return int(len(self.pots.y) - len(self.theta))

    @property
    def full(self) -> Array:
        """b1, b2, c1, c2, d1, d2, e1, e2."""
        return self.spread @ self.theta

    def gradient(self, theta: Array) -> Array:
        """Half the derivative of the sum of squares."""
        residual, slopes = self.pots.residuals((self.spread @ theta)[None])
        return np.asarray((slopes[0] @ self.spread).T @ residual[0])

    def covariance(self, theta: Array) -> Array:
        """Of all eight, from the observed Hessian at ``theta``."""
        steps = np.diag(1e-4 * theta)
        rows = [
            (self.gradient(theta + step) - self.gradient(theta - step)) / (2 * step.sum()) for step in steps
        ]
        hessian = (np.array(rows) + np.array(rows).T) / 2
        return np.asarray(self.spread @ np.linalg.inv(hessian) @ self.spread.T * self.rss / self.df)


@pytest.fixture(scope="module")
def answers(shared: Path) -> dict[str, Any]:
    """Answers of the R package drc."""
    path = shared / "reference_data" / "dose_response" / "expected.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["s_alba"]
    return found


@pytest.fixture(scope="module")
def pots(shared: Path) -> Pots:
    """The data."""
    path = shared / "reference_data" / "dose_response" / "s_alba.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    which = np.array([HERBICIDES.index(row["Herbicide"]) for row in rows])
    dose, y = (np.array([float(row[name]) for row in rows]) for name in ("Dose", "DryMatter"))
    return Pots(dose, which, y)


@pytest.fixture(scope="module")
def fits(pots: Pots) -> dict[str, Fitted]:
    """The three models by the pipeline's own engine."""
    return {name: fitted(pots, np.eye(max(of) + 1)[of]) for name, of in SHARED.items()}


def fitted(pots: Pots, spread: Array) -> Fitted:
    """One model."""

    def problem(theta: Array, _: Indices) -> tuple[Array, Array]:
        residual, slopes = pots.residuals(theta @ spread.T)
        return residual, slopes @ spread

    start = np.linalg.lstsq(spread, START)[0]
    found = minimise(problem, start[None], np.full(len(start), -np.inf), np.full(len(start), np.inf))
    assert found.converged.all()
    theta, rss = found.best()
    return Fitted(pots, spread, theta, rss)


def test_separate_fits(fits: dict[str, Fitted], answers: dict[str, Any]) -> None:
    """Two curves with nothing in common; the answers name Glyphosate first."""
    found, expected = fits["free_LL4"], answers["free_LL4"]
    for k, name in enumerate("bcde"):
        assert found.full[2 * k : 2 * k + 2] == pytest.approx(expected[name][::-1], rel=STOPPED)
    assert found.rss == pytest.approx(expected["rss"], rel=3e-6)
    assert found.df == expected["df"]
    assert (found.rss / found.df) ** 0.5 == pytest.approx(expected["sigma"], rel=1e-6)


def test_lack_of_fit(fits: dict[str, Fitted], pots: Pots, answers: dict[str, Any]) -> None:
    """The separate curves against one mean for every dose."""
    cells = [(pots.dose == dose) & (pots.which == k) for k in (0, 1) for dose in np.unique(pots.dose)]
    pure = [pots.y[cell] for cell in cells if cell.any()]
    rss = sum(float(np.sum((y - y.mean()) ** 2)) for y in pure)
    curves, expected = fits["free_LL4"], answers["free_LL4"]["lack_of_fit"]
    df = len(pots.y) - len(pure)
    assert (curves.df - df, df) == (expected["df1"], expected["df2"])
    f = (curves.rss - rss) / (curves.df - df) / (rss / df)
    assert f == pytest.approx(expected["F"], rel=5e-4)
    assert f_tail(f, curves.df - df, df) == pytest.approx(expected["p"], rel=5e-4)


@pytest.mark.parametrize("name", ["common_c_d", "common_b_c_d_parallel"])
def test_common_parameters(fits: dict[str, Fitted], answers: dict[str, Any], name: str) -> None:
    """Curves that share their asymptotes, and curves that differ by their ED50 alone."""
    found, expected = fits[name], answers[name]
    b = expected["b"] if isinstance(expected["b"], dict) else dict.fromkeys(HERBICIDES, expected["b"])
    for at, values in ((0, b), (6, expected["e"])):
        assert found.full[at : at + 2] == pytest.approx([values[h] for h in HERBICIDES], rel=STOPPED)
    assert found.full[[2, 4]] == pytest.approx([expected["c"], expected["d"]], rel=STOPPED)
    assert found.rss == pytest.approx(expected["rss"], rel=1e-5)
    assert found.df == expected["df"]
    assert (found.rss / found.df) ** 0.5 == pytest.approx(expected["sigma"], rel=5e-6)


def at_drc(fits: dict[str, Fitted], answers: dict[str, Any]) -> Array:
    """Covariance where drc stopped."""
    expected = answers["common_c_d"]
    b, e = ([expected[name][h] for h in HERBICIDES] for name in ("b", "e"))
    return fits["common_c_d"].covariance(np.array([*b, expected["c"], expected["d"], *e]))


def test_standard_errors(fits: dict[str, Fitted], answers: dict[str, Any]) -> None:
    """Those of the shared asymptotes' model, from the Hessian where drc stopped and at the minimum."""
    se = answers["common_c_d"]["se"]
    expected = np.array([*se["b"], se["c"], se["d"], *se["e"]])
    at = [0, 1, 2, 4, 6, 7]
    assert np.diag(at_drc(fits, answers))[at] ** 0.5 == pytest.approx(expected, rel=1e-3)
    found = fits["common_c_d"]
    assert np.diag(found.covariance(found.theta))[at] ** 0.5 == pytest.approx(expected, rel=0.01)
