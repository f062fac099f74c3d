"""Blocks of SoftMax Pro exports, ``Plate:``, ``Group:``, ``Note:`` to ``~End``, and a plate's first line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.domain.message import Message
from pipeline.domain.plate import Kind
from pipeline.domain.wells import PLATE_SHAPES, row_letters
from pipeline.errors import InputError
from pipeline.readers.parts.grids import where
from pipeline.readers.parts.sections import first_cell
from pipeline.tables.cells import cell_text
from pipeline.tables.workbook import Cell, Sheet

_WAVELENGTH_COUNT = 14
"""Field with the number of wavelengths, counted from 0; their list and the part that was read follow."""
_OPTICS = 6
_KINDS = {"absorbance": Kind.ABSORBANCE, "fluorescence": Kind.FLUORESCENCE, "luminescence": Kind.LUMINESCENCE}
_BLOCKS = ("Plate", "Group", "Note")


@dataclass(frozen=True, slots=True)
class SoftMaxBlock:
    """The lines of one block, its header line first, without ``~End``."""

    kind: str
    """``Plate``, ``Group`` or ``Note``."""
    lines: Sheet

    @property
    def rows(self) -> list[list[Cell]]:
        """The cells of its lines."""
        return self.lines.rows

    def place(self, index: int) -> str:
        """Where one of its lines stands, for people."""
        return where(self.lines, index, 0)


@dataclass(frozen=True, slots=True)
class PlateHeader:
    """What the first line of a plate block states; columns and rows that were read count from 1."""

    name: str
    by_plate: bool
    """``PlateFormat``: a line for each row; else ``TimeFormat``: all wells in one line."""
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


def blocks_of(sheet: Sheet) -> Iterator[SoftMaxBlock]:
    """Every block of a sheet.

    Raises:
        InputError: ``FILE_INCOMPLETE`` for a block without its end.
    """
    start: int | None = None
    kind = ""
    for number, row in enumerate(sheet.rows):
        first = cell_text(row[0]).strip() if row else ""
        if start is None:
            kind = next((k for k in _BLOCKS if first.startswith(f"{k}:")), "")
            start = number if kind else None
        elif first == "~End":
            yield SoftMaxBlock(kind, _of_one_width(sheet.part(start, number)))
            start = None
    if start is not None:
        raise _endless(kind, sheet.part(start, len(sheet.rows)))


def _of_one_width(lines: Sheet) -> Sheet:
    """A workbook does not keep the empty cells at the end of a line."""
    if lines.from_text:
        return lines
    width = max(map(len, lines.rows))
    rows = [[*row, *[None] * (width - len(row))] for row in lines.rows]
    return Sheet(lines.name, rows, lines.first_line, lines.from_text)


def _endless(kind: str, lines: Sheet) -> InputError:
    return InputError(
        "FILE_INCOMPLETE",
        Message(
            "the block '{block}' that begins in line {n:n} has no end", block=f"{kind}:", n=lines.first_line
        ),
        found=_rows_found(lines.rows) if kind == "Plate" else Message("{n:n} lines", n=len(lines.rows)),
        expected="a line '~End'",
        action="The copy or the export stopped early. Export the plate again.",
    )


def _rows_found(rows: Sequence[Sequence[Cell]]) -> str:
    """Which rows of a cut-off plate block arrived."""
    found = sum(len(row) > 1 and bool(first_cell(row)) for row in rows[2:])
    if "TimeFormat" in rows[0] or not found:
        return Message("{n:n} lines of values", n=found)
    return Message("rows A to {row}, the last perhaps cut off", row=row_letters(min(found, 32) - 1))


def plate_header(block: SoftMaxBlock) -> PlateHeader:
    """Fields of the ``Plate:`` line; version 5 ends before the two row fields.

    Raises:
        InputError: ``EXPORT_NOT_UNDERSTOOD`` with what was found.
    """
    cells = [cell_text(cell).strip() for cell in block.rows[0]]
    if len(cells) > _OPTICS and cells[_OPTICS].casefold() in {"true", "false"}:
        del cells[_OPTICS]  # fluorescence: read from the bottom?
    at = _WAVELENGTH_COUNT
    try:
        count = int(cells[at])
        wavelengths = tuple(float(part.replace(",", ".")) for part in cells[at + 1].split())
        first_column, column_count, wells = (int(cells[i]) for i in range(at + 2, at + 5))
        rows, columns = PLATE_SHAPES[wells]
        tail = cells[at + 5 : at + 7]
        whole = len(tail) == 2 and all(map(str.isdigit, tail))  # noqa: PLR2004 - not in version 5
        first_row, row_count = (int(tail[0]), int(tail[1])) if whole else (1, rows)
    except (ValueError, IndexError, KeyError) as error:
        raise not_understood(block, 0, " ".join(cells)[:80], "the fields of a Plate: line") from error
    if count != len(wavelengths):
        raise not_understood(block, 0, cells[at + 1], Message("{n:n} wavelengths", n=count))
    return PlateHeader(
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


def not_understood(block: SoftMaxBlock, index: int, found: str, expected: str) -> InputError:
    """Refuse a line of a block."""
    return InputError(
        "EXPORT_NOT_UNDERSTOOD",
        "this line of the SoftMax Pro export is not understood",
        place=block.place(index),
        found=f"'{found.strip()}'",
        expected=expected,
        action="Export the plate again; if it happens again, send the file to your IT.",
    )
