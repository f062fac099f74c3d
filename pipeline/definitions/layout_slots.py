"""The wells of each slot, and in what one slot differs from the others."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from pipeline.domain.layout import PlateLayout, Role
from pipeline.domain.wells import Well

WellKind: TypeAlias = tuple[str, float]
"""Coating with treatment, and reciprocal dilution: wells of one kind are replicates."""
ANY_DILUTION = 0.0
"""In a kind that holds the wells of all dilutions."""


@dataclass(frozen=True, slots=True)
class LayoutSlot:
    """One serum of the layout: kind -> its wells."""

    role: Role
    name: str
    wells: Mapping[WellKind, tuple[Well, ...]]

    @property
    def pattern(self) -> frozenset[tuple[WellKind, int]]:
        """How many wells of each kind."""
        return frozenset((kind, len(wells)) for kind, wells in self.wells.items())

    def count(self, kind: WellKind) -> int:
        """Wells of a kind."""
        return len(self.wells.get(kind, ()))


@dataclass(frozen=True, slots=True)
class SlotDifference:
    """A slot has another number of wells of a kind than most slots have."""

    slot: LayoutSlot
    kind: WellKind
    usual: int

    def text(self) -> str:
        """``MAG at 1:1000: 3 wells (C5, C6, D5), the others 2``."""
        coating, dilution = self.kind
        wells = self.slot.wells.get(self.kind, ())
        named = f" ({', '.join(well.name for well in wells)})" if wells else ""
        count = f"{len(wells)} well{'' if len(wells) == 1 else 's'}"
        at = coating if dilution == ANY_DILUTION else f"{coating} at 1:{dilution:g}"
        return f"{at}: {count}{named}, the others {self.usual}"


def slots(layout: PlateLayout, role: Role) -> tuple[LayoutSlot, ...]:
    """All slots of a role in the order of the plate."""
    return tuple(_slot(layout, role, name) for name in layout.names(role))


def _slot(layout: PlateLayout, role: Role, name: str) -> LayoutSlot:
    found: dict[WellKind, list[Well]] = defaultdict(list)
    for well in layout.wells(role, name):
        use = layout.uses[well]
        found[use.condition, use.dilution or 1.0].append(well)
    return LayoutSlot(role, name, {kind: tuple(wells) for kind, wells in found.items()})


def differences(found: Sequence[LayoutSlot]) -> Iterator[SlotDifference]:
    """In what slots differ from the most frequent one, of equals the first.

    Controls may stand at dilutions of their own, and at several: of them the replicates are compared.
    """
    if any(slot.role is Role.CONTROL for slot in found):
        found = [_undiluted(slot) for slot in found]
    if not found:
        return
    usual = Counter(slot.pattern for slot in found).most_common(1)[0][0]
    model = next(slot for slot in found if slot.pattern == usual)
    for slot in found:
        for kind in dict.fromkeys((*model.wells, *slot.wells)):
            if slot.count(kind) != model.count(kind):
                yield SlotDifference(slot, kind, model.count(kind))


def _undiluted(slot: LayoutSlot) -> LayoutSlot:
    """Of each coating the dilution with the fewest wells."""
    wells: dict[WellKind, tuple[Well, ...]] = {}
    for (coating, _), own in slot.wells.items():
        kind = coating, ANY_DILUTION
        wells[kind] = min(wells.get(kind, own), own, key=len)
    return LayoutSlot(slot.role, slot.name, wells)


def exchanged(found: Sequence[SlotDifference]) -> Iterator[tuple[Well, LayoutSlot, LayoutSlot]]:
    """(well, the slot that has it, the slot that lacks it): what one has too many, another has too few."""
    lacking = [one for one in found if one.slot.count(one.kind) < one.usual]
    for more in found:
        others = [one for one in lacking if one.kind == more.kind]
        if more.slot.count(more.kind) > more.usual and len(others) == 1:
            yield _strayed(more, others[0].slot), more.slot, others[0].slot


def _strayed(more: SlotDifference, other: LayoutSlot) -> Well:
    """Of the wells that are too many, the one that lies nearest to the wells of the other slot."""
    there = [well for wells in other.wells.values() for well in wells]
    return min(more.slot.wells[more.kind], key=lambda well: (min(_apart(well, one) for one in there), well))


def _apart(one: Well, other: Well) -> int:
    return abs(one.row - other.row) + abs(one.column - other.column)
