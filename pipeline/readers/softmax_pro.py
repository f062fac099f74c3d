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

from pipeline.domain.plate import Kind, PlateRead, PlateReading, Quantity, WellState
from pipeline.domain.wells import PLATE_SHAPES, Well, plate_wells, row_letters
from pipeline.errors import InputError, TiterlineError
from pipeline.readers.parts.head import Head
from pipeline.readers.parts.softmax_groups import group_table, plate_of_groups, with_groups, with_masks
from pipeline.tables.numbers import DecimalSign, decimal_sign, well_cell
from pipeline.tables.text import decode, split_lines

NAME = "SoftMax Pro"

_TIME = re.compile(r"(?:(\d+):)?(\d+):(\d+)(?:[.,]\d+)?\Z")
_WAVELENGTH_COUNT = 14
"""Field with the number of wavelengths, counted from 0; their list and the part that was read follow."""
_FIRST_VALUE = 2
"""Column of the first value: before it stand time and temperature."""
_KINDS = {"absorbance": Kind.ABSORBANCE, "fluorescence": Kind.FLUORESCENCE, "luminescence": Kind.LUMINESCENCE}


def sniff(head: Head) -> str | None:
    """``##BLOCKS=`` at the start."""
    return head.starts("##BLOCKS=")


def read(data: bytes, name: str) -> list[PlateRead]:
    """Read every plate block; a file with group tables alone gives the plate that they describe."""
    del name
    decoded = decode(data)
    blocks = list(_blocks(split_lines(decoded.text)))
    plates: list[PlateRead] = []
    groups: list[dict[str, object]] = []
    notes = [" ".join(filter(None, block.lines[0].split("\t"))) for block in blocks if block.kind == "Note"]
    for block in blocks:
        if block.kind == "Plate":
            plates.append(_plate(block))
        elif block.kind == "Group":
            group = group_table(block.lines)
            groups.append(group)
            plates = with_masks(plates, group)
    if not plates:
        plates = [plate_of_groups(groups)]
    shared = {"encoding": decoded.encoding, "notes": [note for note in notes if note != "Note:"]}
    return [replace(plate, metadata={**plate.metadata, **shared}) for plate in with_groups(plates, groups)]


@dataclass(frozen=True, slots=True)
class _Block:
    kind: str
    lines: list[str]
    """Header line first, without ``~End``."""
    first_line: int
    """1-based number of the header line."""

    def place(self, index: int) -> str:
        return f"line {self.first_line + index}"


def _blocks(lines: Sequence[str]) -> Iterator[_Block]:
    start: int | None = None
    kind = ""
    for number, line in enumerate(lines):
        first = line.split("\t", 1)[0].strip()
        if start is None:
            kind = next((k for k in ("Plate", "Group", "Note") if first.startswith(f"{k}:")), "")
            start = number if kind else None
        elif first == "~End":
            yield _Block(kind, list(lines[start:number]), start + 1)
            start = None
    if start is not None:
        raise InputError(
            "FILE_INCOMPLETE",
            f"the block '{kind}:' that begins in line {start + 1} has no end",
            found=_rows_found(lines[start:]) if kind == "Plate" else f"{len(lines) - start} lines",
            expected="a line '~End'",
            action="The copy or the export stopped early. Export the plate again.",
        )


def _rows_found(lines: Sequence[str]) -> str:
    """Which rows of a cut-off plate block arrived."""
    rows = sum("\t" in line and bool(line.strip()) for line in lines[2:])
    if "TimeFormat" in lines[0] or not rows:
        return f"{rows} lines of values"
    return f"rows A to {row_letters(min(rows, 32) - 1)}, the last perhaps cut off"


@dataclass(frozen=True, slots=True)
class _Header:
    name: str
    by_plate: bool
    read_mode: str
    kind: Kind
    reduced: bool
    wavelengths: tuple[float, ...]
    rows: int
    columns: int
    first_column: int
    column_count: int
    first_row: int
    row_count: int


