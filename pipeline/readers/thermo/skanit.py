"""Thermo SkanIt exports, Excel (a sheet for each step), CSV or text; English, German or French.

A matrix with ``Abs`` (or a word for another kind) in its corner is measured; ``Sample``, ``Value``,
``Blank subtracted`` and the like are not. Wavelength and plate name stand in lines of their own above it. A
file may hold many plates, and each plate several wavelengths.
"""

from __future__ import annotations

from dataclasses import replace

from pipeline.domain.message import Message
from pipeline.domain.plate import Kind, PlateRead
from pipeline.domain.wells import Well
from pipeline.readers.parts.blocks import Block, grid_block
from pipeline.readers.parts.grids import Grid, find_grids, require_whole
from pipeline.readers.parts.head import Head, seen, small
from pipeline.readers.parts.plates import PlateDraft, finish
from pipeline.readers.parts.quantities import is_reduced
from pipeline.readers.parts.sections import first_cell, line_above
from pipeline.readers.parts.taken import is_filled
from pipeline.readers.parts.words import wavelength_in
from pipeline.tables.document import Document
from pipeline.tables.numbers import number_like

NAME = "Thermo SkanIt"

_OPENINGS = ("measurement results", "messergebnisse", "résultats de mesure", "résultats de la mesure")
_CORNERS = {
    "abs": Kind.ABSORBANCE,
    "ext": Kind.ABSORBANCE,
    "rfu": Kind.FLUORESCENCE,
    "fluo": Kind.FLUORESCENCE,
    "rlu": Kind.LUMINESCENCE,
    "lumi": Kind.LUMINESCENCE,
}
_SAMPLES = ("sample", "probe", "échantillon", "muestra")
_WAVELENGTH = ("wavelength:", "wellenlänge:", "longueur d'onde:", "longueur d\u2019onde:")
_KEYS = {"executed with": "software_version", "execution time": "date", "name": "instrument"}


def sniff(head: Head) -> str | None:
    """``Measurement results`` alone in its cell."""
    word = next((opening for opening in _OPENINGS if opening in head.texts), None)
    return seen(word, head.texts[word]) if word else None


def read(document: Document) -> list[PlateRead]:
    """Read every plate; the lines of the file speak of all of them."""
    drafts: dict[str, PlateDraft] = {}
    for sheet in document.sheets:
        grids = find_grids(sheet)
        lines = {line for grid in grids for line in range(grid.header, grid.end)}
        for grid in grids:
            plate = _plate_name(grid, lines)
            kind = _CORNERS.get(small(grid.corner))
            if kind is not None or is_reduced(grid.corner):
                drafts.setdefault(plate, PlateDraft(document.sheets, plate))
            draft = drafts.get(plate) or next(iter(drafts.values()), None)
            if draft is not None:
                _matrix(draft, grid, kind, plate)
    for draft in drafts.values():
        _without_typed(draft, document)
    for sheet in document.sheets:
        if drafts and sheet.name == "Run log":
            next(iter(drafts.values())).keep_lines(sheet, 0, len(sheet.rows), sheet.name)
    return finish(list(drafts.values()), document, keys=_KEYS)


def _matrix(draft: PlateDraft, grid: Grid, kind: Kind | None, plate: str) -> None:
    """A matrix by its corner: measured, blank-subtracted, or something else."""
    nm = wavelength_in(line_above(grid.sheet, grid.header, lambda text: text.startswith(_WAVELENGTH)))
    if kind is not None:
        require_whole(grid)
        draft.add_grid(grid, grid_block(grid, kind, grid.corner, nm))
    elif is_reduced(grid.corner):
        draft.add_grid(grid, grid_block(grid, Kind.ABSORBANCE, grid.corner, nm, reduced=True))
    else:
        draft.keep(grid, f"{grid.sheet.name}: {grid.corner or plate}".strip(": "))


def _without_typed(draft: PlateDraft, document: Document) -> None:
    """SkanIt measures the wells that have a sample: a number in another one was typed by a person."""
    for number, block in enumerate(draft.blocks):
        used = _sampled(block, document)
        typed = [at for at, cell, _, _ in block.spots if used and at not in used and number_like(cell)]
        if typed:
            names = ", ".join(at.name for at in sorted(typed))
            draft.blocks[number] = replace(block, unreadable=frozenset(typed))
            draft.remarks.append(
                Message(
                    "TYPED_NUMBERS: the sample table of the export leaves {wells} empty; the numbers there "
                    "were not measured and not read",
                    wells=names,
                )
            )


def _sampled(block: Block, document: Document) -> set[Well]:
    """Wells with a sample, by the first sample table below a matrix; none where no table is there."""
    last = max((line for _, _, line, _ in block.spots), default=0)
    for sheet in document.sheets:
        for grid in find_grids(sheet) if sheet.name == block.sheet.name else ():
            if grid.header > last and small(grid.corner) in _SAMPLES:
                return {
                    at for at, cell, _, _ in grid_block(grid, block.kind, "", None).spots if is_filled(cell)
                }
            if grid.header > last and small(grid.corner) not in _CORNERS:
                return set()
    return set()


def _plate_name(grid: Grid, lines: set[int]) -> str:
    """The nearest line above that is in no matrix and does not state a wavelength."""
    for above in range(grid.header - 1, -1, -1):
        text = first_cell(grid.sheet.rows[above])
        if text and above not in lines:
            return "" if small(text).startswith(_WAVELENGTH) else text
    return ""
