"""Wallac 1420 Manager text exports (PerkinElmer VICTOR): a line for each plate, repeat and well.

Each label has a column of times before its column of values. Below the list the file prints the same values
as matrices; they are kept, not read twice.
"""

from __future__ import annotations

from pipeline.domain.plate import Kind, PlateRead
from pipeline.domain.wells import Well
from pipeline.readers.parts.blocks import Block, Spot
from pipeline.readers.parts.grids import where
from pipeline.readers.parts.head import Head, seen, small
from pipeline.readers.parts.lists import require_end, require_lengths, well_at
from pipeline.readers.parts.plates import PlateDraft, finish
from pipeline.readers.parts.sections import first_text, split_at
from pipeline.readers.parts.words import kind_of, seconds_in, wavelength_in
from pipeline.tables.cells import cell_text
from pipeline.tables.document import Document
from pipeline.tables.workbook import Sheet

NAME = "PerkinElmer VICTOR"

_COLUMNS = ["plate", "repeat", "well", "type"]
_FIRST_LABEL = 4


def sniff(head: Head) -> str | None:
    """The columns ``Plate``, ``Repeat``, ``Well``, ``Type`` in one line."""
    for sheet in head.sheets:
        for index, row in enumerate(sheet.rows):
            if [small(cell_text(cell)) for cell in row[:_FIRST_LABEL]] == _COLUMNS:
                return seen("Plate', 'Repeat', 'Well", where(sheet, index, 0))
    return None


def read(document: Document) -> list[PlateRead]:
    """Read every plate with its repeats."""
    sheet = document.sheets[0]
    header = next(i for i, row in enumerate(sheet.rows) if [small(cell_text(c)) for c in row[:4]] == _COLUMNS)
    passes: dict[tuple[str, str], list[tuple[int, Well]]] = {}
    index = header + 1
    while index < len(sheet.rows) and (at := well_at(sheet.rows[index], 2)) is not None:
        plate, repeat = (cell_text(cell).strip() for cell in sheet.rows[index][:2])
        passes.setdefault((plate, repeat), []).append((index, at))
        index += 1
    require_lengths(sheet, range(header, index), 0)
    require_end(sheet, index, len(sheet.rows[header]))
    drafts: dict[str, PlateDraft] = {}
    for (plate, repeat), lines in passes.items():
        if plate not in drafts:
            drafts[plate] = PlateDraft((sheet,), plate)
            _keep_below(drafts[plate], sheet, index)
        draft = drafts[plate]
        _keep_list(draft, sheet, header, [line for line, _ in lines])
        several = sum(name == plate for name, _ in passes) > 1
        _labels(draft, sheet, header, lines, repeat if several else None)
        if several:
            draft.facts["read_mode"] = "kinetic"
    return finish(list(drafts.values()), document)


def _labels(
    draft: PlateDraft, sheet: Sheet, header: int, lines: list[tuple[int, Well]], repeat: str | None
) -> None:
    """A read for each label; one that was repeated has its repeat and time."""
    titles = [cell_text(cell).strip() for cell in sheet.rows[header]]
    for column in range(_FIRST_LABEL, len(titles)):
        title = titles[column]
        if not title or small(title) == "time":
            continue
        kind = _kind(sheet, title)
        spots: list[Spot] = [(at, sheet.rows[index][column], index, column) for index, at in lines]
        clock = cell_text(sheet.rows[lines[0][0]][column - 1]) if small(titles[column - 1]) == "time" else ""
        nm = wavelength_in(title) if kind is Kind.ABSORBANCE else None
        label = title if repeat in (None, "1") else f"{title}, repeat {repeat}"
        seconds = seconds_in(clock) if repeat is not None else None
        place = where(sheet, lines[0][0], column)
        draft.add(Block(sheet, spots, kind, label, nm, seconds, place))


def _kind(sheet: Sheet, title: str) -> Kind:
    """By the label; for counts, by the technology that the protocol below names for it."""
    kind = kind_of(title)
    if kind is not None:
        return kind
    name = small(title).partition(" (")[0]
    for part in split_at(sheet, lambda first: first.startswith("name of the label")):
        if first_text(part.rows[0]).endswith(f" {name}"):
            return _technology(part)
    return Kind.OTHER


def _technology(part: Sheet) -> Kind:
    line = next((text for row in part.rows if (text := first_text(row)).startswith("label technology")), "")
    return kind_of(line.removeprefix("label technology").strip(" .")) or Kind.OTHER


def _keep_list(draft: PlateDraft, sheet: Sheet, header: int, lines: list[int]) -> None:
    """Plate, repeat and well name a line, its times are in the reads or kept; types of wells are kept."""
    draft.take_line(sheet, header)
    for index in lines:
        draft.take_heading(sheet, index, 0, 1, 2)
    titles = [small(cell_text(cell)) for cell in sheet.rows[header]]
    for column in (c for c, title in enumerate(titles) if title in {"type", "time"}):
        draft.keep_cells(sheet, [(index, column) for index in lines], titles[column])


def _keep_below(draft: PlateDraft, sheet: Sheet, start: int) -> None:
    """What stands between the list and the protocol repeats the list as matrices."""
    lines = range(start, len(sheet.rows))
    end = next((i for i in lines if first_text(sheet.rows[i]).startswith("protocol")), len(sheet.rows))
    if end > start:
        draft.keep_lines(sheet, start, end, "matrices below the list")
