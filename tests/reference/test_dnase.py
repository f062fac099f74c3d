"""DNase ELISA (Davidian and Giltinan 1995, section 5.2.4): answers of R's nls, nlme and drc."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from pipeline.compute.curve.fitting import Fit, fit_curve, fit_weighted
from pipeline.compute.curve.models import LN_ASYMMETRY, LN_EC50, LN_SLOPE, LOWER, MODELS, UPPER
from pipeline.compute.curve.profile import profile_intervals

Array = npt.NDArray[np.float64]
TINY = 1e-9
"""No floor under the weights: R has none."""


@pytest.fixture(scope="module")
def answers(shared: Path) -> dict[str, Any]:
    """Published and recomputed answers."""
    found: dict[str, Any] = json.loads(
        (shared / "reference_data" / "dnase" / "expected.json").read_text(encoding="utf-8")
    )
    return found


@pytest.fixture(scope="module")
def runs(shared: Path) -> dict[str, tuple[Array, Array]]:
    """Run -> concentrations and densities of its wells."""
    path = shared / "reference_data" / "dnase" / "dnase_runs1-6.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = {}
    for run in sorted({row["run"] for row in rows}):
        mine = [row for row in rows if row["run"] == run]
        x = np.array([float(row["conc_ng_per_mL"]) for row in mine])
        found[run] = x, np.array([float(row["density"]) for row in mine])
    return found


def as_r(fit: Fit) -> dict[str, float]:
    """Parameters as R's SSfpl writes them: scal = 1/slope, xmid = ln ec50."""
    theta = fit.theta
    return {
        "A": theta[LOWER],
        "B": theta[UPPER],
        "xmid": theta[LN_EC50],
        "scal": float(np.exp(-theta[LN_SLOPE])),
    }


def se_as_r(fit: Fit) -> dict[str, float]:
    """Their standard errors: SE(scal) = scal SE(ln slope)."""
    se = np.sqrt(np.diag(fit.covariance))
    scal = float(np.exp(-fit.theta[LN_SLOPE]))
    return {"A": se[LOWER], "B": se[UPPER], "xmid": se[LN_EC50], "scal": scal * se[LN_SLOPE]}


@pytest.mark.parametrize("run", list("123456"))
def test_four_parameters_of_every_run(
    answers: dict[str, Any], runs: dict[str, tuple[Array, Array]], run: str
) -> None:
    """Parameters, standard errors, residual sum of squares and degrees of freedom as nls prints them."""
    expected = answers["runs"][run]
    fit = fit_curve(MODELS["4pl"], *runs[run], 0.0, TINY)
    assert as_r(fit) == pytest.approx(
        {k: expected[k] for k in ("A", "B", "xmid", "scal")}, rel=2e-5, abs=2e-6
    )
    assert se_as_r(fit) == pytest.approx(expected["se"], rel=1e-4)
    assert fit.rss == pytest.approx(expected["rss"], rel=1e-8)
    assert fit.df == expected["df"]
    assert fit.disagreement < 1e-6


def test_three_parameters_as_published(answers: dict[str, Any], runs: dict[str, tuple[Array, Array]]) -> None:
    """R's help page: 2.34518, 1.48309, 1.04146 with their standard errors, sigma 0.01919 on 13 df."""
    published = answers["run1_three_parameter_published"]
    fit = fit_curve(MODELS["3pl"], *runs["1"], 0.0, TINY)
    found, se = as_r(fit), se_as_r(fit)
    assert round(found["B"], 5) == published["Asym"]
    assert round(found["xmid"], 5) == published["xmid"]
    assert found["scal"] == pytest.approx(published["scal"], abs=1e-5)
    assert se["B"] == pytest.approx(published["se"]["Asym"], abs=1e-5)
    assert se["xmid"] == pytest.approx(published["se"]["xmid"], abs=1e-5)
    assert se["scal"] == pytest.approx(published["se"]["scal"], abs=1e-5)
    assert fit.sd == pytest.approx(published["sigma"], abs=1e-5)
    assert fit.df == published["df"]


