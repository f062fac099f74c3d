"""One curve shape for many samples: exact answers, errors, and series that say too little."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.compute.statistics.common_shape import CommonShape, fit_common_shape
from pipeline.compute.statistics.common_shape_titers import Position, endpoint_titers, inflection_titers
from pipeline.compute.statistics.inference import Array

DILUTION = 40.0 * 4.0 ** np.arange(8)
TRUE = {"weak": 90.0, "middle": 2_000.0, "strong": 40_000.0}
UPPER, SLOPE = 1.8, 0.9


def series(
    lower: float = 0.0, noise: float = 0.0, titers: dict[str, float] = TRUE, seed: int = 3
) -> tuple[list[str], Array, Array]:
    """Names, dilutions and ODs of samples with known inflection titers."""
    rng = np.random.default_rng(seed)
    names = [name for name in titers for _ in DILUTION]
    dilution = np.tile(DILUTION, len(titers))
    relative = dilution / np.repeat(list(titers.values()), len(DILUTION))
    od = lower + (UPPER - lower) / (1 + relative**SLOPE)
    return names, dilution, od + noise * rng.standard_normal(len(od))


def fitted(names: list[str], dilution: Array, od: Array, lower: float | None = 0.0) -> CommonShape:
    """A fit that is there."""
    found = fit_common_shape(names, dilution, od, reach=8.0, lower=lower)
    assert isinstance(found, CommonShape)
    return found


@pytest.mark.parametrize("lower", [0.0, 0.05, None])
def test_noise_free_series_give_the_truth(lower: float | None) -> None:
    """Also with a lower asymptote that is given or fitted; without scatter there is no standard error."""
    found = fitted(*series(lower=0.05 if lower is None else lower), lower)
    assert (found.upper, found.slope) == pytest.approx((UPPER, SLOPE))
    assert found.lower == pytest.approx(0.05 if lower is None else lower)
    titers = {titer.sample: titer.titer for titer in inflection_titers(found)}
    assert titers == pytest.approx(TRUE)
    assert [titer.ln_se for titer in inflection_titers(found)] == [None] * 3
    assert found.reason == "no residual scatter"


def test_standard_errors_are_those_of_the_full_matrix() -> None:
    """The arrow gives the inverse of the whole J'J, common parameters and samples together."""
    names, dilution, od = series(noise=0.03, lower=0.04)
    found = fitted(names, dilution, od, None)
    assert found.df == 18
    assert found.sigma == pytest.approx((found.rss / 18) ** 0.5)
    which = np.array([found.names.index(name) for name in names])
    theta = np.concatenate([found.shared, found.ln_inflection])

    def curve(at: Array) -> Array:
        z = np.exp(at[1]) * (np.log(dilution) - at[3:][which])
        return np.asarray(at[2] + (at[0] - at[2]) / (1 + np.exp(z)))

    steps = 1e-6 * np.eye(len(theta))
    jacobian = np.stack([(curve(theta + step) - curve(theta - step)) / 2e-6 for step in steps], axis=1)
    assert jacobian.T @ (curve(theta) - od) == pytest.approx(np.zeros(len(theta)), abs=1e-7)
    full = found.rss / 18 * np.linalg.inv(jacobian.T @ jacobian)
    assert found.shared_covariance == pytest.approx(full[:3, :3], rel=1e-5, abs=1e-10)
    assert found.cross_covariance == pytest.approx(full[3:, :3], rel=1e-5, abs=1e-10)
    assert found.ln_variance == pytest.approx(np.diag(full)[3:], rel=1e-5)


def test_the_error_of_an_endpoint_titer() -> None:
    """The delta method agrees with the numeric slope of the titer in every parameter."""
    found = fitted(*series(noise=0.03, lower=0.04), None)
    cross, common, own = found.cross_covariance, found.shared_covariance, found.ln_variance
    assert cross is not None
    assert common is not None
    assert own is not None

    def distance(shared: Array) -> float:
        return float(np.log((shared[0] - shared[2]) / (0.3 - shared[2]) - 1) / np.exp(shared[1]))

    steps = 1e-6 * np.eye(3)
    slopes = (
        np.array([distance(found.shared + step) - distance(found.shared - step) for step in steps]) / 2e-6
    )
    variance = own + 2 * cross @ slopes + slopes @ common @ slopes
    for titer, expected in zip(endpoint_titers(found, 0.3), variance, strict=True):
        assert titer.ln_se == pytest.approx(expected**0.5, rel=1e-6)


def test_the_intervals_cover_the_truth() -> None:
    """Over 100 simulated plates the errors are as large as the standard errors say."""
    z = []
    for seed in range(100):
        titers = inflection_titers(fitted(*series(noise=0.03, seed=seed)))
        z += [np.log((t.titer or 0) / TRUE[t.sample]) / (t.ln_se or 0) for t in titers]
    assert np.std(z) == pytest.approx(1.0, abs=0.15)


