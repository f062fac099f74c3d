"""Controls as a yardstick: do the intervals of the titers hold what they say?"""

from __future__ import annotations

import math

import numpy as np
import pytest

from pipeline.compute.past.yardstick import IntervalsHold, yardsticks
from pipeline.domain.findings import RunVerdict
from pipeline.domain.history import PastRun, PastValue
from pipeline.report.trends.words import yardstick_text


def runs(scatter: float, count: int = 60, verdict: RunVerdict = RunVerdict.ACCEPTED) -> list[PastRun]:
    """Runs of one control that says an SE of 5 to 10 % and scatters so many times as much."""
    rng = np.random.default_rng(4)
    made = []
    for n in range(count):
        se = float(rng.uniform(0.05, 0.10))
        value = PastValue(math.log(3000) + scatter * se * float(rng.standard_normal()), "ln", se=se)
        made.append(PastRun(f"r{n}", "P", "2026-02-17", "1", verdict, {"PC1": value}, {}))
    return made


@pytest.mark.parametrize(
    ("scatter", "held"),
    [(1.0, IntervalsHold.YES), (2.0, IntervalsHold.TOO_NARROW), (0.5, IntervalsHold.TOO_WIDE)],
)
def test_the_scatter_of_a_control_is_held_against_its_standard_errors(
    scatter: float, held: IntervalsHold
) -> None:
    """SD of z near 1: they hold; above: too narrow; below: too wide."""
    (one,) = yardsticks(runs(scatter))
    assert one.held is held
    assert one.ci95[0] < one.sd < one.ci95[1]
    assert one.sd == pytest.approx(scatter, rel=0.25)
    assert f"{one.sd:.2f}" in yardstick_text(one)


def test_rejected_runs_and_short_pasts_say_nothing() -> None:
    """Twenty accepted runs are needed; what QC rejected is no measure of good plates."""
    assert yardsticks(runs(1.0, 19)) == []
    assert yardsticks(runs(1.0, 60, RunVerdict.REJECTED)) == []