@pytest.mark.parametrize(
    ("model", "key"), [("3pl", "run1_three_parameter_published"), ("4pl", "run1_four_parameter_extra")]
)
def test_profile_intervals(
    answers: dict[str, Any], runs: dict[str, tuple[Array, Array]], model: str, key: str
) -> None:
    """Profile-likelihood 95 % intervals as R's confint gives them."""
    expected = answers[key].get("recomputed", answers[key])["profile_ci95"]
    x, y = runs["1"]
    found = profile_intervals(fit_curve(MODELS[model], x, y, 0.0, TINY), x, y)
    slope = found[LN_SLOPE]
    assert slope[0] is not None
    assert slope[1] is not None
    ours = {
        "A": found.get(LOWER),
        "B": found[UPPER],
        "Asym": found[UPPER],
        "xmid": found[LN_EC50],
        "scal": (np.exp(-slope[1]), np.exp(-slope[0])),
    }
    for name, ends in expected.items():
        assert ours[name] == pytest.approx(tuple(ends), rel=1e-4), name


@pytest.mark.parametrize(("weights", "power"), [("1/y^2 (fixed weights 1/observed^2)", 2), ("1/y", 1)])
def test_weights_that_are_given(
    answers: dict[str, Any], runs: dict[str, tuple[Array, Array]], weights: str, power: int
) -> None:
    """Weighted nls with weights of the observed densities."""
    expected = answers["run1_weighted"][weights]
    x, y = runs["1"]
    fit = fit_weighted(MODELS["4pl"], x, y, y ** -float(power))
    assert fit.rss == pytest.approx(expected["weighted_rss"], rel=1e-8)
    assert as_r(fit) == pytest.approx({k: expected[k] for k in ("A", "B", "xmid", "scal")}, rel=1e-4)
    assert list(se_as_r(fit).values()) == pytest.approx(expected["se"], rel=1e-3)


def test_the_power_of_the_mean_is_estimated(
    answers: dict[str, Any], runs: dict[str, tuple[Array, Array]]
) -> None:
    """Generalised least squares with pseudo-likelihood: the fixed point of exponent and curve."""
    expected = answers["run1_power_of_mean"]["GLS_with_pseudo_likelihood_theta_fixed_point"]
    fit = fit_curve(MODELS["4pl"], *runs["1"], None, TINY)
    assert fit.exponent == pytest.approx(expected["theta"], abs=1e-6)
    assert as_r(fit) == pytest.approx({k: expected[k] for k in ("A", "B", "xmid", "scal")}, rel=1e-5)
    assert fit.sd == pytest.approx(expected["sigma_n_minus_4"], rel=1e-5)
    assert list(se_as_r(fit).values()) == pytest.approx(expected["se"], rel=1e-3)
    likeliest = answers["run1_power_of_mean"]["joint_maximum_likelihood"]["theta"]
    assert fit.exponent == pytest.approx(likeliest, abs=0.05)


def test_five_parameters(answers: dict[str, Any], runs: dict[str, tuple[Array, Array]]) -> None:
    """LL.5 of R's drc: its b is negative here, which is our curve over 1/x. Its SE come from the Hessian."""
    expected = answers["run1_5pl"]
    x, y = runs["1"]
    fit = fit_curve(MODELS["5pl"], 1 / x, y, 0.0, TINY)
    assert fit.df == expected["df"]
    assert fit.sd == pytest.approx(expected["sigma"], rel=1e-6)
    theta = fit.theta
    assert -np.exp(theta[LN_SLOPE]) == pytest.approx(expected["b"], rel=1e-3)
    assert 1 / np.exp(theta[LN_EC50]) == pytest.approx(expected["e"], rel=1e-3)
    assert np.exp(theta[LN_ASYMMETRY]) == pytest.approx(expected["f"], rel=2e-3)
    assert (theta[UPPER], theta[LOWER]) == pytest.approx((expected["c"], expected["d"]), rel=1e-3, abs=1e-4)