def _header(block: _Block) -> _Header:
    """Fields of the ``Plate:`` line; version 5 ends before the two row fields."""
    cells = [cell.strip() for cell in block.lines[0].split("\t")]
    at = _WAVELENGTH_COUNT
    try:
        count = int(cells[at])
        wavelengths = tuple(float(part.replace(",", ".")) for part in cells[at + 1].split())
        first_column, column_count, wells = (int(cells[i]) for i in range(at + 2, at + 5))
        rows, columns = PLATE_SHAPES[wells]
        tail = cells[at + 5 : at + 7]
        whole = len(tail) == 2 and all(tail)  # noqa: PLR2004 - version 5 ends before the two row fields
        first_row, row_count = (int(tail[0]), int(tail[1])) if whole else (1, rows)
    except (ValueError, IndexError, KeyError) as error:
        raise _not_understood(block, 0, block.lines[0][:80], "the fields of a Plate: line") from error
    if count != len(wavelengths):
        raise _not_understood(block, 0, cells[at + 1], f"{count} wavelengths")
    return _Header(
        name=cells[1],
        by_plate=cells[3] == "PlateFormat",
        read_mode=cells[4],
        kind=_KINDS.get(cells[5].lower(), Kind.OTHER),
        reduced=cells[6] == "Reduced",
        wavelengths=wavelengths,
        rows=rows,
        columns=columns,
        first_column=first_column,
        column_count=column_count,
        first_row=first_row,
        row_count=row_count,
    )


def _not_understood(block: _Block, index: int, found: str, expected: str) -> InputError:
    return InputError(
        "EXPORT_NOT_UNDERSTOOD",
        "this line of the SoftMax Pro export is not understood",
        place=block.place(index),
        found=f"'{found.strip()}'",
        expected=expected,
        action="Export the plate again; if it happens again, send the file to your IT.",
    )


def _plate(block: _Block) -> PlateRead:
    header = _header(block)
    rows = [line.split("\t") for line in block.lines]
    sign = decimal_sign(cell.strip() for row in rows[2:] for cell in row[1:])
    sections = list(_sections(block, rows, header))
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
    temperature = next((row[1] for row in rows[2:] if len(row) > 1 and row[1].strip()), None)
    if temperature is not None:
        metadata["temperature_c"] = temperature.strip()
    if raw and len(raw) < len(sections):
        calculated = [
            row[_FIRST_VALUE:] for section in sections if section.reduced for _, row in section.lines
        ]
        metadata["reduced"] = calculated
    return PlateRead(header.name, header.rows, header.columns, reads, metadata)


@dataclass(frozen=True, slots=True)
class _Section:
    """A header of wells or columns and the value lines below it; ``start`` counts within the block."""

    reduced: bool
    labels: list[str]
    lines: list[tuple[int, list[str]]]


def _sections(block: _Block, rows: Sequence[list[str]], header: _Header) -> Iterator[_Section]:
    """Split the block at its label lines; raw stands under the first, reduced under a later one."""
    label = "1" if header.by_plate else "A1"
    starts = [
        i
        for i, row in enumerate(rows)
        if i and len(row) > _FIRST_VALUE and row[_FIRST_VALUE].strip() == label
    ]
    if not starts:
        raise _not_understood(
            block, 1, block.lines[1][:60] if len(rows) > 1 else "", f"a line of labels from {label}"
        )
    for number, start in enumerate(starts):
        end = starts[number + 1] if number + 1 < len(starts) else len(rows)
        lines = list(enumerate(rows[start + 1 : end], start=start + 1))
        yield _Section(header.reduced or number > 0, rows[start], lines)


def _section_reads(
    section: _Section, block: _Block, header: _Header, sign: DecimalSign
) -> Iterator[PlateReading]:
    wavelengths = 1 if section.reduced else len(header.wavelengths)
    per_time = header.rows if header.by_plate else wavelengths
    for chunk in _chunks(section, block, header, per_time):
        yield from (_by_plate if header.by_plate else _by_time)(section, chunk, block, header, sign)


def _chunks(
    section: _Section, block: _Block, header: _Header, per_time: int
) -> Iterator[list[tuple[int, list[str]]]]:
    """The lines of each time point; empty lines separate them, and a time without values is none."""
    chunk: list[tuple[int, list[str]]] = []
    for index, row in section.lines:
        inside_plate = header.by_plate and chunk
        if not any(row) and not (inside_plate and len(row) > _FIRST_VALUE):
            if inside_plate:
                break
            continue
        chunk.append((index, row))
        if len(chunk) == per_time:
            if any(cell.strip() for _, line in chunk for cell in line[_FIRST_VALUE:]):
                yield chunk
            chunk = []
    if any(cell.strip() for _, row in chunk for cell in row):
        raise InputError(
            "FILE_INCOMPLETE",
            f"plate '{header.name}' is not complete",
            place=block.place(chunk[-1][0]),
            found=f"{len(chunk)} lines of values at the end",
            expected=f"{per_time} lines",
            action="The copy or the export stopped early. Export the plate again.",
        )


