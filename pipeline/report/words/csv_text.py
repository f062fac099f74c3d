"""Text in CSV files that neither a spreadsheet runs nor a reader of the file loses.

An apostrophe, a spreadsheet's sign for plain text, is set before text that would start a formula, and before
text that starts with an apostrophe already. Take one leading apostrophe away, and the text is as it was.
"""

from __future__ import annotations

from pipeline.report.words.text import safe_text

_FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""Also as full-width signs (OWASP, CSV injection)."""
_SIGN = "'"


def harmless(text: str) -> str:
    """Text that a spreadsheet does not take for a formula; control characters become visible signs."""
    shown = safe_text(text)
    return f"{_SIGN}{shown}" if shown.lstrip().startswith((*_FORMULA_STARTS, _SIGN)) else shown
