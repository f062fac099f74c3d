"""What happens to one serum between tube and reader, as a change of its wells."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from pipeline.domain.layout import PlateLayout, Role
from pipeline.domain.wells import Well

Ods = dict[Well, float]
Mishap = Callable[[Ods, "Block", np.random.Generator], None]


class Block:
    """The wells of one slot: by coating, and by dilution from the most concentrated on."""

    def __init__(self, layout: PlateLayout, slot: str) -> None:
        """Sort the wells of ``slot``."""
        wells = sorted(layout.wells(Role.SAMPLE, slot))
        uses = {well: layout.uses[well] for well in wells}
        self.dilutions = sorted({use.dilution or 1.0 for use in uses.values()})
        self.coatings = sorted({use.antigen for use in uses.values()})
        self.at: Mapping[tuple[str, float], list[Well]] = {
            (coating, dilution): [
                w for w, use in uses.items() if (use.antigen, use.dilution or 1.0) == (coating, dilution)
            ]
            for coating in self.coatings
            for dilution in self.dilutions
        }

    def draw(self, rng: np.random.Generator, coating: str | None = None) -> list[Well]:
        """The wells of one coating at one dilution, drawn."""
        name = coating or str(rng.choice(self.coatings))
        return self.at[name, float(rng.choice(self.dilutions))]


def nothing(_ods: Ods, _block: Block, _rng: np.random.Generator) -> None:
    """A sound serum."""


def high_bare_well(ods: Ods, block: Block, rng: np.random.Generator) -> None:
    """A splash in an antigen-negative well."""
    ods[block.draw(rng, "none")[0]] += float(rng.uniform(0.1, 2.0))


def low_antigen_well(ods: Ods, block: Block, rng: np.random.Generator) -> None:
    """An antigen well that got little or nothing."""
    ods[block.draw(rng, "MAG")[0]] *= float(rng.uniform(0.0, 0.6))


def low_antigen_dilution(ods: Ods, block: Block, rng: np.random.Generator) -> None:
    """All antigen wells of one dilution got little."""
    for well in block.draw(rng, "MAG"):
        ods[well] *= float(rng.uniform(0.0, 0.6))


def high_antigen_well(ods: Ods, block: Block, rng: np.random.Generator) -> None:
    """A bubble or a splash in an antigen well."""
    ods[block.draw(rng, "MAG")[0]] += float(rng.uniform(0.1, 2.0))


def lost_wells(ods: Ods, block: Block, rng: np.random.Generator) -> None:
    """Some wells were not read."""
    every = [well for wells in block.at.values() for well in wells]
    for well in rng.permutation(len(every))[: int(rng.integers(1, 9))]:
        ods.pop(every[int(well)], None)


def lost_dilutions(ods: Ods, block: Block, rng: np.random.Generator) -> None:
    """The first dilutions were not read."""
    for dilution in block.dilutions[: int(rng.integers(1, len(block.dilutions)))]:
        for coating in block.coatings:
            for well in block.at[coating, dilution]:
                ods.pop(well, None)


def reversed_series(ods: Ods, block: Block, _rng: np.random.Generator) -> None:
    """Pipetted upside down: the most dilute tube went where the most concentrated one belongs."""
    before = dict(ods)
    for coating in block.coatings:
        for dilution, other in zip(block.dilutions, reversed(block.dilutions), strict=True):
            for well, source in zip(block.at[coating, dilution], block.at[coating, other], strict=True):
                ods[well] = before[source]


def exchanged_dilutions(ods: Ods, block: Block, rng: np.random.Generator) -> None:
    """Two tubes of the series were exchanged."""
    one, other = (float(d) for d in rng.choice(block.dilutions, 2, replace=False))
    for coating in block.coatings:
        for well, source in zip(block.at[coating, one], block.at[coating, other], strict=True):
            ods[well], ods[source] = ods[source], ods[well]


def exchanged_coatings(ods: Ods, block: Block, _rng: np.random.Generator) -> None:
    """The serum went onto the wrong strips: one antigen well of each dilution with the bare one."""
    for dilution in block.dilutions:
        well, source = block.at["MAG", dilution][0], block.at["none", dilution][0]
        ods[well], ods[source] = ods[source], ods[well]


def saturated(ods: Ods, block: Block, rng: np.random.Generator) -> None:
    """Developed too long: everything reads higher."""
    for wells in block.at.values():
        for well in wells:
            ods[well] = min(ods[well] * float(rng.uniform(1.5, 4.0)), 4.0)


MISHAPS: tuple[Mishap, ...] = (
    nothing,
    high_bare_well,
    low_antigen_well,
    low_antigen_dilution,
    high_antigen_well,
    lost_wells,
    lost_dilutions,
    reversed_series,
    exchanged_dilutions,
    exchanged_coatings,
    saturated,
)
