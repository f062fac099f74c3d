"""Antibodies before and after absorption with beads (Greaney et al. 2021, Cell Host Microbe 29:463)."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from pipeline.compute.titer.area import Area, area_under_curve, percent_fall

ROUNDED_OD = 5e-7
"""The ODs are kept to six decimals, the published areas come from all of them."""


def areas(path: Path) -> dict[tuple[str, str, str], Area]:
    """The area of every sample, antigen and treatment."""
    wells: dict[tuple[str, str, str], list[tuple[float, float]]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            key = (row["sample"], row["antigen"], row["treatment"])
            wells[key].append((float(row["dilution"]), float(row["od450"])))
    return {key: area_under_curve(*np.array(found).T) for key, found in wells.items()}


def test_absorption(shared: Path) -> None:
    """All 68 published pairs of areas and what absorption took away."""
    folder = shared / "reference_data" / "absorption_elisa"
    published = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["published_auc"]
    found = areas(folder / "haarvi_rbd_depletion.csv")
    assert len(published) == 68
    rbd = []
    for serum in published:
        before, after = (found[serum["sample"], serum["antigen"], when] for when in ("pre", "post"))
        span = float(np.log(before.dilutions[-1] / before.dilutions[0]))
        assert before.value == pytest.approx(serum["pre"], rel=1e-6, abs=ROUNDED_OD * span)
        assert after.value == pytest.approx(serum["post"], rel=1e-6, abs=ROUNDED_OD * span)
        fall = percent_fall(before, after).percent
        assert fall == pytest.approx(serum["percent_reduction"], abs=1e-4)
        if serum["antigen"] == "RBD" and fall is not None:
            rbd.append(fall)
    assert (min(rbd), max(rbd)) == pytest.approx((92.6, 99.9), abs=0.06)
    assert float(np.median(rbd)) == pytest.approx(97.4, abs=0.06)
