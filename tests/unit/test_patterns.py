"""Edge effect, drift and copied numbers, on plates whose truth is known."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from pipeline.compute.plate.copied import copied_between, copied_wells
from pipeline.compute.plate.patterns import CLIP_SD, NO_EDGE, Alike, plate_patterns, position_effect
from pipeline.compute.plate.readings import Signals, WellSignal
from pipeline.domain.layout import PlateLayout, Role, WellUse
from pipeline.domain.results import ReadingChoice, ReplicatePrecision
from pipeline.domain.wells import Well, plate_wells

PRECISION = ReplicatePrecision(0.003, 0.04, 40)
CHOICE = ReadingChoice("450", None, 450.0, None, 450.0, None)


def plate(seed: int, factor: Any = None, spread: bool = True) -> tuple[Signals, PlateLayout]:  # noqa: FBT001, FBT002
    """96 wells of 24 sera in four wells each, at random places or as rows of four, with a CV of 4 %."""
    rng = np.random.default_rng(seed)
    wells = plate_wells(8, 12)
    names = rng.permutation(96) // 4 if spread else np.arange(96) // 4
    uses = {w: WellUse(Role.CONTROL, str(n), "MAG", 1000.0) for w, n in zip(wells, names, strict=True)}
    levels = np.exp(rng.uniform(-2.0, 0.8, 24))
    signals = {}
    for well, n in zip(wells, names, strict=True):
        true = levels[n] * (factor(well) if factor is not None else 1.0)
        od = round(float(true + PRECISION.sd(true) * rng.standard_normal()), 4)
        signals[well] = WellSignal(od, None, od, None)
    return Signals(signals, CHOICE), PlateLayout(8, 12, uses, "test")


def found(seed: int, factor: Any = None, spread: bool = True) -> Any:  # noqa: FBT001, FBT002
    """The patterns of such a plate."""
    signals, layout = plate(seed, factor, spread)
    return plate_patterns(signals, layout, {}, PRECISION)


def rim(well: Well) -> float:
    """The rim reads 15 % more."""
    return 1.15 if well.row in (0, 7) or well.column in (0, 11) else 1.0


def down(well: Well) -> float:
    """The last row reads 30 % more than the first."""
    return float(1.3 ** (well.row / 7))


def right(well: Well) -> float:
    """The last column reads a quarter less than the first."""
    return float(0.75 ** (well.column / 11))


@pytest.mark.parametrize(
    ("factor", "which", "truth"), [(rim, "edge", 15.0), (down, "rows", 30.0), (right, "columns", -25.0)]
)
def test_a_pattern_is_found_with_its_size(factor: Any, which: str, truth: float) -> None:
    """Estimates near the truth on average, p small on every plate, intervals that hold the truth."""
    seen = [getattr(found(seed, factor), which) for seed in range(60)]
    assert np.mean([s.percent for s in seen]) == pytest.approx(truth, abs=1.0)
    assert max(s.p for s in seen) < 0.01
    assert np.mean([s.ci95[0] <= truth <= s.ci95[1] for s in seen]) >= 0.88


@pytest.mark.parametrize("which", ["edge", "rows", "columns"])
def test_p_is_what_it_says_on_plates_without_a_pattern(which: str) -> None:
    """P is uniform: below 0.1 in a tenth of 300 plates, and 0.5 in the middle."""
    p = np.array([getattr(found(seed), which).p for seed in range(300)])
    assert np.mean(p < 0.1) == pytest.approx(0.1, abs=0.05)
    assert np.median(p) == pytest.approx(0.5, abs=0.08)


def test_p_is_that_of_the_permutation_test() -> None:
    """Against 20,000 random permutations of the errors within the groups, to the second digit."""
    rng = np.random.default_rng(5)
    group = np.repeat(np.arange(24), 4)
    x = rng.permutation(96) % 2 * 1.0
    start = Alike(group, x, x, rng.standard_normal(96), np.full(96, 25.0))
    alike = Alike(group, x, x, start.centred(start.error), start.scale)
    seen = position_effect(alike, x, 1.0, NO_EDGE)
    design = alike.centred(x)
    size = abs(design @ alike.error)
    blocks = alike.error.reshape(24, 4)
    drawn = [abs(design @ rng.permuted(blocks, axis=1).ravel()) >= size for _ in range(20_000)]
    assert seen.p == pytest.approx(np.mean(drawn), abs=0.02)


def test_content_is_never_taken_for_a_position() -> None:
    """Sera in rows of four, the later ones stronger: rows cannot be tested, and that is the answer."""
    seen = found(3, spread=False)
    assert seen.rows.percent is None
    assert seen.rows.reason == "wells expected equal never lie in different rows"
    assert seen.columns.p > 0.01


def test_too_few_groups_cannot_tell() -> None:
    """Three pairs across the edge are no test."""
    signals, _ = plate(4)
    pairs = [(Well(r, 0), Well(r, 1)) for r in (1, 2, 3)] + [(Well(r, 5), Well(r, 6)) for r in (1, 2, 3, 4)]
    uses = {w: WellUse(Role.BLANK, str(n), "MAG") for n, pair in enumerate(pairs) for w in pair}
    seen = plate_patterns(signals, PlateLayout(8, 12, uses, "test"), {}, PRECISION)
    assert seen.edge.percent is None
    assert seen.edge.reason == "only 3 groups of wells expected equal can tell, 4 are needed"


def test_one_bubble_is_no_pattern() -> None:
    """A well with ten times its OD counts as an error of four SD."""
    signals, layout = plate(6)
    wells = dict(signals.wells)
    wells[Well(0, 5)] = WellSignal(3.4, None, 3.4, None)
    seen = plate_patterns(Signals(wells, CHOICE), layout, {}, PRECISION)
    assert CLIP_SD == 4.0
    assert min(seen.edge.p, seen.rows.p, seen.columns.p) > 0.01


def test_a_plate_without_replicates_or_error_says_so() -> None:
    """Single wells, and wells that all read the same, give a reason and no number."""
    signals, layout = plate(7)
    single = {w: WellUse(Role.BLANK, w.name, "MAG") for w in layout.uses}
    alone = plate_patterns(signals, PlateLayout(8, 12, single, "test"), {}, PRECISION)
    assert alone.edge.reason == "there are no wells expected equal"
    flat = Signals({w: WellSignal(0.5123, None, 0.5123, None) for w in layout.uses}, CHOICE)
    same = plate_patterns(flat, layout, {}, PRECISION)
    assert same.edge.reason == "the wells expected equal show no error to compare with"
    assert same.copied is not None
    assert len(same.copied.first) > 80


def printed(seed: int, decimals: int = 4) -> dict[Well, float]:
    """ODs of a plate as printed."""
    return {w: round(s.od or 0.0, decimals) for w, s in plate(seed)[0].wells.items()}


def test_a_copied_block_is_found_by_its_wells() -> None:
    """Two rows of three wells that stand again two rows below and five columns to the left."""
    od = printed(8)
    block = [Well(r, c) for r in (1, 2) for c in (7, 8, 9)]
    od |= {Well(w.row + 2, w.column - 5): od[w] for w in block}
    copied = copied_wells(od, (8, 12), PRECISION)
    assert copied is not None
    assert copied.first == ("B8", "B9", "B10", "C8", "C9", "C10")
    assert copied.second == ("D3", "D4", "D5", "E3", "E4", "E5")
    assert copied.chance < 1e-4
    twice = math.prod(1e-4 / (2 * math.pi**0.5 * PRECISION.sd(od[w])) for w in block)
    assert copied.chance == pytest.approx(twice * math.comb(6 * 7, 6) * 172, rel=1e-6)


def test_low_numbers_of_two_digits_are_no_evidence() -> None:
    """Blanks that print 0.041 or 0.042 all over a plate are no copy, whatever the plate's other wells say."""
    rng = np.random.default_rng(10)
    low = {w: round(0.0415 + 0.0005 * float(rng.standard_normal()), 3) for w in plate_wells(8, 12)}
    assert copied_wells(low, (8, 12), PRECISION) is None
    assert copied_between(low, low, "2", PRECISION) is None


