"""SoftMax Pro text exports (versions 5, 6 and 7; Molecular Devices).

Blocks from ``Plate:``, ``Group:`` or ``Note:`` to ``~End``. A plate block is ``PlateFormat`` (a line for each
row, wavelengths side by side) or ``TimeFormat`` (all wells on one line, a line for each wavelength); kinetic
plates repeat it with a time in the first column. Below an empty line and a second header stand the reduced
values, which are not reads unless the file holds nothing else. Group tables say which wells were masked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from pipeline.domain.plate import PlateRead, PlateReading, Quantity, WellState
from pipeline.domain.wells import Well, plate_wells, row_letters
from pipeline.errors import InputError, TiterlineError
from pipeline.readers.parts.head import Head
from pipeline.readers.parts.softmax_blocks import (
    PlateHeader,
    SoftMaxBlock,
    blocks_of,
    not_understood,
    plate_header,
)
from pipeline.readers.parts.softmax_groups import group_table, plate_of_groups, with_groups, with_masks
from pipeline.tables.cells import cell_text
from pipeline.tables.document import Document
from pipeline.tables.numbers import DecimalSign, decimal_sign, well_cell
from pipeline.tables.workbook import Cell

NAME = "SoftMax Pro"

Lines: TypeAlias = "list[tuple[int, list[Cell]]]"
"""Lines of a block, each with its index within the block."""

_TIME = re.compile(r"(?:(\d+):)?(\d+):(\d+)(?:[.,]\d+)?\Z")
_FIRST_VALUE = 2
"""Column of the first value: before it stand time and temperature."""


def sniff(head: Head) -> str | None:
    """``##BLOCKS=`` at the start."""
    return head.starts("##BLOCKS=")


def read(document: Document) -> list[PlateRead]:
    """Read every plate block; a file with group tables alone gives the plate that they describe."""
    blocks = [block for sheet in document.sheets for block in blocks_of(sheet)]
    plates: list[PlateRead] = []
    groups: list[dict[str, object]] = []
    notes = [
        " ".join(filter(None, map(cell_text, block.rows[0]))) for block in blocks if block.kind == "Note"
    ]
    for block in blocks:
        if block.kind == "Plate":
            plates.append(_plate(block))
        elif block.kind == "Group":
            group = group_table(block)
            groups.append(group)
            plates = with_masks(plates, group)
    if not plates:
        plates = [plate_of_groups(groups)]
    shared = {"encoding": document.encoding, "notes": [note for note in notes if note != "Note:"]}
    return [replace(plate, metadata={**plate.metadata, **shared}) for plate in with_groups(plates, groups)]


def _plate(block: SoftMaxBlock) -> PlateRead:
    header = plate_header(block)
    texts = (cell.strip() for row in block.rows[2:] for cell in row[1:] if isinstance(cell, str))
    sign = decimal_sign(texts)
    sections = list(_sections(block, header))
    raw = [section for section in sections if not section.reduced]
    reads = tuple(
        reading for section in raw or sections for reading in _section_reads(section, block, header, sign)
    )
    if not reads:
        raise InputError(
            "NO_VALUES",
            f"plate '{header.name}' holds no value",
            place=block.place(0),
            expected="a line of values for each row or wavelength",
            action="Export the plate again.",
        )
    metadata: dict[str, object] = {
        "read_mode": header.read_mode,
        "decimal_sign": f"{sign.sign} ({sign.proof})",
    }
    temperature = next((_text(row, 1) for row in block.rows[2:] if _text(row, 1)), None)
    if temperature is not None:
        metadata["temperature_c"] = temperature
    if raw and len(raw) < len(sections):
        calculated = [
            [cell_text(cell) for cell in row[_FIRST_VALUE:]]
            for section in sections
            if section.reduced
            for _, row in section.lines
        ]
        metadata["reduced"] = calculated
    return PlateRead(header.name, header.rows, header.columns, reads, metadata)


def _text(row: Sequence[Cell], column: int) -> str:
    return cell_text(row[column]).strip() if column < len(row) else ""


