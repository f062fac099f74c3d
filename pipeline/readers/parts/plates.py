"""From blocks to plates: raw or reduced, one decimal sign, the plate's size, where every cell has gone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.domain.message import Message
from pipeline.domain.plate import CellCount, PlateRead
from pipeline.domain.wells import PLATE_SHAPES
from pipeline.errors import InputError
from pipeline.readers.parts.blocks import Block, one_sign, reading, sign_of
from pipeline.readers.parts.grids import Grid, where
from pipeline.readers.parts.lists import WellList
from pipeline.readers.parts.owners import lines_of_plates
from pipeline.readers.parts.rest import Facts, facts_of
from pipeline.readers.parts.sorting import Rest, sorted_out
from pipeline.readers.parts.taken import Taken, Use, filled_cells
from pipeline.readers.parts.titles import renamed
from pipeline.tables.cells import cell_text
from pipeline.tables.document import Document
from pipeline.tables.numbers import DecimalSign
from pipeline.tables.workbook import Sheet


@dataclass(slots=True)
class PlateDraft:
    """A plate while a reader collects it: its part of the file, its reads, and what else belongs to it."""

    sheets: tuple[Sheet, ...]
    """The lines that speak of this plate."""
    name: str = ""
    """Empty: taken from the facts, where the file states a plate name."""
    blocks: list[Block] = field(default_factory=list)
    tables: list[dict[str, object]] = field(default_factory=list)
    facts: dict[str, object] = field(default_factory=dict)
    """Facts that the reader itself has found; they win over those of the lines."""
    notes: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    """What is odd about the file, as ``CODE: text``; a person should look at it."""
    taken: Taken = field(default_factory=Taken)
    """Headings and cells of tables; those of reads are taken at the end."""
    shape: tuple[int, int] | None = None
    """Rows and columns, where the file states them."""
    headed: str = ""
    """Where the head of the software stands that promises a plate; empty where none does."""
    named_by_sheet: bool = False
    """The software names its sheets all alike: another name is the user's name for the plate."""

    def add(self, block: Block) -> None:
        """Add a read."""
        self.blocks.append(block)

    def add_grid(self, grid: Grid, block: Block) -> None:
        """Add the read in a grid, and take the grid's letters and numbers."""
        self.take_labels(grid)
        self.blocks.append(block)

    def keep(self, grid: Grid, title: str, lines: Sequence[int] | None = None) -> None:
        """Keep a grid that is no read, or some lines of it."""
        self.take_labels(grid)
        chosen = [line for line in grid.lines if lines is None or line.index in lines]
        for line in chosen:
            self.taken.cells(Use.TABLE, grid.sheet, line.index, grid.places)
        rows = [[line.row + 1, *(cell_text(cell).strip() for cell in line.cells)] for line in chosen]
        columns = [column + 1 for column in grid.columns]
        self.tables.append({"title": title, "place": grid.place, "columns": columns, "rows": rows})

    def keep_lines(self, sheet: Sheet, start: int, end: int, title: str) -> None:
        """Keep whole lines that are neither reads nor facts (a run log, copies of the reads)."""
        rows = []
        for index in range(start, end):
            self.taken.cells(Use.TABLE, sheet, index, range(len(sheet.rows[index])))
            rows.append([cell_text(cell).strip() for cell in sheet.rows[index]])
        self.tables.append({"title": title, "place": where(sheet, start, 0), "rows": rows})

    def keep_column(self, wells: WellList, column: int) -> None:
        """Keep a column of a list that is no read (sample names, the vendor's results)."""
        rows = []
        for at, cell, index, _ in wells.spots(column):
            self.taken.cells(Use.TABLE, wells.sheet, index, [column])
            rows.append([at.name, cell_text(cell).strip()])
        name = wells.names[column] if column < len(wells.names) else ""
        self.take_heading(wells.sheet, wells.header, column)
        place = where(wells.sheet, wells.header, column)
        self.tables.append({"title": name, "place": place, "rows": rows})

    def keep_cells(self, sheet: Sheet, cells: Sequence[tuple[int, int]], title: str) -> None:
        """Keep single cells (temperatures, times of wells), each by its line and column from 0."""
        for index, column in cells:
            self.taken.cells(Use.TABLE, sheet, index, [column])
        if cells:
            rows = [[cell_text(sheet.rows[index][column]).strip()] for index, column in cells]
            self.tables.append({"title": title, "place": where(sheet, *cells[0]), "rows": rows})

    def keep_notes(self, lines: Sheet) -> None:
        """Keep lines of free text, each as a note."""
        for index, row in enumerate(lines.rows):
            text = " ".join(filter(None, (cell_text(cell).strip() for cell in row)))
            if text:
                self.notes.append(text)
                self.taken.cells(Use.FACT, lines, index, range(len(row)))

    def take_list(self, wells: WellList) -> None:
        """Take a list's names of wells."""
        for index in (wells.header, *wells.lines):
            self.take_heading(wells.sheet, index, *wells.columns)

    def take_labels(self, grid: Grid) -> None:
        """Take a grid's column numbers, its corner, its row letters and the labels behind its lines."""
        corner = [grid.corner_place] if grid.corner_place is not None else []
        self.taken.cells(Use.HEADING, grid.sheet, grid.header, [*corner, *grid.places])
        for line in grid.lines if grid.left >= 0 else ():
            self.take_heading(grid.sheet, line.index, grid.left)

    def take_title(self, grid: Grid) -> None:
        """Take the line above a grid that holds nothing but its title."""
        if grid.title_line is not None:
            self.take_line(grid.sheet, grid.title_line)

    def take_line(self, sheet: Sheet, index: int) -> None:
        """Take a whole line that names a read or says when it was made."""
        self.taken.cells(Use.HEADING, sheet, index, range(len(sheet.rows[index])))

    def take_heading(self, sheet: Sheet, index: int, *columns: int) -> None:
        """Take cells that say what the values beside or below them are."""
        self.taken.cells(Use.HEADING, sheet, index, columns)


