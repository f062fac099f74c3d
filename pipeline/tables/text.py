"""Text files: encoding, delimiter, rows. Nothing is lost and nothing is guessed in silence."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from pipeline.errors import InputError

DELIMITERS = "\t;,"
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_SINGLE_BYTE_LAST = ("utf-8", "cp1252", "mac-roman")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text and the encoding in which it was written."""

    text: str
    encoding: str


def decode(data: bytes) -> Decoded:
    """Decode by BOM, else strict UTF-8, else cp1252, else Mac Roman (both single byte).

    Raises:
        InputError: ``FILE_EMPTY``, ``BINARY_IN_TEXT`` or ``ENCODING``.
    """
    if not data.strip(b"\x00\r\n\t "):
        raise _empty()
    mark = next((name for bom, name in _BOMS if data.startswith(bom)), None)
    position = data.find(b"\x00")
    if mark is None and position >= 0:
        raise _binary(position)
    decoded = _first_that_fits(data, _SINGLE_BYTE_LAST if mark is None else (mark,))
    if "\x00" in decoded.text:
        raise _binary(decoded.text.index("\x00"))
    if not decoded.text.strip():
        raise _empty()
    return decoded


def _first_that_fits(data: bytes, encodings: tuple[str, ...]) -> Decoded:
    position = 0
    for encoding in encodings:
        try:
            return Decoded(data.decode(encoding), encoding)
        except UnicodeDecodeError as error:
            position = error.start
    raise InputError(
        "ENCODING",
        "the text cannot be decoded",
        place=f"byte {position}",
        found=f"a byte-order mark of {encodings[0]} and bytes that do not fit it",
        action="Export the plate again; the copy may have been cut off.",
    )


def _empty() -> InputError:
    return InputError("FILE_EMPTY", "the file is empty", action="Export the plate again.")


def _binary(position: int) -> InputError:
    return InputError(
        "BINARY_IN_TEXT",
        "this is not a text file",
        place=f"byte {position}",
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
    return ";" if semicolons and semicolons * 2 >= commas else ","


def split_rows(text: str) -> list[list[str]]:
    """Rows of cells of a delimited text, with CSV quoting for ``;`` and ``,``.

    Raises:
        InputError: ``CSV_QUOTE`` for a quote that never closes or closes inside a cell.
    """
    lines = split_lines(text)
    delimiter = delimiter_of(text)
    if delimiter == "\t":
        return [split_tabbed(line) if line else [] for line in lines]
    if '"' not in text:
        return [line.split(delimiter) if line else [] for line in lines]
    return _quoted_rows(lines, delimiter)


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
            place=f"line {start}",
            found=lines[start - 1][:40],
            action="Export the file again without editing it.",
        ) from error
    return rows