def _filled(row: Sequence[Cell]) -> bool:
    return any(cell_text(cell).strip() for cell in row)


@dataclass(frozen=True, slots=True)
class _Section:
    """A header of wells or columns and the value lines below it."""

    reduced: bool
    header: int
    """Index of the header within the block."""
    labels: list[str]
    lines: Lines


def _sections(block: SoftMaxBlock, header: PlateHeader) -> Iterator[_Section]:
    """Split the block at its label lines; raw stands under the first, reduced under a later one."""
    label = "1" if header.by_plate else "A1"
    rows = block.rows
    starts = [i for i, row in enumerate(rows) if i and _text(row, _FIRST_VALUE) == label]
    if not starts:
        found = " ".join(map(cell_text, rows[1]))[:60] if len(rows) > 1 else ""
        raise not_understood(block, 1, found, f"a line of labels from {label}")
    for number, start in enumerate(starts):
        end = starts[number + 1] if number + 1 < len(starts) else len(rows)
        lines = list(enumerate(rows[start + 1 : end], start=start + 1))
        labels = [cell_text(cell).strip() for cell in rows[start]]
        yield _Section(header.reduced or number > 0, start, labels, lines)


def _section_reads(
    section: _Section, block: SoftMaxBlock, header: PlateHeader, sign: DecimalSign
) -> Iterator[PlateReading]:
    wavelengths = 1 if section.reduced else len(header.wavelengths)
    per_time = header.rows if header.by_plate else wavelengths
    for chunk in _chunks(section, block, header, per_time):
        yield from (_by_plate if header.by_plate else _by_time)(section, chunk, block, header, sign)


def _chunks(section: _Section, block: SoftMaxBlock, header: PlateHeader, per_time: int) -> Iterator[Lines]:
    """The lines of each time point; empty lines separate them, and a time without values is none."""
    chunk: Lines = []
    for index, row in section.lines:
        inside_plate = header.by_plate and chunk
        if not any(cell_text(cell) for cell in row) and not (inside_plate and len(row) > _FIRST_VALUE):
            if inside_plate:
                break
            continue
        chunk.append((index, row))
        if len(chunk) == per_time:
            if any(_filled(line[_FIRST_VALUE:]) for _, line in chunk):
                yield chunk
            chunk = []
    if any(_filled(row) for _, row in chunk):
        raise InputError(
            "FILE_INCOMPLETE",
            f"plate '{header.name}' is not complete",
            place=block.place(chunk[-1][0]),
            found=f"{len(chunk)} lines of values at the end",
            expected=f"{per_time} lines",
            action="The copy or the export stopped early. Export the plate again.",
        )


def _by_plate(
    section: _Section, chunk: Lines, block: SoftMaxBlock, header: PlateHeader, sign: DecimalSign
) -> Iterator[PlateReading]:
    """Eight (or 16, 32) lines; the wavelengths side by side with an empty column between them."""
    sides = 1 if section.reduced else len(header.wavelengths)
    _nothing_between(chunk, block, header, sides)
    for side in range(sides):
        offset = _FIRST_VALUE + side * (header.columns + 1)
        _columns_labelled(section, block, offset, header)
        cells = [
            (Well(r, c), row[offset + c] if offset + c < len(row) else None, i)
            for r, (i, row) in enumerate(chunk)
            for c in range(header.columns)
        ]
        yield _reading(section, cells, side, chunk, block, header, sign)


def _nothing_between(chunk: Lines, block: SoftMaxBlock, header: PlateHeader, sides: int) -> None:
    """A tab too many moves every value behind it: columns between and behind the wavelengths are empty."""
    width = header.columns + 1
    for row_number, (index, row) in enumerate(chunk):
        beyond = row[_FIRST_VALUE + sides * width - 1 :]
        between = [
            row[_FIRST_VALUE + side * width - 1]
            for side in range(1, sides)
            if len(row) > _FIRST_VALUE + side * width
        ]
        if _filled([*between, *beyond]) or len(row) != len(chunk[0][1]):
            raise InputError(
                "ROW_LENGTH",
                f"row {row_letters(row_number)} does not have one cell for each column",
                place=block.place(index),
                found=f"{len(row)} cells in this line, {len(chunk[0][1])} in the first of the plate",
                expected=f"{header.columns} values for each wavelength",
                action="The file may be cut off or edited. Export the plate again.",
            )


