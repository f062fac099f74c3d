"""Outcomes -> coverage, bias, spread and width of each cell of the design table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from benchmarks.coverage.design import FACTORS
from benchmarks.coverage.measure import Outcome

Array = npt.NDArray[np.float64]

NOMINAL = 0.95
FAR = 3.0
"""Standard errors (counting plates) from which a cell is called off."""
FEWEST_TITERS, FEWEST_PLATES = 50, 10
"""Smaller cells are printed, not judged."""
GROUPS = (*FACTORS, "strength")


@dataclass(frozen=True, slots=True)
class Cell:
    """What happened to the samples of one cell. Errors are of ln titer."""

    samples: int
    titers: int
    plates: int
    coverage: float
    binomial_se: float
    plate_se: float
    """Standard error of the coverage when the sera of a plate are alike."""
    bias: float
    bias_se: float
    """Counting plates, too."""
    sd: float
    rmse: float
    width: float
    """Median ratio of the interval's ends."""
    single_rmse: float
    """Of the samples that have both titers."""
    ratio: float
    """RMSE of the joint titer over that of the single dilution, on the same samples."""
    all_true: float
    """Share of all results, intervals and bounds, that agree with the truth."""

    @property
    def without(self) -> float:
        """Share of samples without a titer."""
        return 1.0 - self.titers / self.samples

    def verdicts(self) -> tuple[str, ...]:
        """What is farther off than chance explains, in words."""
        if self.titers < FEWEST_TITERS or self.plates < FEWEST_PLATES:
            return ()
        far = FAR * max(self.plate_se, self.binomial_se, 1e-9)
        raised = {
            "coverage low": self.coverage < NOMINAL - far,
            "coverage high": self.coverage > NOMINAL + far,
            "bias": abs(self.bias) > FAR * self.bias_se,
        }
        return tuple(word for word, applies in raised.items() if applies)


def summarise(outcomes: Sequence[Outcome]) -> Cell | None:
    """Summarise a cell; None when fewer than two samples have a titer."""
    found = [o for o in outcomes if o.error is not None]
    if len(found) < 2:
        return None
    plates = np.array([o.number for o in found])
    errors = np.array([o.error for o in found], dtype=float)
    covered = np.array([o.covered for o in found], dtype=float)
    coverage = float(covered.mean())
    joint, single = _both(found)
    return Cell(
        samples=len(outcomes),
        titers=len(found),
        plates=len(set(plates.tolist())),
        coverage=coverage,
        binomial_se=float(np.sqrt(coverage * (1 - coverage) / len(found))),
        plate_se=_plate_se(covered, plates),
        bias=float(errors.mean()),
        bias_se=_plate_se(errors, plates),
        sd=float(errors.std(ddof=1)),
        rmse=_rms(errors),
        width=float(np.exp(np.median([o.width for o in found if o.width is not None]))),
        single_rmse=_rms(single),
        ratio=_rms(joint) / _rms(single),
        all_true=_all_true(outcomes),
    )


def _all_true(outcomes: Sequence[Outcome]) -> float:
    stated = [o.covered if o.error is not None else o.bound_true for o in outcomes]
    return float(np.mean([true for true in stated if true is not None]))


def _both(found: Sequence[Outcome]) -> tuple[Array, Array]:
    """Errors of the joint titer and of the single dilution, where both exist."""
    pairs = [(o.error, o.single_error) for o in found if o.single_error is not None]
    joint, single = np.array(pairs or [(np.nan, np.nan)], dtype=float).T
    return joint, single


def _rms(errors: Array) -> float:
    return float(np.sqrt(np.mean(errors**2)))


def _plate_se(values: Array, plates: npt.NDArray[np.int_]) -> float:
    """Standard error of a mean whose values come in groups (the plates), by the groups' sums."""
    _, group = np.unique(plates, return_inverse=True)
    sums = np.bincount(group, values - values.mean())
    return float(np.sqrt(np.sum(sums**2) * sums.size / max(sums.size - 1, 1))) / values.size


def cells(outcomes: Sequence[Outcome], by: Sequence[str]) -> dict[tuple[float | str, ...], list[Outcome]]:
    """Group outcomes by factors (and ``strength``), in the order of the factors' levels."""
    grouped: dict[tuple[float | str, ...], list[Outcome]] = {}
    for outcome in outcomes:
        grouped.setdefault(tuple(_level(outcome, name) for name in by), []).append(outcome)
    return dict(sorted(grouped.items(), key=lambda item: tuple(map(_rank, item[0]))))


def _level(outcome: Outcome, name: str) -> float | str:
    return outcome.strength if name == "strength" else float(getattr(outcome.design, name))


def _rank(level: float | str) -> float:
    return {"weak": 0.0, "middle": 1.0, "strong": 2.0}[level] if isinstance(level, str) else level


def worst(outcomes: Sequence[Outcome], count: int) -> list[tuple[str, Cell]]:
    """Find the cells of two factors whose coverage is farthest off, beyond chance."""
    found = [
        (label(pair, levels), cell)
        for pair in combinations(GROUPS, 2)
        for levels, members in cells(outcomes, pair).items()
        if (cell := summarise(members)) is not None
        if {"coverage low", "coverage high"} & set(cell.verdicts())
    ]
    return sorted(found, key=lambda item: -abs(item[1].coverage - NOMINAL))[:count]


def label(by: Sequence[str], levels: Sequence[float | str]) -> str:
    """``step_cv 5, wells 1``."""
    texts = [level if isinstance(level, str) else f"{level:g}" for level in levels]
    return ", ".join(f"{name} {text}" for name, text in zip(by, texts, strict=True)) or "all"
