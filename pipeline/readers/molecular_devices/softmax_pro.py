"""SoftMax Pro exports (versions 5, 6, 7; Molecular Devices): text, pasted into a sheet, or saved by Excel.

Blocks from ``Plate:``, ``Group:`` or ``Note:`` to ``~End``. A plate block is ``PlateFormat`` (a line for each
row, wavelengths side by side) or ``TimeFormat`` (all wells on one line, a line for each wavelength); kinetic
plates repeat it with a time in the first column. Below an empty line and a second header stand the reduced
values, which are not reads unless the file holds nothing else. Group tables say which wells were masked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from pipeline.domain.message import Message
from pipeline.domain.plate import PlateRead
from pipeline.domain.wells import Well, plate_wells, row_letters
from pipeline.errors import InputError
from pipeline.readers.molecular_devices.parts.blocks import (
    PlateHeader,
    SoftMaxBlock,
    blocks_of,
    not_understood,
    plate_header,
)
from pipeline.readers.molecular_devices.parts.groups import (
    GroupTable,
    cells_of_group,
    draft_of_groups,
    group_table,
    with_masks,
)
from pipeline.readers.parts.blocks import Block, Spot, well
from pipeline.readers.parts.grids import where
from pipeline.readers.parts.head import Head, seen
from pipeline.readers.parts.plates import PlateDraft, finish
from pipeline.readers.parts.sections import first_cell
from pipeline.readers.parts.taken import Use, is_filled
from pipeline.tables.cells import cell_text
from pipeline.tables.document import Document
from pipeline.tables.workbook import Cell, Sheet

NAME = "SoftMax Pro"

Lines: TypeAlias = "list[tuple[int, list[Cell]]]"
"""Lines of a block, each with its index within the block."""

_TIME = re.compile(r"(?:(\d+):)?(\d+):(\d+)(?:[.,]\d+)?\Z")
_FORMATS = ("PlateFormat", "TimeFormat")
_FIRST_VALUE = 2
"""Column of the first value: before it stand time and temperature."""


def sniff(head: Head) -> str | None:
    """``##BLOCKS=`` at the start of the file or of a sheet, or the first line of a plate block."""
    for sheet in head.sheets:
        for index, row in enumerate(sheet.rows):
            first = first_cell(row).lstrip("\ufeff")
            if first.startswith("##BLOCKS="):
                return head.starts("##BLOCKS=") or seen("##BLOCKS=", where(sheet, index, 0))
            if first == "Plate:" and any(_text(row, column) in _FORMATS for column in range(len(row))):
                return Message("a line 'Plate:' of SoftMax Pro in {place:t}", place=where(sheet, index, 0))
    return None


def read(document: Document) -> list[PlateRead]:
    """Read every plate block; a file with group tables alone gives the plate that they describe."""
    drafts: list[PlateDraft] = []
    groups: list[GroupTable] = []
    masks: list[tuple[int, GroupTable]] = []
    for sheet in document.sheets:
        blocks = list(blocks_of(sheet))
        for block in blocks:
            if block.kind == "Plate":
                drafts.append(_plate(block, sheet))
            elif block.kind == "Group":
                groups.append(group_table(block))
                masks.append((len(drafts) - 1, groups[-1]))
        if blocks:
            drafts = drafts or [draft_of_groups(groups, sheet)]
            _take_rest(drafts[-1], sheet, blocks)
    for draft in drafts:
        draft.facts |= {"groups": groups} if groups else {}
    plates = finish(drafts, document, mixed_signs=True)
    for last, group in masks:
        plates = with_masks(plates, group, max(last, 0))
    return plates


def _take_rest(draft: PlateDraft, sheet: Sheet, blocks: Sequence[SoftMaxBlock]) -> None:
    """Lines that open and close blocks, notes and group tables."""
    for index, row in enumerate(sheet.rows):
        if first_cell(row).lstrip("\ufeff").startswith(("##BLOCKS=", "~End")):
            draft.take_line(sheet, index)
    for block in blocks:
        if block.kind == "Note":
            draft.keep_notes(block.lines)
        elif block.kind == "Group":
            for index, column in cells_of_group(block):
                draft.taken.cells(Use.TABLE, block.lines, index, [column])


def _plate(block: SoftMaxBlock, sheet: Sheet) -> PlateDraft:
    header = plate_header(block)
    draft = PlateDraft((sheet,), header.name, shape=(header.rows, header.columns))
    draft.facts["read_mode"] = header.read_mode
    draft.keep_lines(block.lines, 0, 1, "settings of the plate")
    for section in _sections(block, header):
        draft.take_line(block.lines, section.header)
        draft.blocks += _section_blocks(section, block, header)
    if not draft.blocks:
        raise InputError(
            "NO_VALUES",
            Message("plate '{plate}' holds no value", plate=header.name),
            place=block.place(0),
            expected="a line of values for each row or wavelength",
            action="Export the plate again.",
        )
    lines = range(2, len(block.rows))
    draft.keep_cells(block.lines, [(i, 1) for i in lines if _text(block.rows[i], 1)], "temperatures")
    for index in lines:
        draft.take_heading(block.lines, index, 0)
    warm = next((_text(row, 1) for row in block.rows[2:] if _text(row, 1)), None)
    if warm is not None:
        draft.facts["temperature_c"] = warm
    return draft


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
        raise not_understood(block, 1, found, Message("a line of labels from {label}", label=label))
    for number, start in enumerate(starts):
        end = starts[number + 1] if number + 1 < len(starts) else len(rows)
        lines = list(enumerate(rows[start + 1 : end], start=start + 1))
        labels = [cell_text(cell).strip() for cell in rows[start]]
        yield _Section(header.reduced or number > 0, start, labels, lines)


