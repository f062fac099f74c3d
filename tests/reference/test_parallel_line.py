"""European Pharmacopoeia chapter 5.3, example 5.1.4: three hepatitis B vaccines against a standard."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.compute.statistics.parallel_line import ParallelLine, parallel_line


@pytest.fixture(scope="module")
def answers(shared: Path) -> dict[str, Any]:
    """The table and potencies as printed."""
    path = shared / "reference_data" / "parallel_line" / "expected.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def assay(shared: Path, answers: dict[str, Any]) -> ParallelLine:
    """Ln OD on ln dose of the 60 wells."""
    path = shared / "reference_data" / "parallel_line" / "pheur_5_1_4_hepatitis_b.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    ln_dose = np.log(answers["dilution_ratio"]) * np.array([float(row["dose_step"]) for row in rows])
    return parallel_line(
        [row["preparation"] for row in rows],
        ln_dose,
        np.log([float(row["absorbance"]) for row in rows]),
        standard="S",
        confidence=0.95,
        assumed_potency=answers["assumed_potency"],
    )


def test_analysis_of_variance(assay: ParallelLine, answers: dict[str, Any]) -> None:
    """Every printed degree of freedom and sum of squares, to the six digits printed."""
    for source, (df, sum_of_squares) in answers["anova"].items():
        row = assay.row(source.replace("_", "-"))
        assert row.df == df
        assert row.sum_of_squares == pytest.approx(sum_of_squares, rel=5e-6)
    assert assay.row("residual").mean_square == pytest.approx(answers["residual_ms"], rel=1e-6)
    assert len(assay.anova) == len(answers["anova"])


def test_validity(assay: ParallelLine, answers: dict[str, Any]) -> None:
    """Slope, correlation, and the tests of regression, parallelism and linearity."""
    assert assay.slope == pytest.approx(answers["recomputed"]["common_slope"], rel=1e-12)
    assert assay.correlation == pytest.approx(answers["correlation"], abs=5e-6)
    assert assay.row("regression").f == pytest.approx(answers["F_regression"], rel=1e-5)
    for source, key, p in (
        ("non-parallelism", "F_nonparallel", "p_nonparallel"),
        ("non-linearity", "F_nonlinear", "p_nonlinear"),
    ):
        row = assay.row(source)
        assert row.f == pytest.approx(answers[key][0], abs=5e-4)
        assert row.p == pytest.approx(answers["recomputed"][p], rel=1e-10)


def test_potencies(assay: ParallelLine, answers: dict[str, Any]) -> None:
    """Potencies with their limits as printed, and to twelve digits as recomputed."""
    assert [potency.preparation for potency in assay.potencies] == ["T", "U", "V"]
    for found in assay.potencies:
        three = (found.low, found.potency, found.high)
        assert three == pytest.approx(tuple(answers["potency_95ci"][found.preparation]), rel=2e-6)
        assert three == pytest.approx(tuple(answers["recomputed"][found.preparation]), rel=1e-12)
