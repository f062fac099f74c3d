"""Which plates are simulated: the factors, and a balanced draw of designs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

FACTORS: Mapping[str, Sequence[float]] = {
    "plate": (96, 384),
    "levels": (4, 5, 6, 7, 8),
    "dilutions": (1, 2, 3, 4, 6),
    "fold": (2, 3, 4),
    "wells": (1, 2),
    "well_cv": (2, 4, 7, 10),
    "od_noise": (0.003, 0.010),
    "step_cv": (0, 2, 3, 5),
}
"""Factor -> its levels; each stands on an equal share of the plates."""


@dataclass(frozen=True, slots=True)
class Design:
    """One plate's design. ``wells`` are per dilution, with antigen and again without; CVs in percent."""

    plate: int
    levels: int
    """Calibrator levels, in duplicate."""
    dilutions: int
    fold: int
    wells: int
    well_cv: float
    od_noise: float
    """SD of the part of the well error that does not grow with the signal, OD."""
    step_cv: float
    """The true CV of one dilution step."""


SERIES = Design(plate=384, levels=7, dilutions=4, fold=3, wells=2, well_cv=4.0, od_noise=0.003, step_cv=2.0)
"""A good laboratory's series, to be compared with its best single dilution."""


def designs(plates: int, seed: int) -> list[Design]:
    """Draw designs in which every factor's levels are equally frequent and the factors are unrelated."""
    rng = np.random.default_rng([seed, 0])
    drawn = {name: _balanced(levels, plates, rng) for name, levels in FACTORS.items()}
    return [
        Design(
            plate=int(drawn["plate"][i]),
            levels=int(drawn["levels"][i]),
            dilutions=int(drawn["dilutions"][i]),
            fold=int(drawn["fold"][i]),
            wells=int(drawn["wells"][i]),
            well_cv=drawn["well_cv"][i],
            od_noise=drawn["od_noise"][i],
            step_cv=drawn["step_cv"][i],
        )
        for i in range(plates)
    ]


def _balanced(levels: Sequence[float], plates: int, rng: np.random.Generator) -> list[float]:
    """All levels once in random order, and again, until there are enough."""
    rounds = -(-plates // len(levels))
    return [float(level) for _ in range(rounds) for level in rng.permutation(levels)][:plates]
