"""Westgard's rules: by definition, by published examples, against a second, deliberately naive version."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence

import pytest

from pipeline.compute.westgard import Violation, WestgardRule, violations

Runs = Sequence[Mapping[str, float | None]]


def _broken(runs: Runs) -> set[tuple[str, int]]:
    return {(found.rule.value, found.run) for found in violations(runs)}


def _one(*scores: float | None) -> list[dict[str, float | None]]:
    return [{"PC": z} for z in scores]


# A second implementation: look back from every run with nothing but lists.


def _naive(runs: Runs) -> set[tuple[str, int, frozenset[tuple[int, str]]]]:
    found: set[tuple[str, int, frozenset[tuple[int, str]]]] = set()
    for n, run in enumerate(runs):
        for control, z in run.items():
            if z is None:
                continue
            back = [(k, runs[k].get(control)) for k in range(n + 1)]
            past = [(k, value) for k, value in back if value is not None]
            for name, length, limit in (
                ("1-2s", 1, 2),
                ("1-3s", 1, 3),
                ("2-2s", 2, 2),
                ("4-1s", 4, 1),
                ("10x", 10, 0),
            ):
                last = past[len(past) - length :] if len(past) >= length else []
                points = frozenset((k, control) for k, _ in last)
                if last and min(value for _, value in last) > limit:
                    found.add((name, n, points))
                if last and max(value for _, value in last) < -limit:
                    found.add((name, n, points))
        up = frozenset((n, control) for control, z in run.items() if z is not None and z > 2)
        down = frozenset((n, control) for control, z in run.items() if z is not None and z < -2)
        found |= {("2-2s", n, points) for points in (up, down) if len(points) >= 2}
        if up and down:
            found.add(("R-4s", n, up | down))
    return found


def _random_series(rng: random.Random) -> list[dict[str, float | None]]:
    """Up to three controls over up to 25 runs, with shifts, wide scatter, gaps and values on the limits."""
    controls = ["NC", "PC1", "PC2"][: rng.randint(1, 3)]
    shift, sd = rng.choice((0.0, 0.0, 0.7, -1.5)), rng.choice((1.0, 1.0, 2.0))

    def value() -> float | None:
        if rng.random() < 0.05:
            return None
        return float(rng.randint(-3, 3)) if rng.random() < 0.1 else rng.gauss(shift, sd)

    return [{control: value() for control in controls} for _ in range(rng.randint(1, 25))]


def test_ten_thousand_random_series_agree_with_the_naive_version() -> None:
    """Rule, run and the points shown are those of a second implementation that shares no code."""
    rng = random.Random(20260217)  # noqa: S311 - test data
    seen: set[str] = set()
    for _ in range(10_000):
        runs = _random_series(rng)
        found = violations(runs)
        ours = {(one.rule.value, one.run, frozenset(one.points)) for one in found}
        assert len(ours) == len(found)
        assert ours == _naive(runs)
        seen |= {rule for rule, _, _ in ours}
    assert seen == {rule.value for rule in WestgardRule}


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ((0.5, 2.1), {("1-2s", 1)}),
        ((0.5, -3.2), {("1-2s", 1), ("1-3s", 1)}),
        ((2.3, 2.1), {("1-2s", 0), ("1-2s", 1), ("2-2s", 1)}),
        ((2.3, -2.1), {("1-2s", 0), ("1-2s", 1)}),
        ((1.2, 1.4, 1.1, 1.9), {("4-1s", 3)}),
        ((1.2, 1.4, -1.1, 1.9), set()),
        ((-0.1,) * 10, {("10x", 9)}),
        ((0.1,) * 9, set()),
    ],
)
def test_each_rule_fires_where_its_pattern_is_complete(
    scores: tuple[float, ...], expected: set[tuple[str, int]]
) -> None:
    """One control alone: the run that completes a pattern carries the rule, earlier ones do not."""
    assert _broken(_one(*scores)) == expected


def test_on_the_limit_is_not_beyond_it() -> None:
    """A z of exactly 2, 3 or 1 breaks nothing, and a z of exactly 0 lies on no side of the mean."""
    assert not _broken(_one(2.0, -2.0, 0.0, 1.0, 1.0, 1.0, 1.0))
    assert ("1-3s", 0) not in _broken(_one(3.0))
    assert not _broken(_one(*[0.1] * 9, 0.0, 0.1))


def test_a_missing_value_neither_breaks_nor_completes_a_pattern() -> None:
    """Two values beyond 2 SD with a run without a value between them are successive."""
    found = violations(_one(2.5, None, 2.5))
    pair = next(one for one in found if one.rule is WestgardRule.TWO_2S)
    assert pair == Violation(WestgardRule.TWO_2S, 2, ((0, "PC"), (2, "PC")), "high")


def test_a_missing_number_is_refused() -> None:
    """NaN would compare false with every limit and pass as in control."""
    with pytest.raises(ValueError, match="PC"):
        violations(_one(0.0, math.nan))


# Published examples.

_THREE_LEVELS = {"low": (100.0, 5.0), "middle": (150.0, 8.0), "high": (200.0, 10.0)}
_TWO_LEVELS = {"1": (200.0, 4.0), "2": (250.0, 5.0)}


def _scores(levels: Mapping[str, tuple[float, float]], **values: float) -> dict[str, float | None]:
    return {name: (value - levels[name][0]) / levels[name][1] for name, value in values.items()}


def test_published_two_of_three_controls_beyond_two_sd() -> None:
    """Run A of "Westgard system and rules" (studylib.net/doc/7876160): 111, 267 and 202 break 2-2s."""
    run = _scores(_THREE_LEVELS, low=111.0, middle=267.0, high=202.0)
    pair = next(one for one in violations([run]) if one.rule is WestgardRule.TWO_2S)
    assert pair.controls == ("low", "middle")


@pytest.mark.parametrize(("value", "rules"), [(207.9, set()), (208.1, {"1-2s"}), (187.9, {"1-2s", "1-3s"})])
def test_published_limits_of_the_levey_jennings_lesson(value: float, rules: set[str]) -> None:
    """Westgard's lesson on the chart: mean 200, SD 4 has limits 192 to 208 (2s) and 188 to 212 (3s)."""
    assert {rule for rule, _ in _broken([{"1": (value - 200.0) / 4.0}])} == rules


def test_published_range_rule_needs_one_run() -> None:
    """R-4s as in J Assist Reprod Genet 2013, 31:25, table 1: +2 SD and -2 SD exceeded inside one run.

    Some teaching pages apply it across two days of one control as well; Westgard's rule does not.
    """
    inside = [_scores(_TWO_LEVELS, **{"1": 208.5, "2": 239.0})]
    assert ("R-4s", 0) in _broken(inside)
    across = _one(2.1, -2.2)
    assert "R-4s" not in {rule for rule, _ in _broken(across)}
