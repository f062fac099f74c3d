"""File names on pages: a long one goes on in the next line after a sign, not inside a word."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from pipeline.report.words.text import visible

_AFTER_A_SIGN = re.compile(r"(?<=[_-])(?=\w)")


def breakable(text: str) -> Markup:
    """The text, escaped, with a place for a line break behind each ``_`` and ``-``; ``.txt`` stays."""
    broken = _AFTER_A_SIGN.sub("<wbr>", str(escape(visible(text))))
    return Markup(broken)  # noqa: S704 - escaped just now
