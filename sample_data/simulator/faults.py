"""Things that go wrong at the bench, as :class:`~simulator.truth.Fault` records."""

from __future__ import annotations

from pipeline.domain.layout import PlateLayout, Role
from pipeline.domain.wells import Well, plate_wells
from simulator.truth import Fault


def mispipetted_level(layout: PlateLayout, level: str, amount: float) -> Fault:
    """A calibrator level made up wrongly: all its wells hold ``amount`` times what its label says."""
    wells = frozenset(layout.wells(Role.CALIBRATOR, level))
    return Fault(f"calibrator {level} mispipetted", wells, amount=amount)


def degraded_control(layout: PlateLayout, control: str, amount: float) -> Fault:
    """A control vial that lost activity, at every dilution and on every coating."""
    wells = frozenset(layout.wells(Role.CONTROL, control))
    return Fault(f"control {control} degraded", wells, amount=amount)


def weak_conjugate(layout: PlateLayout, signal: float) -> Fault:
    """Conjugate or substrate past its time: every well develops ``signal`` of its colour."""
    return Fault("weak conjugate", frozenset(layout.uses), signal=signal)


def contaminated_blanks(layout: PlateLayout, added_od: float) -> Fault:
    """Serum carried over into the blank wells."""
    return Fault("contaminated blanks", frozenset(layout.wells(Role.BLANK)), added_od=added_od)


def missed_well(name: str) -> Fault:
    """A well that got no conjugate reads like bare plastic."""
    return Fault(f"nothing dispensed in {name}", frozenset({Well.parse(name)}), signal=0.0)


def bubble(name: str, added_od: float) -> Fault:
    """An air bubble in the light path of one well."""
    return Fault(f"bubble in {name}", frozenset({Well.parse(name)}), added_od=added_od)


def edge_effect(layout: PlateLayout, signal: float) -> Fault:
    """The wells of the rim develop ``signal`` of the colour of the others."""
    rim = frozenset(
        w
        for w in plate_wells(layout.rows, layout.columns)
        if w.row in (0, layout.rows - 1) or w.column in (0, layout.columns - 1)
    )
    return Fault("edge effect", rim, signal=signal)


def column_drift(layout: PlateLayout, signal: float) -> tuple[Fault, ...]:
    """Substrate added column by column: the last develops ``signal`` of the colour of the first."""
    return tuple(
        Fault(
            f"drift, column {column + 1}",
            frozenset(Well(row, column) for row in range(layout.rows)),
            signal=signal ** (column / (layout.columns - 1)),
        )
        for column in range(layout.columns)
    )


def row_drift(layout: PlateLayout, signal: float) -> tuple[Fault, ...]:
    """The same row by row."""
    return tuple(
        Fault(
            f"drift, row {row + 1}",
            frozenset(Well(row, column) for column in range(layout.columns)),
            signal=signal ** (row / (layout.rows - 1)),
        )
        for row in range(layout.rows)
    )


def wrong_step(layout: PlateLayout, slot: str, from_dilution: float, amount: float) -> Fault:
    """One step of a serial dilution carries ``amount`` of what it should; all later dilutions inherit it."""
    wells = layout.wells(Role.SAMPLE, slot)
    later = frozenset(w for w in wells if (layout.uses[w].dilution or 0.0) >= from_dilution)
    return Fault(f"wrong step at 1:{from_dilution:g} of {slot}", later, amount=amount)
