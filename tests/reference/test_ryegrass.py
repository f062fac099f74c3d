"""Ryegrass root length (Ritz, Baty, Streibig and Gerhard 2015, PLoS ONE 10:e0146021): a falling curve."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.compute.curve.fitting import Fit, fit_curve
from pipeline.compute.curve.models import LN_ASYMMETRY, LN_EC50, LN_SLOPE, LOWER, MODELS, UPPER, inverse


@pytest.fixture(scope="module")
def answers(shared: Path) -> dict[str, Any]:
    """Answers of the R package drc."""
    path = shared / "reference_data" / "dose_response" / "expected.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["ryegrass"]
    return found


def fitted(shared: Path, model: str) -> Fit:
    """The curve of root length over the dose, zero doses included."""
    with (shared / "reference_data" / "dose_response" / "ryegrass.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        rows = list(csv.DictReader(file))
    x = np.array([float(row["conc"]) for row in rows])
    return fit_curve(MODELS[model], x, np.array([float(row["rootl"]) for row in rows]), 0.0, 1e-9)


def test_four_parameters(shared: Path, answers: dict[str, Any]) -> None:
    """b, c, d, e to six digits; Gauss-Newton standard errors as the notes of the data give them."""
    expected = answers["LL4"]
    fit = fitted(shared, "4pl")
    theta, se = fit.theta, np.sqrt(np.diag(fit.covariance))
    slope, ec50 = float(np.exp(theta[LN_SLOPE])), float(np.exp(theta[LN_EC50]))
    assert (slope, theta[UPPER], theta[LOWER], ec50) == pytest.approx(
        tuple(expected[k] for k in "bcde"), rel=1e-5
    )
    assert (slope * se[LN_SLOPE], se[UPPER], se[LOWER], ec50 * se[LN_EC50]) == pytest.approx(
        (0.458429, 0.209506, 0.189733, 0.185829), rel=1e-4
    )
    assert (fit.sd, fit.df) == (pytest.approx(expected["sigma"], rel=1e-7), expected["df"])
    assert not fit.rising


def test_doses_for_absolute_responses(shared: Path, answers: dict[str, Any]) -> None:
    """The inverse of a falling curve."""
    theta = fitted(shared, "4pl").theta
    for response, (dose, _) in answers["LL4"]["ED_absolute"].items():
        assert float(np.exp(inverse(np.array([float(response)]), theta)[0])) == pytest.approx(dose, rel=1e-5)


def test_five_parameters(shared: Path, answers: dict[str, Any]) -> None:
    """A flat optimum: parameters to 1e-3, the residual sum of squares to 1e-5, as the data state."""
    expected = answers["LL5"]
    fit = fitted(shared, "5pl")
    theta = fit.theta
    found = (
        np.exp(theta[LN_SLOPE]),
        theta[UPPER],
        theta[LOWER],
        np.exp(theta[LN_EC50]),
        np.exp(theta[LN_ASYMMETRY]),
    )
    assert found == pytest.approx(tuple(expected[k] for k in "bcdef"), rel=2e-3)
    assert fit.rss == pytest.approx(expected["rss"], rel=1e-5)
