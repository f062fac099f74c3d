"""The calibrator wells of a plate, in the hands of a family that spoils them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from simulator import Noise, TrueCurve

from pipeline.domain.plate import WellState

Array = npt.NDArray[np.float64]


@dataclass(slots=True)
class Draft:
    """ODs above the plastic, of levels in the order of the assay: highest first."""

    curve: TrueCurve
    """The truth of the sera, and of the calibrators until they are spoiled."""
    nominal: Array
    """What the labels say, shape (levels,)."""
    ods: Array
    """Shape (levels, wells)."""
    blank: Array
    """Zero standard, shape (wells,)."""
    rng: np.random.Generator
    lost: dict[tuple[int, int], WellState] = field(default_factory=dict)
    """(level, well) -> why it has no number."""
    lost_blanks: bool = False

    @property
    def levels(self) -> int:
        """How many calibrator levels the assay has."""
        return len(self.nominal)

    def noisy(self, mean: Array, noise: Noise | None = None) -> Array:
        """Wells that should read ``mean``, shape (k,): shape (k, wells)."""
        error = noise or Noise()
        a, b = self.rng.standard_normal((2, len(mean), self.ods.shape[1]))
        return np.asarray(mean[:, None] * (1 + error.well_cv * a) + error.well_od * b)

    def true(self, concentration: Array) -> Array:
        """Mean ODs of what the wells hold."""
        specific = [self.curve.specific_od(float(c)) for c in concentration]
        return self.curve.zero + np.array(specific)

    def fill(self, mean: Array, noise: Noise | None = None) -> None:
        """Fill all levels anew."""
        self.ods = self.noisy(mean, noise)

    def hold(self, amount: dict[int, float]) -> None:
        """Let levels hold ``amount`` times what their labels say."""
        levels = list(amount)
        self.ods[levels] = self.noisy(self.true(self.nominal[levels] * np.array(list(amount.values()))))

    def zero(self, mean: float) -> None:
        """Fill the blanks anew."""
        self.blank = self.noisy(np.array([mean]))[0]

    def lose(self, levels: range, state: WellState = WellState.NOT_READ) -> None:
        """Take the numbers of whole levels away."""
        for level in levels:
            for well in range(self.ods.shape[1]):
                self.lost[level, well] = state


Change: TypeAlias = Callable[[Draft], None]
