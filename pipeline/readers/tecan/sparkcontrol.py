"""Tecan SparkControl exports, Excel or CSV.

``Mode`` opens each read, with its name and wavelength; the values are a matrix with ``<>`` in its corner, or
a list with the columns ``<>``, ``Value`` and ``Time [ms]``.
"""

from __future__ import annotations

from pipeline.domain.plate import Kind, PlateRead
from pipeline.readers.parts.blocks import Block
from pipeline.readers.parts.grids import find_grids, where
from pipeline.readers.parts.head import Head, small
from pipeline.readers.parts.lists import read_list, well_at
from pipeline.readers.parts.plates import PlateDraft, finish
from pipeline.readers.parts.sections import first_text, split_at, value_of
from pipeline.readers.parts.words import kind_of, wavelength_in
from pipeline.readers.tecan.parts.matrices import Measurement, add_matrices
from pipeline.tables.cells import cell_text
from pipeline.tables.document import Document
from pipeline.tables.workbook import Sheet

NAME = "Tecan SparkControl"

_HEAD = "application: sparkcontrol"
_WHOLE = ("A1-H12", "A1-P24")


def sniff(head: Head) -> str | None:
    """``Application: SparkControl``."""
    return head.find(_HEAD)


def read(document: Document) -> list[PlateRead]:
    """Read every sheet that holds a plate."""
    return finish([_plate(sheet) for sheet in document.sheets], document, keys={"plate": "plate_type"})


def _plate(sheet: Sheet) -> PlateDraft:
    draft = PlateDraft((sheet,), named_by_sheet=True)
    if any(first_text(row).startswith(_HEAD) for row in sheet.rows[:3]):
        draft.headed = where(sheet, 0, 0)
    for part in split_at(sheet, lambda first: first == "mode"):
        kind = kind_of(value_of((part,), "mode")) or Kind.OTHER
        nm = wavelength_in(value_of((part,), "measurement wavelength [nm]", "measurement wavelength"))
        label = value_of((part,), "name")
        reference = wavelength_in(value_of((part,), "reference wavelength [nm]", "reference wavelength"))
        whole = value_of((part,), "part of plate") in ("", *_WHOLE)
        add_matrices(draft, find_grids(part), Measurement(kind, label, nm, reference, whole))
        _lists(draft, part, kind, label, nm)
    return draft


def _lists(draft: PlateDraft, part: Sheet, kind: Kind, label: str, nm: float | None) -> None:
    for header, row in enumerate(part.rows[:-1]):
        texts = [small(cell_text(cell)) for cell in row] if row and row[0] == "<>" else []
        if texts[1:2] == ["value"] and well_at(part.rows[header + 1], 0) is not None:
            wells = read_list(part, header, (0,))
            draft.take_list(wells)
            draft.take_heading(part, header, 1)
            draft.add(Block(part, wells.spots(1), kind, label, nm, None, where(part, header, 0)))
            for column in (c for c, text in enumerate(texts) if c > 1 and text):
                draft.keep_column(wells, column)
