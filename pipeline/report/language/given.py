"""Text with a mark that says how it is translated: not at all, from one room alone, or piece by piece.

All are plain text to everyone else, so that a table in English is what it always was.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Self


class Given(str):
    """Text of the laboratory or of its files: shown as it was typed, whatever the language."""

    __slots__ = ()


class Unclosed(str):
    """A sentence without its full stop, because more follows."""

    __slots__ = ("text",)
    text: str
    """With the full stop, as it is looked up."""

    def __new__(cls, text: str) -> Self:
        """Keep the whole sentence beside what is shown."""
        made = super().__new__(cls, text.rstrip("."))
        made.text = text
        return made


class _InRoom(str):
    """Text that is looked up in one room of the catalogue alone."""

    __slots__ = ("text",)
    room: ClassVar[str]
    text: str
    """As it was given: a message with its template, or plain."""

    def __new__(cls, text: str) -> Self:
        """Keep what was given beside the text."""
        made = super().__new__(cls, text)
        made.text = text
        return made


class Subject(_InRoom):
    """What a finding is about: a name of the laboratory, often after one of our words (``control PC1``)."""

    __slots__ = ()
    room = "subjects"


class Unit(_InRoom):
    """A unit: of the laboratory, or one of the words that the limits count (``levels``)."""

    __slots__ = ()
    room = "units"


class Label(_InRoom):
    """The name of a fact, where the same English word also heads a column."""

    __slots__ = ()
    room = "labels"


class Pieces(str):
    """Text made of pieces that are translated one by one."""

    __slots__ = ("parts",)
    parts: tuple[str, ...]


def pieces(*parts: str) -> Pieces:
    """The parts as one text; what a part is (:class:`Given`, ...) is remembered."""
    made = Pieces("".join(parts))
    made.parts = parts
    return made


def listed(separator: str, parts: Iterable[str]) -> Pieces:
    """The parts with a separator between them, as :meth:`str.join` does."""
    found: list[str] = []
    for part in parts:
        found += [separator, part] if found else [part]
    return pieces(*found)
