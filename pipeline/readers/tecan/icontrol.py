"""Tecan i-control exports (Infinite readers), Excel or text, English or German.

A sheet is a plate. ``Label:`` opens each read with its mode and wavelength; a matrix with ``<>`` in its
corner holds the values, or, for kinetics, a block for each well or a line for each well under ``Cycle Nr.``.
"""

from __future__ import annotations

from pipeline.domain.plate import Kind, PlateRead
from pipeline.readers.parts.grids import find_grids, where
from pipeline.readers.parts.head import Head
from pipeline.readers.parts.plates import PlateDraft, finish
from pipeline.readers.parts.sections import first_text, split_at, value_of
from pipeline.readers.parts.words import kind_of, wavelength_in
from pipeline.readers.tecan.parts.cycles import CYCLES, add_cycles
from pipeline.readers.tecan.parts.matrices import Measurement, add_matrices
from pipeline.tables.document import Document
from pipeline.tables.workbook import Sheet

NAME = "Tecan i-control"

_HEAD = ("application: tecan i-control", "programm: tecan i-control")
_KEYS = {"plate": "plate_type", "platte": "plate_type"}


def sniff(head: Head) -> str | None:
    """``Application: Tecan i-control``, in German ``Programm:``."""
    return head.find(*_HEAD)


def read(document: Document) -> list[PlateRead]:
    """Read every sheet that holds a plate."""
    return finish([_plate(sheet) for sheet in document.sheets], document, keys=_KEYS)


def _plate(sheet: Sheet) -> PlateDraft:
    draft = PlateDraft((sheet,), named_by_sheet=True)
    draft.name = value_of((sheet,), "plate-id (stacker)", "platten-id (stapler)")
    if first_text(sheet.rows[0] if sheet.rows else ()).startswith(_HEAD):
        draft.headed = where(sheet, 0, 0)
    for part in split_at(sheet, lambda first: first.startswith("label:")):
        _label(draft, part)
    return draft


def _label(draft: PlateDraft, part: Sheet) -> None:
    temperature = value_of((part,), "temperature", "temperatur")
    if temperature:
        draft.facts.setdefault("temperature_c", temperature.removesuffix("°C").strip())
    kind = kind_of(value_of((part,), "mode", "modus")) or Kind.OTHER
    label = value_of((part,), "label")
    nm = wavelength_in(value_of((part,), "wavelength", "wellenlänge", "measurement wavelength"))
    reference = wavelength_in(value_of((part,), "reference wavelength", "referenzwellenlänge"))
    whole = not value_of((part,), "part of plate", "teil der platte", "plattenbereich")
    add_matrices(draft, find_grids(part), Measurement(kind, label, nm, reference, whole))
    if any(value_of((part,), word) or _has(part, word) for word in CYCLES):
        add_cycles(draft, part, kind, label, nm)


def _has(part: Sheet, word: str) -> bool:
    return any(
        isinstance(cell, str) and cell.casefold().startswith(word) for row in part.rows for cell in row[:1]
    )
