"""Text files: encoding, delimiter, rows. Nothing is lost and nothing is guessed in silence."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.domain.message import Message
from pipeline.errors import InputError
from pipeline.tables.encodings import candidates, marked, unmarked_utf16

DELIMITERS = "\t;,"
CELL_ENDS = "\t;,| "
"""What may stand between two cells."""
MAX_LINES, MAX_COLUMNS, MAX_CELLS = 200_000, 5_000, 2_000_000
"""A kinetic of 384 wells at 1,000 points has 384,000 cells: a line a well and point, or a column a well."""
_SEPARATOR = re.compile(r"sep=([,;\t|])[,;\t|]*\Z", re.IGNORECASE)
"""Excel's own first line."""
_FEWEST_SPACED = 6
_NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d+)?|[.,]\d+)(?:[eE][+-]?\d{1,3})?\Z", re.ASCII)
_LEAST_NUMBERS = 3


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text and the encoding in which it was written."""

    text: str
    encoding: str


def decode(data: bytes) -> Decoded:
    """Decode by BOM, else strict UTF-8, else a code page whose words are there, else cp1252, else Mac Roman.

    Raises:
        InputError: ``FILE_EMPTY``, ``BINARY_IN_TEXT`` or ``ENCODING``.
    """
    if not data.strip(b"\x00\r\n\t "):
        raise _empty()
    mark = marked(data) or unmarked_utf16(data)
    position = data.find(b"\x00")
    if mark is None and position >= 0:
        raise _binary(position)
    decoded = _first_that_fits(data, candidates(data) if mark is None else (mark,))
    if "\x00" in decoded.text:
        raise _binary(decoded.text.index("\x00"))
    if not decoded.text.strip():
        raise _empty()
    return decoded


def _first_that_fits(data: bytes, encodings: Iterable[str]) -> Decoded:
    position = 0
    encoding = ""
    for encoding in encodings:
        try:
            return Decoded(data.decode(encoding), encoding)
        except UnicodeDecodeError as error:
            position = error.start
    raise InputError(
        "ENCODING",
        "the text cannot be decoded",
        place=Message("byte {n:n}", n=position),
        found=Message("a byte-order mark of {encoding} and bytes that do not fit it", encoding=encoding),
        action="Export the plate again; the copy may have been cut off.",
    )


def _empty() -> InputError:
    return InputError("FILE_EMPTY", "the file is empty", action="Export the plate again.")


def _binary(position: int) -> InputError:
    return InputError(
        "BINARY_IN_TEXT",
        "this is not a text file",
        place=Message("byte {n:n}", n=position),
        found="a NUL byte",
        action="Export the plate as text, CSV or XLSX.",
    )


def split_lines(text: str) -> list[str]:
    """Lines ending in CR, LF or CRLF; other separators (such as U+2028) stay in their cell."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def delimiter_of(text: str) -> str:
    """The one of tab, ``;`` and ``,`` that fills the lines.

    A decimal comma fills as many lines as the tab or the semicolon beside it, so tab wins over both and the
    semicolon over the comma as soon as they stand in half as many lines.
    """
    lines = [line for line in split_lines(text) if line.strip()]
    tabs, semicolons, commas = (sum(sign in line for line in lines) for sign in DELIMITERS)
    if tabs and tabs * 2 >= max(semicolons, commas):
        return "\t"
    if sum("|" in line for line in lines) * 2 > len(lines) > 2 * max(semicolons, tabs):
        return "|"
    return ";" if semicolons and semicolons * 2 >= commas else ","


def split_rows(text: str) -> list[list[str]]:
    """Rows of cells of a delimited text, with CSV quoting for ``;`` and ``,``.

    A first line ``sep=;`` names the delimiter; a text without one whose lines of numbers stand apart by
    spaces is split at them.

    Raises:
        InputError: ``CSV_QUOTE`` for a quote that never closes or closes inside a cell.
    """
    lines = split_lines(text)
    require_reasonable(lines)
    named = _SEPARATOR.match(lines[0].lstrip("\ufeff").strip())
    if named is not None and sum(named[1] in line for line in lines) * 2 > len(lines):
        return [[lines[0].strip()], *split_at(lines[1:], named[1])]
    if _is_spaced(lines):
        return [_spaced(line) for line in lines]
    return split_at(lines, delimiter_of(text))


def require_reasonable(lines: list[str]) -> None:
    """Refuse a text before it takes the memory of all its cells."""
    ends = [sum(map(line.count, CELL_ENDS)) for line in lines[: MAX_LINES + 1]]
    widest, cells = max(ends) + 1, sum(ends) + len(ends)
    if len(lines) <= MAX_LINES and widest <= MAX_COLUMNS and cells <= MAX_CELLS:
        return
    raise InputError(
        "TOO_BIG_INSIDE",
        "the file is far larger than a plate export",
        found=Message("{n:n} lines, {m:n} cells, {most:n} in a line", n=len(lines), m=cells, most=widest),
        expected=Message(
            "at most {n:n} lines, {m:n} cells, {most:n} in a line", n=MAX_LINES, m=MAX_CELLS, most=MAX_COLUMNS
        ),
        action="Check that this is the export of a plate.",
    )


def split_at(lines: list[str], delimiter: str) -> list[list[str]]:
    """Rows of cells of lines that a sign separates, with CSV quoting.

    Raises:
        InputError: ``CSV_QUOTE``, as :func:`split_rows`.
    """
    if delimiter == "\t":
        return [split_tabbed(line) if line else [] for line in lines]
    if not any('"' in line for line in lines):
        return [line.split(delimiter) if line else [] for line in lines]
    return _quoted_rows(lines, delimiter)


def _is_spaced(lines: list[str]) -> bool:
    """Lines of numbers with nothing but spaces between them, and no delimiter in any of them."""
    if any("\t" in line or ";" in line for line in lines):
        return False
    rows = [line.split() for line in lines if line.strip()]
    numbers = [sum(_NUMBER.match(part) is not None for part in row) for row in rows]
    spaced = sum(
        count >= _LEAST_NUMBERS and count >= len(row) - 1 for row, count in zip(rows, numbers, strict=True)
    )
    return spaced >= _FEWEST_SPACED and spaced * 2 > len(rows)


def _spaced(line: str) -> list[str]:
    """Cells of a line of numbers; column numbers stand one cell to the right of the row letters."""
    parts = line.split()
    if sum(_NUMBER.match(part) is not None for part in parts) < _LEAST_NUMBERS:
        return [part for part in re.split(r"\s{2,}", line.strip()) if part]
    return ["", *parts] if line[:1].isspace() and parts[:3] == ["1", "2", "3"] else parts


def split_tabbed(line: str) -> list[str]:
    """Cells of a line with tabs; Excel quotes a cell with a comma (``"0,05"``) when it saves as text."""
    cells = line.split("\t")
    return [_unquoted(cell) for cell in cells] if '"' in line else cells


def _unquoted(cell: str) -> str:
    quoted = len(cell) > 1 and cell.startswith('"') and cell.endswith('"')
    return cell[1:-1].replace('""', '"') if quoted else cell


def _quoted_rows(lines: list[str], delimiter: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO("\n".join(lines), newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    start = 1
    try:
        for row in reader:
            rows.append(row)
            start = reader.line_num + 1
    except csv.Error as error:
        raise InputError(
            "CSV_QUOTE",
            "a quotation mark is never closed, or closes inside a cell",
            place=Message("line {n:n}", n=start),
            found=lines[start - 1][:40],
            action="Export the file again without editing it.",
        ) from error
    return rows
