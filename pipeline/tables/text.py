"""Text files: encoding, delimiter, rows. Nothing is lost and nothing is guessed in silence."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from pipeline.errors import InputError

DELIMITERS = "\t;,"
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


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
        raise InputError("FILE_EMPTY", "the file is empty", action="Export the plate again.")
    encoding = next((name for bom, name in _BOMS if data.startswith(bom)), None)
    if encoding is None:
        _no_binary(data)
    for candidate in (encoding,) if encoding is not None else ("utf-8", "cp1252", "mac-roman"):
        try:
            text = data.decode(candidate)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            raise _binary(text.index("\x00"))
        return Decoded(text, candidate)
    raise InputError(
        "ENCODING",
        "the text cannot be decoded",
        found=f"a byte-order mark of {encoding} and bytes that do not fit it",
        action="Export the plate again; the copy may have been cut off.",
    )


def _no_binary(data: bytes) -> None:
    position = data.find(b"\x00")
    if position >= 0:
        raise _binary(position)


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
    """Tab where there is one, else the one of ``;`` and ``,`` that fills more lines; semicolon wins ties."""
    lines = [line for line in split_lines(text) if line.strip()]
    if any("\t" in line for line in lines):
        return "\t"
    semicolons = sum(";" in line for line in lines)
    commas = sum("," in line for line in lines)
    return ";" if semicolons and semicolons >= commas / 2 else ","


def split_rows(text: str) -> list[list[str]]:
    """Rows of cells of a delimited text, with CSV quoting for ``;`` and ``,``.

    Raises:
        InputError: ``CSV_QUOTE`` for a quote that never closes.
    """
    lines = split_lines(text)
    delimiter = delimiter_of(text)
    if delimiter == "\t" or '"' not in text:
        return [line.split(delimiter) if line else [] for line in lines]
    rows = list(csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter))
    _quotes_close(lines)
    return rows


def _quotes_close(lines: list[str]) -> None:
    open_since = None
    for number, line in enumerate(lines, start=1):
        if line.count('"') % 2:
            open_since = number if open_since is None else None
    if open_since is not None:
        raise InputError(
            "CSV_QUOTE", "a quotation mark is never closed", place=f"line {open_since}", found='"'
        )
