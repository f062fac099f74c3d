"""Wells and plate sizes (ANSI/SLAS 4-2004: row letters down, column numbers across, A1 top left)."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple

PLATE_SHAPES: dict[int, tuple[int, int]] = {96: (8, 12), 384: (16, 24), 1536: (32, 48)}
"""Number of wells -> (rows, columns)."""

_NAME = re.compile(r"\s*([A-Za-z]{1,2})\s*0*([1-9][0-9]?)\s*\Z")
_ALPHABET = 26


def row_letters(row: int) -> str:
    """Row 0 is A, 25 is Z, 26 is AA (as on 1536-well plates)."""
    if row < _ALPHABET:
        return chr(ord("A") + row)
    return "A" + chr(ord("A") + row - _ALPHABET)


def row_number(letters: str) -> int:
    """Inverse of :func:`row_letters`; letters in any case."""
    upper = letters.upper()
    if len(upper) == 1:
        return ord(upper) - ord("A")
    return _ALPHABET + ord(upper[1]) - ord("A")


class Well(NamedTuple):
    """One well; row and column count from 0."""

    row: int
    column: int

    @property
    def name(self) -> str:
        """``A1``; no leading zero."""
        return f"{row_letters(self.row)}{self.column + 1}"

    @staticmethod
    @lru_cache(maxsize=8192)
    def parse(text: str) -> Well:
        """``A1``, ``a01`` and ``A 1`` are the same well; anything else is a ValueError."""
        match = _NAME.match(text)
        if match is None:
            msg = f"{text!r} is not a well name such as A1 or A01"
            raise ValueError(msg)
        return Well(row_number(match[1]), int(match[2]) - 1)


@cache
def plate_wells(rows: int, columns: int) -> tuple[Well, ...]:
    """All wells of a plate, row by row."""
    return tuple(Well(r, c) for r in range(rows) for c in range(columns))
