"""The mix-up catalogue: what people exchange, turn or dilute wrongly, on both layouts of the flagship assay.

A mix-up leaves good wells in the wrong place, so that no curve and no replicate need look bad. Where no rule
can see one, ``unseen`` says what else can tell; the page prints it beside the figures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simulator import SerumTruth
from simulator import faults as bench
from simulator.truth import Fault

from benchmarks.faults.measure import FLAGSHIP
from benchmarks.faults.scenarios import (
    NEGATIVE,
    SERUM,
    Move,
    Put,
    Scenario,
    Wells,
    exchanged,
)
from pipeline.domain.layout import PlateLayout, Role
from pipeline.domain.wells import Well

GUARDED = "anti_mag_igm_guarded"
LAYOUTS = (FLAGSHIP, GUARDED)
NOT_BINDING = SerumTruth(15_000.0, "POSITIVE_HNK1_NOT_CONFIRMED", 0.02)
HISTORY = "no plate can: only the patient's earlier titers tell"


@dataclass(frozen=True, slots=True)
class MixUp:
    """One mix-up."""

    scenario: Scenario
    unseen: tuple[str, ...] = ()
    """Layouts on which no rule can be relied upon to see it."""
    tells: str = ""
    """What else can tell, where no rule does."""


def _moved(place: Callable[[Well, PlateLayout], Well]) -> Move:
    """Every well's number stands at another place."""

    def move(wells: Wells, layout: PlateLayout) -> Wells:
        return {well: wells[place(well, layout)] for well in wells}

    return move


def _turned(well: Well, layout: PlateLayout) -> Well:
    return Well(layout.rows - 1 - well.row, layout.columns - 1 - well.column)


def _mirrored(well: Well, layout: PlateLayout) -> Well:
    return Well(well.row, layout.columns - 1 - well.column)


def _column_on(well: Well, layout: PlateLayout) -> Well:
    return Well(well.row, (well.column - 1) % layout.columns)


def _row_on(well: Well, layout: PlateLayout) -> Well:
    return Well((well.row - 1) % layout.rows, well.column)


