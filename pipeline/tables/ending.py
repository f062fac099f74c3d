"""How a text ends. One that is still being written, or was cut, ends in the middle of its last line."""

from __future__ import annotations

import re

from pipeline.domain.wells import Well
from pipeline.tables.text import decode, delimiter_of, split_lines
from pipeline.tables.workbook import OLE2, ZIP

_NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d*)?\Z", re.ASCII)
_CUT = re.compile(r"(?:[+-]?\d+[.,]|[+-]?\d+(?:[.,]\d*)?[eE][+-]?)\Z", re.ASCII)


def ends_open(data: bytes) -> bool:
    """Has the last line of a text no end, though it is a line of a table?

    It is one where it ends in a number or a well, or has fewer cells than the line above. A closing sentence
    without a line end (``Created with ...``) is whole.
    """
    text = _text(data)
    if not text or text[-1] in "\r\n":
        return False
    sign = delimiter_of(text)
    last, before = ([*reversed(split_lines(text)), ""])[:2]
    cell = _last_cell(last, sign)
    shorter = sign in last and last.count(sign) < before.count(sign)
    return shorter or _NUMBER.match(cell) is not None or _CUT.match(cell) is not None or _is_well(cell)


def cut_number(data: bytes) -> str | None:
    """The number in which a text breaks off (``0.``, ``1.2E-``); None where it ends in none."""
    text = _text(data).rstrip()
    if not text:
        return None
    cell = _last_cell(split_lines(text)[-1], delimiter_of(text))
    return cell if _CUT.match(cell) else None


def _text(data: bytes) -> str:
    return "" if data.startswith((ZIP, OLE2)) or data.lstrip()[:1] == b"<" else decode(data).text


def _last_cell(line: str, sign: str) -> str:
    return line.rstrip().rpartition(sign)[2].strip().strip('"')


def _is_well(cell: str) -> bool:
    try:
        Well.parse(cell)
    except ValueError:
        return False
    return True
