"""Beside the limits of blank of CLSI EP17: are the blanks normal, and which ranks count."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import shapiro

from pipeline.compute.statistics.detection import Method, limit_of_blank


@pytest.mark.parametrize("lot", ["1", "2"])
def test_normality_and_ranks_of_the_blanks(shared: Path, lot: str) -> None:
    """The p of Shapiro-Wilk says which limit of blank to believe; the rank one lies between two results."""
    folder = shared / "reference_data" / "detection_limit"
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["lots"][lot]
    text = (folder / "ep17_style_blank_low.csv").read_text(encoding="utf-8")
    rows = [row for row in csv.DictReader(text.splitlines()) if row["lot"] == lot]
    blanks = [row for row in rows if row["sample_type"] == "Blank"]
    values = np.array([float(row["value_pg_per_mL"]) for row in blanks])
    assert expected["rank"] == 57.5
    below, above = np.sort(values)[[56, 57]]
    assert expected.get("values_at_ranks_57_58", [below, above]) == [below, above]
    found = limit_of_blank(values, [row["sample"] for row in blanks], false_positive=0.05, method=Method.RANK)
    assert found.value == pytest.approx((below + above) / 2)
    assert shapiro(values).pvalue == pytest.approx(expected["shapiro_p_blanks"], rel=1e-6)
