"""Things that go wrong at the bench, as :class:`~simulator.truth.Fault` records."""

from __future__ import annotations

from pipeline.domain.layout import PlateLayout, Role
from pipeline.domain.wells import Well
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
