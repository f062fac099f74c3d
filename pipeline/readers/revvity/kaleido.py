"""Revvity / PerkinElmer Kaleido exports (CSV): ``Results for`` with no-break spaces, facts below the data."""

from __future__ import annotations

from pipeline.domain.plate import Kind, PlateRead
from pipeline.readers.parts.blocks import grid_block
from pipeline.readers.parts.grids import find_grids, require_whole
from pipeline.readers.parts.head import Head, small, with_another
from pipeline.readers.parts.plates import PlateDraft, finish
from pipeline.readers.parts.sections import line_above, split_at, value_of
from pipeline.readers.parts.words import kind_of, wavelength_in
from pipeline.tables.document import Document
from pipeline.tables.workbook import Sheet

NAME = "Revvity Kaleido"

_RESULTS = "results for"
_WAVELENGTH = ("excitation wavelength [nm]", "wavelength [nm]", "measurement wavelength [nm]")
_KEYS = {"measurement started": "date", "protocol owner": "operator"}


def sniff(head: Head) -> str | None:
    """``Results for``, with ``Measurement Basic Information`` and no ``Plate information``."""
    results, basic = head.find(_RESULTS), head.find("measurement basic information", "exported with kaleido")
    if results is None or basic is None or "plate information" in head.texts:
        return None
    return with_another(results, basic)


def read(document: Document) -> list[PlateRead]:
    """Read every matrix under ``Results for``; matrices with the same barcode are one plate."""
    drafts: dict[str, PlateDraft] = {}
    for sheet in document.sheets:
        for grid in find_grids(sheet):
            title = line_above(sheet, grid.header, lambda text: text.startswith((_RESULTS, "platemap")))
            barcode = value_of((sheet.part(max(grid.header - 3, 0), grid.header),), "barcode").split(",")[0]
            if not small(title).startswith(_RESULTS):
                if drafts:
                    next(iter(drafts.values())).keep(grid, title or "plate map")
                continue
            label = " ".join(title.split())[len(_RESULTS) :].strip()
            require_whole(grid)
            draft = drafts.setdefault(barcode, PlateDraft((sheet,), barcode))
            kind = kind_of(label) or Kind.OTHER
            draft.add_grid(grid, grid_block(grid, kind, label, _wavelength(sheet, label)))
    return finish(list(drafts.values()), document, keys=_KEYS)


def _wavelength(sheet: Sheet, label: str) -> float | None:
    """The technique's own lines, far below the data, name its wavelength; else the label does."""
    for part in split_at(sheet, lambda first: first == "tech"):
        if small(value_of((part,), "tech")) == small(label):
            return wavelength_in(value_of((part,), *_WAVELENGTH))
    return wavelength_in(label)
