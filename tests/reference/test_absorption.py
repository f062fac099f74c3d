"""Sera before and after absorption with beads: published falls of the area (Greaney et al. 2021).

The areas themselves are checked in ``test_area.py``.
"""

from __future__ import annotations

import csv
import json
import math
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from pipeline.compute.hnk1.absorption import AreaFall, series_fall
from pipeline.compute.plate.background import Signal

Key = tuple[str, str, str]

WELL_SE, DF = 0.03, 100.0
"""One well each was published, so its error is assumed: it must not touch the percentages."""
ROUNDED_OD = 1e-4
"""Percentage points that ODs kept to six decimals may cost."""


def net_series(path: Path) -> dict[Key, dict[float, Signal]]:
    """The dilutions of every sample, antigen and treatment."""
    series: dict[Key, dict[float, Signal]] = defaultdict(dict)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            key = (row["sample"], row["antigen"], row["treatment"])
            series[key][float(row["dilution"])] = Signal(float(row["od450"]), WELL_SE)
    return dict(series)


@pytest.fixture(scope="module")
def falls(shared: Path) -> dict[tuple[str, str], tuple[AreaFall, float]]:
    """(sample, antigen) -> (fall found, percent published)."""
    folder = shared / "reference_data" / "absorption_elisa"
    published = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["published_auc"]
    series = net_series(folder / "haarvi_rbd_depletion.csv")
    found = {}
    for row in published:
        key = (row["sample"], row["antigen"])
        fall = series_fall(series[*key, "pre"], series[*key, "post"], DF)
        found[key] = (fall, float(row["percent_reduction"]))
    return found


def of_antigen(falls: dict[tuple[str, str], tuple[AreaFall, float]], antigen: str) -> list[float]:
    """All falls found for one antigen."""
    return [fall.percent for (_, a), (fall, _) in falls.items() if a == antigen and fall.percent is not None]


def test_every_published_fall(falls: dict[tuple[str, str], tuple[AreaFall, float]]) -> None:
    """34 sera with two antigens: the percentage to the digits that the rounded ODs allow."""
    assert len(falls) == 68
    for fall, published in falls.values():
        assert len(fall.before.dilutions) == 5
        assert fall.percent == pytest.approx(published, abs=ROUNDED_OD)


def test_the_published_summary(falls: dict[tuple[str, str], tuple[AreaFall, float]]) -> None:
    """The absorbed antigen loses 92.6 to 99.9 % (median 97.4), the wider one -9 to 29 % (median 12)."""
    rbd, spike = of_antigen(falls, "RBD"), of_antigen(falls, "spike")
    assert len(rbd) == len(spike) == 34
    assert (min(rbd), float(np.median(rbd)), max(rbd)) == pytest.approx((92.6, 97.4, 99.9), abs=0.06)
    assert (min(spike), float(np.median(spike)), max(spike)) == pytest.approx((-9, 12, 29), abs=0.6)


def test_the_intervals_tell_the_two_antigens_apart(
    falls: dict[tuple[str, str], tuple[AreaFall, float]],
) -> None:
    """Every interval encloses its fall; those of the absorbed antigen lie above those of the wider one."""
    ends: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for (_, antigen), (fall, published) in falls.items():
        assert fall.ci95 is not None
        assert fall.ci95[0] < published < fall.ci95[1]
        ends[antigen].append(fall.ci95)
    assert max(high for _, high in ends["spike"]) < min(low for low, _ in ends["RBD"])
    assert all(math.isfinite(end) for pair in ends["RBD"] for end in pair)
