"""Concentrations read off a curve: nasturtium (Greenwell and Schubert Kabban 2014) and DNase (investr)."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.compute.curve.fitting import Fit, fit_curve
from pipeline.compute.curve.inverse_interval import Unknown, inversion_interval, unknown
from pipeline.compute.curve.models import MODELS, inverse


def table(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def estimate(fit: Fit, seen: Unknown) -> float:
    """The concentration at which the curve has the response that was seen."""
    return float(np.exp(inverse(np.array([seen.response]), fit.theta)[0]))


def test_nasturtium(shared: Path) -> None:
    """2.2639 with the inversion interval (1.7722, 2.9694), as published."""
    folder = shared / "reference_data" / "inverse_prediction"
    expected: dict[str, Any] = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    rows = table(folder / "nasturtium.csv")
    x = np.array([float(row["conc"]) for row in rows])
    y = np.array([float(row["weight"]) for row in rows])
    # theta1 / (1 + exp(theta2 + theta3 ln x)): falls from theta1 to zero, so zero is the far asymptote
    fit = fit_curve(MODELS["3pl"], x, y, 0.0, 1e-9)
    seen = unknown(fit, np.array(expected["y0"], dtype=float))
    answer = expected["recomputed"]
    assert estimate(fit, seen) == pytest.approx(answer["estimate"], rel=1e-5)
    assert inversion_interval(fit, seen) == pytest.approx(tuple(answer["inversion95"]), rel=1e-5)


def test_dnase(shared: Path) -> None:
    """Four parameters of run 1: the inversion interval as investr gives it, for one and for two new wells."""
    folder = shared / "reference_data" / "dnase"
    cases = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["run1_inverse"]["cases"]
    rows = [row for row in table(folder / "dnase_runs1-6.csv") if row["run"] == "1"]
    x = np.array([float(row["conc_ng_per_mL"]) for row in rows])
    y = np.array([float(row["density"]) for row in rows])
    fit = fit_curve(MODELS["4pl"], x, y, 0.0, 1e-9)
    for case in cases:
        seen = unknown(fit, np.array(case["y0"]))
        assert estimate(fit, seen) == pytest.approx(case["x"], rel=1e-5)
        assert inversion_interval(fit, seen) == pytest.approx(tuple(case["inversion"]), rel=1e-4)


def test_an_interval_towards_a_plateau_is_open(shared: Path) -> None:
    """A response near the upper asymptote sets a lower limit only; beyond it there is no estimate."""
    rows = [r for r in table(shared / "reference_data" / "dnase" / "dnase_runs1-6.csv") if r["run"] == "3"]
    x = np.array([float(row["conc_ng_per_mL"]) for row in rows])
    y = np.array([float(row["density"]) for row in rows])
    fit = fit_curve(MODELS["4pl"], x, y, 0.0, 1e-9)
    low, high = inversion_interval(fit, unknown(fit, np.array([2.65])))
    assert low is not None
    assert high is None
    assert inversion_interval(fit, unknown(fit, np.array([2.9]))) == (None, None)
