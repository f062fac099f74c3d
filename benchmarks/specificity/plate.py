"""One plate of four drawn sera: simulated, read, evaluated, judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from simulator import PlateTruth, SerumTruth, WellOd, control_truths, simulate_plate
from simulator.plate import nonspecific_od
from simulator.truth import Fault

import qc
from benchmarks.plates import drawn_curve, flagship, reading
from benchmarks.specificity.population import Drawn
from pipeline.compute.analyse import analyse
from pipeline.domain.findings import RunVerdict, overall
from pipeline.domain.layout import Role, SampleEntry
from pipeline.domain.plate import PlateRead, WellState
from pipeline.domain.results import PlateResult
from pipeline.domain.wells import Well


def slots() -> list[str]:
    """The places of the sera on a plate."""
    return flagship().layout.names(Role.SAMPLE)


def evaluated(
    sera: Sequence[Drawn],
    sticky: Sequence[bool],
    rng: np.random.Generator,
    unequal: float = 0.0,
    *,
    bare: bool = True,
) -> PlateResult:
    """Simulate a plate and evaluate it.

    Args:
        sera: one for each slot.
        sticky: does it stick?
        rng: seeded; the same seed gives the same errors, whoever sticks.
        unequal: SD of ln(binding to coated wells / binding to bare wells) of sticky sera.
        bare: read the sera's antigen-negative wells; without them they are "not read".
    """
    layout, assay = flagship().layout, flagship().assay
    truths = {slot: s.truth(sticky=stuck) for slot, s, stuck in zip(slots(), sera, sticky, strict=True)}
    faults = [
        fault
        for slot, serum, stuck in zip(slots(), sera, sticky, strict=True)
        if stuck and unequal
        for fault in _unequal(slot, truths[slot], serum, unequal)
    ]
    truth = PlateTruth(truths, control_truths(assay), curve=drawn_curve(rng), faults=tuple(faults))
    wells = simulate_plate(layout, assay, truth, rng)
    read = _read(wells, frozenset() if bare else frozenset(_bare_wells()))
    return analyse(read, layout, assay, {slot: SampleEntry(slot, slot) for slot in slots()})


def rejected(result: PlateResult) -> bool:
    """Do the rules reject the plate?"""
    return overall(qc.evaluate(result, flagship().assay)) is RunVerdict.REJECTED


def _unequal(slot: str, truth: SerumTruth, serum: Drawn, sd: float) -> list[Fault]:
    """More or less non-specific binding in coated wells than in bare ones, at each dilution."""
    layout, coatings = flagship().layout, ("MAG", "HNK1")
    factors = {name: float(np.exp(sd * z)) for name, z in zip(coatings, serum.unequal, strict=True)}
    wells = [well for well in layout.wells(Role.SAMPLE, slot) if layout.uses[well].antigen in factors]
    return [
        Fault(
            "sticks unequally",
            frozenset({well}),
            added_od=(factors[use.antigen] - 1) * nonspecific_od(truth, use.dilution or 1.0),
        )
        for well in wells
        for use in [layout.uses[well]]
    ]


def _bare_wells() -> list[Well]:
    """Antigen-negative wells of all sera."""
    layout = flagship().layout
    return [well for well in layout.wells(Role.SAMPLE) if layout.uses[well].antigen == "none"]


def _read(wells: Mapping[Well, WellOd], unread: frozenset[Well]) -> PlateRead:
    main = {w: od.od450 for w, od in wells.items() if od.od450 is not None and w not in unread}
    states = {w: WellState.ABOVE_RANGE for w, od in wells.items() if od.overflow}
    states |= dict.fromkeys(unread, WellState.NOT_READ)
    plastic = {w: od.od620 for w, od in wells.items()}
    layout = flagship().layout
    reads = (reading(main, states, 450.0), reading(plastic, {}, 620.0))
    return PlateRead("P1", layout.rows, layout.columns, reads)
