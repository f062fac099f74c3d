"""NIST reference data sets of nonlinear regression, certified to 11 digits, through our own engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from pipeline.compute.curve.engine import Indices, minimise

Array = npt.NDArray[Any]

FUNCTIONS: dict[str, Callable[[Array, Array], Array]] = {
    "Rat42": lambda b, x: b[:, [0]] / (1 + np.exp(b[:, [1]] - b[:, [2]] * x)),
    "MGH09": lambda b, x: b[:, [0]] * (x**2 + x * b[:, [1]]) / (x**2 + x * b[:, [2]] + b[:, [3]]),
    "Misra1a": lambda b, x: b[:, [0]] * (1 - np.exp(-b[:, [1]] * x)),
    "Thurber": lambda b, x: (
        (b[:, [0]] + b[:, [1]] * x + b[:, [2]] * x**2 + b[:, [3]] * x**3)
        / (1 + b[:, [4]] * x + b[:, [5]] * x**2 + b[:, [6]] * x**3)
    ),
    "Kirby2": lambda b, x: (
        (b[:, [0]] + b[:, [1]] * x + b[:, [2]] * x**2) / (1 + b[:, [3]] * x + b[:, [4]] * x**2)
    ),
}


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_both_starts_reach_at_least_six_certified_digits(shared: Path, name: str) -> None:
    """Parameters and residual sum of squares, from the far and from the near start, in one batch."""
    sets = json.loads(
        (shared / "reference_data" / "nist_strd" / "nist_strd.json").read_text(encoding="utf-8")
    )
    data = sets[name]
    x = np.array([point["x"] for point in data["data"]])
    y = np.array([point["y"] for point in data["data"]])
    function = FUNCTIONS[name]

    def problem(theta: Array, at: Indices) -> tuple[Array, Array]:
        del at
        jacobian = np.empty((len(theta), len(x), theta.shape[1]))
        for k in range(theta.shape[1]):  # derivative by a complex step: exact to rounding
            shifted = theta.astype(complex)
            shifted[:, k] += 1e-30j
            jacobian[..., k] = function(shifted, x).imag / 1e-30
        return function(theta, x) - y, jacobian

    start = np.array([data["start1"], data["start2"]])
    free = np.full(start.shape[1], np.inf)
    with np.errstate(all="ignore"):  # the far starts pass through poles
        found = minimise(problem, start, -free, free, rounds=3000)
    certified = np.array(data["certified"])
    assert found.converged.all()
    for theta, cost in zip(found.theta, found.cost, strict=True):
        assert theta == pytest.approx(certified, rel=1e-6)
        assert cost == pytest.approx(data["rss"], rel=1e-8)
