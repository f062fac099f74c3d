"""Curve models, fits and the curves that must not be used."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spoiled import calibrators

from pipeline.compute.curve.curves import StandardCurve, standard_curve
from pipeline.compute.curve.fitting import fit_curve
from pipeline.compute.curve.inverse import back_calculate
from pipeline.compute.curve.models import MODELS, curve, gradient, inverse
from pipeline.compute.curve.result import CalibratorWells
from pipeline.definitions import AssayDefinition
from pipeline.domain.codes.unused import WellUnused
from pipeline.domain.results import ReplicatePrecision

PRECISION = ReplicatePrecision(additive_od=0.004, proportional=0.03, df=40)
THETA = np.array([0.07, 3.2, np.log(9000.0), np.log(1.1), 0.0])


@given(
    st.tuples(
        st.floats(-0.1, 0.3),
        st.floats(1.0, 4.0),
        st.floats(2.0, 12.0),
        st.floats(-1.0, 1.5),
        st.floats(-1.5, 1.5),
    ),
    st.floats(0.05, 0.95),
)
@settings(max_examples=300, deadline=None)
def test_the_inverse_undoes_the_curve(parameters: tuple[float, ...], height: float) -> None:
    """A concentration read back from its own OD is the same concentration."""
    theta = np.array(parameters)
    y = np.array([theta[0] + height * (theta[1] - theta[0])])
    x = np.exp(inverse(y, theta))
    assert curve(x, theta) == pytest.approx(y, rel=1e-8)


@pytest.mark.parametrize("asymmetry", [0.0, -0.6, 0.8])
def test_the_gradient_is_the_derivative(asymmetry: float) -> None:
    """Analytic derivatives equal central differences, also at a zero standard."""
    theta = THETA.copy()
    theta[4] = asymmetry
    x = np.array([0.0, 50.0, 3000.0, 9000.0, 2e5])
    step = 1e-6 * np.eye(5)
    numeric = np.stack([(curve(x, theta + h) - curve(x, theta - h)) / 2e-6 for h in step], axis=-1)
    assert gradient(x, theta) == pytest.approx(numeric, abs=2e-8)


def test_a_zero_standard_is_the_lower_asymptote_exactly() -> None:
    """X = 0 gives the lower asymptote itself, not the value at a small number."""
    assert curve(np.array([0.0]), THETA)[0] == 0.07


def test_no_inverse_outside_the_asymptotes() -> None:
    """At or beyond an asymptote there is no concentration, and the side is known."""
    assert inverse(np.array([0.07, 0.01]), THETA).tolist() == [-np.inf, -np.inf]
    assert inverse(np.array([3.2, 3.9]), THETA).tolist() == [np.inf, np.inf]


@pytest.mark.parametrize("name", ["4pl", "5pl"])
@pytest.mark.parametrize("exponent", [0.0, 0.5, 1.0])
def test_a_curve_without_noise_is_found_again(name: str, exponent: float) -> None:
    """Exact calibrators give the true parameters, whatever the weights."""
    truth = THETA.copy()
    truth[4] = -0.4 if name == "5pl" else 0.0
    x = np.array([70000, 25000, 9000, 3000, 1000, 300, 100, 0.0])
    fit = fit_curve(MODELS[name], x, curve(x, truth), exponent, 0.05)
    assert fit.theta == pytest.approx(truth, abs=1e-5)


def test_back_calculation_carries_the_zero_response() -> None:
    """A net signal is placed above the curve's zero response, so a background is subtracted once."""
    x = np.array([70000, 25000, 9000, 3000, 1000, 300, 100, 0.0])
    fit = fit_curve(MODELS["4pl"], x, curve(x, THETA), 1.0, 0.05)
    net = curve(np.array([5000.0]), THETA) - 0.07
    found = back_calculate(fit, net, above_zero=True)
    assert np.exp(found.ln_x[0]) == pytest.approx(5000, rel=1e-4)


def judge(definition: AssayDefinition, ods: list[float], blank: float = 0.07) -> StandardCurve:
    """The standard curve of given level means."""
    return standard_curve(calibrators(definition, ods), (blank, blank), definition.assay, PRECISION)


GOOD = [2.79, 2.25, 1.36, 0.63, 0.28, 0.14, 0.10]


