"""Foreign text made safe to show: nothing invisible, nothing that turns the reading direction."""

from __future__ import annotations

import re

from pipeline.domain.message import Message

MAX_CELL = 32_767
"""Longest text of an Excel cell; openpyxl would cut a longer one silently."""

_CONTROL_PICTURES = 0x2400
_FIRST_PRINTABLE = 0x20
_DELETE = 0x7F
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff"
    "\ud800-\udfff\ufffe\uffff]"
)

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([+-]\d\d:\d\d)?")
NO_BREAK = "\u00a0"
"""A space at which no line ends."""
_JOINED = re.compile(
    r"(?<=\d) (?=\d{3}(?!\d)|%|(?:to|bis) [+\u2212-]?\d)"
    r"|(?<=\d to) (?=[+\u2212-]?\d)|(?<=\d bis) (?=[+\u2212-]?\d)"
)
"""Spaces inside ``10 000``, ``20 %`` and ``2 280 to 96 100``."""
_MINUS = re.compile(r"(?:(?<=[\s(])|^|(?<=\de))-(?=\d)")
"""Before a number, or in its exponent; never inside a name such as ``S-1``."""


def unbroken(text: str) -> str:
    """No line break inside a number, a percentage or an interval."""
    return _JOINED.sub(NO_BREAK, text)


def real_minus(text: str) -> str:
    """Negative numbers of a sentence with a minus sign in place of the hyphen."""
    if isinstance(text, Message):
        return text.each(real_minus)
    return _MINUS.sub("\u2212", text)


def local_time(iso: str) -> str:
    """``2026-02-17 09:14:03 (UTC+01:00)``: as the clock of the laboratory showed it; any other text stays."""
    if _MOMENT.fullmatch(iso) is None:
        return iso
    offset = iso[19:]
    return f"{iso[:10]} {iso[11:19]}" + (f" (UTC{offset})" if offset else "")


def visible(text: str) -> str:
    """Show control characters, direction marks and lone surrogates as signs that can be seen.

    A bell becomes its picture (U+2407), what has no picture its number such as ``<U+202E>``.
    """
    return text if text.isprintable() else _HIDDEN.sub(_picture, text)


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < _FIRST_PRINTABLE:
        return chr(_CONTROL_PICTURES + code)
    if code == _DELETE:
        return "\u2421"
    return f"<U+{code:04X}>"


def safe_text(text: str) -> str:
    """Text for a workbook cell: visible, and cut with a note where Excel cannot hold it."""
    shown = visible(text)
    if len(shown) <= MAX_CELL:
        return shown
    note = f" [cut: {len(shown)} characters]"
    return shown[: MAX_CELL - len(note)] + note


def short(text: str, length: int) -> str:
    """At most ``length`` characters, with an ellipsis where it was cut."""
    return text if len(text) <= length else text[: length - 1] + "\u2026"


def counted(number: int, noun: str) -> Message:
    """``1 sample``, ``2 samples``."""
    return Message(f"1 {noun}") if number == 1 else Message(f"{{n:n}} {noun}s", n=number)
