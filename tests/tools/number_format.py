"""The numbers of a document, and what a spreadsheet shows of one: 15 digits, a half rounded up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

PLAIN = re.compile(r'(?:"([^"]*)")?(#,##)?0(?:\.(0+))?(E\+00)?')
"""The number formats of the workbook: fixed decimals, with or without thousands, or an exponent."""


def numbers_in(document: object) -> Iterator[float]:
    """Every number of a JSON document."""
    if isinstance(document, dict):
        document = list(document.values())
    if isinstance(document, list):
        for item in document:
            yield from numbers_in(item)
    elif isinstance(document, int | float) and not isinstance(document, bool):
        yield float(document)


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
