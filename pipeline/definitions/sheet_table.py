"""Where the table of samples stands in the file that a person made: sheet, header line, lines, notes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.domain.message import Message
from pipeline.errors import InputError, SheetError, nearest_word
from pipeline.tables.cells import column_letters
from pipeline.tables.typed import TypedCell, TypedTable, typed_tables

SLOT, SAMPLE_ID = "slot", "sample_id"
REQUIRED = (SLOT, SAMPLE_ID)
KNOWN = (*REQUIRED, "plate", "barcode", "patient_code", "prior_dilution", "collected_on", "comment")
_WORDS_OF_A_NOTE = 3
_EMPTY = TypedCell("")
_TO_SAVE_AGAIN = frozenset({"ENCODING", "BINARY_IN_TEXT", "XLSX_DAMAGED"})
"""Codes of files that a spreadsheet program writes anew when it saves them."""


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One line of the table of samples."""

    number: int
    """As the spreadsheet or editor counts it, from 1."""
    cells: Mapping[str, TypedCell]
    """Column -> cell; all known columns are there."""

    def text(self, column: str) -> str:
        """A cell without spaces around it."""
        return self.cells[column].text.strip()

    @property
    def fields(self) -> dict[str, str]:
        """The columns that the program does not know, where they are filled."""
        return {key: cell.text for key, cell in self.cells.items() if key not in KNOWN and cell.text}


def sheet_lines(data: bytes, name: str) -> list[SheetLine]:
    """Lines below the header, without notes; what stands above the header is a title.

    Raises:
        SheetError: no header, several tables of samples, or a line of a text file with surplus cells.
    """
    try:
        tables = typed_tables(data, name, _is_header)
    except InputError as error:
        raise _about_a_sheet(error, name) from error
    if not any(cell.text.strip() for table in tables for row in table.rows for cell in row):
        raise _empty(name)
    headed = [(table, start) for table in tables if (start := _header_line(table)) is not None]
    if not headed:
        raise _no_header(tables, name)
    filled = [lines for table, start in headed if (lines := list(_lines(table, start, name)))]
    with_ids = [lines for lines in filled if any(line.text(SAMPLE_ID) for line in lines)]
    if len(with_ids) > 1:
        raise _several(headed, name)
    return (with_ids or filled or [[]])[0]


def _about_a_sheet(error: InputError, name: str) -> SheetError:
    """What the reading of tables says to do is meant for exports: nobody exports a sample sheet again."""
    if error.code == "FILE_EMPTY":
        return _empty(name)
    if error.code not in _TO_SAVE_AGAIN:
        return SheetError.of(error)
    return SheetError(
        error.code,
        error.message,
        file=name,
        place=error.place,
        found=error.found,
        action="Open the sample sheet, and save it again as .xlsx or .csv.",
    )


def _empty(name: str) -> SheetError:
    return SheetError(
        "SHEET_EMPTY",
        "the sample sheet is empty",
        file=name,
        expected="slot,sample_id",
        action="Write the header and a line for each sample in the sample sheet, and save.",
    )


def _word(cell: str) -> str:
    """``Sample ID``, ``sample-id`` and ``SampleID`` are one word."""
    return re.sub(r"[\W_]+", "", cell.casefold())


_KNOWN_WORDS = {_word(column): column for column in KNOWN}


def _column(cell: str) -> str:
    return _KNOWN_WORDS.get(_word(cell), cell.strip().lower())


def _is_header(cells: Sequence[str]) -> bool:
    return set(REQUIRED) <= set(map(_column, cells))


def _texts(row: Sequence[TypedCell]) -> list[str]:
    return [cell.text for cell in row]


def _header_line(table: TypedTable) -> int | None:
    return next((n for n, row in enumerate(table.rows) if _is_header(_texts(row))), None)


def _lines(table: TypedTable, start: int, name: str) -> Iterator[SheetLine]:
    header = [_column(cell.text) for cell in table.rows[start]]
    doubled = {column for column in header if column and header.count(column) > 1}
    if doubled:
        text = Message("the column '{column}' is there twice", column=min(doubled))
        raise SheetError("HEADER_TWICE", text, file=name)
    apart = False
    for number, row in enumerate(table.rows[start + 1 :], start=start + 2):
        filled = [cell.text.strip() for cell in row if cell.text.strip()]
        apart = apart or not filled
        if filled and not _is_header(_texts(row)) and not _is_note(filled, apart=apart):
            yield _line(header, row, number, (table, name))


def _is_note(filled: Sequence[str], *, apart: bool) -> bool:
    """A sentence below the table, behind an empty line."""
    first = filled[0]
    return apart and (len(first.split()) >= _WORDS_OF_A_NOTE or first.endswith(":") or ": " in first)


def _line(
    header: Sequence[str], row: Sequence[TypedCell], number: int, place: tuple[TypedTable, str]
) -> SheetLine:
    table, name = place
    beyond = {n: cell for n, cell in enumerate(row) if n >= len(header) and cell.text.strip()}
    if beyond and table.from_text:
        raise SheetError(
            "ROW_LENGTH",
            "this line has more cells than the header",
            file=name,
            place=Message("line {n:n}", n=number),
            found=Message("{n:n} cells", n=len(row)),
            expected=Message("{n:n} cells", n=len(header)),
        )
    named = {column: cell for column, cell in zip(header, row, strict=False) if column}
    unnamed = {n: row[n] for n, column in enumerate(header) if not column and n < len(row)}
    beside = {f"column {column_letters(n).lower()}": cell for n, cell in (unnamed | beyond).items()}
    return SheetLine(number, dict.fromkeys(KNOWN, _EMPTY) | named | beside)


def _no_header(tables: Sequence[TypedTable], name: str) -> SheetError:
    """The line most like a header says which column is missing."""
    rows = [(n, _texts(row)) for table in tables for n, row in enumerate(table.rows, start=1)]
    number, cells = max(rows, key=lambda row: (len(set(map(_column, row[1])) & set(KNOWN)), any(row[1])))
    given = [column for cell in cells if (column := _column(cell))]
    missing = next(column for column in REQUIRED if column not in given)
    return SheetError(
        "HEADER_UNKNOWN",
        Message("the column '{column}' is missing", column=missing),
        file=name,
        place=Message("line {n:n}", n=number),
        found=with_nearest(", ".join(given), missing, given),
        expected="slot,sample_id and optionally " + ", ".join(KNOWN[2:]),
        action="Write the header above the samples in the sample sheet.",
    )


def _several(headed: Sequence[tuple[TypedTable, int]], name: str) -> SheetError:
    return SheetError(
        "SHEET_TWO_TABLES",
        "samples stand on more than one sheet of the workbook",
        file=name,
        found=", ".join(table.name for table, _ in headed),
        expected="one sheet with the samples of this run",
        action="Delete the sheets of other runs, and save.",
    )


def with_nearest(text: str, word: str, known: Sequence[str]) -> str:
    """What was found, and the known word most like the one that was looked for."""
    near = nearest_word(word, known)
    return text if near is None else Message("{text}; nearest: {near}", text=text, near=f"'{near}'")
