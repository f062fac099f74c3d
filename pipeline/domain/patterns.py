"""Patterns over the plate that have nothing to do with the samples: edge, drift, copied numbers."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.domain.specificity import Interval


@dataclass(frozen=True, slots=True)
class PositionEffect:
    """How much wells that are expected equal differ by where they lie.

    ``percent`` None means that the plate cannot tell; ``reason`` then says why.
    """

    percent: float | None
    """Edge: edge wells against interior ones. Drift: last row or column against the first."""
    ci95: Interval | None
    """In percent."""
    p: float | None
    """Chance of an effect this large or larger, either way, where position does not matter."""
    groups: int
    """Groups of wells expected equal that lie in different positions, so that they can tell."""
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class CopiedWells:
    """Wells whose printed ODs stand a second time, in the same arrangement, elsewhere on the plate."""

    first: tuple[str, ...]
    second: tuple[str, ...]
    """Beside ``first``, well by well; the two overlap where a block is constant."""
    chance: float
    """Upper bound of the chance of so many equal numbers anywhere on such a plate, 0 to 1."""
    plate: str | None = None
    """Where ``second`` is, if not on the same plate."""


@dataclass(frozen=True, slots=True)
class PlatePatterns:
    """All patterns of one plate."""

    edge: PositionEffect
    rows: PositionEffect
    columns: PositionEffect
    copied: CopiedWells | None
    """The most striking one; None where no two arrangements share a number twice."""
    other_plates: int = 0
    """Plates of the same export whose wells were compared with these, well by well."""
    elsewhere: CopiedWells | None = None
    """The most striking of them; None where no well has the number of the same well elsewhere."""
