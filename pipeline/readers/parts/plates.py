"""From blocks to plates: one decimal sign for the file, the plate's size, what was left over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.domain.plate import PlateRead
from pipeline.domain.wells import PLATE_SHAPES
from pipeline.errors import InputError
from pipeline.readers.parts.blocks import Block, one_sign, reading, sign_of
from pipeline.readers.parts.grids import Grid, where
from pipeline.readers.parts.rest import Facts, Taken, facts_of, table_of
from pipeline.tables.cells import cell_text
from pipeline.tables.document import Document
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
    remarks: list[str] = field(default_factory=list)
    """What is odd about the file, as ``CODE: text``; a person should look at it."""
    taken: Taken = field(default_factory=Taken)
    shape: tuple[int, int] | None = None
    """Rows and columns, where the file states them."""

    def add(self, block: Block) -> None:
        """Add a read; its lines are taken by the caller."""
        self.blocks.append(block)

    def add_grid(self, grid: Grid, block: Block) -> None:
        """Add the read in a grid, and take the grid."""
        self.taken.grid(grid)
        self.blocks.append(block)

    def keep(self, grid: Grid, title: str) -> None:
        """Keep a grid that is no read."""
        self.taken.grid(grid)
        self.tables.append(table_of(grid, title))

    def keep_lines(self, sheet: Sheet, start: int, end: int, title: str) -> None:
        """Keep whole lines that are neither reads nor facts (a run log, copies of the reads)."""
        rows = [[cell_text(cell).strip() for cell in row] for row in sheet.rows[start:end]]
        self.taken.lines(sheet, start, end)
        self.tables.append({"title": title, "place": where(sheet, start, 0), "rows": rows})

    def take_title(self, grid: Grid) -> None:
        """Take the line above a grid that holds nothing but its title."""
        if grid.title_line is not None:
            self.taken.lines(grid.sheet, grid.title_line, grid.title_line + 1)


def finish(
    drafts: Sequence[PlateDraft],
    document: Document,
    *,
    keys: Mapping[str, str] | None = None,
    mixed_signs: bool = False,
) -> list[PlateRead]:
    """Understand the numbers of all plates by one decimal sign, and sort what is left of their lines.

    Args:
        drafts: the plates as a reader collected them.
        document: where they come from.
        keys: labels of this software -> our names for facts.
        mixed_signs: the software is known to mix decimal signs; each cell is read by its own.

    Raises:
        InputError: ``NO_PLATE`` when there is no read at all, and whatever is wrong with a number.
    """
    blocks = [block for draft in drafts for block in draft.blocks]
    if not blocks:
        raise InputError(
            "NO_PLATE",
            "the file holds no read of a plate",
            expected="values as they were measured, not calculated ones alone",
            action="Export the raw data of the plate.",
        )
    sign = sign_of(blocks) if mixed_signs else one_sign(blocks)
    how: dict[str, object] = {"encoding": document.encoding}
    if document.form == "text":
        how["decimal_sign"] = f"{sign.sign} ({sign.proof or 'no proof needed'})"
    hidden = [f"HIDDEN_CELLS: '{name}' has hidden parts; all was read" for name in document.hidden]
    sorted_out: dict[tuple[int, tuple[int, ...]], Facts] = {}  # plates may share all their lines
    plates = []
    for draft in drafts:
        if not draft.blocks:
            continue
        same = (id(draft.taken), tuple(map(id, draft.sheets)))
        if same not in sorted_out:
            sorted_out[same] = facts_of(draft.sheets, draft.taken, keys)
        facts = sorted_out[same]
        metadata = {**facts.metadata(), **draft.facts, **how}
        if draft.remarks or hidden:
            metadata["remarks"] = [*draft.remarks, *hidden]
        if draft.tables:
            metadata["tables"] = draft.tables
        reads = tuple(reading(block, sign) for block in draft.blocks)
        rows, columns = _shape(draft)
        name = draft.name or str(metadata.get("plate_name", ""))
        plates.append(PlateRead(name, rows, columns, reads, metadata, tuple(facts.not_understood)))
    return plates


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
        found=f"well {last.name}",
        expected=f"a plate of {shapes[-1][0]} rows x {shapes[-1][1]} columns",
        action="Export the whole plate again.",
    )
