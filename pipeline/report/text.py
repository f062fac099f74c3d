"""Foreign text made safe to show: nothing invisible, nothing that turns the reading direction."""

from __future__ import annotations

import re

MAX_CELL = 32_767
"""Longest text of an Excel cell; openpyxl would cut a longer one silently."""

_CONTROL_PICTURES = 0x2400
_FIRST_PRINTABLE = 0x20
_DELETE = 0x7F
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff"
    "\ud800-\udfff\ufffe\uffff]"
)


def visible(text: str) -> str:
    """Show control characters, direction marks and lone surrogates as signs that can be seen.

    A bell becomes its picture (U+2407), what has no picture its number such as ``<U+202E>``.
    """
    return _HIDDEN.sub(_picture, text)


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
