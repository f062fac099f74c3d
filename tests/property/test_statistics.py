"""What every statistic must do whatever the data: unit, zero and order of the data change nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.compute.past.history import fixed_cut
from pipeline.compute.statistics.censored_change import (
    BoundedChange,
    ReportedTiter,
    fall_reached,
    reported_change,
)
from pipeline.compute.statistics.change import (
    MeasuredTiter,
    change,
    geometric_mean_interval,
    geometric_summary,
)
from pipeline.compute.statistics.cutpoints import (
    CutPointMethod,
    Tail,
    cut_point,
    frey_factor,
)
from pipeline.compute.statistics.detection import (
    Method,
    limit_of_blank,
    limit_of_detection,
    limit_of_quantitation,
)
from pipeline.compute.statistics.fieller import Means, fieller_interval
from pipeline.compute.statistics.inference import Array
from pipeline.compute.statistics.outliers import dixon, dixon_critical, grubbs, grubbs_critical
from pipeline.compute.titer.area import area_under_curve
from pipeline.domain.codes.qualifier import Qualifier

SAME = {"rel": 1e-7, "abs": 1e-9}
"""Two ways of computing one number."""

FEW = settings(max_examples=40, deadline=None, derandomize=True)

scales = st.floats(0.01, 100.0)
shifts = st.floats(-100.0, 100.0)
seeds = st.integers(0, 2**32 - 1)


def values_of(least: int, most: int) -> st.SearchStrategy[Array]:
    """Values with two decimals, ties and negative ones included, that are not all equal."""
    numbers = st.integers(-1000, 1000).map(lambda number: number / 100)
    lists = st.lists(numbers, min_size=least, max_size=most).filter(lambda found: len(set(found)) > 1)
    return lists.map(np.array)


def positive_of(least: int, most: int) -> st.SearchStrategy[Array]:
    """Titers from 0.1 to 100 000 that are not all equal."""
    return values_of(least, most).map(lambda found: np.asarray(np.exp(0.6 * found) + 0.1))


def groups_of(values: Array) -> list[str]:
    """Three samples, taken in turn."""
    return [f"s{k % 3}" for k in range(len(values))]


def number(value: float | None) -> float:
    """A number that must be there."""
    assert value is not None
    return value


@FEW
@given(values=values_of(12, 40), scale=scales, shift=shifts, seed=seeds, method=st.sampled_from(Method))
def test_limits_of_blank_and_detection_move_with_the_data(
    values: Array, scale: float, shift: float, seed: int, method: Method
) -> None:
    """In another unit, with another zero and in another order they are the same limits."""
    samples = groups_of(values)
    order = np.random.default_rng(seed).permutation(len(values))

    def limits(results: Array, names: list[str], by: float, zero: float) -> tuple[float, float]:
        blank = limit_of_blank(results, names, false_positive=0.05, method=method)
        lows = results + 25 * by
        low = limit_of_detection(blank, lows, names, false_negative=0.2, method=method)
        return (number(blank.value) - zero) / by, (number(low.value) - zero) / by

    assume(method is Method.PARAMETRIC or np.ptp(values) < 25)
    plain = limits(values, samples, 1.0, 0.0)
    assert limits(scale * values + shift, samples, scale, shift) == pytest.approx(plain, rel=1e-7, abs=1e-6)
    shuffled = limits(values[order], [samples[k] for k in order], 1.0, 0.0)
    assert shuffled == pytest.approx(plain, **SAME)


@FEW
@given(level=positive_of(2, 12), cv=values_of(2, 12), scale=scales, seed=seeds)
def test_the_limit_of_quantitation_has_the_unit_of_the_levels(
    level: Array, cv: Array, scale: float, seed: int
) -> None:
    """And does not depend on the order in which levels are listed."""
    n = min(len(level), len(cv))
    level, cv = level[:n], np.abs(cv[:n])
    order = np.random.default_rng(seed).permutation(n)
    plain = limit_of_quantitation(level, cv, goal_percent=8.0).value
    shuffled = limit_of_quantitation(level[order], cv[order], goal_percent=8.0).value
    scaled = limit_of_quantitation(level * scale, cv, goal_percent=8.0).value
    assert shuffled == plain
    assert (scaled is None) == (plain is None)
    assert plain is None or scaled == pytest.approx(plain * scale)


METHODS = (CutPointMethod.PREDICTION, CutPointMethod.RANK)


@FEW
@given(values=values_of(19, 60), scale=scales, shift=shifts, seed=seeds, method=st.sampled_from(METHODS))
def test_cut_points_move_with_the_negatives(
    values: Array, scale: float, shift: float, seed: int, method: CutPointMethod
) -> None:
    """Unit, zero and order change nothing; the lower tail is the mirror image of the upper."""

    def cut(negatives: Array, tail: Tail = Tail.UPPER) -> float:
        return number(cut_point(negatives, false_positive=0.05, method=method, least_n=2, tail=tail).value)

    plain = cut(values)
    assert (cut(scale * values + shift) - shift) / scale == pytest.approx(plain, rel=1e-7, abs=1e-6)
    assert cut(np.random.default_rng(seed).permutation(values)) == pytest.approx(plain, **SAME)
    assert cut(-values, Tail.LOWER) == pytest.approx(-plain, **SAME)


@FEW
@given(values=positive_of(2, 40), scale=scales, power=st.floats(0.2, 3.0))
def test_a_cut_point_of_logarithms_has_the_unit_of_the_values(
    values: Array, scale: float, power: float
) -> None:
    """Scaled values scale it, and powers of the values take it to the same power."""

    def cut(negatives: Array) -> float:
        found = cut_point(negatives, false_positive=0.05, method=CutPointMethod.LN_PREDICTION, least_n=2)
        return number(found.value)

    plain = cut(values)
    assume(plain < 1e60)
    assert cut(values * scale) == pytest.approx(plain * scale, rel=1e-6)
    assert cut(values**power) == pytest.approx(plain**power, rel=1e-6)


@FEW
@given(values=values_of(2, 40), rate=st.floats(0.001, 0.4), seed=seeds)
def test_fewer_false_positives_need_a_higher_cut_point(values: Array, rate: float, seed: int) -> None:
    """A confirmatory cut point is not below the screening one, and more negatives need a smaller factor."""
    del seed
    first = cut_point(values, false_positive=rate, method=CutPointMethod.PREDICTION, least_n=2).value
    second = cut_point(values, false_positive=rate / 2, method=CutPointMethod.PREDICTION, least_n=2).value
    assert number(second) >= number(first)
    assert number(frey_factor(1 - rate, len(values) + 1)) < number(frey_factor(1 - rate, len(values)))


@FEW
@given(values=values_of(8, 40), scale=scales, shift=shifts, seed=seeds)
def test_history_moves_with_the_negatives(values: Array, scale: float, shift: float, seed: int) -> None:
    """The cut point of a historical pool has the unit and the zero of the values; plates have no order."""
    plates = [values[k::4] for k in range(4)]
    assume(float(sum(np.ptp(plate) for plate in plates)) > 0)
    order = np.random.default_rng(seed).permutation(4)

    def cut(negatives: list[Array]) -> float:
        return number(fixed_cut(negatives, 0.05, 2).value)

    plain = cut(plates)
    assert (cut([scale * plate + shift for plate in plates]) - shift) / scale == pytest.approx(
        plain, rel=1e-6, abs=1e-6
    )
    assert cut([plates[k] for k in order]) == pytest.approx(plain, **SAME)


@FEW
@given(values=values_of(3, 20), scale=scales, shift=shifts, seed=seeds, test=st.sampled_from([grubbs, dixon]))
def test_an_outlier_is_the_same_value_in_every_unit_and_order(
    values: Array, scale: float, shift: float, seed: int, test: object
) -> None:
    """The statistic has no unit; the suspect is the same value, unless two are as far out."""
    run = grubbs if test is grubbs else dixon
    plain = run(values, 0.05)
    moved = run(scale * values + shift, 0.05)
    mixed = np.random.default_rng(seed).permutation(values)
    shuffled = run(mixed, 0.05)
    for other in (moved, shuffled):
        assert other.statistic == pytest.approx(plain.statistic, **SAME)
        assert other.critical == plain.critical
    away = np.abs(values - values.mean())
    if plain.outlier and np.sum(np.isclose(away, away.max())) == 1:
        assert moved.index == plain.index
        assert mixed[shuffled.index or 0] == values[plain.index or 0]


@FEW
@given(values=values_of(3, 20), test=st.sampled_from([grubbs, dixon]))
def test_an_outlier_test_is_its_own_mirror_image(values: Array, test: object) -> None:
    """Values and their negatives have the same statistic: neither end is preferred."""
    run = grubbs if test is grubbs else dixon
    assert run(-values, 0.05).statistic == pytest.approx(run(values, 0.05).statistic, **SAME)


@pytest.mark.parametrize("critical", [grubbs_critical, dixon_critical])
def test_stricter_tests_have_higher_critical_values(critical: object) -> None:
    """By alpha; Grubbs' rise and Dixon's fall with the number of values."""
    ask = grubbs_critical if critical is grubbs_critical else dixon_critical
    for n in (3, 5, 10):
        assert number(ask(n, 0.01)) > number(ask(n, 0.05))
        later = number(ask(n + 1, 0.05)) - number(ask(n, 0.05))
        assert (later > 0) == (ask is grubbs_critical)


@FEW
@given(values=positive_of(2, 20), scale=scales, seed=seeds)
def test_geometric_means_have_the_unit_of_the_titers(values: Array, scale: float, seed: int) -> None:
    """The CV has none, reciprocals give the reciprocal mean, and the interval holds the mean."""
    plain, scaled = geometric_summary(values), geometric_summary(values * scale)
    shuffled = geometric_summary(np.random.default_rng(seed).permutation(values))
    inverse = geometric_summary(1 / values)
    assert number(scaled.mean) == pytest.approx(number(plain.mean) * scale)
    assert number(inverse.mean) == pytest.approx(1 / number(plain.mean))
    for other in (scaled, shuffled, inverse):
        assert other.cv_percent == pytest.approx(plain.cv_percent, rel=1e-6)
    limits, of_scaled = geometric_mean_interval(plain, 0.95), geometric_mean_interval(scaled, 0.95)
    assert limits is not None
    assert of_scaled == pytest.approx((limits[0] * scale, limits[1] * scale), rel=1e-6)
    assert limits[0] < number(plain.mean) < limits[1]


titers = st.floats(1.0, 1e6)
errors = st.floats(0.01, 1.0)


@FEW
@given(first=titers, second=titers, one=errors, other=errors, scale=scales)
def test_a_change_back_undoes_a_change(
    first: float, second: float, one: float, other: float, scale: float
) -> None:
    """No unit, and from after to before it is the reciprocal with the same verdict."""
    before, after = MeasuredTiter(first, one, 12), MeasuredTiter(second, other, 5)
    there = change(before, after, confidence=0.95, least_fold=4.0)
    back = change(after, before, confidence=0.95, least_fold=4.0)
    units = change(
        replace(before, titer=first * scale),
        replace(after, titer=second * scale),
        confidence=0.95,
        least_fold=4.0,
    )
    assert number(there.fold) * number(back.fold) == pytest.approx(1)
    assert there.fold_interval is not None
    assert back.fold_interval == pytest.approx((1 / there.fold_interval[1], 1 / there.fold_interval[0]))
    assert units.fold_interval == pytest.approx(there.fold_interval)
    assert back.significant == there.significant


@FEW
@given(
    first=titers,
    second=titers,
    true_share=st.floats(0.0, 1.0, exclude_max=True),
    of=st.sampled_from(["after <", "after >=", "before <", "before >="]),
)
def test_a_bound_holds_the_true_change(first: float, second: float, true_share: float, of: str) -> None:
    """Whatever the true titer behind "<" or ">=" is, its change lies on the stated side of the bound."""
    which, sign = of.split()
    quality = {"before": Qualifier.MEASURED, "after": Qualifier.MEASURED, which: Qualifier(sign)}
    before = ReportedTiter(MeasuredTiter(first, 0.1), quality["before"])
    after = ReportedTiter(MeasuredTiter(second, 0.1), quality["after"])
    found = reported_change(before, after, confidence=0.95, least_fold=4.0, ln_covariance=0.0)
    assert isinstance(found, BoundedChange)
    factor = max(true_share, 1e-9) if sign == "<" else 1 / (1 - true_share)
    truth = second / first * (factor if which == "after" else 1 / factor)
    if found.at_most is None:
        assert truth >= number(found.at_least) * (1 - 1e-9)
    else:
        assert truth <= found.at_most * (1 + 1e-9)
    fell = truth <= 0.5
    verdict = fall_reached(found, 50.0).by_number
    assume(abs(truth - 0.5) > 1e-6)
    assert verdict is None or verdict == fell
    changed = truth >= 4 or truth <= 0.25
    beyond = found.limit is not None and (truth < 1 if found.at_most is not None else truth > 1)
    assert not found.significant or changed or beyond


@FEW
@given(
    numerator=st.floats(-50, 50),
    denominator=st.floats(1.0, 50),
    sds=st.tuples(st.floats(0.1, 5), st.floats(0.01, 0.3)),
    correlation=st.floats(-0.9, 0.9),
    scale=scales,
)
def test_a_ratio_has_the_unit_of_its_parts(
    numerator: float, denominator: float, sds: tuple[float, float], correlation: float, scale: float
) -> None:
    """Both in another unit: the same interval; one in another unit: it scales; both mirrored: the same."""
    va, vb, cov = sds[0] ** 2, sds[1] ** 2, correlation * sds[0] * sds[1]
    plain = fieller_interval(Means(numerator, denominator, va, vb, cov, 10), 0.95).finite
    assert plain is not None
    ratio = numerator / denominator
    assert plain[0] <= ratio + 1e-9
    assert plain[1] >= ratio - 1e-9
    s, s2 = scale, scale**2
    same = Means(numerator * s, denominator * s, va * s2, vb * s2, cov * s2, 10)
    mirrored = Means(-numerator, -denominator, va, vb, cov, 10)
    above = Means(numerator * s, denominator, va * s2, vb, cov * s, 10)
    assert fieller_interval(same, 0.95).finite == pytest.approx(plain, rel=1e-6, abs=1e-9)
    assert fieller_interval(mirrored, 0.95).finite == pytest.approx(plain, rel=1e-6, abs=1e-9)
    scaled = fieller_interval(above, 0.95).finite
    assert scaled == pytest.approx((plain[0] * s, plain[1] * s), rel=1e-6, abs=1e-9)


@FEW
@given(response=values_of(2, 10), more=values_of(10, 10), scale=scales, shift=shifts, seed=seeds)
def test_an_area_is_linear_in_the_response(
    response: Array, more: Array, scale: float, shift: float, seed: int
) -> None:
    """Sums and multiples; the starting dilution and the order of the dilutions do not matter."""
    n = len(response)
    dilution = 50.0 * 3.0 ** np.arange(n)
    order = np.random.default_rng(seed).permutation(n)

    def area(dilutions: Array, responses: Array) -> float:
        return number(area_under_curve(dilutions, responses).value)

    plain, added = area(dilution, response), area(dilution, more[:n])
    assert area(dilution, scale * response + more[:n]) == pytest.approx(
        scale * plain + added, rel=1e-7, abs=1e-6
    )
    assert area(dilution * scale, response) == pytest.approx(plain, rel=1e-7, abs=1e-7)
    assert area(dilution[order], response[order]) == pytest.approx(plain, **SAME)
    height = shift * float(np.log(3.0)) * (n - 1)
    assert area(dilution, response + shift) == pytest.approx(plain + height, rel=1e-7, abs=1e-6)
