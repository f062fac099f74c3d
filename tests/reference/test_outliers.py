"""Grubbs (NIST/SEMATECH e-Handbook 1.3.5.17.1) and Dixon's r10 (Rorabacher 1991, Anal Chem 63:139)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.integrate import dblquad
from scipy.special import ndtr

from pipeline.cli import main
from pipeline.compute.statistics.outliers import dixon, dixon_critical, grubbs, grubbs_critical
from pipeline.errors import DONE


@pytest.fixture(scope="module")
def answers(shared: Path) -> dict[str, Any]:
    """The example of the handbook and a table of critical values."""
    path = shared / "reference_data" / "stat_tables" / "grubbs_frey.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["grubbs"]
    return found


def test_nist_example(answers: dict[str, Any]) -> None:
    """G = 2.4687: the eighth mass is an outlier. The handbook's alpha of 0.05 is one-sided."""
    example = answers["nist_example"]
    found = grubbs(np.array(example["data"]), 2 * 0.05)
    assert found.statistic == pytest.approx(example["G"], abs=1e-6)
    assert found.critical == pytest.approx(example["critical_one_sided_0.05"], abs=1e-6)
    assert (found.index, found.outlier) == (7, True)


def test_grubbs_critical_values(answers: dict[str, Any]) -> None:
    """N from 3 to 30, one-sided and two-sided."""
    for n, row in answers["critical"].items():
        assert grubbs_critical(int(n), 2 * 0.05) == pytest.approx(row["one_sided_05"], abs=1e-6)
        assert grubbs_critical(int(n), 0.05) == pytest.approx(row["two_sided_05"], abs=1e-6)


@pytest.mark.parametrize(
    ("n", "critical"),
    [(3, 0.970), (4, 0.829), (5, 0.710), (6, 0.625), (7, 0.568), (8, 0.526), (9, 0.493), (10, 0.466)],
)
def test_dixon_critical_values(n: int, critical: float) -> None:
    """Two-sided at 95 %; the printed values go back to Dixon's tables of 1951 and are good to 0.0025."""
    assert dixon_critical(n, 0.05) == pytest.approx(critical, abs=2.6e-3)


@pytest.mark.parametrize("alpha", [0.01, 0.05, 0.10, 0.30])
def test_three_values_have_a_closed_form(alpha: float) -> None:
    """The chance beyond r is 1/2 - 3/pi arctan((2 r - 1) / sqrt 3) (Dixon 1951, Ann Math Stat 22:68)."""
    expected = (1 + 3**0.5 * np.tan(np.pi / 3 * (0.5 - alpha))) / 2
    assert dixon_critical(3, 2 * alpha) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("n", [4, 7, 30])
def test_critical_values_by_another_integration(n: int) -> None:
    """The chance of the critical value by adaptive quadrature is the one asked for."""
    critical = dixon_critical(n, 0.05)
    assert critical is not None

    def density(width: float, low: float) -> float:
        others = ndtr(low + (1 - critical) * width) - ndtr(low)
        return float(np.exp(-(low**2 + (low + width) ** 2) / 2) / (2 * np.pi) * others ** (n - 2))

    chance = n * (n - 1) * dblquad(density, -8, 8, 0, 16, epsabs=1e-9)[0]
    assert chance == pytest.approx(0.025, abs=1e-7)


def test_dixon_example() -> None:
    """The NIST masses again: a gap of 43.39 in a range of 46.26."""
    values = np.array([199.31, 199.53, 200.19, 200.82, 201.92, 201.95, 202.18, 245.57])
    found = dixon(values, 0.05)
    assert found.statistic == pytest.approx(43.39 / 46.26)
    assert (found.index, found.outlier) == (7, True)


def test_the_command_gives_the_handbook_s_answer(
    answers: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``titerline fit --outliers grubbs`` names the eighth mass with G = 2.4687."""
    masses = answers["nist_example"]["data"]
    table = tmp_path / "masses.csv"
    table.write_text("\n".join(["x,mass", *(f"1,{mass}" for mass in masses)]), encoding="utf-8")
    options = ["--x", "x", "--y", "mass", "--model", "linear", "--outliers", "grubbs", "--json"]
    assert main(["fit", str(table), *options]) == DONE
    (fit,) = json.loads(capsys.readouterr().out)["fits"]
    (level,) = fit["outliers"]["levels"]
    assert level["statistic"] == pytest.approx(2.4687, abs=1e-4)
    assert (level["y"], level["line"], level["outlier"]) == (245.57, 9, True)
    assert level["critical"] == pytest.approx(answers["critical"]["8"]["two_sided_05"], abs=1e-6)
