"""Plain grids: 8 x 12 or 16 x 24 numbers with row letters and column numbers, as CSV, text or XLSX.

The top-left cell, or a line above it, may name the block. Blocks that differ only by a wavelength in their
names are reads of one plate; other names are other plates. The file does not say what was measured, so the
reader says what it assumed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.plate import Kind, PlateRead, PlateReading, Quantity, WellState
from pipeline.domain.wells import PLATE_SHAPES, Well, row_letters
from pipeline.errors import InputError
from pipeline.readers.head import Head
from pipeline.tables.cells import cell_text, column_letters
from pipeline.tables.numbers import DecimalSign, decimal_sign, well_cell
from pipeline.tables.text import decode, split_rows
from pipeline.tables.workbook import ZIP, Cell, read_workbook

NAME = "generic grid"

_WAVELENGTH = re.compile(r"(?:OD|Abs|A)?\.?\s*\(?([2-9]\d{2})(?:\s*nm)?\)?\s*\Z", re.IGNORECASE)
OD_PLAUSIBLE = (-0.5, 10.0)
"""An absorbance outside this is not an absorbance (readers end near 4, some print to 6)."""
_LAYOUT_WORDS = frozenset({"role", "name", "antigen", "dilution", "competitor", "lot"})


def sniff(head: Head) -> str | None:
    """A line of column numbers 1, 2, 3 ... with a line that begins with A below it."""
    if head.lines and head.lines[0].startswith("##BLOCKS="):
        return None
    for number, (row, below) in enumerate(zip(head.rows, head.rows[1:], strict=False), start=1):
        if _column_count(row) and below and below[0].strip().upper() == "A":
            return f"column numbers in line {number} and row A below them"
    return None


@dataclass(frozen=True, slots=True)
class _Block:
    """One grid: title, where its header stands, and its lines of cells."""

    title: str
    sheet: str
    line: int
    columns: int
    lines: list[list[Cell]]
    from_text: bool
    """In a text file a short line means a lost cell; in a workbook an empty one."""

    def place(self, well: Well) -> str:
        """Sheet and cell as the spreadsheet names it."""
        column = column_letters(well.column + 1)
        where = f"sheet '{self.sheet}', " if self.sheet else ""
        return f"{where}cell {column}{self.line + 1 + well.row} (well {well.name})"


def read(data: bytes, name: str) -> list[PlateRead]:
    """Read every block of every sheet."""
    del name
    encoding = "xlsx"
    if data.startswith(ZIP):
        sheets = [(sheet.name, sheet.rows) for sheet in read_workbook(data)]
    else:
        decoded = decode(data)
        encoding = decoded.encoding
        rows: list[list[Cell]] = [list(row) for row in split_rows(decoded.text)]
        sheets = [("", rows)]
    blocks: list[_Block] = []
    leftovers: list[str] = []
    for sheet, cells in sheets:
        found, rest = _find_blocks(sheet if len(sheets) > 1 else "", cells)
        blocks += found
        leftovers += rest
    texts = (cell.strip() for b in blocks for row in b.lines for cell in row[1:] if isinstance(cell, str))
    sign = decimal_sign(texts)
    _one_decimal_sign(sign)
    return _plates(blocks, sign, {"encoding": encoding}, tuple(leftovers))


def _one_decimal_sign(sign: DecimalSign) -> None:
    if sign.mixed:
        raise InputError(
            "MIXED_DECIMALS",
            "the file mixes decimal points and decimal commas",
            found=sign.proof,
            expected="one decimal sign in the whole file",
            action="Export the plate again without editing it.",
        )


def _column_count(row: Sequence[Cell]) -> int:
    """How many column numbers from 1 follow the first cell; fewer than three are no header."""
    numbers: list[str] = []
    for cell in row[1:]:
        text = cell_text(cell).strip().removesuffix(".0")
        if text.lstrip("0") != str(len(numbers) + 1):
            break
        numbers.append(text)
    return len(numbers) if len(numbers) > 2 else 0  # noqa: PLR2004 - 1, 2, 3 at least


def _find_blocks(sheet: str, rows: Sequence[Sequence[Cell]]) -> tuple[list[_Block], list[str]]:
    """Blocks of a sheet, and every filled cell outside them as ``place: text``."""
    blocks: list[_Block] = []
    used: set[int] = set()
    above = ""
    for index, row in enumerate(rows):
        count = _column_count(row)
        if index in used:
            continue
        if count and index + 1 < len(rows) and _first(rows[index + 1]) == "A":
            block = _block(sheet, rows, index, count, above)
            blocks.append(block)
            used.update(range(index, index + 1 + len(block.lines)))
            used.update(_title_line(rows, index, above))
            above = ""
        else:
            filled = [cell_text(cell).strip() for cell in row if cell_text(cell).strip()]
            above = filled[0] if len(filled) == 1 else "" if filled else above
    return blocks, _leftovers(sheet, rows, used)


def _title_line(rows: Sequence[Sequence[Cell]], index: int, title: str) -> set[int]:
    """The line above a block that holds nothing but its title."""
    for above in range(index - 1, max(index - 4, -1), -1):
        filled = [cell_text(cell).strip() for cell in rows[above] if cell_text(cell).strip()]
        if filled:
            return {above} if filled == [title] else set()
    return set()


def _leftovers(sheet: str, rows: Sequence[Sequence[Cell]], used: set[int]) -> list[str]:
    where = f"sheet '{sheet}', " if sheet else ""
    return [
        f"{where}cell {column_letters(column)}{index + 1}: '{cell_text(cell).strip()[:40]}'"
        for index, row in enumerate(rows)
        if index not in used
        for column, cell in enumerate(row)
        if cell_text(cell).strip()
    ]


def _first(row: Sequence[Cell]) -> str:
    return cell_text(row[0]).strip().upper() if row else ""


def _block(sheet: str, rows: Sequence[Sequence[Cell]], index: int, count: int, above: str) -> _Block:
    lines: list[list[Cell]] = []
    while index + 1 + len(lines) < len(rows):
        row = list(rows[index + 1 + len(lines)])
        if _first(row) != row_letters(len(lines)):
            break
        lines.append(row)
    title = cell_text(rows[index][0]).strip() if rows[index] else ""
    block = _Block(
        title if title not in ("", "<>") else above,
        sheet,
        index + 1,
        count,
        lines,
        all(isinstance(c, str) for line in lines for c in line),
    )
    _check_shape(block)
    _check_row_lengths(block)
    return block


def _check_shape(block: _Block) -> None:
    shape = (len(block.lines), block.columns)
    if shape in PLATE_SHAPES.values():
        return
    full = next(((r, c) for r, c in PLATE_SHAPES.values() if c >= block.columns), (8, 12))
    missing = [row_letters(r) for r in range(len(block.lines), full[0])]
    incomplete = block.columns == full[1] and len(block.lines) < full[0]
    raise InputError(
        "FILE_INCOMPLETE" if incomplete else "PLATE_SHAPE",
        "the plate is not complete" if incomplete else "this is not the shape of a plate",
        place=f"line {block.line}",
        found=f"{shape[0]} rows x {shape[1]} columns"
        + (f"; rows {missing[0]} to {missing[-1]} are missing" if incomplete else ""),
        expected="8 rows x 12 columns, or 16 x 24",
        action="Export the whole plate again.",
    )


def _check_row_lengths(block: _Block) -> None:
    """Never shift: each line has as many cells as the header, padding aside."""
    for row, line in enumerate(block.lines):
        beyond = any(cell_text(cell).strip() for cell in line[block.columns + 1 :])
        if beyond or (block.from_text and len(line) < block.columns + 1):
            raise InputError(
                "ROW_LENGTH",
                f"row {row_letters(row)} does not have one cell for each column",
                place=f"line {block.line + 1 + row}",
                found=f"{len([c for c in line[1:] if cell_text(c).strip()])} values",
                expected=f"{block.columns} values",
                action="Export the plate again without editing it.",
            )


def _plates(
    blocks: Sequence[_Block], sign: DecimalSign, metadata: dict[str, object], leftovers: tuple[str, ...]
) -> list[PlateRead]:
    if not blocks:
        raise InputError(
            "NO_PLATE", "the file holds no complete plate", expected="a grid of 8 x 12 or 16 x 24"
        )
    layout_blocks = [b.title for b in blocks if b.title.lower() in _LAYOUT_WORDS]
    if layout_blocks:
        raise InputError(
            "LOOKS_LIKE_LAYOUT",
            "this is a plate layout, not an export of a reader",
            found=f"blocks named {', '.join(layout_blocks)}",
            action="Drop the file that the plate reader's software exported.",
        )
    plates: dict[tuple[str, str], list[tuple[_Block, float | None]]] = {}
    for block in blocks:
        wavelength, plate = _wavelength(block.title)
        plates.setdefault((block.sheet, plate), []).append((block, wavelength))
    return [
        _plate(plate or sheet, members, sign, metadata, leftovers)
        for (sheet, plate), members in plates.items()
    ]


def _wavelength(title: str) -> tuple[float | None, str]:
    """(wavelength in nm, rest of the title): ``Plate 3 450 nm`` is 450 of 'Plate 3'."""
    match = _WAVELENGTH.search(title)
    if match is None or (match.start() and title[match.start() - 1].isalnum()):
        return None, title
    return float(match[1]), title[: match.start()].strip(" -_:,;(")


def _plate(
    name: str,
    members: list[tuple[_Block, float | None]],
    sign: DecimalSign,
    metadata: dict[str, object],
    leftovers: tuple[str, ...],
) -> PlateRead:
    first = members[0][0]
    seen = [wavelength for _, wavelength in members]
    if len(set(seen)) < len(seen):
        raise InputError(
            "WHICH_SHEET",
            f"the file holds {len(members)} grids that look like the same plate",
            found=", ".join(f"line {block.line}" for block, _ in members),
            expected="a name above each grid, such as 450 nm, 620 nm or Plate 2",
            action="Name the grids, or drop one plate at a time.",
        )
    reads = tuple(_reading(block, wavelength, sign) for block, wavelength in members)
    guessed = "the file does not say what was measured: taken as raw absorbance"
    return PlateRead(
        name,
        len(first.lines),
        first.columns,
        reads,
        {**metadata, "assumed": guessed, "decimal_sign": f"{sign.sign} ({sign.proof or 'no proof needed'})"},
        leftovers,
    )


def _reading(block: _Block, wavelength: float | None, sign: DecimalSign) -> PlateReading:
    values: dict[Well, float] = {}
    states: dict[Well, WellState] = {}
    for row, line in enumerate(block.lines):
        for column in range(block.columns):
            well = Well(row, column)
            cell = line[column + 1] if column + 1 < len(line) else None
            number, state = _well(cell, sign, block, well)
            if number is not None:
                values[well] = number
            if state is not None:
                states[well] = state
    _check_plausible(block, values)
    return PlateReading(
        kind=Kind.ABSORBANCE,
        quantity=Quantity.RAW,
        wavelength_nm=wavelength,
        label=block.title or "not stated",
        time_s=None,
        values=values,
        states=states,
        place=f"{f'sheet {block.sheet!r}, ' if block.sheet else ''}line {block.line}",
    )


def _well(cell: Cell, sign: DecimalSign, block: _Block, well: Well) -> tuple[float | None, WellState | None]:
    if isinstance(cell, bool) or not isinstance(cell, int | float | str | None):
        raise InputError(
            "NOT_A_NUMBER",
            "this well holds neither a number nor a word that plate readers write",
            place=block.place(well),
            found=f"'{cell}'",
            expected="an OD such as 1.234",
        )
    if isinstance(cell, int | float):
        return float(cell), None
    return well_cell(cell or "", sign, block.place(well))


def _check_plausible(block: _Block, values: dict[Well, float]) -> None:
    """Concentrations, dilutions and layouts have the shape of a plate too, but not its numbers."""
    if not values:
        raise InputError("NO_VALUES", "the grid holds no number", place=f"line {block.line}")
    low, high = OD_PLAUSIBLE
    odd = next(((well, v) for well, v in values.items() if not low <= v <= high), None)
    whole = (
        sum(float(v).is_integer() for v in values.values()) > len(values) / 2
        and len(set(values.values())) > 1
    )
    if odd is None and not whole:
        return
    well, value = odd if odd is not None else next(iter(values.items()))
    raise InputError(
        "OD_IMPLAUSIBLE",
        "these numbers are not absorbances; they may be concentrations, dilutions or a layout",
        place=block.place(well),
        found=f"{value:g}",
        expected=f"ODs between {low:g} and {high:g}",
        action="Drop the file that the plate reader's software exported.",
    )
