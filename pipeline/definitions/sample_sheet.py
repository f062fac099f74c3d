"""Sample sheets: which sample is in which slot. Ids are text, exactly as typed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from pipeline.domain.layout import PlateLayout, Role, SampleEntry, SampleSheet
from pipeline.domain.message import Message
from pipeline.errors import InputError, nearest_word
from pipeline.tables.cells import id_rows, plain_number

REQUIRED = ("slot", "sample_id")
KNOWN = (*REQUIRED, "plate", "patient_code", "prior_dilution", "collected_on", "comment")
ID_MAX = 200
"""Longest sample id in characters; a longer one is a paste gone wrong."""


def load_sheet(data: bytes, name: str) -> SampleSheet:
    """Read a sample sheet from the bytes of a CSV or XLSX file.

    Raises:
        InputError: with line and column.
    """
    rows = [(number, row) for number, row in enumerate(id_rows(data, name), start=1) if any(row)]
    if not rows:
        raise InputError("SHEET_EMPTY", "the sample sheet is empty", file=name, expected="slot,sample_id")
    header = _header(rows[0][1], name)
    entries = tuple(_entry(header, row, number, name) for number, row in rows[1:])
    _no_slot_twice(entries, name)
    return SampleSheet(name, hashlib.sha256(data).hexdigest(), entries)


def entries_for_plate(
    sheet: SampleSheet, plate_name: str, plate_number: int, plates: int, layout: PlateLayout
) -> dict[str, SampleEntry]:
    """Slot -> entry for one plate of an export; a slot that the layout lacks is an error.

    Args:
        sheet: the whole sheet.
        plate_name: the plate's name in the export.
        plate_number: its number in the file, from 1.
        plates: how many plates the export holds.
        layout: knows the slots.
    """
    labels = {plate_name, str(plate_number)}
    if plates > 1 and any(entry.plate is None for entry in sheet.entries):
        raise InputError(
            "SHEET_PLATE",
            Message("the export holds {n:n} plates, so every line must say its plate", n=plates),
            file=sheet.name,
            expected="a column plate with the plate's name or its number in the file, from 1",
        )
    mine = [entry for entry in sheet.entries if entry.plate is None or entry.plate in labels]
    if not mine:
        raise InputError(
            "SHEET_PLATE",
            Message("no line is for plate '{plate}' (number {n:n})", plate=plate_name, n=plate_number),
            file=sheet.name,
            found=", ".join(sorted({entry.plate or "" for entry in sheet.entries})) or "no lines",
            action="Check that this is the sheet of this run.",
        )
    slots = layout.names(Role.SAMPLE)
    for entry in mine:
        if entry.slot not in slots:
            raise InputError(
                "SLOT_UNKNOWN",
                "this slot is not in the layout",
                file=sheet.name,
                place=Message("slot {slot}", slot=entry.slot),
                found=_with_nearest(f"'{entry.slot}'", entry.slot, slots),
                expected=Message("one of {names}", names=", ".join(slots)),
                action="Correct the slot in the sample sheet, and check that it is the sheet of this run.",
            )
    return {entry.slot: entry for entry in mine}


def _with_nearest(text: str, word: str, known: Iterable[str]) -> str:
    """What was found, and the known word most like the one that was looked for."""
    near = nearest_word(word, known)
    return text if near is None else Message("{text}; nearest: {near}", text=text, near=f"'{near}'")


def _header(cells: list[str], name: str) -> list[str]:
    header = [cell.strip().lower() for cell in cells]
    for required in REQUIRED:
        if required not in header:
            given = [cell for cell in header if cell]
            raise InputError(
                "HEADER_UNKNOWN",
                Message("the column '{column}' is missing", column=required),
                file=name,
                place=Message("line {n:n}", n=1),
                found=_with_nearest(", ".join(given), required, given),
                expected="slot,sample_id and optionally " + ", ".join(KNOWN[2:]),
                action="Write the header in the first line of the sample sheet.",
            )
    doubled = {cell for cell in header if cell and header.count(cell) > 1}
    if doubled:
        raise InputError(
            "HEADER_TWICE", Message("the column '{column}' is there twice", column=min(doubled)), file=name
        )
    return header


def _entry(header: list[str], row: list[str], number: int, name: str) -> SampleEntry:
    if any(cell.strip() for cell in row[len(header) :]):
        raise InputError(
            "ROW_LENGTH",
            "this line has more cells than the header",
            file=name,
            place=Message("line {n:n}", n=number),
            found=Message("{n:n} cells", n=len(row)),
            expected=Message("{n:n} cells", n=len(header)),
        )
    cells = dict(zip(header, [*row, *[""] * len(header)], strict=False))
    slot, sample_id = cells["slot"].strip(), cells["sample_id"]
    if not slot or not sample_id.strip():
        raise InputError(
            "SHEET_LINE",
            "slot and sample_id must both be filled",
            file=name,
            place=Message("line {n:n}", n=number),
            found=f"slot '{slot}', sample_id '{sample_id}'",
            action="Fill both cells, or delete the line if the slot is empty.",
        )
    if len(sample_id) > ID_MAX:
        raise InputError(
            "ID_TOO_LONG",
            "sample id too long",
            file=name,
            place=Message("line {n:n}", n=number),
            found=Message("{n:n} characters", n=len(sample_id)),
            expected=Message("at most {n:n}", n=ID_MAX),
        )
    return SampleEntry(
        slot=slot,
        sample_id=sample_id,
        plate=cells.get("plate", "").strip() or None,
        patient_code=cells.get("patient_code") or None,
        prior_dilution=_prior_dilution(cells.get("prior_dilution", "").strip(), number, name),
        collected_on=cells.get("collected_on") or None,
        comment=cells.get("comment") or None,
        extra={key: cells[key] for key in header if key and key not in KNOWN and cells[key]},
    )


def _prior_dilution(text: str, number: int, name: str) -> float:
    if not text:
        return 1.0
    value = plain_number(text)
    if value is None or value <= 0:
        raise InputError(
            "DILUTION",
            "prior_dilution is the reciprocal as a plain number",
            file=name,
            place=Message("line {n:n}", n=number),
            found=f"'{text}'",
            expected="a number above 0; write 10 for 1:10",
        )
    return value


def _no_slot_twice(entries: tuple[SampleEntry, ...], name: str) -> None:
    seen: dict[tuple[str | None, str], str] = {}
    for entry in entries:
        key = (entry.plate, entry.slot)
        if key in seen:
            raise InputError(
                "SLOT_TWICE",
                Message("the slot {slot} is there twice", slot=entry.slot),
                file=name,
                found=f"'{seen[key]}' and '{entry.sample_id}'",
                action="Keep one line for each slot.",
            )
        seen[key] = entry.sample_id
