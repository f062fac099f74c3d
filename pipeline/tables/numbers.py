"""What a cell of a plate means: a number, a state, or something that is not understood.

Numbers are plain ASCII digits with a decimal sign; never ``nan``, ``1_000`` or digits of other scripts. The
decimal sign of a file must be proven, and the words that stand for a number are a closed list.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from pipeline.domain.message import Message
from pipeline.domain.plate import WellState
from pipeline.errors import InputError
from pipeline.tables.workbook import Cell

_POINT = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?\Z", re.ASCII)
_COMMA = re.compile(r"[+-]?(?:\d+(?:,\d*)?|,\d+)(?:[eE][+-]?\d{1,3})?\Z", re.ASCII)
_USUAL = re.compile(r"-?\d{1,9}\.\d{1,15}\Z", re.ASCII)
"""Most wells of most files; it has one reading, and no float is too small or too large for it."""
_GRAMMAR = {".": _POINT, ",": _COMMA}
_DIGITS = re.compile(r"[+-]?[0.,]*[1-9]", re.ASCII)
_AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}\Z", re.ASCII)
_MASKED = re.compile(r"\*\s*([+-]?[\d.,]+)\s*\*\Z", re.ASCII)
_BEYOND = re.compile(r"([<>])\s*(?:max|min|[+-]?[\d.,]+)\Z", re.ASCII | re.IGNORECASE)
_FILLED = re.compile(r"[*?#]{3,}\Z", re.ASCII)
_EXCEL_ERRORS = frozenset({"#REF!", "#DIV/0!", "#VALUE!", "#N/A", "#NAME?", "#NUM!", "#NULL!"})

WORDS: dict[str, WellState] = {
    "ovrflw": WellState.ABOVE_RANGE,
    "over": WellState.ABOVE_RANGE,
    "overflow": WellState.ABOVE_RANGE,
    "#sat": WellState.ABOVE_RANGE,
    "sat": WellState.ABOVE_RANGE,
    "undrflw": WellState.BELOW_RANGE,
    "under": WellState.BELOW_RANGE,
    "underflow": WellState.BELOW_RANGE,
    "masked": WellState.MASKED,
    "missed": WellState.NOT_READ,
    "nan": WellState.NOT_READ,
    "n/a": WellState.NOT_READ,
    "-": WellState.NOT_READ,
    "--": WellState.NOT_READ,
    "": WellState.NOT_READ,
    "path?": WellState.UNREADABLE,
    "range?": WellState.UNREADABLE,
    "error": WellState.UNREADABLE,
}
"""Words that readers' software prints in place of a number -> what they mean.

So do ``>4.000``, ``< Min`` and ``*****``.
"""

WellCell: TypeAlias = "tuple[float | None, WellState | None]"
"""(number, state): a plain number has no state, a state may come with a number."""


@dataclass(frozen=True, slots=True)
class DecimalSign:
    """The decimal sign of a file and what proves it; ``mixed`` files are read cell by cell."""

    sign: str
    proof: str
    mixed: bool = False


def decimal_sign(cells: Iterable[str]) -> DecimalSign:
    """Find the decimal sign from the cells of a file; a point where nothing proves one.

    A sign is proven by a cell that has only one reading: ``0,05``, ``12,3456`` or ``1,5`` cannot be
    thousands. ``1,234`` proves nothing.
    """
    first: dict[str, str] = {}
    for text in cells:
        mark = "," if "," in text else "."
        if mark in first or mark not in text:
            continue
        if _GRAMMAR[mark].match(text) and not _AMBIGUOUS.match(text):
            first[mark] = f"'{text}'"
    sign = "," if "," in first and "." not in first else "."
    proofs = [first[mark] for mark in sorted(first, reverse=True)]
    if len(proofs) > 1:
        return DecimalSign(sign, Message("{one:t} and {other:t}", one=proofs[0], other=proofs[1]), mixed=True)
    return DecimalSign(sign, "".join(proofs), mixed=False)


def well_cell(cell: Cell, sign: DecimalSign) -> WellCell:
    """Read one cell of a plate.

    Raises:
        InputError: ``NOT_A_NUMBER`` for a text that is neither a number nor a known word, ``CELL_ERROR`` for
            ``#REF!`` and its like, ``AMBIGUOUS_NUMBER`` for ``1,234`` in a file that does not prove its
            decimal sign. The caller adds the place.
    """
    if isinstance(cell, str):
        if sign.sign == "." and not sign.mixed and _USUAL.match(cell):
            return float(cell), None
        return _well_text(cell.strip().strip("'").strip(), sign)
    if cell is None:
        return None, WellState.NOT_READ
    if isinstance(cell, bool) or not isinstance(cell, int | float) or not math.isfinite(cell):
        raise _not_a_number(str(cell))
    return float(cell), None


def _well_text(text: str, sign: DecimalSign) -> WellCell:
    number = parse_number(text, sign)
    if number is not None:
        return number, None
    state = _state(text)
    if state is not None:
        return None, state
    masked = _MASKED.match(text)
    number = parse_number(masked[1], sign) if masked is not None else None
    if number is not None:
        return number, WellState.MASKED
    raise _not_a_number(text)


def _state(text: str) -> WellState | None:
    """What a word says that stands in place of a number."""
    known = WORDS.get(text.lower())
    if known is not None:
        return known
    beyond = _BEYOND.match(text)
    if beyond is not None:
        return WellState.ABOVE_RANGE if beyond[1] == ">" else WellState.BELOW_RANGE
    return WellState.UNREADABLE if _FILLED.match(text) else None


def _not_a_number(text: str) -> InputError:
    if text.upper() in _EXCEL_ERRORS:
        return InputError(
            "CELL_ERROR",
            "this well holds an error of Excel",
            found=f"'{text}'",
            expected="an OD such as 1.234",
            action="Drop the file as the reader's software wrote it, without calculations.",
        )
    return InputError(
        "NOT_A_NUMBER",
        "this well holds neither a number nor a word that plate readers write",
        found=f"'{text[:40]}'",
        expected="an OD such as 1.234, or a word such as OVRFLW",
        action="Correct the export, or export the plate again.",
    )


def parse_number(text: str, sign: DecimalSign) -> float | None:
    """A number by the file's decimal sign; None for any other text, and for what no float can hold.

    In a file with both signs each number is read by its own mark, if that leaves one reading only.
    """
    if (sign.mixed or ("," in text and not sign.proof)) and _AMBIGUOUS.match(text):
        raise InputError(
            "AMBIGUOUS_NUMBER",
            "this number has two readings and nothing in the file says which",
            found=f"'{text}'",
            expected="a decimal sign that the file proves, such as 0,123 or 1.5",
            action="Export the plate with a decimal point.",
        )
    own = sign.sign
    if sign.mixed:
        own = "," if "," in text else "."
    if not _GRAMMAR[own].match(text):
        return None
    number = float(text.replace(",", "."))
    vanished = number == 0 and _DIGITS.match(text) is not None  # 1e-400 is not 0
    return number if math.isfinite(number) and not vanished else None


def number_like(cell: Cell) -> bool:
    """Could a well hold this: a number by either sign, or a word for one? An empty cell is neither."""
    if isinstance(cell, str):
        text = cell.strip()
        known = _POINT.match(text) or _COMMA.match(text) or _MASKED.match(text) or _state(text)
        return bool(text) and bool(known)
    return isinstance(cell, int | float) and not isinstance(cell, bool)
