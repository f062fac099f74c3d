"""Sample sheets: which sample is in which slot. Ids are text, exactly as typed."""

from __future__ import annotations

import hashlib
import unicodedata

from pipeline.definitions.sheet_table import SAMPLE_ID, SLOT, SheetLine, sheet_lines
from pipeline.domain.layout import SampleEntry, SampleSheet
from pipeline.domain.message import Message
from pipeline.errors import SheetError
from pipeline.tables.cells import plain_number

ID_MAX = 200
"""Longest sample id in characters; a longer one is a paste gone wrong."""
DILUTION_LEAST, DILUTION_MOST = 0.001, 1e6
"""Below 1 a serum was concentrated. Beyond these ends the cell holds something else, such as a date."""
_OF_A_SAMPLE = ("patient_code", "collected_on")
"""Columns that nobody fills for an empty slot."""


def load_sheet(data: bytes, name: str) -> SampleSheet:
    """Read a sample sheet from the bytes of a CSV or XLSX file; a line without an id is an empty slot.

    Raises:
        SheetError: with line and column; ``SHEET_NO_IDS`` where no line has an id yet.
    """
    lines = sheet_lines(data, name)
    if not lines:
        raise SheetError(
            "SHEET_NO_IDS",
            "the sample sheet has a header and no line below it",
            file=name,
            action="Write a line for each sample below the header: its slot and its id.",
        )
    entries = tuple(_entry(line, name) for line in lines if not _is_empty_slot(line))
    if not entries:
        raise SheetError(
            "SHEET_NO_IDS",
            "the sample sheet holds no sample id yet",
            file=name,
            action="Type the ids beside their slots, and save.",
        )
    _no_slot_twice(entries, name)
    return SampleSheet(name, hashlib.sha256(data).hexdigest(), entries)


def _is_empty_slot(line: SheetLine) -> bool:
    """Does the line name no sample?"""
    return not line.text(SAMPLE_ID) and not any(map(line.text, _OF_A_SAMPLE))


def _entry(line: SheetLine, name: str) -> SampleEntry:
    place = Message("line {n:n}", n=line.number)
    sample_id = _sample_id(line, name)
    optional = {key: line.cells[key].text or None for key in ("patient_code", "collected_on", "comment")}
    return SampleEntry(
        slot=line.text(SLOT),
        sample_id=sample_id,
        plate=line.text("plate") or None,
        barcode=line.text("barcode") or None,
        prior_dilution=_prior_dilution(line.text("prior_dilution"), place, name),
        extra=line.fields,
        **optional,
    )


def _sample_id(line: SheetLine, name: str) -> str:
    place, cell = Message("line {n:n}", n=line.number), line.cells[SAMPLE_ID]
    if not line.text(SLOT) or not line.text(SAMPLE_ID):
        raise SheetError(
            "SHEET_LINE",
            "slot and sample_id must both be filled",
            file=name,
            place=place,
            found=f"slot '{line.text(SLOT)}', sample_id '{cell.text}'",
            action="Fill both cells, or delete the line if the slot is empty.",
        )
    if not cell.whole:
        raise SheetError(
            "ID_NOT_TEXT",
            "Excel keeps this sample id as a number or date that it does not show whole",
            file=name,
            place=Message("line {n:n}, column {column}", n=line.number, column=SAMPLE_ID),
            found=cell.text,
            expected="an id typed as text",
            action="Format the column as Text, type the ids again and save.",
        )
    if len(cell.text) > ID_MAX:
        raise SheetError(
            "ID_TOO_LONG",
            "sample id too long",
            file=name,
            place=place,
            found=Message("{n:n} characters", n=len(cell.text)),
            expected=Message("at most {n:n}", n=ID_MAX),
        )
    if any(unicodedata.category(sign) == "Cc" for sign in cell.text):
        raise SheetError(
            "ID_CONTROL",
            "this sample id holds a sign that cannot be seen",
            file=name,
            place=place,
            found=repr(cell.text),
            action="Type the id again; a copied line end or tab is part of it.",
        )
    return cell.text


def _prior_dilution(text: str, place: Message, name: str) -> float:
    if not text:
        return 1.0
    value = plain_number(text)
    if value is None or not DILUTION_LEAST <= value <= DILUTION_MOST:
        raise SheetError(
            "DILUTION",
            "prior_dilution is the reciprocal as a plain number",
            file=name,
            place=place,
            found=f"'{text}'",
            expected="a number from 0.001 to 1000000; write 10 for 1:10",
        )
    return value


def _no_slot_twice(entries: tuple[SampleEntry, ...], name: str) -> None:
    seen: dict[tuple[str | None, str], str] = {}
    for entry in entries:
        key = (entry.plate, entry.slot)
        if key in seen:
            raise slot_twice(entry.slot, (seen[key], entry.sample_id), name)
        seen[key] = entry.sample_id


def slot_twice(slot: str, ids: tuple[str, str], name: str) -> SheetError:
    """Two lines for one slot of one plate."""
    return SheetError(
        "SLOT_TWICE",
        Message("the slot {slot} is there twice", slot=slot),
        file=name,
        found=f"'{ids[0]}' and '{ids[1]}'",
        action="Keep one line for each slot.",
    )
