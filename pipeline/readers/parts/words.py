"""Words of plate readers' software: what was measured, at which wavelength, when; English, German, French."""

from __future__ import annotations

import re
from datetime import date

from pipeline.domain.plate import Kind

_KINDS = (
    (Kind.FLUORESCENCE, ("fluor", "rfu", "excitation", "anregung", "emission")),
    (Kind.LUMINESCENCE, ("lumin", "lumi", "rlu", "lumineszenz", "cps")),
    (
        Kind.ABSORBANCE,
        (
            "absorb",
            "absorption",
            "extin",
            "optical density",
            "photometr",
            "fotometr",
            "optische dichte",
            "optique",
            "optica",
            "óptica",
            "absorv",
            "assorb",
            "abs",
            "od",
        ),
    ),
)
_WAVELENGTH = re.compile(r"(?<![\d.,-])([2-9]\d{2}|1000)(?:[.,]0+)?(?:\s*nm)?(?![\d.,]*\d)", re.IGNORECASE)
_MARKED = re.compile(
    r"(?:(?<![a-z])(?:od|abs|ext|a|do|d\.o\.|λ|absorban[a-z]*|extin[a-z]*|wavelength|wellenl[äa]nge)[\s_.:=(\[]*)"
    r"([2-9]\d{2}|1000)(?![\d]|[.,]\d*[1-9])|(?<![\d.,])([2-9]\d{2}|1000)(?:[.,]0+)?\s*nm",
    re.IGNORECASE,
)
"""A number that is marked as a wavelength: ``OD450``, ``A 450``, ``450 nm``."""
_TIME = re.compile(r"(?:(\d+):)?(\d{1,3}):(\d{1,2})(?:[.,](\d+))?\Z", re.ASCII)
_SECONDS = re.compile(r"(\d+(?:[.,]\d+)?)\s*(ms|sec|s|min|h)", re.ASCII | re.IGNORECASE)
_UNIT_SECONDS = {"ms": 0.001, "s": 1.0, "sec": 1.0, "min": 60.0, "h": 3600.0}
_DAY = re.compile(r"'?(\d{1,4})([./-])(\d{1,2})\2(\d{2,4})\b", re.ASCII)


def kind_of(text: str) -> Kind | None:
    """What a text says was measured: ``Fluorescence Top Reading``, ``Absorption``, ``OD``."""
    words = re.findall(r"[a-zà-ÿ]+(?: density)?", text.casefold())
    for kind, beginnings in _KINDS:
        if any(word.startswith(beginnings) if len(word) > 2 else word in beginnings for word in words):  # noqa: PLR2004
            return kind
    return None


def wavelengths_in(text: str) -> tuple[float, ...]:
    """Wavelengths in nm that a text names, in order: ``450 nm``, ``A450``, ``Data (450)``, ``450, 620``."""
    return tuple(float(match[1]) for match in _WAVELENGTH.finditer(text))


def marked_wavelengths(text: str) -> tuple[float, ...]:
    """Wavelengths that a text marks as such: by ``nm`` behind them, or ``OD`` or ``A`` before them."""
    return tuple(float(match[1] or match[2]) for match in _MARKED.finditer(text))


def wavelength_in(text: str) -> float | None:
    """The one wavelength that a text names, perhaps twice (``562:562``); None when it names none or several.

    Where some of its numbers are marked as wavelengths, only these count: ``Plate 301, 450 nm``.
    """
    found = set(marked_wavelengths(text) or wavelengths_in(text))
    return found.pop() if len(found) == 1 else None


def seconds_in(text: str) -> float | None:
    """Seconds since the start: ``0:20``, ``00:06:52``, ``24.5 s``, ``600s``, ``204 ms``, ``1 h 15 min``."""
    stripped = text.strip().strip("'")
    match = _TIME.match(stripped)
    if match is not None:
        hours, minutes, seconds = (int(part or 0) for part in match.groups()[:3])
        return 3600.0 * hours + 60.0 * minutes + seconds + float(f"0.{match[4] or 0}")
    parts = list(_SECONDS.finditer(stripped))
    if not parts or _SECONDS.sub("", stripped).strip():
        return None
    return sum(float(part[1].replace(",", ".")) * _UNIT_SECONDS[part[2].lower()] for part in parts)


def iso_day(text: str) -> str | None:
    """The day that a date names beyond doubt, as ``2018-03-06``; None for ``3/6/2018`` and the like."""
    match = _DAY.match(text.strip())
    if match is None:
        return None
    first, sign, second, third = int(match[1]), match[2], int(match[3]), match[4]
    if len(match[1]) == 4:  # noqa: PLR2004 - a year
        return _day(first, second, int(third))
    if len(third) != 4:  # noqa: PLR2004
        return None
    if sign == "." or first > 12 or first == second:  # noqa: PLR2004 - points are written day first
        return _day(int(third), second, first)
    return _day(int(third), first, second) if second > 12 else None  # noqa: PLR2004


def _day(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None
