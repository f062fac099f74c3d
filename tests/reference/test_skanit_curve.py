"""A real SkanIt workbook: the vendor's 4PL and every concentration that it printed, from the raw ODs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.compute.curve.fitting import fit_curve
from pipeline.compute.curve.models import LN_EC50, LN_SLOPE, LOWER, MODELS, UPPER, inverse
from pipeline.domain.plate import PlateRead
from pipeline.domain.wells import Well
from pipeline.readers import read_export

FILE = "plate_exports/thermo_skanit/skanit7_xlsx_elisa_450_4pl.xlsx"
LEVELS = {"Std0001": 1.0, "Std0002": 0.5, "Std0003": 0.25, "Std0004": 0.125}
LEVELS |= {"Std0005": 0.063, "Std0006": 0.031, "Std0007": 0.016}
"""Micrograms per millilitre, as the workbook's standard curve sheet states them."""
PRINTED = {"a": -0.0678141, "b": 0.78981, "c": 0.748878, "d": 2.89758}
"""Parameters as the workbook prints them."""


def matrix(plate: PlateRead, title: str) -> dict[Well, str]:
    """A matrix that the reader kept beside the reads, by well."""
    tables: Any = plate.metadata["tables"]
    found = next(table for table in tables if table["title"] == title)
    return {
        Well(line[0] - 1, column - 1): text
        for line in found["rows"]
        for column, text in zip(found["columns"], line[1:], strict=True)
    }


def test_parameters_concentrations_and_range_flags(shared: Path) -> None:
    """Parameters within 3e-4, all printed concentrations within 0.07 %, every ``< Min`` and ``> Max``."""
    path = shared / FILE
    (plate,) = read_export(path.read_bytes(), path.name).plates
    (reading,) = plate.reads
    samples = matrix(plate, "Absorbance 1_01: Sample")
    blank = np.mean([od for well, od in reading.values.items() if samples[well] == "Blank1"])
    net = {well: od - float(blank) for well, od in reading.values.items()}
    standards = [(LEVELS[samples[well]], net[well]) for well in net if samples[well] in LEVELS]
    x, y = (np.array(values) for values in zip(*standards, strict=True))
    fit = fit_curve(MODELS["4pl"], x, y, 0.0, 1e-9)
    theta = fit.theta
    found = {"a": theta[LOWER], "b": np.exp(theta[LN_SLOPE]), "c": np.exp(theta[LN_EC50]), "d": theta[UPPER]}
    assert found == pytest.approx(PRINTED, rel=3e-4, abs=3e-5)
    compared = flagged = 0
    for well, text in matrix(plate, "Standard Curve 1_03: Conc. [microg/ml]").items():
        if not text:
            continue
        concentration = float(np.exp(inverse(np.array([net[well]]), theta)[0]))
        if text in ("< Min", "> Max"):
            assert text == ("< Min" if concentration < min(LEVELS.values()) else "> Max"), well
            assert not min(LEVELS.values()) <= concentration <= max(LEVELS.values()), well
            flagged += 1
        else:
            assert concentration == pytest.approx(float(text), rel=7e-4), well
            compared += 1
    assert (compared, flagged) == (59, 35)
