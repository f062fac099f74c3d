"""The beginning of a file, prepared once for all readers: is it text or a workbook, and what stands first?"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.errors import InputError
from pipeline.tables.cells import cell_text
from pipeline.tables.text import decode, split_lines, split_rows
from pipeline.tables.workbook import OLE2, ZIP, read_workbook

HEAD_LINES = 80


@dataclass(frozen=True, slots=True)
class Head:
    """What a reader may look at to recognise a file.

    ``kind`` is ``text`` or ``xlsx``; ``lines`` the first lines of a text; ``rows`` the first rows of cells,
    of every sheet in turn.
    """

    kind: str
    lines: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def description(self) -> str:
        """For a refusal: what the file begins with."""
        first = next((" | ".join(cell for cell in row if cell) for row in self.rows if any(row)), "nothing")
        return f"{self.kind} beginning with '{first[:80]}'"


def head_of(data: bytes) -> Head:
    """Prepare the head of a file.

    Raises:
        InputError: for files that are neither text nor a readable workbook.
    """
    if data.startswith((ZIP, OLE2)):
        sheets = read_workbook(data)
        rows = [tuple(cell_text(cell) for cell in row) for sheet in sheets for row in sheet.rows[:HEAD_LINES]]
        return Head("xlsx", (), tuple(rows))
    if data[:4] in (b"%PDF", b"\x89PNG", b"\xff\xd8\xff\xe0"):
        raise InputError(
            "FORMAT_UNKNOWN",
            "this is a document or a picture, not a plate export",
            expected="the export of the reader's software as text, CSV or XLSX",
        )
    text = decode(data).text
    lines = split_lines(text)[:HEAD_LINES]
    rows_of_text = split_rows(text)[:HEAD_LINES]
    return Head("text", tuple(lines), tuple(tuple(row) for row in rows_of_text))
