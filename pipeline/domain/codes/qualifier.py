"""Where the true titer lies, as it is written before the number."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.domain.codes.code import Code
from pipeline.domain.message import Message
from pipeline.domain.names import bound


@dataclass(frozen=True, slots=True)
class QualifierMeaning:
    """One row."""

    sign: str
    """As it is printed."""
    side: str | None = None
    """Of the working range on which the titer lies; None where it is a number."""


class Qualifier(Code):
    """With :attr:`BELOW` and :attr:`AT_LEAST` the number is the bound."""

    means: QualifierMeaning

    MEASURED = "=", QualifierMeaning("=")
    BELOW = "<", QualifierMeaning("<", "below")
    AT_LEAST = ">=", QualifierMeaning("\u2265", "above")

    @classmethod
    def unknown(cls, text: str) -> QualifierMeaning:
        """Shown as it is."""
        return QualifierMeaning(text)

    def bound(self, value: float) -> Message:
        """``< 151`` or ``\u2265 70 000``: rounded outwards, so that the printed bound holds too."""
        return Message("{sign} {n:n}", sign=self.means.sign, n=bound(value, up=self is Qualifier.BELOW))