def _section_blocks(section: _Section, block: SoftMaxBlock, header: PlateHeader) -> Iterator[Block]:
    wavelengths = 1 if section.reduced else len(header.wavelengths)
    per_time = header.rows if header.by_plate else wavelengths
    for chunk in _chunks(section, block, header, per_time):
        yield from (_by_plate if header.by_plate else _by_time)(section, chunk, block, header)


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
            Message("plate '{plate}' is not complete", plate=header.name),
            place=block.place(chunk[-1][0]),
            found=Message("{n:n} lines of values at the end", n=len(chunk)),
            expected=Message("{n:n} lines", n=per_time),
            action="The copy or the export stopped early. Export the plate again.",
        )


def _by_plate(section: _Section, chunk: Lines, block: SoftMaxBlock, header: PlateHeader) -> Iterator[Block]:
    """Eight (or 16, 32) lines; the wavelengths side by side with an empty column between them."""
    sides = 1 if section.reduced else len(header.wavelengths)
    _nothing_between(chunk, block, header, sides)
    for side in range(sides):
        offset = _FIRST_VALUE + side * (header.columns + 1)
        _columns_labelled(section, block, offset, header)
        spots: list[Spot] = [
            (well(r, c), row[offset + c] if offset + c < len(row) else None, i, offset + c)
            for r, (i, row) in enumerate(chunk)
            for c in range(header.columns)
        ]
        yield _read(section, spots, side, chunk, block, header)


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
                Message("row {row} does not have one cell for each column", row=row_letters(row_number)),
                place=block.place(index),
                found=Message(
                    "{n:n} cells in this line, {m:n} in the first of the plate",
                    n=len(row),
                    m=len(chunk[0][1]),
                ),
                expected=Message("{n:n} values for each wavelength", n=header.columns),
                action="The file may be cut off or edited. Export the plate again.",
            )


def _by_time(section: _Section, chunk: Lines, block: SoftMaxBlock, header: PlateHeader) -> Iterator[Block]:
    """One line for each wavelength, all wells on it."""
    wells = [_label_well(text, section, block) for text in section.labels[_FIRST_VALUE:] if text]
    if sorted(wells) != list(plate_wells(header.rows, header.columns)):
        raise InputError(
            "PLATE_SHAPE",
            Message("plate '{plate}' does not name all its wells", plate=header.name),
            found=Message("{n:n} wells", n=len(wells)),
            expected=Message("{n:n} wells", n=header.rows * header.columns),
        )
    for side, (index, row) in enumerate(chunk):
        values = [*row[_FIRST_VALUE:], *[None] * len(wells)]
        odd = len(row) != len(chunk[0][1]) or len(row) < _FIRST_VALUE + len(wells)
        if odd or _filled(row[_FIRST_VALUE + len(wells) :]):
            raise InputError(
                "ROW_LENGTH",
                "a line does not have one cell for each well",
                place=block.place(index),
                found=Message("{n:n} cells", n=len(row) - _FIRST_VALUE),
                expected=Message("{n:n} values", n=len(wells)),
            )
        spots: list[Spot] = [
            (at, cell, index, _FIRST_VALUE + c)
            for c, (at, cell) in enumerate(zip(wells, values, strict=False))
        ]
        yield _read(section, spots, side, [(index, row)], block, header)


def _columns_labelled(section: _Section, block: SoftMaxBlock, offset: int, header: PlateHeader) -> None:
    labels = section.labels[offset : offset + header.columns]
    if labels != [str(c + 1) for c in range(header.columns)]:
        raise not_understood(
            block, 1, " ".join(labels), Message("column labels 1 to {n:n}", n=header.columns)
        )


def _label_well(text: str, section: _Section, block: SoftMaxBlock) -> Well:
    try:
        return Well.parse(text)
    except ValueError as error:
        raise not_understood(block, section.header, text, "well names A1, A2 ...") from error


def _read(
    section: _Section,
    spots: Sequence[Spot],
    side: int,
    chunk: Lines,
    block: SoftMaxBlock,
    header: PlateHeader,
) -> Block:
    """The read in some lines; outside the part of the plate that was read, an empty cell is no well."""
    nm = header.wavelengths[side] if not section.reduced and header.wavelengths else None
    listed = "-".join(f"{wavelength:g}" for wavelength in header.wavelengths if wavelength)
    reduced = f"reduced ({listed})" if listed else "reduced"
    return Block(
        block.lines,
        [spot for spot in spots if is_filled(spot[1]) or _was_read(spot[0], header)],
        header.kind,
        reduced if section.reduced else f"{nm:g}" if nm else header.kind.value,
        nm or None,  # 0 says that there is none
        _seconds(_text(chunk[0][1], 0)) if header.read_mode == "Kinetic" else None,
        f"{block.place(chunk[0][0])} to {block.lines.first_line + chunk[-1][0]}",
        reduced=section.reduced,
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