def finish(
    drafts: Sequence[PlateDraft],
    document: Document,
    *,
    keys: Mapping[str, str] | None = None,
    mixed_signs: bool = False,
) -> list[PlateRead]:
    """Understand the numbers of all plates by one decimal sign, and sort every cell that is left.

    Args:
        drafts: the plates as a reader collected them.
        document: where they come from.
        keys: labels of this software -> our names for facts.
        mixed_signs: the software is known to mix decimal signs; each cell is read by its own.

    Raises:
        InputError: ``NO_PLATE`` when there is no read at all or a head promises a plate that is not there,
            whatever is wrong with a number, and whatever is left over and looks like a part of a plate.
    """
    for draft in drafts:
        draft.blocks = [block for block in draft.blocks if block.spots]
    live = [draft for draft in drafts if draft.blocks]
    _require_plates(drafts, live)
    taken = Taken()
    for draft in drafts:
        _settle(draft)
        taken.merge(draft.taken)
    blocks = [block for draft in live for block in draft.blocks]
    sign = sign_of(blocks) if mixed_signs else one_sign(blocks)
    filled = filled_cells(document.sheets)
    rest = sorted_out(document, {sheet.name for draft in live for sheet in draft.sheets}, filled, taken)
    rest.tables += [table for draft in drafts if not draft.blocks for table in draft.tables]
    rest.remarks += [
        Message("HIDDEN_CELLS: '{name}' has hidden parts; all was read", name=name)
        for name in document.hidden
    ]
    lines = lines_of_plates([(draft.sheets, draft.blocks) for draft in live], rest.lines)
    count = taken.count(filled)
    return [
        _plate(
            draft,
            facts_of(said.own, said.head, said.elsewhere, said.common, keys),
            rest,
            _how(document, sign),
            count,
            sign,
        )
        for draft, said in zip(live, lines, strict=True)
    ]