def test_a_negative_serum_has_no_titer_and_harms_nobody() -> None:
    """A flat series says only that its inflection is below; the others keep their titers."""
    names, dilution, od = series()
    blank = np.zeros(8)
    found = fitted([*names, *["negative"] * 8], np.append(dilution, DILUTION), np.append(od, blank))
    titers = {titer.sample: titer for titer in inflection_titers(found)}
    assert titers["negative"].titer is None
    assert titers["negative"].position is Position.BELOW
    assert titers["negative"].reason == "the wells do not say where the inflection is"
    assert titers["strong"].titer == pytest.approx(40_000, rel=1e-4)
    assert endpoint_titers(found, 0.1)[found.names.index("negative")].titer is None


def test_a_saturated_serum_lies_above() -> None:
    """A series that stays at the upper asymptote has no inflection either."""
    names, dilution, od = series()
    top = np.full(8, UPPER)
    found = fitted([*names, *["top"] * 8], np.append(dilution, DILUTION), np.append(od, top))
    titer = inflection_titers(found)[found.names.index("top")]
    assert (titer.titer, titer.position) == (None, Position.ABOVE)


def test_a_titer_outside_the_dilutions_is_marked() -> None:
    """It may be extrapolated, but it says so."""
    found = fitted(*series(titers={"a": 20.0, "b": 3_000.0}))
    first, second = inflection_titers(found)
    assert first.titer == pytest.approx(20.0)
    assert (first.position, second.position) == (Position.BELOW, Position.INSIDE)


def test_an_endpoint_beyond_the_asymptotes_has_a_reason() -> None:
    """No curve crosses an OD above the top or at the bottom."""
    found = fitted(*series(noise=0.02))
    for od in (-0.1, 0.0, 2.5):
        assert {titer.titer for titer in endpoint_titers(found, od)} == {None}
        assert "between the common asymptotes" in (endpoint_titers(found, od)[0].reason or "")


def test_series_may_differ_in_length_and_order() -> None:
    """Wells that are missing or shuffled change nothing that they do not concern."""
    names, dilution, od = series()
    keep = np.random.default_rng(1).permutation(len(od))[:18]
    found = fitted([names[k] for k in keep], dilution[keep], od[keep])
    assert {titer.sample: titer.titer for titer in inflection_titers(found)} == pytest.approx(TRUE)


def test_too_few_wells_have_no_error() -> None:
    """Three wells of one sample fit exactly: a titer, no standard error, a reason."""
    names, dilution, od = series(noise=0.02, titers={"a": 1_000.0})
    found = fitted(names[1:4], dilution[1:4], od[1:4])
    titer = inflection_titers(found)[0]
    assert (found.sigma, titer.ln_se) == (None, None)
    assert titer.reason == "no degrees of freedom for the error"


@pytest.mark.parametrize(
    ("dilution", "od", "reason"),
    [
        (np.array([]), np.array([]), "no well"),
        (np.array([40.0, 160.0]), np.array([1.0, np.nan]), "a value is missing or infinite"),
        (np.array([0.0, 160.0]), np.ones(2), "a value at or below zero has no logarithm"),
        (np.array([40.0, 40.0]), np.ones(2), "fewer than two dilutions"),
        (np.array([40.0, 160.0]), np.array([-0.01, -0.02]), "no well is above the lower asymptote"),
        (np.array([40.0, 160.0]), np.zeros(2), "no well is above the lower asymptote"),
    ],
)
def test_no_fit_has_a_reason(dilution: Array, od: Array, reason: str) -> None:
    """Nothing to fit is said in words."""
    assert fit_common_shape(["a"] * len(od), dilution, od, reach=8.0) == reason


@pytest.mark.parametrize("lower", [0.0, None])
def test_equal_readings_do_not_make_a_curve(lower: float | None) -> None:
    """All wells at one OD: no titer that anybody could believe, no NaN, no warning."""
    found = fit_common_shape(
        ["a"] * 8 + ["b"] * 8, np.tile(DILUTION, 2), np.full(16, 0.5), reach=8.0, lower=lower
    )
    if isinstance(found, str):
        return
    assert [titer.ln_se for titer in inflection_titers(found)] == [None, None]
    assert found.reason is not None
    assert np.isfinite(found.ln_inflection).all()


def test_the_reach_is_positive() -> None:
    """A search that may not leave the dilutions is a fault of the caller."""
    with pytest.raises(ValueError, match="reach"):
        fit_common_shape(*series(), reach=0.0)
