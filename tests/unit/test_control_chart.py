"""Control charts, the bridge between lots, and the rules over past runs."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from pipeline.compute.past.control_chart import ChartSettings, bridge, chart
from pipeline.compute.past.trends import HistoryPast, stand, trends
from pipeline.compute.past.westgard import WestgardRule, violations
from pipeline.domain.declared import AtMost, Below
from pipeline.domain.findings import Finding, RunVerdict, Verdict
from pipeline.domain.history import History, PastRun, PastValue, RunStanding
from pipeline.domain.limits import Limits
from qc.rule import all_rules

SETTINGS = ChartSettings()
LIMITS = Limits(
    westgard_1_2s=AtMost(value=2, unit="SD", on_breach="warn", source="Westgard 1981"),
    westgard_1_3s=AtMost(value=3, unit="SD", on_breach="fail", source="Westgard 1981"),
    westgard_2_2s=AtMost(value=2, unit="SD", on_breach="fail", source="Westgard 1981"),
    westgard_r_4s=AtMost(value=4, unit="SD", on_breach="fail", source="Westgard 1981"),
    westgard_4_1s=AtMost(value=1, unit="SD", on_breach="fail", source="Westgard 1981"),
    westgard_10x=Below(value=10, unit="runs", on_breach="fail", source="Westgard 1981"),
)
HISTORY_RULES = [rule for rule in all_rules() if rule.id.startswith("HIS-")]
RULE_IDS = dict(zip(WestgardRule, (rule.id for rule in HISTORY_RULES), strict=True))


def _reading(value: float | None, lot: str | None = None) -> PastValue:
    return PastValue(value, "ln", None if value is not None else "below 1000 BTU", lot)


def _run(n: int, verdict: RunVerdict = RunVerdict.ACCEPTED, /, **controls: float | None) -> PastRun:
    readings = {name: _reading(value) for name, value in controls.items()}
    return PastRun(f"r{n:03}", "P", f"2026-01-01T00:{n // 60:02}:{n % 60:02}Z", "1.0", verdict, readings, {})


def _history(runs: Sequence[PastRun]) -> History:
    return History("anti_mag_igm", "BTU", tuple(runs))


def test_mean_and_sd_come_from_the_first_twenty_accepted_runs() -> None:
    """A later drift does not move the limits that are to show it, nor does a rejected run."""
    values = [9.5, 99.0, *np.linspace(9.4, 9.6, 19), *([12.0] * 30)]
    found = chart(values, [n != 1 for n in range(len(values))], SETTINGS)
    first = [9.5, *np.linspace(9.4, 9.6, 19)]
    assert found.baseline.n == 20
    assert found.baseline.mean == pytest.approx(np.mean(first))
    assert found.baseline.sd == pytest.approx(np.std(first, ddof=1))
    assert found.z[-1] == pytest.approx((12.0 - np.mean(first)) / np.std(first, ddof=1))
    assert not found.baseline.provisional


def test_one_outlier_in_the_reference_widens_the_limits() -> None:
    """The chart is not robust, as its text says: an outlier of 5 SD among 20 widens the SD by 1.46."""
    rng = np.random.default_rng(3)
    values = rng.normal(0, 1, 20)
    values = (values - values[1:].mean()) / values[1:].std(ddof=1)
    values[0] = 5.0
    found = chart(list(values), [True] * 20, SETTINGS)
    assert found.baseline.sd == pytest.approx(math.sqrt(1 + 25 / 20), rel=0.05)


@pytest.mark.parametrize(
    ("n", "has_z", "provisional"), [(4, False, True), (5, True, True), (20, True, False)]
)
def test_few_runs_are_provisional_or_no_chart(n: int, *, has_z: bool, provisional: bool) -> None:
    """Below 5 runs no z, below 20 a provisional one: nobody takes three runs for a control limit."""
    found = chart([1.0 + 0.1 * (k % 3) for k in range(n)], [True] * n, SETTINGS)
    assert (found.z[0] is not None, found.baseline.provisional) == (has_z, provisional)


def test_equal_runs_have_no_z() -> None:
    """An SD of zero is said, not divided by."""
    found = chart([1.5] * 20, [True] * 20, SETTINGS)
    assert found.z == (None,) * 20
    assert found.baseline.reason == "all reference runs are equal"


def test_bridge_is_the_paired_ratio_with_students_interval() -> None:
    """Three runs with both lots: geometric mean of the ratios, t with 2 degrees of freedom (4.3027)."""
    found = bridge(np.array([100.0, 200.0, 400.0]), np.array([110.0, 210.0, 480.0]))
    ln = np.log([1.1, 1.05, 1.2])
    half = 4.302652729911275 * ln.std(ddof=1) / math.sqrt(3)
    assert found.ratio == pytest.approx(math.exp(ln.mean()))
    assert found.interval == pytest.approx((math.exp(ln.mean() - half), math.exp(ln.mean() + half)))


def test_bridge_without_an_interval_says_why() -> None:
    """One run, equal ratios or a value without a logarithm."""
    assert bridge(np.array([100.0]), np.array([110.0])).reason == "one value has no CV"
    assert bridge(np.array([1.0, 2.0]), np.array([2.0, 4.0])).reason == "all runs give the same ratio"
    assert bridge(np.array([0.0, 2.0]), np.array([2.0, 4.0])).ratio is None
    with pytest.raises(ValueError, match="both lots"):
        bridge(np.array([1.0, 2.0]), np.array([2.0]))


def test_a_new_lot_is_a_new_chart() -> None:
    """The new lot's level is not judged by the old lot's limits, and no sequence runs across the change."""
    old = [
        PastRun(f"a{n}", "P", "", "1", RunVerdict.ACCEPTED, {"PC": _reading(9 + n % 2 / 9, "L1")}, {})
        for n in range(20)
    ]
    new = [
        PastRun(f"b{n}", "P", "", "1", RunVerdict.ACCEPTED, {"PC": _reading(10 + n % 2 / 9, "L2")}, {})
        for n in range(20)
    ]
    first, second = trends(_history([*old, *new]), SETTINGS).controls
    assert (first.key.label, second.key.label) == ("PC, L1", "PC, L2")
    assert first.chart.values[20:] == (None,) * 20
    assert second.chart.baseline.mean == pytest.approx(10 + 1 / 18)
    assert not first.violations
    assert not second.violations


def test_rules_across_controls_do_not_reach_the_curve() -> None:
    """A high ec50 and a low slope of one curve are one event, not R-4s."""
    readings = [{"ec50": _reading(0.1 * (n % 3)), "slope": _reading(0.1 * (n % 4))} for n in range(30)]
    readings.append({"ec50": _reading(9.0), "slope": _reading(-9.0)})
    runs = [PastRun(f"{n}", "P", "", "1", RunVerdict.ACCEPTED, {}, one) for n, one in enumerate(readings)]
    found = trends(_history(runs), SETTINGS)
    rules = {violation.rule for trend in found.quantities for violation in trend.violations}
    assert WestgardRule.ONE_3S in rules
    assert WestgardRule.R_4S not in rules


def _findings(standing: RunStanding, limits: Limits) -> list[Finding]:
    """The rules look at nothing else of a plate and of an assay."""
    plate, assay = SimpleNamespace(standing=standing), SimpleNamespace(limits=limits)
    return [
        finding for rule in HISTORY_RULES for finding in rule.apply(cast("Any", plate), cast("Any", assay))
    ]


def _judge(history: History, run: PastRun) -> dict[str, list[Finding]]:
    findings = _findings(stand(HistoryPast(history), run.controls, SETTINGS), LIMITS)
    return {rule.id: [one for one in findings if one.rule == rule.id] for rule in HISTORY_RULES}


def _breached(found: list[Finding]) -> bool:
    return any(one.verdict in (Verdict.WARN, Verdict.FAIL) for one in found)


def test_a_new_run_is_judged_as_the_chart_will_show_it() -> None:
    """The rules for a new run and the rules of the chart agree on 300 random histories, gaps included."""
    rng = random.Random(5)  # noqa: S311 - test data
    seen = set()
    for _ in range(300):
        runs = [_run(n, PC1=rng.gauss(9, 1), PC2=rng.gauss(8, 1)) for n in range(20)]
        shift = rng.choice((0.0, 1.5, -2.5))
        for n in range(20, 20 + rng.randint(1, 12)):
            one = None if rng.random() < 0.1 else rng.gauss(9 + shift, 1)
            runs.append(_run(n, PC1=one, PC2=rng.gauss(8, rng.choice((1, 3)))))
        charts = {trend.key.label: trend.chart for trend in trends(_history(runs), SETTINGS).controls}
        scores = [{label: one.z[n] for label, one in charts.items()} for n in range(len(runs))]
        expected = {RULE_IDS[one.rule] for one in violations(scores) if one.run == len(runs) - 1}
        judged = _judge(_history(runs[:-1]), runs[-1])
        assert {rule for rule, found in judged.items() if _breached(found)} == expected
        seen |= expected
    assert seen == set(RULE_IDS.values())


def test_a_pass_is_recorded_and_the_consequence_is_the_limits() -> None:
    """In control: every rule passes with its number. Beyond 3 SD: 1-2s warns, 1-3s fails, as declared."""
    runs = [_run(n, PC=9 + n % 2 / 10) for n in range(20)]
    fine = _judge(_history(runs), _run(20, PC=9.05))
    assert {one.verdict for rule in ("HIS-01", "HIS-02") for one in fine[rule]} == {Verdict.PASS}
    far = _judge(_history(runs), _run(20, PC=9.9))
    assert far["HIS-01"][0].verdict is Verdict.WARN
    assert far["HIS-02"][0].verdict is Verdict.FAIL
    assert "20 reference runs" in far["HIS-02"][0].message


def test_rejected_runs_set_no_limits_for_a_new_run() -> None:
    """A rejected run among the first twenty widens nothing, in the chart and in the judgement alike."""
    runs = [_run(n, PC=9 + n % 2 / 10) for n in range(20)]
    runs.insert(3, _run(99, RunVerdict.REJECTED, PC=20.0))
    (found,) = trends(_history(runs), SETTINGS).controls
    assert found.chart.baseline.mean == pytest.approx(9.05)
    (one,) = stand(HistoryPast(_history(runs)), _run(20, PC=9.9).controls, SETTINGS).controls
    assert one.z == pytest.approx(found.chart.baseline.z(9.9))


def test_four_values_on_both_sides_are_a_pass() -> None:
    """4-1s is evaluated as soon as there are four values, whatever their sides."""
    runs = [_run(n, PC=9 + n % 2 / 10) for n in range(20)]
    assert _judge(_history(runs), _run(20, PC=9.2))["HIS-05"][0].verdict is Verdict.PASS


def test_too_few_runs_no_value_and_no_limit_are_not_evaluated() -> None:
    """Silence would look like a pass."""
    runs = [_run(n, PC=9 + n % 2 / 10) for n in range(20)]
    for history, value, text in ((runs[:19], 9.0, "20 needed"), (runs, None, "below 1000 BTU")):
        found = _judge(_history(history), _run(20, PC=value))
        assert {one.verdict for all_of in found.values() for one in all_of} == {Verdict.NOT_EVALUATED}
        assert text in found["HIS-01"][0].message
    undeclared = _findings(stand(HistoryPast(_history(runs)), runs[0].controls, SETTINGS), Limits())
    assert {one.verdict for one in undeclared} == {Verdict.NOT_EVALUATED}
    assert len(undeclared) == 6


def test_a_wrong_unit_of_a_limit_is_refused() -> None:
    """3 runs instead of 3 SD is a wrong number."""
    with pytest.raises(ValueError, match="westgard_1_3s"):
        Limits(westgard_1_3s=AtMost(value=3, unit="runs", on_breach="warn", source="x"))
