"""Numbers that stand twice on a plate in the same arrangement: a block that was copied, or is constant."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from pipeline.domain.patterns import CopiedWells
from pipeline.domain.results import ReplicatePrecision
from pipeline.domain.wells import Well

Array = npt.NDArray[np.float64]
Whole = npt.NDArray[np.intp]

MOST_DECIMALS = 9
"""Beyond this many decimals numbers are not printed but computed."""
BEST_CV, BEST_OD = 0.01, 0.001
"""No plate's wells agree better than this; where they seem to, their numbers may be the copies looked for."""
TELLING = 0.02
"""A well whose number chance repeats more often than this is no evidence, such as a low OD of two digits."""
CANDIDATES = 5
"""Displacements that are looked at: those with the most equal numbers."""


def copied_wells(
    printed: Mapping[Well, float], shape: tuple[int, int], precision: ReplicatePrecision
) -> CopiedWells | None:
    """The least likely set of wells that repeat the numbers of others, all by the same displacement.

    The chance that two wells print the same number is at most step / (2 sqrt(pi) sd), step being the last
    digit: that of two wells with the same true OD. The chance of k equal among n pairs of wells at one
    displacement is at most C(n, k) times the product over the k, and the plate has as many displacements to
    look at (Bonferroni).

    Args:
        printed: well -> OD as printed.
        shape: rows and columns of the plate.
        precision: well-to-well error of the plate.
    """
    wells, od, rarity = _telling(printed, precision)
    place = np.array([(w.row, w.column) for w in wells]).reshape(-1, 2)
    one, other = _equal_pairs(od)
    if not one.size:
        return None
    moved = place[other] - place[one]
    keys, which, counts = np.unique(moved, axis=0, return_inverse=True, return_counts=True)
    which = which.reshape(-1)
    grid = np.zeros(shape, dtype=bool)
    grid[place[:, 0], place[:, 1]] = True
    best = [k for k in np.argsort(-counts, kind="stable")[:CANDIDATES] if counts[k] > 1]
    found = [_copy(wells, one[which == k], other[which == k], rarity, grid, keys[k]) for k in best]
    return min(found, key=lambda copy: copy.chance, default=None)


def copied_between(
    printed: Mapping[Well, float], other: Mapping[Well, float], plate: str, precision: ReplicatePrecision
) -> CopiedWells | None:
    """Wells that print the number of the same well of another plate, with the chance of so many.

    Args:
        printed: well -> OD as printed, on this plate.
        other: the same on the other plate.
        plate: its name.
        precision: well-to-well error of this plate.
    """
    wells, od, rarity = _telling({w: printed[w] for w in printed.keys() & other.keys()}, precision)
    same = np.flatnonzero(od == np.array([other[w] for w in wells]))
    if not same.size:
        return None
    names = tuple(wells[i].name for i in same)
    ln_chance = float(rarity[same].sum()) + _ln_ways(len(wells), same.size)
    return CopiedWells(names, names, math.exp(min(ln_chance, 0.0)), plate)


def _ln_ways(of: int, k: int) -> float:
    """Ln of the number of ways to take k out of so many."""
    return math.lgamma(of + 1) - math.lgamma(k + 1) - math.lgamma(of - k + 1)


def _equal_pairs(od: Array) -> tuple[Whole, Whole]:
    """Index pairs (one before the other) of equal numbers."""
    order = np.argsort(od, kind="stable")
    ranked = od[order]
    ones, others = [np.empty(0, dtype=np.intp)], [np.empty(0, dtype=np.intp)]
    for apart in range(1, od.size):
        same = np.flatnonzero(ranked[apart:] == ranked[:-apart])
        if not same.size:
            break
        ones.append(order[same])
        others.append(order[same + apart])
    return np.concatenate(ones), np.concatenate(others)


def _telling(printed: Mapping[Well, float], precision: ReplicatePrecision) -> tuple[list[Well], Array, Array]:
    """Wells whose numbers are evidence, with OD and rarity."""
    wells = sorted(printed)
    od = np.array([printed[w] for w in wells], dtype=float)
    rarity = _rarity(od, precision)
    kept = np.flatnonzero(rarity < math.log(TELLING))
    return [wells[i] for i in kept], od[kept], rarity[kept]


def _rarity(od: Array, precision: ReplicatePrecision) -> Array:
    """Ln of the largest chance that another well prints the same number."""
    additive, proportional = max(precision.additive_od, BEST_OD), max(precision.proportional, BEST_CV)
    sd = np.hypot(additive, proportional * np.maximum(od, 0.0))
    share = _step(od) / (2 * math.sqrt(math.pi) * sd)
    rarity: Array = np.log(np.minimum(share, 1.0))
    return rarity


def _step(od: Array) -> float:
    """The last digit with which the numbers are printed."""
    for decimals in range(MOST_DECIMALS):
        if np.array_equal(np.round(od, decimals), od):
            return float(10.0**-decimals)
    return float(10.0**-MOST_DECIMALS)


def _copy(
    wells: list[Well], one: Whole, other: Whole, rarity: Array, grid: npt.NDArray[np.bool_], moved: Whole
) -> CopiedWells:
    compared = _compared(grid, int(moved[0]), int(moved[1]))
    displacements = (2 * grid.shape[0] - 1) * (2 * grid.shape[1] - 1) // 2
    ln_chance = float(rarity[one].sum()) + _ln_ways(compared, one.size) + math.log(displacements)
    order = np.argsort(one, kind="stable")
    return CopiedWells(
        first=tuple(wells[i].name for i in one[order]),
        second=tuple(wells[i].name for i in other[order]),
        chance=math.exp(min(ln_chance, 0.0)),
    )


def _compared(grid: npt.NDArray[np.bool_], down: int, right: int) -> int:
    """Pairs of wells at a displacement (down is never negative)."""
    rows, columns = grid.shape
    upper, lower = grid[: rows - down], grid[down:]
    if right >= 0:
        return int(np.sum(upper[:, : columns - right] & lower[:, right:]))
    return int(np.sum(upper[:, -right:] & lower[:, : columns + right]))