def _calibrators_upside_down(wells: Wells, layout: PlateLayout) -> Wells:
    names = layout.names(Role.CALIBRATOR)
    for one, other in list(zip(names, reversed(names), strict=True))[: len(names) // 2]:
        wells = exchanged(wells, layout.wells(Role.CALIBRATOR, one), layout.wells(Role.CALIBRATOR, other))
    return wells


def _hnk1_strips(wells: Wells, layout: PlateLayout) -> Wells:
    """The strips of two HNK1 columns stand in one another's place."""
    columns = sorted({w.column for w, use in layout.uses.items() if _on_hnk1(use.antigen, use.role)})
    left, right = columns[0], columns[-1]
    rows = range(layout.rows)
    return exchanged(wells, [Well(r, left) for r in rows], [Well(r, right) for r in rows])


def _on_hnk1(antigen: str | None, role: Role) -> bool:
    return antigen == "HNK1" and role is Role.SAMPLE


def _hnk1_of_two_sera(wells: Wells, layout: PlateLayout) -> Wells:
    """Only the HNK1 wells of S1 and S3 are exchanged."""
    return exchanged(wells, *(_hnk1_wells(layout, slot) for slot in ("S1", "S3")))


def _hnk1_wells(layout: PlateLayout, slot: str) -> list[Well]:
    return [w for w in layout.wells(Role.SAMPLE, slot) if layout.uses[w].antigen == "HNK1"]


def _tubes_of_controls(wells: Wells, layout: PlateLayout) -> Wells:
    """PC1's diluted tube is pipetted into the wells of PC2's first dilution, and the other way round."""
    for antigen in sorted({use.antigen or "" for use in layout.uses.values()}):
        some, others = (_first_wells(layout, name, antigen) for name in ("PC1", "PC2"))
        number = min(len(some), len(others))
        wells = exchanged(wells, some[:number], others[:number])
    return wells


def _first_wells(layout: PlateLayout, control: str, antigen: str) -> list[Well]:
    wells = layout.wells(Role.CONTROL, control)
    first = min(layout.uses[well].dilution or 1.0 for well in wells)
    return [w for w in wells if layout.uses[w].antigen == antigen and layout.uses[w].dilution == first]


def _first_step(amount: float) -> Put:
    """What goes through a serial dilution like a serum holds ``amount`` of what it should."""

    def put(layout: PlateLayout) -> tuple[Fault, ...]:
        wells = [*layout.wells(Role.SAMPLE), *_controls_in_series(layout)]
        return (Fault("first step of all series", frozenset(wells), amount=amount),)

    return put


def _controls_in_series(layout: PlateLayout) -> list[Well]:
    names = layout.names(Role.CONTROL)
    several = [n for n in names if len({layout.uses[w].dilution for w in layout.wells(Role.CONTROL, n)}) > 1]
    return [well for name in several for well in layout.wells(Role.CONTROL, name)]


def _pre_dilution(slot: str, amount: float) -> Put:
    return lambda layout: (Fault("pre-dilution", frozenset(layout.wells(Role.SAMPLE, slot)), amount=amount),)


def _gradient(signal: float) -> Put:
    return lambda layout: bench.column_drift(layout, signal)


TWO = {"S1": SERUM, "S3": NOT_BINDING}
MIXUPS: tuple[MixUp, ...] = (
    MixUp(Scenario("plate turned by 180°", "", (), move=_moved(_turned))),
    MixUp(Scenario("plate mirrored", "", (), move=_moved(_mirrored))),
    MixUp(Scenario("everything one column on", "", (), move=_moved(_column_on))),
    MixUp(Scenario("everything one row on", "", (), move=_moved(_row_on))),
    MixUp(Scenario("calibrators upside down", "", (), move=_calibrators_upside_down)),
    *(
        MixUp(Scenario("another assay's plate", name, (), really=name))
        for name in ("anti_mag_hnk1_inhibition", "anti_mag_kit")
    ),
    MixUp(
        Scenario("HNK1 strips exchanged", "", (), move=_hnk1_strips, sera=TWO),
        (FLAGSHIP,),
        "the flagship has no control on them; the other layout has two on each",
    ),
    MixUp(
        Scenario("HNK1 wells of two sera exchanged", "", (), move=_hnk1_of_two_sera, sera=TWO),
        LAYOUTS,
        "nothing on the plate; a repeat, or the patient's earlier HNK1 result",
    ),
    MixUp(
        Scenario(
            "vials of PC1 and PC2 exchanged",
            "",
            (),
            vials={"PC1": "PC2", "PC1_R": "PC2", "PC2": "PC1"},
        ),
    ),
    MixUp(
        Scenario("diluted tubes of PC1 and PC2 exchanged", "", (), move=_tubes_of_controls),
        (FLAGSHIP,),
        "both read alike in the flagship's wells; on the other layout they stand at different points",
    ),
    MixUp(
        Scenario("reads lower towards the right, last column 30 %", "", (), put=_gradient(0.7)),
        LAYOUTS,
        "known wells stand on the left only; the other layout has controls on the right and sees most",
    ),
    *(
        MixUp(
            Scenario("first step of all series", f"{100 * s:g} %", (), put=_first_step(s)),
            (FLAGSHIP,),
            "no control goes through it; on the other layout PC2 does",
        )
        for s in (0.5, 2.0)
    ),
    MixUp(
        Scenario("two sera exchanged", "", (), exchanged=("S1", "S2"), sera={"S1": SERUM, "S2": NEGATIVE}),
        LAYOUTS,
        HISTORY,
    ),
    *(
        MixUp(
            Scenario(
                "one serum prediluted wrongly",
                f"{100 * s:g} %",
                (),
                put=_pre_dilution("S1", s),
                sera={"S1": SERUM},
            ),
            LAYOUTS,
            HISTORY,
        )
        for s in (0.5, 0.05)
    ),
)
