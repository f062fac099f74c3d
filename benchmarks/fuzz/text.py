"""Ways to spoil a text export: cells, rows, encoding, line ends, delimiter and decimal sign."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import wraps
from typing import TypeAlias

from .raw import Spoil
from .words import ODD

Rows: TypeAlias = "list[list[str]]"
_HEAD_ROWS = 12
_HEAD_SHARE = 0.4
"""Heads decide how a file is read, so they are hit more often than their number of lines asks for."""
_ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "mac-roman")
_DECIMAL = re.compile(r"(?<=\d)[.,](?=\d)", re.ASCII)
_SPAN = 10


def decoded(data: bytes) -> tuple[str, str]:
    """(text, encoding) of any bytes at all."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace"), "utf-16"
    for encoding in ("utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "utf-8", "cp1252"):
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1"), "latin-1"


def encoded(text: str, encoding: str) -> bytes:
    """As :func:`decoded` found it, or UTF-8 with a mark where that cannot hold the text."""
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return text.encode("utf-8-sig")


def delimiter(text: str) -> str:
    """The first of tab, ``;`` and ``,`` that stands in about every line, else the space."""
    lines = text.count("\n") + text.count("\r") + 1
    return next((sign for sign in "\t;," if text.count(sign) * 2 >= lines), " ")


def _on_text(change: Callable[[str, random.Random], str]) -> Spoil:
    @wraps(change)
    def spoil(data: bytes, chance: random.Random) -> bytes:
        text, encoding = decoded(data)
        return encoded(change(text, chance), encoding)

    return spoil


def _on_rows(change: Callable[[Rows, random.Random], None]) -> Spoil:
    """A change of the rows in place; the line ends stay what they were."""

    @wraps(change)
    def spoil(data: bytes, chance: random.Random) -> bytes:
        text, encoding = decoded(data)
        sign = delimiter(text)
        end = next((end for end in ("\r\n", "\n", "\r") if end in text), "\n")
        rows = [line.split(sign) for line in text.split(end)]
        change(rows, chance)
        return encoded(end.join(sign.join(row) for row in rows), encoding)

    return spoil


def _row(rows: Rows, chance: random.Random) -> int:
    if chance.random() < _HEAD_SHARE:
        return chance.randrange(min(len(rows), _HEAD_ROWS))
    return chance.randrange(len(rows))


@_on_rows
def swap_cells(rows: Rows, chance: random.Random) -> None:
    """Exchange two cells."""
    (row, other) = (rows[_row(rows, chance)], rows[_row(rows, chance)])
    at, there = chance.randrange(len(row)), chance.randrange(len(other))
    row[at], other[there] = other[there], row[at]


@_on_rows
def odd_word(rows: Rows, chance: random.Random) -> None:
    """Put a word that does not belong there in place of a cell."""
    row = rows[_row(rows, chance)]
    row[chance.randrange(len(row))] = chance.choice(ODD)


@_on_rows
def drop_row(rows: Rows, chance: random.Random) -> None:
    """Leave out one row."""
    if len(rows) > 1:
        del rows[_row(rows, chance)]


@_on_rows
def double_row(rows: Rows, chance: random.Random) -> None:
    """Write one row, or a few, twice."""
    at = _row(rows, chance)
    rows[at:at] = [list(row) for row in rows[at : at + chance.choice((1, 1, _SPAN))]]


@_on_rows
def swap_rows(rows: Rows, chance: random.Random) -> None:
    """Exchange two rows."""
    at, there = _row(rows, chance), _row(rows, chance)
    rows[at], rows[there] = rows[there], rows[at]


@_on_rows
def cut_row(rows: Rows, chance: random.Random) -> None:
    """End a row early."""
    row = rows[_row(rows, chance)]
    del row[chance.randrange(len(row)) + 1 :]


@_on_rows
def drop_cell(rows: Rows, chance: random.Random) -> None:
    """Leave out a cell, so that the others move to the left."""
    row = rows[_row(rows, chance)]
    if len(row) > 1:
        del row[chance.randrange(len(row))]


@_on_rows
def add_cell(rows: Rows, chance: random.Random) -> None:
    """Put one more cell into a row."""
    row = rows[_row(rows, chance)]
    row.insert(chance.randrange(len(row) + 1), chance.choice(("", "0.5", chance.choice(ODD))))


@_on_rows
def twice(rows: Rows, chance: random.Random) -> None:
    """Hang the file, from some row on, to its own end."""
    rows += [list(row) for row in rows[chance.choice((0, _row(rows, chance))) :]]


def encode_anew(data: bytes, chance: random.Random) -> bytes:
    """Write the same text in another encoding, if that can hold it."""
    return encoded(decoded(data)[0], chance.choice(_ENCODINGS))


@_on_text
def line_ends(text: str, chance: random.Random) -> str:
    """CR, LF or CRLF in place of what was there."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return lines.replace("\n", chance.choice(("\r", "\n", "\r\n", "\r\r\n")))


@_on_text
def other_delimiter(text: str, chance: random.Random) -> str:
    """Another sign between the cells, in the whole file or from some point on."""
    at = chance.choice((0, chance.randrange(len(text) + 1)))
    return text[:at] + text[at:].replace(delimiter(text), chance.choice("\t;,| "))


@_on_text
def other_decimals(text: str, chance: random.Random) -> str:
    """Decimal commas for points or the reverse, in all numbers or in some."""
    share, sign = chance.choice((1.0, 1.0, 0.5, 0.01)), chance.choice(",.")
    return _DECIMAL.sub(lambda found: sign if chance.random() < share else found[0], text)


CELLS: tuple[Spoil, ...] = (swap_cells, odd_word, odd_word, odd_word, drop_cell, add_cell)
ROWS: tuple[Spoil, ...] = (drop_row, double_row, swap_rows, cut_row, twice)
WHOLE: tuple[Spoil, ...] = (encode_anew, line_ends, other_delimiter, other_decimals)
