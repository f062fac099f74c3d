"""What a spreadsheet shows of a number, by its own rules: 15 digits, a half rounded up; for tests only."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

PLAIN = re.compile(r'(?:"([^"]*)")?(#,##)?0(?:\.(0+))?(E\+00)?')
"""The number formats of the workbook: fixed decimals, with or without thousands, or an exponent."""


def shown(value: float, code: str) -> str:
    """The text in the cell.

    Raises:
        ValueError: this format is none of the workbook's.
    """
    form = PLAIN.fullmatch(code)
    if form is None:
        raise ValueError(code)
    literal, thousands, decimals, exponent = form.groups()
    places = len(decimals or "")
    number = Decimal(f"{value:.15g}")
    if exponent:
        return (literal or "") + _scientific(number, places)
    rounded = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return (literal or "") + (f"{rounded:,f}" if thousands else f"{rounded:f}")


def _scientific(number: Decimal, places: int) -> str:
    power = number.adjusted()
    mantissa = number.scaleb(-power).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    if abs(mantissa) >= 10:
        mantissa, power = mantissa / 10, power + 1
    return f"{mantissa:.{places}f}E{power:+03d}"