def _by_plate(
    section: _Section, chunk: list[tuple[int, list[str]]], block: _Block, header: _Header, sign: DecimalSign
) -> Iterator[PlateReading]:
    """Eight (or 16, 32) lines; the wavelengths side by side with an empty column between them."""
    sides = 1 if section.reduced else len(header.wavelengths)
    _nothing_between(chunk, block, header, sides)
    for side in range(sides):
        offset = _FIRST_VALUE + side * (header.columns + 1)
        _columns_labelled(section, block, offset, header)
        cells = [
            (Well(r, c), row[offset + c] if offset + c < len(row) else "", i)
            for r, (i, row) in enumerate(chunk)
            for c in range(header.columns)
        ]
        yield _reading(section, cells, side, chunk, block, header, sign)


def _nothing_between(chunk: list[tuple[int, list[str]]], block: _Block, header: _Header, sides: int) -> None:
    """A tab too many moves every value behind it: columns between and behind the wavelengths are empty."""
    width = header.columns + 1
    for row_number, (index, row) in enumerate(chunk):
        beyond = row[_FIRST_VALUE + sides * width - 1 :]
        between = [
            row[_FIRST_VALUE + side * width - 1]
            for side in range(1, sides)
            if len(row) > _FIRST_VALUE + side * width
        ]
        if any(cell.strip() for cell in [*between, *beyond]) or len(row) != len(chunk[0][1]):
            raise InputError(
                "ROW_LENGTH",
                f"row {row_letters(row_number)} does not have one cell for each column",
                place=block.place(index),
                found=f"{len(row)} cells in this line, {len(chunk[0][1])} in the first of the plate",
                expected=f"{header.columns} values for each wavelength",
                action="The file may be cut off or edited. Export the plate again.",
            )


def _by_time(
    section: _Section, chunk: list[tuple[int, list[str]]], block: _Block, header: _Header, sign: DecimalSign
) -> Iterator[PlateReading]:
    """One line for each wavelength, all wells on it."""
    wells = [_label_well(text, section, block) for text in section.labels[_FIRST_VALUE:] if text.strip()]
    if set(wells) != set(plate_wells(header.rows, header.columns)) or len(set(wells)) != len(wells):
        raise InputError(
            "PLATE_SHAPE",
            f"plate '{header.name}' does not name all its wells",
            found=f"{len(wells)} wells",
            expected=f"{header.rows * header.columns} wells",
        )
    for side, (index, row) in enumerate(chunk):
        texts = [*row[_FIRST_VALUE:], *[""] * len(wells)]
        odd = len(row) != len(chunk[0][1]) or len(row) < _FIRST_VALUE + len(wells)
        if odd or any(text.strip() for text in row[_FIRST_VALUE + len(wells) :]):
            raise InputError(
                "ROW_LENGTH",
                "a line does not have one cell for each well",
                place=block.place(index),
                found=f"{len(row) - _FIRST_VALUE} cells",
                expected=f"{len(wells)} values",
            )
        cells = [(well, text, index) for well, text in zip(wells, texts, strict=False)]
        yield _reading(section, cells, side, [(index, row)], block, header, sign)


def _columns_labelled(section: _Section, block: _Block, offset: int, header: _Header) -> None:
    labels = [cell.strip() for cell in section.labels[offset : offset + header.columns]]
    if labels != [str(c + 1) for c in range(header.columns)]:
        raise _not_understood(block, 1, " ".join(labels), f"column labels 1 to {header.columns}")


def _label_well(text: str, section: _Section, block: _Block) -> Well:
    try:
        return Well.parse(text)
    except ValueError as error:
        index = block.lines.index("\t".join(section.labels))
        raise _not_understood(block, index, text, "well names A1, A2 ...") from error


def _reading(
    section: _Section,
    cells: list[tuple[Well, str, int]],
    side: int,
    chunk: list[tuple[int, list[str]]],
    block: _Block,
    header: _Header,
    sign: DecimalSign,
) -> PlateReading:
    values: dict[Well, float] = {}
    states: dict[Well, WellState] = {}
    for well, text, index in cells:
        try:
            number, state = well_cell(text, sign)
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
        time_s=_seconds(chunk[0][1][0]) if header.read_mode == "Kinetic" else None,
        values=values,
        states=states,
        place=f"{block.place(chunk[0][0])} to {block.first_line + chunk[-1][0]}",
    )


def _was_read(well: Well, header: _Header) -> bool:
    """Is the well in the part of the plate that was read? Outside it, an empty cell is no state."""
    in_columns = header.first_column <= well.column + 1 < header.first_column + header.column_count
    return in_columns and header.first_row <= well.row + 1 < header.first_row + header.row_count


def _seconds(text: str) -> float | None:
    match = _TIME.match(text.strip())
    if match is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return 3600.0 * hours + 60.0 * minutes + seconds
