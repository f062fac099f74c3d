"""Why a well, or a dilution, is not part of a result; and where a well lies on the curve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pipeline.domain.codes.code import Code


@dataclass(frozen=True, slots=True)
class UnusedMeaning:
    """One row."""

    words: str
    short: str
    """For the narrow cell of a plate map."""
    missing: bool = False
    """The export should have had a number and has none."""


class WellUnused(Code):
    """Why a well of the layout is not used; those that the export states are also its states."""

    means: UnusedMeaning

    EMPTY_SLOT = "empty_slot", UnusedMeaning("slot without a sample in this run", "no sample")
    NOT_IN_EXPORT = "not_in_export", UnusedMeaning("not in the export", "not in the export", missing=True)
    ABOVE_RANGE = "above_range", UnusedMeaning("above the reader's range", "above reader")
    BELOW_RANGE = "below_range", UnusedMeaning("below the reader's range", "below reader", missing=True)
    MASKED = "masked", UnusedMeaning("masked in the reader's software", "masked")
    NOT_READ = "not_read", UnusedMeaning("not read", "not read", missing=True)
    UNREADABLE = "unreadable", UnusedMeaning("unreadable", "unreadable", missing=True)

    @classmethod
    def unknown(cls, text: str) -> UnusedMeaning:
        """Shown as it is."""
        return UnusedMeaning(text, text, missing=True)


@dataclass(frozen=True, slots=True)
class DilutionMeaning:
    """One row."""

    words: str
    trouble: bool = False
    """Something that a technician looks at; out of range is none."""
    short: str | None = None
    """For the narrow cell of a plate map, where it says more than the wells themselves do."""
    no_member: bool = False
    """It does not read what it holds, so that its neighbours in the series stand beside each other."""
    beyond: Literal["below", "above"] | None = None
    """Where the signal is known to lie, so that it still tells something of the titer."""


class DilutionUnused(Code):
    """Why a dilution is no part of the titer; of several that apply, the first counts."""

    means: DilutionMeaning

    SATURATED = (
        "saturated",
        DilutionMeaning("above the reader's range", trouble=True, short="saturated", beyond="above"),
    )
    NO_WELLS = "no_wells", DilutionMeaning("no readable antigen well", trouble=True)
    ANTIGEN_NEGATIVE_SATURATED = (
        "antigen_negative_saturated",
        DilutionMeaning("antigen-negative wells above the reader's range", trouble=True),
    )
    NO_ANTIGEN_NEGATIVE = (
        "no_antigen_negative",
        DilutionMeaning("no readable antigen-negative well", trouble=True),
    )
    BELOW_ANTIGEN_NEGATIVE = (
        "below_antigen_negative",
        DilutionMeaning(
            "bad well: reads far below its antigen-negative wells",
            trouble=True,
            short="bad well",
            no_member=True,
        ),
    )
    HOOK = (
        "hook",
        DilutionMeaning(
            "hook: reads lower than the next dilution", trouble=True, short="hook", no_member=True
        ),
    )
    RISES_WITH_DILUTION = (
        "rises_with_dilution",
        DilutionMeaning(
            "the series rises with dilution", trouble=True, short="rises with dilution", no_member=True
        ),
    )
    REPLICATES_DISAGREE = (
        "replicates_disagree",
        DilutionMeaning("replicate wells disagree", trouble=True, short="replicates disagree"),
    )
    BELOW_LLOQ = "below_lloq", DilutionMeaning("below the working range", beyond="below")
    ABOVE_ULOQ = "above_uloq", DilutionMeaning("above the working range", beyond="above")
    NO_WORKING_RANGE = "no_working_range", DilutionMeaning("no working range")
    NO_CURVE = "no_curve", DilutionMeaning("no curve")
    BEYOND_LAST_IN_RANGE = "beyond_last_in_range", DilutionMeaning("beyond the last dilution in range")
    BEFORE_LAST_ABOVE_RANGE = (
        "before_last_above_range",
        DilutionMeaning("a higher dilution was above range"),
    )

    @classmethod
    def unknown(cls, text: str) -> DilutionMeaning:
        """Shown as it is."""
        return DilutionMeaning(text)


@dataclass(frozen=True, slots=True)
class PlaceMeaning:
    """One row."""

    words: str
    short: str | None
    """For the narrow cell of a plate map; None where there is nothing to say."""


class CurvePlace(Code):
    """Where the signal of a well lies on the curve."""

    means: PlaceMeaning

    IN_RANGE = "in_range", PlaceMeaning("in the working range", None)
    BELOW_LLOQ = "below_lloq", PlaceMeaning("below the working range", "below range")
    ABOVE_ULOQ = "above_uloq", PlaceMeaning("above the working range", "above range")
    BELOW_CURVE = "below_curve", PlaceMeaning("below the curve", "below curve")
    ABOVE_CURVE = "above_curve", PlaceMeaning("above the curve", "above curve")
    NO_WORKING_RANGE = "no_working_range", PlaceMeaning("no working range", "no working range")

    @classmethod
    def unknown(cls, text: str) -> PlaceMeaning:
        """Shown as it is."""
        return PlaceMeaning(text, text)