def _by_time(
    section: _Section, chunk: Lines, block: SoftMaxBlock, header: PlateHeader, sign: DecimalSign
) -> Iterator[PlateReading]:
    """One line for each wavelength, all wells on it."""
    wells = [_label_well(text, section, block) for text in section.labels[_FIRST_VALUE:] if text]
    if set(wells) != set(plate_wells(header.rows, header.columns)) or len(set(wells)) != len(wells):
        raise InputError(
            "PLATE_SHAPE",
            f"plate '{header.name}' does not name all its wells",
            found=f"{len(wells)} wells",
            expected=f"{header.rows * header.columns} wells",
        )
    for side, (index, row) in enumerate(chunk):
        values = [*row[_FIRST_VALUE:], *[None] * len(wells)]
        odd = len(row) != len(chunk[0][1]) or len(row) < _FIRST_VALUE + len(wells)
        if odd or _filled(row[_FIRST_VALUE + len(wells) :]):
            raise InputError(
                "ROW_LENGTH",
                "a line does not have one cell for each well",
                place=block.place(index),
                found=f"{len(row) - _FIRST_VALUE} cells",
                expected=f"{len(wells)} values",
            )
        cells = [(well, cell, index) for well, cell in zip(wells, values, strict=False)]
        yield _reading(section, cells, side, [(index, row)], block, header, sign)


def _columns_labelled(section: _Section, block: SoftMaxBlock, offset: int, header: PlateHeader) -> None:
    labels = section.labels[offset : offset + header.columns]
    if labels != [str(c + 1) for c in range(header.columns)]:
        raise not_understood(block, 1, " ".join(labels), f"column labels 1 to {header.columns}")


def _label_well(text: str, section: _Section, block: SoftMaxBlock) -> Well:
    try:
        return Well.parse(text)
    except ValueError as error:
        raise not_understood(block, section.header, text, "well names A1, A2 ...") from error


def _reading(
    section: _Section,
    cells: list[tuple[Well, Cell, int]],
    side: int,
    chunk: Lines,
    block: SoftMaxBlock,
    header: PlateHeader,
    sign: DecimalSign,
) -> PlateReading:
    values: dict[Well, float] = {}
    states: dict[Well, WellState] = {}
    for well, cell, index in cells:
        try:
            number, state = well_cell(cell, sign)
        except TiterlineError as error:
            raise error.at(f"{block.place(index)}, well {well.name}") from error
        if state is WellState.NOT_READ and not _was_read(well, header):
            continue
        if number is not None:
            values[well] = number
        if state is not None:
            states[well] = state
    wavelength = header.wavelengths[side] if not section.reduced and header.wavelengths else None
    listed = "-".join(f"{w:g}" for w in header.wavelengths)
    return PlateReading(
        kind=header.kind,
        quantity=Quantity.REDUCED if section.reduced else Quantity.RAW,
        wavelength_nm=wavelength,
        label=f"reduced ({listed})" if section.reduced else f"{wavelength:g}",
        time_s=_seconds(_text(chunk[0][1], 0)) if header.read_mode == "Kinetic" else None,
        values=values,
        states=states,
        place=f"{block.place(chunk[0][0])} to {block.lines.first_line + chunk[-1][0]}",
    )


def _was_read(well: Well, header: PlateHeader) -> bool:
    """Is the well in the part of the plate that was read? Outside it, an empty cell is no state."""
    in_columns = header.first_column <= well.column + 1 < header.first_column + header.column_count
    return in_columns and header.first_row <= well.row + 1 < header.first_row + header.row_count


def _seconds(text: str) -> float | None:
    match = _TIME.match(text)
    if match is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return 3600.0 * hours + 60.0 * minutes + seconds
