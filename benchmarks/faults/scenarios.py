"""The faults and their sizes, and the rules that are meant for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from simulator import Noise, SerumTruth, WellOd
from simulator import faults as bench
from simulator.truth import Fault

from pipeline.domain.layout import PlateLayout, Role
from pipeline.domain.wells import Well

Wells = dict[Well, WellOd]
Put = Callable[[PlateLayout], tuple[Fault, ...]]
Move = Callable[[Wells, PlateLayout], Wells]


def _no_fault(layout: PlateLayout) -> tuple[Fault, ...]:
    del layout
    return ()


def _as_read(wells: Wells, layout: PlateLayout) -> Wells:
    del layout
    return wells


@dataclass(frozen=True, slots=True)
class Scenario:
    """One fault at one size."""

    fault: str
    size: str
    rules: tuple[str, ...]
    """Meant for it; empty where no rule can see it on this plate."""
    put: Put = _no_fault
    """What goes wrong at the bench."""
    move: Move = _as_read
    """What goes wrong with the wells' numbers or places."""
    sera: Mapping[str, SerumTruth] | None = None
    """Slots whose serum the fault needs to be of a certain kind."""
    noise: Noise = Noise()  # noqa: RUF009 - frozen
    """Errors of pipettes, wells and reader."""
    twin: int | None = None
    """The export holds a second plate of the same sera; so many of its wells repeat this one's numbers."""
    exchanged: tuple[str, str] | None = None
    """Slots that hold one another's serum: what one is given is the other's."""

    vials: Mapping[str, str] | None = None
    """Control -> the control whose vial was pipetted in its place."""
    really: str | None = None
    """The shipped assay whose plate this really is."""

    def poured(self, controls: Mapping[str, SerumTruth]) -> dict[str, SerumTruth]:
        """What is in the wells of each control."""
        return {name: controls[(self.vials or {}).get(name, name)] for name in controls}

    def belongs_to(self, sera: Mapping[str, SerumTruth]) -> Mapping[str, SerumTruth]:
        """The truth of whom each slot is reported for."""
        if self.exchanged is None:
            return sera
        one, other = self.exchanged
        return {**sera, one: sera[other], other: sera[one]}


CLEAN = Scenario("none", "", ())
CLEANS = (
    CLEAN,
    *(Scenario("none", f"well CV {100 * cv:g} %", (), noise=Noise(well_cv=cv)) for cv in (0.02, 0.06, 0.08)),
)
"""Clean plates of the simulator's own well CV (4 %), and of others."""
CONFIRMED = "POSITIVE_HNK1_CONFIRMED"
SERUM = SerumTruth(12_000.0, CONFIRMED, 0.02, hnk1_affinity=0.8)
NEGATIVE = SerumTruth(100.0, "NEGATIVE", 0.02)


def _edge(signal: float) -> Put:
    return lambda layout: (bench.edge_effect(layout, signal),)


def _columns(signal: float) -> Put:
    return lambda layout: bench.column_drift(layout, signal)


def _rows(signal: float) -> Put:
    return lambda layout: bench.row_drift(layout, signal)


def _decay(amount: float) -> Put:
    return lambda layout: (bench.degraded_control(layout, "PC1", amount),)


def _step(amount: float) -> Put:
    return lambda layout: (bench.wrong_step(layout, "S1", 9000.0, amount),)


def _blanks(added_od: float) -> Put:
    return lambda layout: (bench.contaminated_blanks(layout, added_od),)


def _one_blank(added_od: float) -> Put:
    """Something splashed into one blank well on the antigen."""

    def put(layout: PlateLayout) -> tuple[Fault, ...]:
        well = next(w for w in layout.wells(Role.BLANK) if layout.uses[w].antigen == "MAG")
        return (Fault("splashed blank", frozenset({well}), added_od=added_od),)

    return put


def _level(amount: float) -> Put:
    return lambda layout: (bench.mispipetted_level(layout, "CAL4", amount),)


def _calibrators_swapped(one: str, other: str) -> Move:
    def move(wells: Wells, layout: PlateLayout) -> Wells:
        return exchanged(wells, *(layout.wells(Role.CALIBRATOR, name) for name in (one, other)))

    return move


