"""The joint fit of dilution series at its limits."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.compute.curve.fitting import Fit
from pipeline.compute.curve.models import LOWER, MODELS, inverse
from pipeline.compute.titer.error_components import ErrorComponents
from pipeline.compute.titer.joint import BEYOND_DILUTIONS, Span, joint_fit
from pipeline.compute.titer.joint_table import JointDilution, lay_out

THETA = np.array([0.045, 3.18, 9.74, -0.05, 0.0])
FIT = Fit(MODELS["4pl"], THETA, np.diag([1e-5, 1e-3, 1e-3, 1e-3, 0.0]), 10.0, 6, np.ones(10), ())
ERRORS = ErrorComponents(np.array([1e-4, 1.2e-3, 1e-3]), np.diag([1e-10, 1e-8, 4e-7]))


def series(*net: float, fold: float = 2.0) -> tuple[list[JointDilution], list[float]]:
    """Readings of a series with paired antigen-negative wells, and the ln titer of each alone."""
    shifts = [k * float(np.log(fold)) for k in range(len(net))]
    readings = [JointDilution(k + 1, shifts[k], od, 0.05, (1, 1)) for k, od in enumerate(net)]
    alone = inverse(np.array(net) + THETA[LOWER], THETA) + np.array(shifts)
    return readings, alone.tolist()


def test_the_titer_of_a_flat_series_does_not_run_away() -> None:
    """High on the plateau a series that does not fall agrees a little with every titer."""
    readings, alone = series(2.25, 2.11, 2.27)
    found = joint_fit(lay_out([readings]), FIT, ERRORS, Span.around([alone]))
    assert min(alone) - BEYOND_DILUTIONS <= found.ln_titer[0] <= max(alone) + BEYOND_DILUTIONS
    assert found.shape.p[0] < 0.01


def test_a_neighbour_does_not_change_a_titer() -> None:
    """With the errors known, a serum's titer is the same alone and beside a hopeless one."""
    known = ErrorComponents(ERRORS.variance, np.zeros((3, 3)))
    readings, alone = series(1.5, 0.9, 0.5)
    lost = [JointDilution(k, 0.0, 0.01, 0.05, (1, 1), "below", 0.1) for k in (1, 2, 3)]
    single = joint_fit(lay_out([readings]), FIT, known, Span.around([alone]))
    both = joint_fit(lay_out([readings, lost]), FIT, known, Span.around([alone, []]))
    assert both.ln_titer[0] == pytest.approx(single.ln_titer[0], abs=1e-9)
    assert both.se[0] == pytest.approx(single.se[0], rel=1e-9)
    assert both.found.tolist() == [True, False]
