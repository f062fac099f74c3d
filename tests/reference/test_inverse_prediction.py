"""Concentrations read off a curve: nasturtium (Greenwell and Schubert Kabban 2014) and DNase (investr)."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.compute.curve.fitting import fit_curve
from pipeline.compute.curve.inverse_interval import (
    inversion_interval,
    profile_interval,
    unknown,
    wald_interval,
)
from pipeline.compute.curve.models import MODELS


def table(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_nasturtium(shared: Path) -> None:
    """2.2639 with inversion (1.7722, 2.9694), Wald (1.6889, 2.8388) and SE 0.2847, as published."""
    folder = shared / "reference_data" / "inverse_prediction"
    expected: dict[str, Any] = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    rows = table(folder / "nasturtium.csv")
    x = np.array([float(row["conc"]) for row in rows])
    y = np.array([float(row["weight"]) for row in rows])
    # theta1 / (1 + exp(theta2 + theta3 ln x)): falls from theta1 to zero, so zero is the far asymptote
    fit = fit_curve(MODELS["3pl"], x, y, 0.0, 1e-9)
    seen = unknown(fit, np.array(expected["y0"], dtype=float))
    answer = expected["recomputed"]
    found = wald_interval(fit, seen)
    assert found is not None
    estimate, wald, se = found
    assert estimate == pytest.approx(answer["estimate"], rel=1e-5)
    assert wald == pytest.approx(tuple(answer["wald95"]), rel=1e-4)
    assert se == pytest.approx(answer["wald_se"], rel=1e-4)
    assert inversion_interval(fit, seen) == pytest.approx(tuple(answer["inversion95"]), rel=1e-5)
    profile = profile_interval(fit, x, y, np.array(expected["y0"], dtype=float))
    assert profile == pytest.approx(tuple(answer["inversion95"]), rel=0.03)  # close to it, and a check on it


def test_dnase(shared: Path) -> None:
    """Four parameters of run 1: Wald and inversion as investr gives them, for one and for two new wells."""
    folder = shared / "reference_data" / "dnase"
    cases = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["run1_inverse"]["cases"]
    rows = [row for row in table(folder / "dnase_runs1-6.csv") if row["run"] == "1"]
    x = np.array([float(row["conc_ng_per_mL"]) for row in rows])
    y = np.array([float(row["density"]) for row in rows])
    fit = fit_curve(MODELS["4pl"], x, y, 0.0, 1e-9)
    for case in cases:
        seen = unknown(fit, np.array(case["y0"]))
        found = wald_interval(fit, seen)
        assert found is not None
        assert found[0] == pytest.approx(case["x"], rel=1e-5)
        assert found[1] == pytest.approx(tuple(case["wald"]), rel=1e-4)
        assert found[2] == pytest.approx(case["wald_se"], rel=1e-3)
        assert inversion_interval(fit, seen) == pytest.approx(tuple(case["inversion"]), rel=1e-4)
        profile = profile_interval(fit, x, y, np.array(case["y0"]))
        assert profile == pytest.approx(tuple(case["inversion"]), rel=0.02)


def test_an_interval_towards_a_plateau_is_open(shared: Path) -> None:
    """A response near the upper asymptote sets a lower limit only; beyond it there is no estimate."""
    rows = [r for r in table(shared / "reference_data" / "dnase" / "dnase_runs1-6.csv") if r["run"] == "3"]
    x = np.array([float(row["conc_ng_per_mL"]) for row in rows])
    y = np.array([float(row["density"]) for row in rows])
    fit = fit_curve(MODELS["4pl"], x, y, 0.0, 1e-9)
    low, high = inversion_interval(fit, unknown(fit, np.array([2.65])))
    assert low is not None
    assert high is None
    assert wald_interval(fit, unknown(fit, np.array([2.9]))) is None
