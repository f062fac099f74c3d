"""The lines of a sample sheet on the plates of an export: every line finds its slot, or all is refused."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence

from pipeline.definitions.sample_sheet import slot_twice
from pipeline.definitions.sheet_table import with_nearest
from pipeline.domain.layout import PlateLayout, Role, SampleEntry, SampleSheet
from pipeline.domain.message import Message
from pipeline.domain.plate import PlateRead
from pipeline.errors import InputError, SheetError

_NUMBER = re.compile(r"(?:\A|\Aplate |#)(\d+)\Z")
"""``2``, ``plate 2`` and ``A #2``, as reports call a plate without a name of its own."""
CHECK = "Check that this is the sheet of this run."


def entries_by_plate(
    sheet: SampleSheet, plates: Sequence[PlateRead], layout: PlateLayout
) -> tuple[dict[str, SampleEntry], ...]:
    """Slot -> entry for each plate of an export; every line of the sheet is in exactly one of them.

    A line names its plate by name, barcode or number in the file, its slot whatever the case: ``s 1`` is
    ``S1``. A plate of which the sheet says nothing has no entry here.

    Raises:
        SheetError: a line that fits no plate or several, no slot, or the slot of another line.
    """
    slots = layout.names(Role.SAMPLE)
    found: tuple[dict[str, SampleEntry], ...] = tuple({} for _ in plates)
    for entry in sheet.entries:
        mine = found[_plate_of(entry, plates, sheet.name)]
        slot = _slot_of(entry, slots, sheet.name)
        if slot in mine:
            raise slot_twice(slot, (mine[slot].sample_id, entry.sample_id), sheet.name)
        mine[slot] = dataclasses.replace(entry, slot=slot)
    return found


def no_line(sheet: SampleSheet, plate_name: str, number: int) -> InputError:
    """The sheet has no line for a plate of the export; the other plates have theirs."""
    return InputError(
        "SHEET_PLATE",
        Message("no line is for plate '{plate}' (number {n:n})", plate=plate_name, n=number),
        file=sheet.name,
        found=", ".join(sorted({entry.plate or "" for entry in sheet.entries})) or "no lines",
        action=CHECK,
    )


def _plate_of(entry: SampleEntry, plates: Sequence[PlateRead], sheet: str) -> int:
    place = Message("slot {slot}", slot=entry.slot)
    if entry.plate is None and len(plates) > 1:
        raise SheetError(
            "SHEET_PLATE",
            Message("the export holds {n:n} plates, so every line must say its plate", n=len(plates)),
            file=sheet,
            place=place,
            found=Message("no plate for sample '{id}'", id=entry.sample_id),
            expected=Message("one of {names}", names=_listed(plates)),
            action="Write in a column 'plate' of the sample sheet which plate each sample is on.",
        )
    fitting = [0] if entry.plate is None else _fitting(entry.plate, plates)
    if len(fitting) != 1:
        text = (
            "this line fits several plates" if fitting else "this line is for a plate that the export lacks"
        )
        raise SheetError(
            "SHEET_PLATE",
            text,
            file=sheet,
            place=place,
            found=Message("plate '{plate}', sample '{id}'", plate=entry.plate or "", id=entry.sample_id),
            expected=Message("one of {names}", names=_listed(plates)),
            action=CHECK,
        )
    _same_barcode(entry, plates[fitting[0]], sheet)
    return fitting[0]


def _fitting(label: str, plates: Sequence[PlateRead]) -> list[int]:
    """Plates that a line means: by name or barcode where one has it, else by number."""
    wanted = _folded(label)
    called = [n for n, plate in enumerate(plates) if wanted in map(_folded, (plate.name, barcode_of(plate)))]
    number = _NUMBER.search(wanted)
    return called or [n for n in range(len(plates)) if number is not None and number[1] == str(n + 1)]


def _listed(plates: Iterable[PlateRead]) -> str:
    """``1 (Plate A), 2 (Plate B)``."""
    return ", ".join(f"{n} ({plate.name})" if plate.name else str(n) for n, plate in enumerate(plates, 1))


def barcode_of(plate: PlateRead) -> str:
    """The barcode that the export says; empty where it says none."""
    found = plate.metadata.get("barcode")
    return found.strip() if isinstance(found, str) else ""


def _same_barcode(entry: SampleEntry, plate: PlateRead, sheet: str) -> None:
    """A sheet that names a barcode is the sheet of that plate alone."""
    said = barcode_of(plate)
    if entry.barcode and said and _folded(entry.barcode) != _folded(said):
        raise SheetError(
            "SHEET_BARCODE",
            "the sample sheet is for another plate: the barcodes differ",
            file=sheet,
            place=Message("slot {slot}", slot=entry.slot),
            found=Message("barcode '{code}'", code=entry.barcode),
            expected=Message("barcode '{code}'", code=said),
            action=CHECK,
        )


def _slot_of(entry: SampleEntry, slots: Sequence[str], sheet: str) -> str:
    if entry.slot in slots:
        return entry.slot
    alike = [slot for slot in slots if _spelt(slot) == _spelt(entry.slot)]
    if len(alike) == 1:
        return alike[0]
    raise SheetError(
        "SLOT_UNKNOWN",
        "this slot is not in the layout",
        file=sheet,
        place=Message("slot {slot}", slot=entry.slot),
        found=with_nearest(f"'{entry.slot}'", entry.slot, slots),
        expected=Message("one of {names}", names=", ".join(slots)),
        action="Correct the slot in the sample sheet, and check that it is the sheet of this run.",
    )


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _spelt(slot: str) -> str:
    """``s 1``, ``S-1`` and ``S01`` are one slot."""
    return re.sub(r"(?<!\d)0+(?=\d)", "", re.sub(r"[\W_]+", "", slot.casefold()))


def lines_of(
    pairs: Sequence[Mapping[str, SampleEntry]], index: int, sheet: SampleSheet, name: str
) -> Mapping[str, SampleEntry]:
    """The entries of one plate.

    Raises:
        InputError: the sheet says nothing of it.
    """
    if not pairs[index]:
        raise no_line(sheet, name, index + 1)
    return pairs[index]
