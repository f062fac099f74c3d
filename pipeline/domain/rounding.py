"""Numbers as text, rounded as spreadsheets round them: half up, from the 15 digits that they keep.

Python rounds the binary number, in which 1.7805 lies a little below; a workbook beside it would show 1.781.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Literal


def exact(value: float) -> Decimal:
    """The number that a spreadsheet holds."""
    return Decimal(f"{value:.15g}")


def fixed(value: float, decimals: int, thousands: Literal["", ","] = "") -> str:
    """A finite number with so many decimals; a half goes away from zero."""
    text = f"{value:.15g}"
    if not _may_be_half(text, decimals):
        return f"{value:{thousands}.{decimals}f}"
    return f"{half_up(Decimal(text), decimals):{thousands}f}"


def half_up(value: Decimal, decimals: int) -> Decimal:
    """Rounded to so many decimals; below 0 to tens, hundreds and so on."""
    return value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def scientific(value: float, digits: int) -> str:
    """``2.94e-08``: a number with so many significant digits and an exponent."""
    number = exact(value)
    rounded = half_up(number, digits - 1 - number.adjusted()) if number else number
    return f"{float(rounded):.{digits - 1}e}"


def _may_be_half(text: str, decimals: int) -> bool:
    """A five right behind the last decimal, or an exponent, which hides where its digits stand."""
    return "e-" in text or (text[-1] == "5" and len(text.partition(".")[2]) == decimals + 1)
