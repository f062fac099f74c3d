"""Names and numbers as text: safe on every file system, and unmistakable in every country."""

from __future__ import annotations

import math
import re
import unicodedata

from pipeline.domain.rounding import exact, fixed, half_up

SLUG_MAX = 60
"""Longest slug in characters."""
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(10)), *(f"lpt{n}" for n in range(10))}
)


def slug(text: str, most: int = SLUG_MAX) -> str:
    """At most so many ASCII letters, digits, ``_`` and ``-``; never empty, never a reserved Windows name."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    cleaned = re.sub(r"[^A-Za-z0-9_-]+", "-", ascii_text).strip("-_")[:most].strip("-_")
    if not cleaned:
        return "export"
    return f"x-{cleaned}" if cleaned.lower() in _RESERVED else cleaned


NARROW_SPACE = "\u202f"


def grouped(value: float, digits: int = 0) -> str:
    """``27 000`` with a narrow no-break space: a comma would be a decimal sign elsewhere."""
    return fixed(value, digits, ",").replace(",", NARROW_SPACE)


def to_digits(value: float, digits: int = 3) -> float:
    """Rounded to so many significant digits, a half upwards."""
    return float(half_up(exact(value), decimals(value, digits)))


def rounded(value: float, digits: int = 3) -> str:
    """Significant digits without an exponent, thousands apart: ``21 500``."""
    return grouped(to_digits(value, digits), max(0, decimals(value, digits)))


def plain_spaces(text: str) -> str:
    """A text for files that programs read: its narrow spaces are ordinary ones."""
    return text.replace(NARROW_SPACE, " ")


def bound(value: float, *, up: bool, digits: int = 3) -> str:
    """A bound as text, rounded outwards: ``up`` for "at most" and "<", else for "at least" and ">="."""
    places = decimals(value, digits)
    return grouped(outward(value, places, up=up), max(0, places))


def decimals(value: float, digits: int) -> int:
    """Decimals that show a number with so many significant digits; below 0 from 10 ** ``digits`` on."""
    return digits - 1 - math.floor(math.log10(abs(value))) if value else 0


def outward(value: float, places: int, *, up: bool) -> float:
    """Rounded up or down to so many decimals; the last bits of a computed number count for nothing."""
    steps = value * 10.0**places
    slack = 1e-9 * abs(steps)
    whole = math.ceil(steps - slack) if up else math.floor(steps + slack)
    return round(whole / 10.0**places, places) + 0.0


def bound_small(value: float) -> str:
    """What a very small number is at most, with an exponent: ``5.5e-09``."""
    return f"{outward(value, decimals(value, 2), up=True):.1e}"


def bound_plain(value: float) -> str:
    """What a share or a chance is at most, two digits: ``0.013``, ``1``."""
    return f"{outward(value, decimals(value, 2), up=True):.2g}"


def number(value: float) -> str:
    """Three significant digits, without exponent; thousands apart by a narrow space, never by a comma."""
    return rounded(value)
