"""What is remarkable about a sample, whatever its class."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.domain.codes.code import Code


@dataclass(frozen=True, slots=True)
class FlagMeaning:
    """One row."""

    words: str
    sentence: str | None = None
    """What a reader of the class has to know of it, where there is a titer."""
    comment: str | None = None
    """The same for the clinic, as part of a sentence."""


class Flag(Code):
    """In the order in which a sample lists them."""

    means: FlagMeaning

    OUT_OF_RANGE_HIGH = "OUT_OF_RANGE_HIGH", FlagMeaning("out of range high")
    HIGH_BACKGROUND = "HIGH_BACKGROUND", FlagMeaning("high background")
    HOOK = (
        "HOOK",
        FlagMeaning(
            "hook",
            "The most concentrated dilutions read lower than the next ones (hook); the titer comes from the "
            "others.",
            "read from the dilutions beyond a hook",
        ),
    )
    BAD_WELL = "BAD_WELL", FlagMeaning("bad well left out")
    SATURATED = "SATURATED", FlagMeaning("saturated")
    REPLICATES_DISAGREE = "REPLICATES_DISAGREE", FlagMeaning("replicates disagree")
    WELLS_MISSING = "WELLS_MISSING", FlagMeaning("wells missing")
    ANTIGEN_NEGATIVE_MISSING = "ANTIGEN_NEGATIVE_MISSING", FlagMeaning("antigen negative missing")
    ANTIGEN_NEGATIVE_BORROWED = "ANTIGEN_NEGATIVE_BORROWED", FlagMeaning("antigen negative borrowed")
    NOT_PARALLEL = "NOT_PARALLEL", FlagMeaning("not parallel")
    TITERS_DISAGREE = "TITERS_DISAGREE", FlagMeaning("titers disagree")

    @classmethod
    def unknown(cls, text: str) -> FlagMeaning:
        """Shown as it is."""
        return FlagMeaning(text)
