"""162 animal sera in eight four-fold dilutions (ititer, D. J. Pattinson): published inflection titers."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.compute.statistics.common_shape import CommonShape, fit_common_shape
from pipeline.compute.statistics.common_shape_titers import (
    Position,
    SampleTiter,
    endpoint_titers,
    inflection_titers,
)

LN_4 = float(np.log(4))
FIRST = 40.0


@pytest.fixture(scope="module")
def answers(shared: Path) -> dict[str, Any]:
    """Posterior medians and the joint least-squares fit."""
    path = shared / "reference_data" / "serial_titration" / "expected.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def wells(shared: Path) -> list[dict[str, str]]:
    """1296 wells."""
    path = shared / "reference_data" / "serial_titration" / "ititer_od.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fitted(wells: list[dict[str, str]], lower: float | None) -> CommonShape:
    """Fit of the wells."""
    dilution = np.array([float(row["dilution"]) for row in wells])
    od = np.array([float(row["od"]) for row in wells])
    fit = fit_common_shape([row["sample"] for row in wells], dilution, od, reach=15.0, lower=lower)
    assert isinstance(fit, CommonShape)
    return fit


@pytest.fixture(scope="module")
def fit(wells: list[dict[str, str]]) -> CommonShape:
    """With a lower asymptote of zero."""
    return fitted(wells, 0.0)


def by_name(titers: tuple[SampleTiter, ...]) -> dict[str, SampleTiter]:
    """Titers of the samples."""
    return {titer.sample: titer for titer in titers}


def test_common_parameters(fit: CommonShape, answers: dict[str, Any]) -> None:
    """Slope (per four-fold step), upper asymptote and residual SD to six digits."""
    joint = answers["joint_nls"]
    assert fit.converged
    assert fit.slope * LN_4 == pytest.approx(joint["b"], rel=5e-7)
    assert fit.upper == pytest.approx(joint["d"], rel=5e-7)
    assert fit.sigma == pytest.approx(joint["sigma"], rel=5e-7)


def test_inflection_titers(fit: CommonShape, answers: dict[str, Any]) -> None:
    """The joint fit's titers to six digits; the published medians within 1 % and inside their HDI."""
    titers = by_name(inflection_titers(fit))
    for sample, expected in answers["samples"].items():
        found = titers[sample]
        assert found.titer is not None
        assert found.titer == pytest.approx(expected["joint_nls_inflection_titer"], rel=1e-6)
        assert found.titer == pytest.approx(expected["inflection_titer_median"], rel=0.01)
        assert np.log(found.titer / FIRST) / LN_4 == pytest.approx(expected["inflection_index"], abs=0.01)


def test_standard_errors_agree_with_the_posterior(fit: CommonShape, answers: dict[str, Any]) -> None:
    """95 % of the published posterior is about as wide as four standard errors of the joint fit."""
    titers = by_name(inflection_titers(fit))
    for sample, expected in answers["samples"].items():
        se = titers[sample].ln_se
        assert se is not None
        assert 2 * 1.96 * se == pytest.approx(np.log(expected["hdi95"][1] / expected["hdi95"][0]), rel=0.15)


def test_endpoint_titers(fit: CommonShape, answers: dict[str, Any]) -> None:
    """At OD 0.1: 1.5 % between median and least squares as documented, and half of the last printed digit."""
    titers, inflections = by_name(endpoint_titers(fit, 0.1)), by_name(inflection_titers(fit))
    joint = answers["joint_nls"]
    steps = np.log(joint["d"] / 0.1 - 1) / joint["b"]
    for sample, expected in answers["samples"].items():
        found, middle = titers[sample], inflections[sample].titer
        assert found.titer is not None
        assert middle is not None
        index = np.log(found.titer / FIRST) / LN_4
        assert index == pytest.approx(expected["endpoint_index"], abs=np.log(1.015) / LN_4 + 0.005)
        assert np.log(found.titer / middle) / LN_4 == pytest.approx(steps, rel=1e-6)
        assert found.position is Position.INSIDE


def test_a_common_lower_asymptote_fits_no_worse(fit: CommonShape, wells: list[dict[str, str]]) -> None:
    """One more parameter, one degree of freedom less, and a background near zero in these net ODs."""
    free = fitted(wells, None)
    assert (free.converged, free.df) == (True, fit.df - 1)
    assert free.rss <= fit.rss
    assert abs(free.lower) < 0.02
