"""The slots of a layout as a table: wells, coatings, dilutions, and what differs from the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.definitions.layout_slots import LayoutSlot, differences, slots
from pipeline.domain.layout import PlateLayout, Role

_HEADINGS = ("slot", "wells", "coatings", "dilutions", "unlike the others")


def slot_table(layout: PlateLayout) -> Iterator[str]:
    """A line a slot, the samples before the controls."""
    rows = [row for role in (Role.SAMPLE, Role.CONTROL) for row in _rows(slots(layout, role))]
    widths = [max(len(row[n]) for row in (*rows, _HEADINGS)) for n in range(len(_HEADINGS))]
    for row in (_HEADINGS, *rows):
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _rows(found: Sequence[LayoutSlot]) -> Iterator[tuple[str, ...]]:
    unlike = list(differences(found))
    for slot in found:
        count = sum(map(len, slot.wells.values()))
        own = "; ".join(one.text() for one in unlike if one.slot.name == slot.name)
        yield slot.name, str(count), _coatings(slot), _dilutions(slot), own


def _coatings(slot: LayoutSlot) -> str:
    """``MAG 8, none 4``."""
    names = dict.fromkeys(coating for coating, _ in slot.wells)
    count = {one: sum(len(w) for (coating, _), w in slot.wells.items() if coating == one) for one in names}
    return ", ".join(f"{name} {n}" for name, n in count.items())


def _dilutions(slot: LayoutSlot) -> str:
    return ", ".join(f"1:{one:g}" for one in sorted({dilution for _, dilution in slot.wells}))
