"""SkanIt 2 text exports of the Multiskan Spectrum: no row letters, no column numbers, a tab before each line.

``Plate:1 - Wavelength:340`` opens the values of a wavelength, ``Iteration: 2`` those of a time. The software
puts a tab too many behind some shorter numbers; such a line cannot be placed, so its wells are unreadable.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.domain.message import Message
from pipeline.domain.plate import Kind, PlateRead
from pipeline.domain.wells import PLATE_SHAPES, Well
from pipeline.errors import InputError
from pipeline.readers.parts.blocks import Block, Spot, well
from pipeline.readers.parts.grids import where
from pipeline.readers.parts.head import Head
from pipeline.readers.parts.plates import PlateDraft, finish
from pipeline.tables.cells import cell_text
from pipeline.tables.document import Document
from pipeline.tables.workbook import Cell, Sheet

NAME = "Thermo Multiskan Spectrum"

_PLATE = re.compile(r"Plate:\s*(\S+)\s*-\s*Wavelength:\s*(\d+)", re.IGNORECASE)
_ITERATION = re.compile(r"Iteration:\s*(\d+)", re.IGNORECASE)
_SHIFTED = "LINE_SHIFTED: lines with a tab too many or too few; their wells are unreadable"


def sniff(head: Head) -> str | None:
    """``Results of Photometric`` at the beginning."""
    return head.find("results of photometric")


def read(document: Document) -> list[PlateRead]:
    """Read every wavelength and iteration of every plate."""
    (sheet,) = document.sheets
    drafts: dict[str, PlateDraft] = {}
    draft: PlateDraft | None = None
    nm: float | None = None
    for index, row in enumerate(sheet.rows):
        text = next((found for cell in row if (found := cell_text(cell).strip())), "")
        opened = _PLATE.match(text)
        if opened is not None:
            plate = f"Plate:{opened[1]}"
            draft = drafts.setdefault(plate, PlateDraft((sheet,), plate))
            nm = float(opened[2])
        iteration = _ITERATION.match(text)
        if draft is not None and (iteration is not None or (opened and not _follows(sheet, index))):
            draft.take_line(sheet, index)
            _add(draft, sheet, index + 1, nm, int(iteration[1]) if iteration else None)
    return finish(list(drafts.values()), document)


def _follows(sheet: Sheet, index: int) -> bool:
    """Does the first filled line below open an iteration?"""
    below = (cell_text(cell) for row in sheet.rows[index + 1 : index + 4] for cell in row if cell)
    return _ITERATION.match(next(below, "").strip()) is not None


def _add(draft: PlateDraft, sheet: Sheet, start: int, nm: float | None, iteration: int | None) -> None:
    while start < len(sheet.rows) and len(sheet.rows[start]) < 3:  # noqa: PLR2004
        start += 1
    end = start
    while end < len(sheet.rows) and len(sheet.rows[end]) > 2:  # noqa: PLR2004
        end += 1
    rows = sheet.rows[start:end]
    columns = next((c for r, c in PLATE_SHAPES.values() if r == len(rows)), None)
    if columns is None:
        raise InputError(
            "FILE_INCOMPLETE",
            "the plate is not complete",
            place=where(sheet, start, 0),
            found=Message("{n:n} lines of values", n=len(rows)),
            expected="8 lines, or 16 or 32",
            action="The copy or the export stopped early. Export the plate again.",
        )
    spots: list[Spot] = []
    odd: set[Well] = set()
    for number, row in enumerate(rows):
        shifted = len(row) != columns + 1
        cells: Sequence[Cell] = [None] * columns if shifted else row[1:]
        spots += [(well(number, c), cell, start + number, c + 1) for c, cell in enumerate(cells)]
        if shifted:
            draft.taken.judged.add((sheet.name, sheet.first_line + start + number))
        odd |= {well(number, c) for c in range(columns)} if shifted else set()
    label = f"{nm:g}" + (f", iteration {iteration}" if iteration is not None else "")
    place = where(sheet, start, 0)
    draft.add(Block(sheet, spots, Kind.ABSORBANCE, label, nm, None, place, frozenset(odd)))
    if iteration is not None and iteration > 1:
        draft.facts["read_mode"] = "kinetic"
    if odd and not draft.remarks:
        draft.remarks.append(_SHIFTED)
