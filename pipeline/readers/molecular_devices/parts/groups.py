"""Group tables of SoftMax Pro exports: vendor results, kept as they stand, and the wells that they mask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeAlias

from pipeline.domain.message import Message
from pipeline.domain.plate import Kind, PlateRead, WellState
from pipeline.domain.wells import Well
from pipeline.errors import InputError
from pipeline.readers.molecular_devices.parts.blocks import SoftMaxBlock
from pipeline.readers.parts.blocks import Block, Spot
from pipeline.readers.parts.plates import PlateDraft
from pipeline.readers.parts.taken import is_filled
from pipeline.tables.cells import cell_text
from pipeline.tables.workbook import Sheet

GroupTable: TypeAlias = "dict[str, object]"
"""``name`` and ``rows``, a list of {column: cell}."""

_RAW_COLUMNS = frozenset({"RFU_VALUES", "RLU_VALUES", "OD_VALUES"})
"""Columns that hold measured values, in capitals."""


def group_table(block: SoftMaxBlock) -> GroupTable:
    """A group table as it stands: its name, a mapping of column to cell for each line, and what is below."""
    texts = [[cell_text(cell).strip() for cell in row] for row in block.rows]
    end, columns = _end(block), texts[1] if len(texts) > 1 else []
    rows = [
        {
            columns[column]: text
            for column, text in enumerate(line[: len(columns)])
            if text and columns[column]
        }
        for line in texts[2:end]
    ]
    below = [filled for line in texts[end:] if (filled := [text for text in line if text])]
    name = " ".join(filter(None, texts[0])).removeprefix("Group:").strip()
    return {"name": name, "rows": [row for row in rows if row], **({"below": below} if below else {})}


def cells_of_group(block: SoftMaxBlock) -> Iterator[tuple[int, int]]:
    """(line in the block, column) of the cells of :func:`group_table`."""
    rows, end = block.rows, _end(block)
    named = {column for column, cell in enumerate(rows[1]) if is_filled(cell)} if len(rows) > 1 else set()
    for index, row in enumerate(rows):
        inside = 1 < index < end
        yield from (
            (index, c) for c, cell in enumerate(row) if is_filled(cell) and (c in named or not inside)
        )


def _end(block: SoftMaxBlock) -> int:
    """Index of the first line below the table: empty, or the formulas of its columns."""
    for index, row in enumerate(block.rows[2:], start=2):
        if not any(map(is_filled, row)) or cell_text(row[0]) == "Group Column":
            return index
    return len(block.rows)


def with_masks(plates: list[PlateRead], group: GroupTable, last: int) -> list[PlateRead]:
    """Mark the wells that a group table shows as masked; it speaks of the plate it names, else the last."""
    result = list(plates)
    for row in _rows(group):
        if "Masked" not in row.values() or "Wells" not in row:
            continue
        named = [i for i, plate in enumerate(result[: last + 1]) if plate.name == row.get("WellPlateName")]
        index = named[-1] if named else last
        result[index] = _masked(result[index], row["Wells"])
    return result


def _rows(group: GroupTable) -> list[dict[str, str]]:
    rows = group["rows"]
    return rows if isinstance(rows, list) else []


def _masked(plate: PlateRead, well_name: str) -> PlateRead:
    try:
        at = Well.parse(well_name)
    except ValueError:
        return replace(
            plate, cells_not_understood=(*plate.cells_not_understood, f"masked well '{well_name}'")
        )
    reads = tuple(replace(r, states={**r.states, at: WellState.MASKED}) for r in plate.reads)
    return replace(plate, reads=reads)


def draft_of_groups(groups: list[GroupTable], sheet: Sheet) -> PlateDraft:
    """A file without a plate block: the wells and raw values of its group tables."""
    spots: dict[Well, Spot] = {}
    label = ""
    for group in groups:
        for number, row in enumerate(_rows(group)):
            label = label or next((c for c in row if c.upper() in _RAW_COLUMNS), "")
            if "Wells" in row and label in row:
                at = _well(row["Wells"])
                spots[at] = (at, row[label], number, 0)
    if not spots:
        raise InputError(
            "NO_PLATE",
            "the export holds no plate",
            found=Message("{n:n} group tables without raw values", n=len(groups)),
            expected="a block 'Plate:'",
            action="Export the plate sections as well as the groups.",
        )
    kind = Kind.FLUORESCENCE if "RFU" in label.upper() else Kind.OTHER
    draft = PlateDraft((sheet,), facts={"read_mode": "group tables only"})
    # the cells themselves are kept as tables: the lines of the block count from 0 in an empty sheet
    draft.add(Block(Sheet("group tables", []), list(spots.values()), kind, label, place="group tables"))
    return draft


def _well(name: str) -> Well:
    try:
        return Well.parse(name)
    except ValueError as error:
        raise InputError(
            "WELL_UNKNOWN",
            "a group table names a well that no plate has",
            found=f"'{name[:20]}'",
            expected="a well such as A1",
            action="Export the plate sections as well as the groups.",
        ) from error
