"""Fieller's interval against the formula printed in the European Pharmacopoeia 5.3, section 3.2.5."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.compute.statistics.fieller import ConfidenceSet, Means, fieller_interval
from pipeline.compute.statistics.inference import t_two_sided


def test_limits_as_the_pharmacopoeia_writes_them(shared: Path) -> None:
    """C M ± sqrt((C - 1)(C M² + 2 V)), with the printed regression and residual of example 5.1.4."""
    path = shared / "reference_data" / "parallel_line" / "expected.json"
    answers = json.loads(path.read_text(encoding="utf-8"))
    slope, residual = answers["recomputed"]["common_slope"], answers["residual_ms"]
    regression = answers["anova"]["regression"][1]
    wells_each, t = 15, t_two_sided(0.95, 40)
    sxx = regression / slope**2
    c = regression / (regression - residual * t**2)
    v = regression / (slope**2 * wells_each)
    for distance in (0.7, 0.05, -1.3):
        m = distance / slope
        half = ((c - 1) * (c * m**2 + 2 * v)) ** 0.5
        found = fieller_interval(
            Means(distance, slope, 2 * residual / wells_each, residual / sxx, 0.0, 40), 0.95
        )
        assert found.shape is ConfidenceSet.FINITE
        assert found.finite == pytest.approx((c * m - half, c * m + half), rel=1e-9)
        assert found.g == pytest.approx(1 - 1 / c, rel=1e-9)
