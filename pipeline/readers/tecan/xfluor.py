"""Tecan XFLUOR4 workbooks (Sunrise and its age): facts in the first lines, then a matrix at ``<>``."""

from __future__ import annotations

from pipeline.domain.plate import Kind, PlateRead
from pipeline.readers.parts.grids import find_grids, where
from pipeline.readers.parts.head import Head, seen
from pipeline.readers.parts.plates import PlateDraft, finish
from pipeline.readers.parts.sections import first_text, value_of
from pipeline.readers.parts.words import kind_of, wavelength_in
from pipeline.readers.tecan.parts.matrices import Measurement, add_matrices
from pipeline.tables.cells import cell_text
from pipeline.tables.document import Document
from pipeline.tables.workbook import Sheet

NAME = "Tecan XFLUOR4"


def sniff(head: Head) -> str | None:
    """``XFLUOR4`` in the first line."""
    return next((seen("XFLUOR4", place) for text, place in head.texts.items() if "xfluor4" in text), None)


def read(document: Document) -> list[PlateRead]:
    """Read every sheet that holds a plate."""
    return finish([_plate(sheet) for sheet in document.sheets], document)


def _plate(sheet: Sheet) -> PlateDraft:
    draft = PlateDraft((sheet,), named_by_sheet=True)
    if "xfluor4" in first_text(sheet.rows[0] if sheet.rows else ()):
        draft.headed = where(sheet, 0, 0)
    kind = kind_of(value_of((sheet,), "measurement mode")) or Kind.OTHER
    nm = wavelength_in(value_of((sheet,), "measurement wavelength"))
    reference = value_of((sheet,), "reference wavelength")
    if reference:
        draft.facts["reference_wavelength_nm"] = wavelength_in(reference) or reference
    reference_nm = wavelength_in(reference)
    add_matrices(draft, find_grids(sheet), Measurement(kind, "", nm, reference_nm))
    _first_line(draft, sheet)
    return draft


def _first_line(draft: PlateDraft, sheet: Sheet) -> None:
    """``SUNRISE;   Serial number: 1;   Firmware: V 3;   XFLUOR4 Version: V 4.50``."""
    if not sheet.rows or not sheet.rows[0]:
        return
    instrument, *parts = (part.strip() for part in cell_text(sheet.rows[0][0]).split(";"))
    stated = {key.strip().casefold(): value.strip() for key, _, value in (p.partition(":") for p in parts)}
    draft.facts["instrument"] = instrument
    names = {"serial number": "serial_number", "xfluor4 version": "software_version", "firmware": "firmware"}
    draft.facts.update({names[key]: value for key, value in stated.items() if key in names})
    draft.take_line(sheet, 0)
