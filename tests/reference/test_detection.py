"""Blanks and low samples of two lots in the layout of CLSI EP17-A2, appendix A."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.compute.statistics.detection import (
    Method,
    bias_corrected_factor,
    largest,
    limit_of_blank,
    limit_of_detection,
    lots,
    pooled_sd,
)
from pipeline.compute.statistics.inference import Array

Results = dict[str, tuple[Array, list[str]]]


@pytest.fixture(scope="module")
def answers(shared: Path) -> dict[str, Any]:
    """Limits by the formulas of EP17."""
    path = shared / "reference_data" / "detection_limit" / "expected.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def results(shared: Path, kind: str) -> Results:
    """Results and sample names of each lot."""
    path = shared / "reference_data" / "detection_limit" / "ep17_style_blank_low.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["sample_type"] == kind]
    values = np.array([float(row["value_pg_per_mL"]) for row in rows])
    return {
        lot: (values[mask], [row["sample"] for row, used in zip(rows, mask, strict=True) if used])
        for lot, mask in lots([row["lot"] for row in rows], alone_up_to=3).items()
    }


def test_limit_of_blank(shared: Path, answers: dict[str, Any]) -> None:
    """By rank and parametric, for each lot."""
    for lot, (values, samples) in results(shared, "Blank").items():
        expected = answers["lots"][lot]
        rank = limit_of_blank(values, samples, false_positive=0.05, method=Method.RANK)
        parametric = limit_of_blank(values, samples, false_positive=0.05, method=Method.PARAMETRIC)
        assert rank.value == pytest.approx(expected["LoB_nonparametric"], abs=1e-12)
        assert parametric.value == pytest.approx(expected["LoB_parametric"], rel=1e-12)
        assert (rank.n, rank.samples, rank.method) == (expected["B"], 5, Method.RANK)


def test_limit_of_detection(shared: Path, answers: dict[str, Any]) -> None:
    """From the LoB by rank; the larger lot is reported. The corrected factor and the pooled SD as given."""
    blanks = {
        lot: limit_of_blank(*found, false_positive=0.05, method=Method.RANK)
        for lot, found in results(shared, "Blank").items()
    }
    found = {}
    for lot, (values, samples) in results(shared, "Low").items():
        expected = answers["lots"][lot]
        assert pooled_sd(values, samples) == pytest.approx(expected["SD_L"], rel=1e-12)
        assert bias_corrected_factor(0.95, 60, 5) == pytest.approx(expected["cp"], rel=1e-12)
        found[lot] = limit_of_detection(
            blanks[lot], values, samples, false_negative=0.05, method=Method.PARAMETRIC
        )
        assert found[lot].value == pytest.approx(expected["LoD"], rel=1e-12)
    assert largest(list(blanks.values())).value == pytest.approx(answers["reported"]["LoB"], rel=1e-12)
    assert largest(list(found.values())).value == pytest.approx(answers["reported"]["LoD"], rel=1e-12)


def test_limit_of_detection_by_rank(shared: Path) -> None:
    """Lot 2 against the reported 9.4: a quarter of sample L3 looks blank, the next sample never does."""
    blank = limit_of_blank(*results(shared, "Blank")["2"], false_positive=0.05, method=Method.RANK)
    values, samples = results(shared, "Low")["2"]
    found = limit_of_detection(blank, values, samples, false_negative=0.05, method=Method.RANK)
    assert found.value == pytest.approx(17.15)  # median of L2; L3 lies at 11.85
