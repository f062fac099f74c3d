"""Parallel-line assays that leave something out."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.compute.statistics.fieller import Shape
from pipeline.compute.statistics.inference import Array
from pipeline.compute.statistics.parallel_line import ParallelLine, parallel_line

DOSE = np.log([1.0, 2.0, 4.0, 8.0])
WIGGLE = np.array([0.01, -0.02, 0.02, -0.01, -0.01, 0.02, -0.02, 0.01])


def assay(slope: float = 0.9, shift: float = 0.5, wells: int = 2, scatter: float = 1.0) -> ParallelLine:
    """A standard and a test preparation ``shift`` higher, one or two wells a dose."""
    x = np.tile(np.tile(DOSE, wells), 2)
    noise = np.concatenate([WIGGLE, -WIGGLE])[: len(x)] if wells > 1 else np.zeros(len(x))
    half = len(x) // 2
    y = slope * x + np.repeat([0.0, shift], half) + scatter * noise
    return parallel_line(["S"] * half + ["T"] * half, x, y, standard="S", confidence=0.95)


def test_the_horizontal_distance_is_the_potency() -> None:
    """Ln potency is the shift over the slope."""
    found = assay().potencies[0]
    assert found.potency == pytest.approx(np.exp(0.5 / 0.9), rel=1e-3)
    assert found.low is not None
    assert found.high is not None
    assert found.low < np.exp(0.5 / 0.9) < found.high


def test_without_replicates_there_is_a_potency_but_no_limits() -> None:
    """Single wells have no residual; the tests and the limits say so."""
    found = assay(wells=1)
    assert found.potencies[0].potency == pytest.approx(np.exp(0.5 / 0.9))
    assert found.potencies[0].low is None
    assert found.potencies[0].reason == "no replicate wells, so no error for the limits"
    assert found.row("regression").reason == "no replicate wells"
    assert found.row("residual").mean_square is None
    assert found.slope_variance is None


def test_equal_replicates_have_no_error() -> None:
    """Wells that agree to the last digit do not make an F of infinity."""
    found = assay(scatter=0.0)
    assert found.row("non-parallelism").f is None
    assert found.row("non-parallelism").reason == "no residual scatter"
    assert found.potencies[0].reason == "no residual scatter, so no error for the limits"
    assert found.row("residual").sum_of_squares == 0


def test_a_flat_line_has_no_finite_limits() -> None:
    """A slope that could be zero: Fieller's complement or whole line, as a value."""
    found = assay(slope=0.05, scatter=20.0).potencies[0]
    assert found.ln_ratio is not None
    assert found.ln_ratio.shape in (Shape.COMPLEMENT, Shape.WHOLE_LINE)
    assert (found.low, found.high) == (None, None)
    assert found.reason is not None


def test_all_responses_equal() -> None:
    """No slope, no potency, no division by zero."""
    x = np.tile(DOSE, 4)
    found = parallel_line(["S"] * 8 + ["T"] * 8, x, np.full(16, 0.3), standard="S", confidence=0.95)
    assert found.potencies[0].potency is None
    assert found.potencies[0].reason == "the slope is zero or too near it"


@pytest.mark.parametrize(
    ("x", "standard", "reason"),
    [
        (np.tile(DOSE, 2), "R", "no well of the standard R"),
        (np.full(8, 0.3), "S", "every preparation has one dose only"),
        (np.full(8, np.nan), "S", "a value is missing or infinite"),
    ],
)
def test_no_assay_has_a_reason(x: Array, standard: str, reason: str) -> None:
    """Nothing to compute is said in words."""
    found = parallel_line(["S"] * 4 + ["T"] * 4, x, np.arange(8.0), standard=standard, confidence=0.95)
    assert (found.slope, found.potencies, found.reason) == (None, (), reason)


def test_a_preparation_with_one_dose_borrows_the_slope() -> None:
    """It adds nothing to the test of parallelism and is read off the common slope."""
    x = np.concatenate([np.tile(DOSE, 2), DOSE[1:2], DOSE[1:2]])
    y = 0.9 * x + np.repeat([0.0, 0.5], [8, 2]) + np.append(WIGGLE, [0.01, -0.01])
    found = parallel_line(["S"] * 8 + ["T"] * 2, x, y, standard="S", confidence=0.95)
    assert found.row("non-parallelism").reason == "no degrees of freedom"
    assert found.row("non-linearity").df == 2
    assert found.potencies[0].potency == pytest.approx(np.exp(0.5 / 0.9), rel=0.01)


def test_doses_that_differ_by_rounding_are_one_dose() -> None:
    """ln(0.3) and ln(0.1) + ln(3) are replicates."""
    one = parallel_line(["S"] * 4, np.log([0.1, 0.3, 0.1, 0.3]), WIGGLE[:4], standard="S", confidence=0.95)
    x = np.array([np.log(0.1), np.log(0.1) + np.log(3), np.log(0.2) - np.log(2), np.log(0.3)])
    other = parallel_line(["S"] * 4, x, WIGGLE[:4], standard="S", confidence=0.95)
    assert other.row("residual").df == one.row("residual").df == 2


def test_unequal_numbers_add_up() -> None:
    """With wells missing the parts still sum to the total."""
    x, y = np.tile(DOSE, 4)[:13], np.sin(np.arange(13.0))
    found = parallel_line(["S"] * 7 + ["T"] * 6, x, y, standard="S", confidence=0.95)
    parts = [r for r in found.anova if r.source not in ("treatments", "total")]
    total = found.row("total")
    assert sum(r.sum_of_squares for r in parts) == pytest.approx(total.sum_of_squares)
    assert sum(r.df for r in parts) == total.df
