"""What a code is: a text of ``results.json`` that knows what it means."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Code(StrEnum):
    """A row is ``NAME = "text", Meaning(...)``.

    A text that no row has, as a newer version may have written it, is kept as a code of its own, with the
    meaning that :meth:`unknown` says: reading a record never fails for it.
    """

    means: object

    def __new__(cls, text: str, means: object = None) -> Self:
        """Make a code, with its meaning beside the text."""
        code = str.__new__(cls, text)
        code._value_ = text
        code.means = means
        return code

    @property
    def known(self) -> bool:
        """Has this version a row for it?"""
        return self._name_ in type(self).__members__

    @classmethod
    def unknown(cls, text: str) -> object:
        """What a text means that no row has."""
        raise NotImplementedError(text)

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        code = str.__new__(cls, value)
        code._name_ = f"{value!r} of another version"
        code._value_ = value
        code.means = cls.unknown(value)
        return code


class ToneName(StrEnum):
    """How good or bad news is; the reports have a colour and a sign for each."""

    PASS = "pass"  # noqa: S105 - a tone, not a password
    WARN = "warn"
    FAIL = "fail"
    NEUTRAL = "neutral"
    QUIET = "quiet"
