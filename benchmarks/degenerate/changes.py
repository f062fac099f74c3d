"""What goes wrong with calibrators, as changes of a draft. Level 0 is the highest."""

from __future__ import annotations

import numpy as np
from simulator import Noise

from benchmarks.degenerate.draft import Change, Draft
from pipeline.domain.plate import WellState

HUGE = Noise(well_cv=0.6, well_od=0.05)


def nothing(draft: Draft) -> None:
    """Good calibrators: what is odd is the true curve."""
    del draft


def dead(od: float, noise: Noise) -> Change:
    """All calibrators and blanks read the same."""

    def change(draft: Draft) -> None:
        draft.fill(np.full(draft.levels, od), noise)
        draft.blank = draft.noisy(np.array([od]), noise)[0]

    return change


def scaled(signal: float) -> Change:
    """Calibrators develop only a share of their colour."""

    def change(draft: Draft) -> None:
        draft.fill(draft.curve.zero + signal * (draft.true(draft.nominal) - draft.curve.zero))

    return change


def shifted(od: float) -> Change:
    """Something is subtracted from every calibrator and blank."""

    def change(draft: Draft) -> None:
        draft.ods, draft.blank = draft.ods + od, draft.blank + od

    return change


def ordered(*order: int) -> Change:
    """Level i holds what belongs to level ``order[i]``."""

    def change(draft: Draft) -> None:
        draft.ods = draft.ods[list(order)]

    return change


def competitive(draft: Draft) -> None:
    """The curve of a competitive assay: the zero standard reads highest."""
    draft.fill(draft.curve.top - draft.true(draft.nominal) + draft.curve.zero)
    draft.zero(draft.curve.top)


def swapped(*distances: int) -> Change:
    """Two levels exchanged, as many levels apart as drawn; never the highest, whose fall may be a hook."""

    def change(draft: Draft) -> None:
        apart = int(draft.rng.choice(distances))
        high = int(draft.rng.integers(1, draft.levels - apart))
        draft.ods[[high, high + apart]] = draft.ods[[high + apart, high]]

    return change


def ceiling(od: float) -> Change:
    """No well reads higher than this, and the reader prints it as a number."""

    def change(draft: Draft) -> None:
        draft.ods = np.minimum(draft.ods, od)

    return change


def printed(levels: int, od: float) -> Change:
    """The highest levels read ``od`` in every well."""

    def change(draft: Draft) -> None:
        draft.ods[:levels] = od

    return change


def lost(first: int, last: int, state: WellState = WellState.NOT_READ) -> Change:
    """Levels ``first`` to ``last`` have no number."""
    return lambda draft: draft.lose(range(first, last + 1), state)


def above_range(levels: int) -> Change:
    """The reader gave up on the highest levels."""
    return lost(0, levels - 1, WellState.ABOVE_RANGE)


def one_well_above_range(draft: Draft) -> None:
    """One well of the highest level is beyond the reader, its neighbour just below."""
    draft.lost[0, 0] = WellState.ABOVE_RANGE


def middle_lost(draft: Draft) -> None:
    """One level in the middle has no number."""
    level = int(draft.rng.integers(1, draft.levels - 1))
    draft.lose(range(level, level + 1), WellState.UNREADABLE)


def single_wells(draft: Draft) -> None:
    """One well of each level has no number."""
    for level in range(draft.levels):
        draft.lost[level, int(draft.rng.integers(draft.ods.shape[1]))] = WellState.UNREADABLE


def no_blanks(draft: Draft) -> None:
    """The zero standard has no number."""
    draft.lost_blanks = True


def blanks_read(od: float) -> Change:
    """The zero standard is not zero."""
    return lambda draft: draft.zero(od)


def hooked(*share: float) -> Change:
    """The highest levels read less than the first level below them, by these shares."""

    def change(draft: Draft) -> None:
        draft.ods[: len(share)] = draft.noisy(draft.ods[len(share)].mean() * np.array(share))

    return change


def amounts(**amount: float) -> Change:
    """Levels that hold another amount than their label says: ``L3=0.4``."""
    return lambda draft: draft.hold({int(level[1:]): factor for level, factor in amount.items()})


def one_level(amount: float) -> Change:
    """Some level, not the outermost, holds another amount than its label says."""
    return lambda draft: draft.hold({int(draft.rng.integers(1, draft.levels - 1)): amount})


def every_level(steps: float, amount: float = 1.0) -> Change:
    """All levels wrong: a fold other than the labels' (3 is what they say) or another amount."""

    def change(draft: Draft) -> None:
        folds = np.log(draft.nominal[0] / draft.nominal) / np.log(3.0)
        draft.fill(draft.true(amount * draft.nominal[0] * steps**-folds))

    return change


def dead_level(draft: Draft) -> None:
    """Some level above the lowest two got no calibrator."""
    level = int(draft.rng.integers(0, draft.levels - 2))
    draft.ods[level] = draft.noisy(np.array([draft.curve.zero]))[0]


def one_well(signal: float) -> Change:
    """One well of some level reads ``signal`` times what it should."""

    def change(draft: Draft) -> None:
        draft.ods[int(draft.rng.integers(1, draft.levels)), 0] *= signal

    return change


def rewritten(*shares: float) -> Change:
    """Each level reads this share of the span, highest level first."""

    def change(draft: Draft) -> None:
        span = draft.curve.top - draft.curve.zero
        draft.fill(draft.curve.zero + span * np.array(shares))

    return change


def noise_of(noise: Noise) -> Change:
    """The right means with another error."""
    return lambda draft: draft.fill(draft.true(draft.nominal), noise)


def uniform(draft: Draft) -> None:
    """Any OD in any well."""
    draft.ods = draft.rng.uniform(0.03, 3.3, draft.ods.shape)


def shuffled(draft: Draft) -> None:
    """The levels in any order but the right one."""
    order = draft.rng.permutation(draft.levels)
    draft.ods = draft.ods[np.roll(order, 1) if (np.diff(order) > 0).all() else order]


def in_pairs(draft: Draft) -> None:
    """Each tube was used for two levels."""
    draft.fill(draft.true(draft.nominal[[0, 0, 2, 2, 4, 4, 6]]))


def copied(draft: Draft) -> None:
    """One level was filled from its neighbour's tube."""
    level = int(draft.rng.integers(1, draft.levels - 2))
    draft.ods[level + 1] = draft.noisy(draft.true(draft.nominal[[level]]))[0]
