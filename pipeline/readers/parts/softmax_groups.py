"""Group tables of SoftMax Pro exports: vendor results, kept as they stand, and the wells that they mask."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from pipeline.domain.plate import Kind, PlateRead, PlateReading, Quantity, WellState
from pipeline.domain.wells import PLATE_SHAPES, Well
from pipeline.errors import InputError, TiterlineError
from pipeline.readers.parts.softmax_blocks import SoftMaxBlock
from pipeline.tables.cells import cell_text
from pipeline.tables.numbers import DecimalSign, WellCell, well_cell

GroupTable: TypeAlias = "dict[str, object]"
"""``name`` and ``rows``, a list of {column: cell}."""

_RAW_COLUMNS = frozenset({"RFU_VALUES", "RLU_VALUES", "OD_VALUES"})
"""Columns that hold measured values, in capitals."""


def group_table(block: SoftMaxBlock) -> GroupTable:
    """A group table as it stands: its name and one mapping of column to cell for each line."""
    rows = [[cell_text(cell).strip() for cell in row] for row in block.rows]
    columns = rows[1] if len(rows) > 1 else []
    lines = []
    for row in rows[2:]:
        if not any(row) or row[0] == "Group Column":
            break
        lines.append({column: cell for column, cell in zip(columns, row, strict=False) if column and cell})
    return {"name": rows[0][0].removeprefix("Group:").strip(), "rows": lines}


def with_masks(plates: list[PlateRead], group: GroupTable) -> list[PlateRead]:
    """Mark the wells that a group table shows as masked; it speaks of the plate it names, else the last."""
    if not plates:
        return plates
    result = list(plates)
    for row in _rows(group):
        if "Masked" not in row.values() or "Wells" not in row:
            continue
        named = [i for i, plate in enumerate(result) if plate.name == row.get("WellPlateName")]
        index = named[-1] if named else len(result) - 1
        result[index] = _masked(result[index], row["Wells"])
    return result


def _rows(group: GroupTable) -> list[dict[str, str]]:
    rows = group["rows"]
    return rows if isinstance(rows, list) else []


def _masked(plate: PlateRead, well_name: str) -> PlateRead:
    try:
        well = Well.parse(well_name)
    except ValueError:
        return replace(
            plate, cells_not_understood=(*plate.cells_not_understood, f"masked well '{well_name}'")
        )
    reads = tuple(replace(r, states={**r.states, well: WellState.MASKED}) for r in plate.reads)
    return replace(plate, reads=reads)


def with_groups(plates: list[PlateRead], groups: list[GroupTable]) -> list[PlateRead]:
    """Vendor tables are kept with every plate of the file: they are its results, never its reads."""
    if not groups:
        return plates
    return [replace(plate, metadata={**plate.metadata, "groups": groups}) for plate in plates]


def plate_of_groups(groups: list[GroupTable]) -> PlateRead:
    """A file without a plate block: the wells and raw values of its group tables."""
    values: dict[Well, float] = {}
    label = ""
    sign = DecimalSign(".", "SoftMax group table")
    for group in groups:
        for row in _rows(group):
            label = label or next((c for c in row if c.upper() in _RAW_COLUMNS), "")
            if "Wells" in row and label in row:
                number, _ = _value(row, label, sign)
                if number is not None:
                    values[_well(row["Wells"])] = number
    if not values:
        raise InputError(
            "NO_PLATE",
            "the export holds no plate",
            found=f"{len(groups)} group tables without raw values",
            expected="a block 'Plate:'",
            action="Export the plate sections as well as the groups.",
        )
    rows, columns = _smallest_plate(values)
    kind = Kind.FLUORESCENCE if "RFU" in label.upper() else Kind.OTHER
    reading = PlateReading(kind, Quantity.RAW, None, label, None, values, {}, "group tables")
    return PlateRead("", rows, columns, (reading,), {"read_mode": "group tables only"})


def _value(row: dict[str, str], label: str, sign: DecimalSign) -> WellCell:
    try:
        return well_cell(row[label], sign)
    except TiterlineError as error:
        raise error.at(f"group table, well {row['Wells']}") from error


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


def _smallest_plate(values: dict[Well, float]) -> tuple[int, int]:
    for rows, columns in PLATE_SHAPES.values():
        if all(well.row < rows and well.column < columns for well in values):
            return rows, columns
    raise InputError("PLATE_SHAPE", "the wells fit no plate", found=f"{len(values)} wells")
