"""Words that several rules use."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.domain.message import Message, joined

_NAMED = 6
"""As many as a message names."""


def first_of(found: Sequence[str]) -> Message:
    """The first few, and how many there are beyond them."""
    text = joined(", ", found[:_NAMED])
    if len(found) <= _NAMED:
        return text
    return Message("{found:t} and {n:n} more", found=text, n=len(found) - _NAMED)