@pytest.mark.parametrize("decimals", [2, 3, 4])
def test_chance_is_not_taken_for_a_copy(decimals: int) -> None:
    """On 100 clean plates no equal numbers are rarer than one in a hundred, however coarsely printed."""
    copies = [copied_wells(printed(seed, decimals), (8, 12), PRECISION) for seed in range(100)]
    assert min((c.chance for c in copies if c is not None), default=1.0) > 0.01


def test_replicates_that_all_agree_are_copies() -> None:
    """Every second column repeats the one before: the plate's own error is none, and still no excuse."""
    od = printed(9)
    od |= {w: od[Well(w.row, w.column - 1)] for w in od if w.column % 2}
    copied = copied_wells(od, (8, 12), ReplicatePrecision(0.0, 0.0, 40))
    assert copied is not None
    assert len(copied.first) >= 40
    assert copied.chance < 1e-9


def test_no_number_twice_gives_no_copy() -> None:
    """Without equal numbers there is nothing to show; one well alone is no plate."""
    distinct = {w: 0.1 + 0.01 * n for n, w in enumerate(plate_wells(8, 12))}
    assert copied_wells(distinct, (8, 12), PRECISION) is None
    assert copied_wells({Well(0, 0): 0.5}, (8, 12), PRECISION) is None
    assert copied_wells({}, (8, 12), PRECISION) is None
