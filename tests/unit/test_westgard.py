"""Westgard's rules: by definition, against a deliberately naive version and against a published one."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence

import pytest
import westgard
from sizes import size

from pipeline.compute.past.westgard import Violation, WestgardRule, violations

Runs = Sequence[Mapping[str, float | None]]
SERIES = size(1_500, 10_000)


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


def test_random_series_agree_with_the_naive_version() -> None:
    """Rule, run and the points shown are those of a second implementation that shares no code."""
    rng = random.Random(20260217)  # noqa: S311 - test data
    seen: set[str] = set()
    for _ in range(SERIES):
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


# A third implementation: the published package westgard-python.

_THEIR_NAMES = {
    westgard.RuleName.ONE_2S: "1-2s",
    westgard.RuleName.ONE_3S: "1-3s",
    westgard.RuleName.TWO_2S: "2-2s",
    westgard.RuleName.R_4S: "R-4s",
    westgard.RuleName.FOUR_1S: "4-1s",
    westgard.RuleName.TEN_X: "10x",
}
_THEIR_RULES = westgard.custom_rule_set_from_rules(rules=tuple(_THEIR_NAMES))
Shown = tuple[str, int, frozenset[tuple[int, str]]]


def _package(runs: Runs) -> Iterator[tuple[str, int, list[tuple[int, str]]]]:
    """Rule, run and points as the package reports them; a run without any value is no event for it."""
    values = [(n, name, z) for n, run in enumerate(runs) for name, z in run.items() if z is not None]
    rows = [
        westgard.ObservationRow(analyte="titer", material=name, run_id=str(n), sequence=k, z_score=z)
        for k, (n, name, z) in enumerate(values)
    ]
    for series in westgard.series_from_rows(rows).values():
        for event in westgard.evaluate_custom_rule_sequence(series=series, rule_set=_THEIR_RULES):
            for one in event.violations:
                points = [(int(seen.run_id.value), seen.material) for seen in one.triggering_observations]
                yield _THEIR_NAMES[one.rule], int(event.event.run_id.value), points


def _mapped(runs: Runs) -> set[Shown]:
    """The package's answer in our terms: see the test below for the two differences."""
    found: set[Shown] = set()
    for rule, run, points in _package(runs):
        if rule in ("1-2s", "1-3s"):
            found |= {(rule, run, frozenset([point])) for point in points}
        elif points[-1][0] == run:
            found.add((rule, run, frozenset(points)))
    return found


def _drifting_series(rng: random.Random) -> list[dict[str, float | None]]:
    """One or two controls over up to 16 runs: drift, jump, wide scatter, gaps, values on the limits."""
    controls = ["PC1", "PC2"][: rng.randint(1, 2)]
    drift, jump = rng.choice((0.0, 0.0, 0.1, -0.15)), rng.choice((0.0, 0.0, 1.2, -2.0))
    start, sd = rng.randint(0, 16), rng.choice((1.0, 1.0, 2.0))

    def value(n: int) -> float | None:
        if rng.random() < 0.05:
            return None
        on_a_limit = rng.random() < 0.1
        return float(rng.randint(-3, 3)) if on_a_limit else rng.gauss(drift * n + jump * (n >= start), sd)

    return [{control: value(n) for control in controls} for n in range(rng.randint(1, 16))]


def test_random_series_agree_with_westgard_python() -> None:
    """Equal to westgard-python 0.3.0 in rule, run and points, after two differences of form.

    1-2s and 1-3s: it reports one violation of a run for all its controls, we one for each control. 2-2s,
    4-1s, 10x: in a run where a control has no value it repeats that control's last pattern, we report it
    once, in the run that completes it. Else the same: strict limits, 0 on no side, gaps skipped, a pattern
    that goes on reported in each run, R-4s inside one run only, 2-2s also across the controls of a run. It
    has no run without any value.
    """
    rng = random.Random(20261121)  # noqa: S311 - test data
    seen: set[str] = set()
    for _ in range(SERIES):
        runs = _drifting_series(rng)
        found = violations(runs)
        ours = {(one.rule.value, one.run, frozenset(one.points)) for one in found}
        assert len(ours) == len(found)
        assert ours == _mapped(runs)
        seen |= {rule for rule, _, _ in ours}
    assert seen == set(_THEIR_NAMES.values())


def test_where_westgard_python_and_we_part() -> None:
    """Three controls: its 2-2s looks at the last two of the run, ours at all; a gap repeats its pattern."""
    three = [{"A": 2.5, "B": 2.5, "C": 0.0}]
    assert ("2-2s", 0) in _broken(three)
    assert "2-2s" not in {rule for rule, _, _ in _package(three)}
    gap: Runs = [{"A": 2.5, "B": 0.0}, {"A": 2.5, "B": 0.0}, {"A": None, "B": 0.0}]
    assert [run for rule, run, _ in _package(gap) if rule == "2-2s"] == [1, 2]
    assert {run for rule, run in _broken(gap) if rule == "2-2s"} == {1}