@pytest.mark.parametrize(
    ("ods", "code"),
    [
        ([0.07] * 7, "CURVE_FLAT"),
        ([0.0] * 7, "CURVE_FLAT"),
        (GOOD[::-1], "CURVE_DIRECTION"),
        ([1.6, *GOOD[1:]], "CURVE_NONMONOTONE"),
        ([GOOD[0], GOOD[1], GOOD[3], GOOD[2], *GOOD[4:]], "STANDARD_ORDER_SUSPECT"),
    ],
)
def test_standards_that_no_fit_can_save_are_named(
    flagship: AssayDefinition, ods: list[float], code: str
) -> None:
    """Dead, inverted, hooked and swapped calibrators fail by name, and leave no curve."""
    judged = judge(flagship, ods, blank=ods[-1] if code == "CURVE_FLAT" else 0.07)
    assert judged.fit is None
    assert judged.result.failure is not None
    assert judged.result.failure.startswith(code)
    assert judged.result.range.lloq is None


def test_swapped_calibrators_name_the_pair(flagship: AssayDefinition) -> None:
    """The two levels that look swapped are named."""
    judged = judge(flagship, [GOOD[0], GOOD[1], GOOD[3], GOOD[2], *GOOD[4:]])
    assert "CAL3" in str(judged.result.failure)
    assert "CAL4" in str(judged.result.failure)


def test_three_levels_are_too_few(flagship: AssayDefinition) -> None:
    """Three usable levels carry no curve."""
    wells = calibrators(flagship, GOOD)
    few = [
        w if i < 3 else CalibratorWells(w.level, w.nominal, (), (("A1", WellUnused.MASKED),))
        for i, w in enumerate(wells)
    ]
    judged = standard_curve(few, (0.07, 0.07), flagship.assay, PRECISION)
    assert str(judged.result.failure).startswith("CURVE_TOO_FEW_LEVELS: 3 usable")


def test_random_standards_release_nothing(flagship: AssayDefinition) -> None:
    """Calibrators in random order never give a curve that passes all checks and recoveries."""
    rng = np.random.default_rng(8)
    for _ in range(60):
        shuffled = list(rng.permutation(GOOD))
        if shuffled == GOOD:
            continue
        judged = judge(flagship, [float(od) for od in shuffled])
        recovered = [
            c.recovery_percent is not None and abs(c.recovery_percent - 100) < 20
            for c in judged.result.calibrators
            if c.nominal
        ]
        assert judged.fit is None or not all(recovered)


def test_the_range_never_passes_the_outermost_calibrators(flagship: AssayDefinition) -> None:
    """A good curve's working range ends at calibrators."""
    result = judge(flagship, GOOD).result
    nominal = flagship.assay.calibration.levels.values()
    assert result.range.lloq in nominal
    assert result.range.uloq == 70000


def test_a_kit_with_four_levels_holds_the_lower_asymptote_and_says_so(kit: AssayDefinition) -> None:
    """The held asymptote has no standard error and no interval, and the model's name says it."""
    judged = judge(kit, [2.79, 1.79, 0.63, 0.28])
    lower = judged.result.parameters["lower"]
    assert judged.result.model == "4pl-fixed-lower"
    assert lower.value == pytest.approx(0.07)
    assert lower.se is None
    assert lower.ci95 is None


def test_r_squared_is_no_criterion(flagship: AssayDefinition) -> None:
    """A curve with a high R² and a level far off still reports that level's recovery."""
    ods = GOOD.copy()
    ods[4] = 0.38
    result = judge(flagship, ods).result
    bad = next(c for c in result.calibrators if c.level == "CAL5")
    assert result.r_squared is not None
    assert result.r_squared > 0.98
    assert bad.recovery_percent is not None
    assert bad.recovery_percent > 120


@pytest.mark.parametrize("level", [0.0, 0.05])
def test_a_plate_that_reads_alike_everywhere_is_flat(plates: Any, level: float) -> None:
    """All zeros, or one number in every well, is a plate to repeat and no fault of the program."""
    result = plates.analyse({}, lambda _well, _use, _od: level)
    assert {str(curve.failure).partition(":")[0] for curve in result.curves} == {"CURVE_FLAT"}
