"""Factors of Frey, Di Canzio and Zurakowski 1998 (J Immunol Methods 221:35), and what mean + 3 SD covers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from pipeline.compute.statistics.cutpoints import (
    CutPointMethod,
    cut_point,
    frey_factor,
)


def test_factors(shared: Path) -> None:
    """N from 2 to 30 at five confidences, to the six decimals of the table."""
    path = shared / "reference_data" / "stat_tables" / "grubbs_frey.json"
    table = json.loads(path.read_text(encoding="utf-8"))["frey"]["f"]
    assert len(table) == 29
    for n, row in table.items():
        for confidence, factor in row.items():
            assert frey_factor(float(confidence), int(n)) == pytest.approx(factor, abs=6e-7)


def test_a_cut_off_is_the_mean_and_that_many_sd() -> None:
    """Ten negatives at 99 %: 2.959 SD above their mean."""
    values = np.array([0.05, 0.06, 0.07, 0.08, 0.09, 0.10, 0.11, 0.12, 0.13, 0.14])
    found = cut_point(values, false_positive=0.01, method=CutPointMethod.PREDICTION, least_n=3)
    assert found.value == pytest.approx(values.mean() + 2.959149 * values.std(ddof=1), rel=1e-6)
    assert (found.n, found.df, found.method) == (10, 9, CutPointMethod.PREDICTION)
