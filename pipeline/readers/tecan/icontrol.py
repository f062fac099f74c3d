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
from pipeline.readers.tecan.parts.lists import add_cycle_lines, add_means
from pipeline.readers.tecan.parts.matrices import Measurement, add_matrices
from pipeline.tables.document import Document
from pipeline.tables.workbook import Sheet

NAME = "Tecan i-control"

_HEAD = ("application: tecan i-control", "programm: tecan i-control")
_MODES = ("mode", "modus")
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
    labelled = split_at(sheet, lambda first: first.startswith("label:"))
    if len(labelled) > 1 or not any(first_text(row) in _MODES for row in sheet.rows):
        for part in labelled:
            _section(draft, part, _measured(part))
    else:
        _without_labels(draft, sheet)
    return draft


def _without_labels(draft: PlateDraft, sheet: Sheet) -> None:
    """CSV of i-control 1.11: the settings of all measurements first, then their values in the same order."""
    parts = split_at(sheet, lambda first: first in _MODES)
    settings = [_measured(part) for part in parts if _states_mode(part)]
    grids = find_grids(sheet)
    if len(grids) == len(settings) > 1 and all(not find_grids(part) for part in parts[:-1]):
        for grid, measured in zip(grids, settings, strict=True):
            add_matrices(draft, [grid], measured)
        return
    for part in parts:
        _section(draft, part, _measured(part))


def _states_mode(part: Sheet) -> bool:
    return bool(value_of((part,), *_MODES))


def _measured(part: Sheet) -> Measurement:
    """What the lines of a section state."""
    kind = kind_of(value_of((part,), *_MODES)) or Kind.OTHER
    nm = wavelength_in(value_of((part,), "wavelength", "wellenlänge", "measurement wavelength"))
    reference = wavelength_in(value_of((part,), "reference wavelength", "referenzwellenlänge"))
    whole = not value_of((part,), "part of plate", "teil der platte", "plattenbereich")
    return Measurement(kind, value_of((part,), "label"), nm, reference, whole)


def _section(draft: PlateDraft, part: Sheet, measured: Measurement) -> None:
    temperature = value_of((part,), "temperature", "temperatur")
    if temperature:
        draft.facts.setdefault("temperature_c", temperature.removesuffix("°C").strip())
    add_matrices(draft, find_grids(part), measured)
    add_means(draft, part, measured)
    add_cycle_lines(draft, part, measured)
    if any(value_of((part,), word) or _has(part, word) for word in CYCLES):
        add_cycles(draft, part, measured.kind, measured.label, measured.wavelength_nm)


def _has(part: Sheet, word: str) -> bool:
    return any(
        isinstance(cell, str) and cell.casefold().startswith(word) for row in part.rows for cell in row[:1]
    )