def _negatives_swapped(wells: Wells, layout: PlateLayout) -> Wells:
    """The antigen-negative wells of two samples change places."""
    return exchanged(wells, *(_negative_wells(layout, slot) for slot in ("S1", "S2")))


def _negative_wells(layout: PlateLayout, slot: str) -> list[Well]:
    return [w for w in layout.wells(Role.SAMPLE, slot) if layout.uses[w].antigen == "none"]


def exchanged(wells: Wells, some: Sequence[Well], others: Sequence[Well]) -> Wells:
    """The numbers of some wells and of others change places."""
    pairs = list(zip(some, others, strict=True))
    return wells | {a: wells[b] for a, b in pairs} | {b: wells[a] for a, b in pairs}


def _copied(number: int) -> Move:
    """The first wells of one sample's block are pasted over another's."""

    def move(wells: Wells, layout: PlateLayout) -> Wells:
        some = layout.wells(Role.SAMPLE, "S1")[:number]
        return wells | {Well(w.row + 4, w.column + 4): wells[w] for w in some}

    return move


def _sticky(od: float, other: SerumTruth) -> dict[str, SerumTruth]:
    return {"S1": SerumTruth(100.0, "NONSPECIFIC_BINDING", od), "S2": other}


CURVE = ("CAL-01", "CAL-02", "CAL-03", "CAL-07", "CAL-10", "CAL-12")
ZERO = ("PLT-01", "CAL-01")
CONTROLS = ("CTL-01", "CTL-06", "CTL-07")
SERIES = ("SMP-01", "SMP-02", "SMP-03")
SCENARIOS: tuple[Scenario, ...] = (
    *(Scenario("edge effect", f"{100 * s - 100:+.0f} %", ("PLT-07",), _edge(s)) for s in (1.1, 1.2, 1.3)),
    *(
        Scenario("drift over columns", f"{100 * s - 100:+.0f} %", ("PLT-08",), _columns(s))
        for s in (1.2, 1.5, 2.0)
    ),
    *(Scenario("drift over rows", f"{100 * s - 100:+.0f} %", ("PLT-08",), _rows(s)) for s in (1.2, 1.5)),
    Scenario("calibrators swapped", "CAL3, CAL4", CURVE, move=_calibrators_swapped("CAL3", "CAL4")),
    Scenario("calibrators swapped", "CAL2, CAL6", CURVE, move=_calibrators_swapped("CAL2", "CAL6")),
    *(
        Scenario("one calibrator mispipetted", f"{100 * s - 100:+.0f} %", CURVE, _level(s))
        for s in (1.2, 1.4, 2.0)
    ),
    *(
        Scenario(
            "antigen-negative wells swapped",
            f"sticky {od:g} OD, {name}",
            ("SMP-01", "SMP-02", "SMP-04"),
            move=_negatives_swapped,
            sera=_sticky(od, other),
        )
        for od in (0.6, 1.5)
        for name, other in (("negative", NEGATIVE), ("positive", SERUM))
    ),
    *(Scenario("control decayed", f"{100 * s - 100:+.0f} %", CONTROLS, _decay(s)) for s in (0.8, 0.7, 0.5)),
    *(
        Scenario("one dilution step wrong", f"{100 * s - 100:+.0f} %", SERIES, _step(s), sera={"S1": SERUM})
        for s in (0.7, 0.5, 2.0)
    ),
    *(Scenario("blanks contaminated", f"+{od:g} OD", ZERO, _blanks(od)) for od in (0.05, 0.1, 0.2)),
    *(
        Scenario("one blank well splashed", f"+{od:g} OD", ("PLT-11", *ZERO), _one_blank(od))
        for od in (0.03, 0.06, 0.1)
    ),
    *(Scenario("plate given twice", f"{n} wells", ("PLT-10",), twin=n) for n in (6, 96)),
    *(Scenario("part of the plate copied", f"{n} wells", ("PLT-09",), move=_copied(n)) for n in (4, 6, 16)),
)
