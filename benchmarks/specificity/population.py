"""Who is on the plates: sera with and without anti-MAG IgM, any of which may stick to bare wells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from simulator import SerumTruth

SHARES = (0.04, 0.16, 0.32)
"""Share of sera that stick. Sera with suspected autoreactivity bound to non-coated wells in 4 to 32 %, by the
conditions of the assay (Güven et al. 2014, J Immunol Methods 403:26); 16 % lies between."""
POSITIVE = 0.5
"""Share of the simulated sera with anti-MAG IgM: most numbers for a given effort."""
REACTIVE = 0.675
"""Share of these that bind HNK1: 67.5 % of 40 ELISA-positive sera (Matà et al. 2020, Neurol Sci 41:365)."""
HIGHEST_NEGATIVE = 0.3
"""Titer of a serum without anti-MAG IgM, uniform from 0, in cut-offs."""
WEAKEST, STRONGEST = 1.05, 150.0
"""Titer of a serum with it, log-uniform, in cut-offs: 1050 to 150 000 BTU."""
STICKY_MEDIAN, STICKY_GSD = 0.5, 2.0
STICKY_LOW, STICKY_HIGH = 0.15, 2.5
"""OD in wells without antigen at 1:1000: log-normal between these ends. A choice: none is published."""
STICKY_FALL = (0.3, 0.7)
"""It falls with dilution to this power; specific binding falls with about 1."""
QUIET = (0.005, 0.04)
"""The same OD of all other sera, log-uniform."""
AFFINITY = (0.5, 1.0)
"""Of HNK1 wells, for sera that bind HNK1."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One serum before it is decided whether it sticks: all that it would then do is drawn."""

    positive: bool
    reactive: bool
    titer: float
    rank: float
    """Uniform 0 to 1; it sticks where this is below the share."""
    sticky_od: float
    sticky_fall: float
    quiet_od: float
    affinity: float
    unequal: tuple[float, float]
    """Standard normal: how its binding to MAG and to HNK1 wells differs from that to bare ones."""

    def sticks(self, share: float) -> bool:
        """Is it among this share of the sera?"""
        return self.rank < share

    def truth(self, *, sticky: bool) -> SerumTruth:
        """For the simulator; the expected class is not used here."""
        return SerumTruth(
            titer=self.titer,
            expected_class="",
            nsb_od=self.sticky_od if sticky else self.quiet_od,
            nsb_gamma=self.sticky_fall if sticky else 0.5,
            hnk1_affinity=self.affinity if self.reactive else 0.0,
        )


def drawn_sera(rng: np.random.Generator, n: int, cutoff: float) -> list[Drawn]:
    """Draw ``n`` sera; always the same count of random numbers a serum.

    Args:
        rng: seeded.
        n: how many.
        cutoff: the assay's cut-off titer.
    """
    return [_drawn(rng, cutoff) for _ in range(n)]


def _drawn(rng: np.random.Generator, cutoff: float) -> Drawn:
    u, z = rng.random(7), rng.standard_normal(3)
    positive = bool(u[0] < POSITIVE)
    own = _between(WEAKEST, STRONGEST, u[1]) if positive else HIGHEST_NEGATIVE * u[1]
    sticky = float(np.clip(STICKY_MEDIAN * STICKY_GSD ** z[0], STICKY_LOW, STICKY_HIGH))
    return Drawn(
        positive=positive,
        reactive=positive and bool(u[2] < REACTIVE),
        titer=float(cutoff * own),
        rank=float(u[3]),
        sticky_od=sticky,
        sticky_fall=float(STICKY_FALL[0] + (STICKY_FALL[1] - STICKY_FALL[0]) * u[4]),
        quiet_od=_between(*QUIET, u[5]),
        affinity=float(AFFINITY[0] + (AFFINITY[1] - AFFINITY[0]) * u[6]),
        unequal=(float(z[1]), float(z[2])),
    )


def _between(low: float, high: float, u: float) -> float:
    """Log-uniform."""
    return float(low * (high / low) ** u)
