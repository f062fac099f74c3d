"""How much of a sample's signal is specific, by its antigen-negative wells."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.domain.codes.code import Code


@dataclass(frozen=True, slots=True)
class SpecificMeaning:
    """One row."""

    words: str
    raised: bool = False
    """A part of the signal that counts needs no antigen."""


class SpecificStatus(Code):
    """Status of the antigen-negative check."""

    means: SpecificMeaning

    PASS = "pass", SpecificMeaning("pass")
    PARTIAL = "partial", SpecificMeaning("partial", raised=True)
    NONSPECIFIC = "nonspecific", SpecificMeaning("nonspecific", raised=True)
    MISSING = "missing", SpecificMeaning("missing")

    @classmethod
    def unknown(cls, text: str) -> SpecificMeaning:
        """Shown as it is."""
        return SpecificMeaning(text)
