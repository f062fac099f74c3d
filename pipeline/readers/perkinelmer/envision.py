"""PerkinElmer EnVision exports (CSV): ``Plate information`` opens a plate, ``Results for`` a matrix.

The wavelength stands only in the label (``A450(1)``), the unit in the last bracket: ``(A)`` for absorbance.
"""

from __future__ import annotations

from pipeline.domain.plate import Kind, PlateRead
from pipeline.readers.parts.blocks import grid_block
from pipeline.readers.parts.grids import find_grids, require_whole
from pipeline.readers.parts.head import Head, seen, small, with_another
from pipeline.readers.parts.plates import PlateDraft, finish
from pipeline.readers.parts.sections import split_at
from pipeline.readers.parts.words import kind_of, wavelengths_in
from pipeline.tables.cells import cell_text
from pipeline.tables.document import Document
from pipeline.tables.workbook import Sheet

NAME = "PerkinElmer EnVision"

_RESULTS = "results for"
_END_OF_PLATES = "basic assay information"
_KEYS = {"serial#": "serial_number", "chamber temperature at start": "temperature_c", "measured date": "date"}


def sniff(head: Head) -> str | None:
    """``Plate information`` with ``Results for``."""
    plate, results = head.texts.get("plate information"), head.find(_RESULTS)
    return with_another(seen("Plate information", plate), results) if plate and results else None


def read(document: Document) -> list[PlateRead]:
    """Read every plate; the lines behind the plates speak of all of them."""
    drafts: list[PlateDraft] = []
    for sheet in document.sheets:
        parts = split_at(sheet, lambda first: first in {"plate information", _END_OF_PLATES})
        common = tuple(part for part in parts if _opens(part) != "plate information")
        drafts += [_plate(part, common) for part in parts if _opens(part) == "plate information"]
    return finish(drafts, document, keys=_KEYS)


def _opens(part: Sheet) -> str:
    return next((small(text) for row in part.rows for c in row if (text := cell_text(c).strip())), "")


def _plate(part: Sheet, common: tuple[Sheet, ...]) -> PlateDraft:
    draft = PlateDraft((part, *common))
    facts = _table_below(draft, part, "plate information")
    _table_below(draft, part, "background information")
    number = facts.get("plate", "")
    draft.name = f"Plate {number}" if number else ""
    for ours, label in (
        ("barcode", "barcode"),
        ("temperature_c", "chamber temperature at start"),
        ("date", "measured date"),
    ):
        if facts.get(label):
            draft.facts[ours] = facts[label]
    for sheet in draft.sheets:
        for grid in find_grids(sheet):
            title = " ".join(grid.title.split())
            if not title.casefold().startswith(_RESULTS):
                draft.keep(grid, title or "plate map")
                continue
            label = title[len(_RESULTS) :].strip()
            kind = Kind.ABSORBANCE if label.endswith("(A)") else kind_of(label) or Kind.OTHER
            nm = next(iter(wavelengths_in(label)), None) if kind is Kind.ABSORBANCE else None
            draft.take_title(grid)
            require_whole(grid)
            draft.add_grid(grid, grid_block(grid, kind, label, nm))
    return draft


def _table_below(draft: PlateDraft, part: Sheet, title: str) -> dict[str, str]:
    """A title, a line of labels and lines of values: kept as a table; the first line as facts."""
    start = next((i for i, row in enumerate(part.rows) if row and small(cell_text(row[0])) == title), None)
    if start is None or start + 2 >= len(part.rows):
        return {}
    end = start + 2
    while end < len(part.rows) and any(cell_text(cell).strip() for cell in part.rows[end]):
        end += 1
    draft.keep_lines(part, start, end, title)
    rows = [[_plain(cell_text(cell)) for cell in row] for row in part.rows[start + 1 : end]]
    pairs = zip(rows[0], rows[1], strict=False) if len(rows) > 1 else ()
    return {small(label): value for label, value in pairs if label and value}


def _plain(text: str) -> str:
    """``="1050242"`` is a text that Excel must not turn into a number."""
    return text.strip().removeprefix("=").strip('"')
