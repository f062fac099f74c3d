"""The HNK1 check: what it found, and why it did not find more."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.domain.codes.code import Code
from pipeline.domain.codes.steps import NextStep
from pipeline.domain.message import Message


@dataclass(frozen=True, slots=True)
class StatusMeaning:
    """One row."""

    words: str


class Hnk1Status(Code):
    """Of one serum."""

    means: StatusMeaning

    POSITIVE = "positive", StatusMeaning("positive")
    NEGATIVE = "negative", StatusMeaning("negative")
    GREY = "grey", StatusMeaning("grey zone")
    INVALID = "invalid", StatusMeaning("invalid")
    NOT_TESTED = "not_tested", StatusMeaning("not tested")

    @classmethod
    def unknown(cls, text: str) -> StatusMeaning:
        """Shown as it is."""
        return StatusMeaning(text)


@dataclass(frozen=True, slots=True)
class Hnk1Meaning:
    """One row."""

    template: str
    """What is said, with places for the numbers."""
    step: NextStep = NextStep.REPEAT_HNK1_CHECK
    """What to do about a check by inhibition or absorption that stayed open."""


class Hnk1Reason(Code):
    """Why there is no value, why it does not decide, or where it comes from."""

    means: Hnk1Meaning

    NO_CHECK = "no_check", Hnk1Meaning("the assay has no HNK1 wells")
    NOT_YET = "not_yet", Hnk1Meaning("no accepted run of {assay} holds this sample yet")
    NOT_LATELY = (
        "not_lately",
        Hnk1Meaning("no accepted run of {assay} of the last {n:n} days holds this sample yet"),
    )
    NOT_POSITIVE = "not_positive", Hnk1Meaning("no dilution is MAG-positive: nothing to take away")
    NO_HNK1_WELLS = "no_hnk1_wells", Hnk1Meaning("no HNK1 wells for this sample")
    HNK1_SATURATED = "hnk1_saturated", Hnk1Meaning("HNK1 wells above the reader's range")
    NO_HNK1_PAIR = (
        "no_hnk1_pair",
        Hnk1Meaning("no readable pair of HNK1 and antigen-negative wells"),
    )
    ONE_DILUTION = "one_dilution", Hnk1Meaning("HNK1 wells bind at one dilution only")
    DOES_NOT_FALL = (
        "does_not_fall",
        Hnk1Meaning("the HNK1 signal does not fall with dilution as binding does"),
    )
    MAG_TOO_LOW = (
        "mag_too_low",
        Hnk1Meaning(
            "the MAG signal is too low for HNK1 binding to be seen at two dilutions",
            NextStep.REPEAT_HNK1_CONCENTRATED,
        ),
    )
    NO_RATIO = "no_ratio", Hnk1Meaning("no dilution has both an HNK1 and a MAG signal on the curve")
    CONTRADICTED = "contradicted", Hnk1Meaning("1:{n:n} says the opposite")
    DISAGREE = (
        "disagree",
        Hnk1Meaning("the dilutions do not agree about the inhibition, 1:{n:n} least of all"),
    )
    NO_COMPETITOR_WELLS = "no_competitor_wells", Hnk1Meaning("no wells with the competitor for this sample")
    NO_CURVE = "no_curve", Hnk1Meaning("the plate has no standard curve")
    NO_PAIR = "no_pair", Hnk1Meaning("no readable pair of wells")
    NO_SIGNAL = "no_signal", Hnk1Meaning("no dilution has an uninhibited signal")
    ABOVE_WINDOW = (
        "above_window",
        Hnk1Meaning("the uninhibited signal is above the window at every dilution"),
    )
    BESIDE_WINDOW = (
        "beside_window",
        Hnk1Meaning("no dilution's uninhibited signal is inside the window"),
    )
    BELOW_WINDOW = (
        "below_window",
        Hnk1Meaning(
            "the uninhibited signal is below the window at every dilution", NextStep.REPEAT_HNK1_CONCENTRATED
        ),
    )
    UNINHIBITED_ZERO = "uninhibited_zero", Hnk1Meaning("the uninhibited signal is at or below zero")
    UNINHIBITED_ABOVE = "uninhibited_above", Hnk1Meaning("the uninhibited signal is above the curve")
    INHIBITED_ABOVE = "inhibited_above", Hnk1Meaning("the inhibited signal is above the curve")
    INHIBITED_ZERO = "inhibited_zero", Hnk1Meaning("the inhibited signal is at or below zero")
    NEAR_ZERO = "near_zero", Hnk1Meaning("the inhibited signal does not differ from zero")
    BELOW_ZERO = (
        "below_zero",
        Hnk1Meaning("the inhibited signal is below zero by more than its error"),
    )
    NO_DEGREES = "no_degrees", Hnk1Meaning("no degrees of freedom for the error")
    NO_CURVE_ERROR = "no_curve_error", Hnk1Meaning("the error of the curve is not known")
    UNBOUNDED = (
        "unbounded",
        Hnk1Meaning(
            "no ratio of concentrations can be refused: the signals are too weak or too close to the plateau"
        ),
    )
    FROM_ODS = "from_ods", Hnk1Meaning("from the ODs, because {why:t}")
    MONOMER = (
        "monomer",
        Hnk1Meaning(
            "{competitor} is a monomer: little inhibition by it is no evidence against HNK1",
            NextStep.REPEAT_HNK1_POLYMER,
        ),
    )
    NO_MOCK_WELLS = "no_mock_wells", Hnk1Meaning("no readable wells with the mock competitor")
    MOCK_INHIBITS = "mock_inhibits", Hnk1Meaning("the mock competitor inhibits beyond {n:n} %")
    NO_ABSORBED_WELLS = "no_absorbed_wells", Hnk1Meaning("no wells of the absorbed serum")
    FROM_AREAS = "from_areas", Hnk1Meaning("from the areas, because there is no titer before or after")
    NOT_COMPARABLE = "not_comparable", Hnk1Meaning("the series cannot be compared")
    RUN_REJECTED = (
        "run_rejected",
        Hnk1Meaning("run {run} of {assay} holds this sample, but was rejected"),
    )
    RUN_REPLACED = (
        "run_replaced",
        Hnk1Meaning("run {run} of {assay} holds this sample, but was replaced by run {other}"),
    )
    OTHER_PATIENT = (
        "other_patient",
        Hnk1Meaning("run {run} of {assay} holds this sample id with another patient code"),
    )
    TWICE = (
        "twice",
        Hnk1Meaning("the sample stands on that plate more than once, with different HNK1 results"),
    )

    @classmethod
    def unknown(cls, text: str) -> Hnk1Meaning:
        """Shown as it is."""
        return Hnk1Meaning(text)

    def says(self, **values: str | int) -> Message:
        """The reason in words."""
        return Message(self.means.template, **values)
