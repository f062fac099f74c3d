"""What a cell of a plate means: a number, a state, or something that is not understood.

Numbers are plain ASCII digits with a decimal sign; never ``nan``, ``1_000`` or digits of other scripts. The
decimal sign of a file must be proven, and the words that stand for a number are a closed list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from pipeline.domain.plate import WellState
from pipeline.errors import InputError

_POINT = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?\Z", re.ASCII)
_COMMA = re.compile(r"[+-]?(?:\d+(?:,\d*)?|,\d+)(?:[eE][+-]?\d{1,3})?\Z", re.ASCII)
_AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}\Z", re.ASCII)
_MASKED = re.compile(r"\*\s*([+-]?[\d.,]+)\s*\*\Z", re.ASCII)
_BEYOND = re.compile(r"([<>])\s*(?:max|min|[+-]?[\d.,]+)\Z", re.ASCII | re.IGNORECASE)

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
    "?????": WellState.UNREADABLE,
    "*****": WellState.UNREADABLE,
    "#####": WellState.UNREADABLE,
    "error": WellState.UNREADABLE,
}
"""Words that readers' software prints in place of a number -> what they mean."""

WellCell: TypeAlias = "tuple[float | None, WellState | None]"
"""(number, state): a plain number has no state, a state may come with a number."""


@dataclass(frozen=True, slots=True)
class DecimalSign:
    """The decimal sign of a file and what proves it; ``mixed`` files are read cell by cell."""

    sign: str
    proof: str
    mixed: bool = False


def decimal_sign(cells: Iterable[str], *, delimiter: str) -> DecimalSign:
    """Find the decimal sign from the cells of a file.

    A sign is proven by a cell that has only one reading: ``0,05``, ``12,3456`` or ``1,5`` cannot be
    thousands. ``1,234`` proves nothing. In a comma-separated file a comma cannot be the decimal sign unless
    cells are quoted.
    """
    point, comma = 0, 0
    first: dict[str, str] = {}
    for text in cells:
        if text.isdigit() or _AMBIGUOUS.match(text):
            continue
        if "." in text and _POINT.match(text):
            point += 1
            first.setdefault(".", text)
        elif "," in text and _COMMA.match(text):
            comma += 1
            first.setdefault(",", text)
    if point and comma:
        return DecimalSign("." if point >= comma else ",", f"'{first['.']}' and '{first[',']}'", mixed=True)
    if comma:
        return DecimalSign(",", f"'{first[',']}'")
    if point:
        return DecimalSign(".", f"'{first['.']}'")
    return DecimalSign(".", "the comma separates the cells" if delimiter == "," else "")


def well_cell(text: str, sign: DecimalSign, place: str) -> WellCell:
    """Read one cell of a plate.

    Raises:
        InputError: ``NOT_A_NUMBER`` for a text that is neither a number nor a known word,
            ``AMBIGUOUS_NUMBER`` for ``1,234`` in a file that does not prove its decimal sign.
    """
    stripped = text.strip().strip("'").strip()
    state = WORDS.get(stripped.lower())
    if state is not None:
        return None, state
    number = parse_number(stripped, sign, place)
    if number is not None:
        return number, None
    masked = _MASKED.match(stripped)
    if masked is not None:
        return parse_number(masked[1], sign, place), WellState.MASKED
    beyond = _BEYOND.match(stripped)
    if beyond is not None:
        return None, WellState.ABOVE_RANGE if beyond[1] == ">" else WellState.BELOW_RANGE
    raise InputError(
        "NOT_A_NUMBER",
        "this well holds neither a number nor a word that plate readers write",
        place=place,
        found=f"'{stripped[:40]}'",
        expected="an OD such as 1.234, or a word such as OVRFLW",
        action="Correct the export, or export the plate again.",
    )


def parse_number(text: str, sign: DecimalSign, place: str) -> float | None:
    """A number by the file's decimal sign; None for any other text."""
    if sign.proof == "" and "," in text and _AMBIGUOUS.match(text):
        raise InputError(
            "AMBIGUOUS_NUMBER",
            "this number has two readings and nothing in the file says which",
            place=place,
            found=f"'{text}'",
            expected="a decimal sign that the file proves, such as 0,123 or 1.5",
            action="Export the plate with a decimal point.",
        )
    grammar = {".": _POINT, ",": _COMMA}
    own = sign.sign
    if sign.mixed and "," in text and not _AMBIGUOUS.match(text):
        own = ","
    elif sign.mixed and "." in text:
        own = "."
    return float(text.replace(",", ".")) if grammar[own].match(text) else None
