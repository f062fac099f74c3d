"""Non-specific binding and the class of a serum: five decision rules on the same simulated sera.

A small size here; the full size, with tables and plot, is in docs/specificity.md.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from sizes import size

sys.path.append(str(Path(__file__).resolve().parents[2]))  # last: the installed pipeline stays the one tested

from benchmarks.plates import flagship
from benchmarks.specificity.plate import evaluated, slots
from benchmarks.specificity.population import SHARES, drawn_sera
from benchmarks.specificity.rules import Curve, Decision
from benchmarks.specificity.run import CI_SERA, Found, found
from benchmarks.specificity.summary import Line, Rate, lines

SEED = 20_261_121
SERA = size(250, CI_SERA)


@pytest.fixture(scope="module")
def run() -> Found:
    """All rules on the same sera."""
    return found(SERA, SEED)


@pytest.fixture(scope="module")
def table(run: Found) -> dict[tuple[float, str], Line]:
    """(share of sticky sera, rule) -> its rates."""
    return {(line.share, line.rule): line for line in lines(run.outcomes)}


def test_the_plates_are_good(run: Found) -> None:
    """Next to no plate is rejected, so the rules are compared on nearly all sera."""
    assert run.rejected <= 0.02 * run.plates
    assert len(run.outcomes) >= 0.95 * len(SHARES) * SERA


@pytest.mark.parametrize("share", SHARES)
def test_a_serum_without_anti_mag_is_not_reported_positive(
    table: dict[tuple[float, str], Line], share: float
) -> None:
    """However many sera stick, at most 1 % of the sera without anti-MAG IgM are reported positive."""
    assert table[share, "titerline"].false_positive.value == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize(("share", "least"), [(0.04, 0.78), (0.16, 0.70), (0.32, 0.60)])
def test_anti_mag_is_found(table: dict[tuple[float, str], Line], share: float, least: float) -> None:
    """Most sera with anti-MAG IgM are reported positive; at most 1 % are called negative."""
    line = table[share, "titerline"]
    assert (line.sensitivity.value or 0.0) >= least
    assert line.sensitivity.k + line.open_positive.k >= 0.99 * line.sensitivity.n


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("rule", ["single dilution", "series"])
def test_antigen_negative_wells_remove_false_positives(
    table: dict[tuple[float, str], Line], share: float, rule: str
) -> None:
    """On the same sera, a rule without these wells calls at least half of the sticky ones positive."""
    without = table[share, rule].false_positive
    assert without.interval[0] > (table[share, "titerline"].false_positive.value or 0.0)
    assert without.k >= 0.5 * share * without.n


def test_hnk1_confirms_only_what_binds_hnk1(run: Found) -> None:
    """No serum that does not bind HNK1 is called confirmed, sticky or not."""
    rule = "titerline, HNK1 confirmed"
    wrong = [o for o in run.outcomes if not o.serum.reactive and o.decisions[rule] is Decision.POSITIVE]
    assert wrong == []


@pytest.mark.parametrize("number", range(6))
def test_without_an_antigen_negative_well_nothing_is_positive(number: int) -> None:
    """Sera whose antigen-negative wells were not read are never positive, strong as they may be."""
    cutoff = flagship().assay.cutoff
    assert cutoff is not None
    rng = np.random.default_rng([SEED, number])
    sera = [s for s in drawn_sera(rng, 40, cutoff.titer) if s.titer > 4 * cutoff.titer][: len(slots())]
    sticky = [False, True] * 2
    seen = evaluated(sera, sticky, np.random.default_rng(number), bare=True).samples
    blind = evaluated(sera, sticky, np.random.default_rng(number), bare=False).samples
    assert any(sample.classification.startswith("POSITIVE") for sample in seen)
    assert {sample.classification for sample in blind} == {"INVALID"}


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_intervals_are_wilsons(k: int, n: int, low: float, high: float) -> None:
    """The intervals are those printed by Newcombe 1998 (Stat Med 17:857, table I, method 3)."""
    assert Rate(k, n).interval == pytest.approx((low, high), abs=5e-5)


def test_the_benchmarks_own_curve_inverts() -> None:
    """The rules without titerline read titers from the plate's curve with a formula of their own."""
    curve = Curve(0.07, 3.3, 15_000.0, 1.05)
    assert curve.concentration(curve.over(1234.5)) == pytest.approx(1234.5)
    assert curve.concentration(-0.01) == 0.0
    assert curve.concentration(4.0) == float("inf")