def _require_plates(drafts: Sequence[PlateDraft], live: Sequence[PlateDraft]) -> None:
    """Every head of the software promises a plate; a file without any read is no export of a plate."""
    empty = next((draft for draft in drafts if draft.headed and not draft.blocks), None)
    if live and empty is None:
        return
    tables = [str(table["title"]) or "without a title" for draft in drafts for table in draft.tables]
    raise InputError(
        "NO_PLATE",
        "the file holds no read of a plate" if not live else "a part of the export holds no read of a plate",
        place=(empty.headed or None) if empty is not None else None,
        found=Message("tables that are no reads: {names}", names=", ".join(dict.fromkeys(tables))[:200])
        if tables
        else "no values of wells",
        expected="values as they were measured, not calculated ones alone",
        action="Export the raw data of the plate.",
    )


def _settle(draft: PlateDraft) -> None:
    """A reduced block is a read only where no raw one of the plate can be what it was reduced from."""
    raw = [block for block in draft.blocks if not block.reduced]
    kept = [block for block in draft.blocks if not block.reduced or not any(_before(block, r) for r in raw)]
    for block in draft.blocks:
        is_read = any(block is one for one in kept)
        lines: dict[int, list[int]] = defaultdict(list)
        for at, _, line, column in block.spots:
            if at not in block.unreadable:  # such a cell stays in the list of those not understood
                lines[line].append(column)
        for line, columns in lines.items():
            draft.taken.cells(Use.READ if is_read else Use.TABLE, block.sheet, line, columns)
        if not is_read:
            draft.tables.append(block.table())
    draft.blocks = kept


def _before(reduced: Block, raw: Block) -> bool:
    """Can these be the raw numbers of the reduced ones?"""
    stated = reduced.wavelength_nm is not None and raw.wavelength_nm is not None
    return reduced.kind is raw.kind and (not stated or reduced.wavelength_nm == raw.wavelength_nm)


def _how(document: Document, sign: DecimalSign) -> dict[str, object]:
    how: dict[str, object] = {"encoding": document.encoding}
    if document.form == "text":
        how["decimal_sign"] = f"{sign.sign} ({sign.proof or 'no proof needed'})"
    return how


def _plate(
    draft: PlateDraft,
    facts: Facts,
    rest: Rest,
    how: Mapping[str, object],
    count: CellCount,
    sign: DecimalSign,
) -> PlateRead:
    facts.notes = [*draft.notes, *facts.notes]
    metadata = {**facts.metadata(), **draft.facts, **how}
    if draft.remarks or rest.remarks:
        metadata["remarks"] = [*draft.remarks, *rest.remarks]
    if draft.tables or rest.tables:
        metadata["tables"] = [*draft.tables, *rest.tables]
    rows, columns = _shape(draft)
    return PlateRead(
        draft.name or str(metadata.get("plate_name", "")) or _sheet_name(draft),
        rows,
        columns,
        tuple(reading(block, sign) for block in draft.blocks),
        metadata,
        tuple(facts.not_understood),
        count,
    )


def _sheet_name(draft: PlateDraft) -> str:
    sheets = {block.sheet.name for block in draft.blocks}
    return renamed(sheets.pop()) if draft.named_by_sheet and len(sheets) == 1 else ""


def _shape(draft: PlateDraft) -> tuple[int, int]:
    """As the file states it, else the smallest plate that has all the wells."""
    wells = [spot[0] for block in draft.blocks for spot in block.spots]
    shapes = [draft.shape] if draft.shape is not None else list(PLATE_SHAPES.values())
    for rows, columns in shapes:
        if all(well.row < rows and well.column < columns for well in wells):
            return rows, columns
    last = max(wells)
    raise InputError(
        "PLATE_SHAPE",
        "the file names wells that its plate does not have",
        found=Message("well {well}", well=last.name),
        expected=Message("a plate of {n:n} rows x {m:n} columns", n=shapes[-1][0], m=shapes[-1][1]),
        action="Export the whole plate again.",
    )
