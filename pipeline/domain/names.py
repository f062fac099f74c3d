"""Names and numbers as text: safe on every file system, and unmistakable in every country."""

from __future__ import annotations

import re
import unicodedata

SLUG_MAX = 60
"""Longest slug in characters; with date and hash a run id stays below 100."""
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(10)), *(f"lpt{n}" for n in range(10))}
)


def slug(text: str) -> str:
    """ASCII letters, digits, ``_`` and ``-``; never empty, never a reserved Windows name."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    cleaned = re.sub(r"[^A-Za-z0-9_-]+", "-", ascii_text).strip("-_")[:SLUG_MAX].strip("-_")
    if not cleaned:
        return "export"
    return f"x-{cleaned}" if cleaned.lower() in _RESERVED else cleaned


NARROW_SPACE = "\u202f"


def grouped(value: float, digits: int = 0) -> str:
    """``27 000`` with a narrow no-break space: a comma would be a decimal sign elsewhere."""
    return f"{value:,.{digits}f}".replace(",", NARROW_SPACE)
