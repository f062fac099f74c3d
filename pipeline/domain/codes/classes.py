"""The class of a sample: what the laboratory answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pipeline.domain.codes.code import Code, ToneName


class Outcome(StrEnum):
    """What a class says of antibodies above the cut-off."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class ClassMeaning:
    """One row."""

    heading: str
    tone: ToneName
    outcome: Outcome = Outcome.OPEN
    reportable: bool = True
    """May be released as a result; a manager decides on the others."""
    dilution_helps: bool = True
    """Is a titer out of range worth another dilution? Not where wells without antigen decide or lack."""
    hnk1_in_doubt: bool = False
    """HNK1 was tested and did not confirm: no comment that holds for confirmed sera stands beside it."""


class SampleClass(Code):
    """In the order in which the reports count them."""

    means: ClassMeaning

    INVALID = "INVALID", ClassMeaning("Invalid", ToneName.FAIL, reportable=False, dilution_helps=False)
    REPEAT = "REPEAT", ClassMeaning("Repeat", ToneName.FAIL, reportable=False)
    NONSPECIFIC_BINDING = (
        "NONSPECIFIC_BINDING",
        ClassMeaning("Non-specific binding", ToneName.WARN, reportable=False, dilution_helps=False),
    )
    INDETERMINATE = "INDETERMINATE", ClassMeaning("Indeterminate", ToneName.WARN, reportable=False)
    POSITIVE_HNK1_CONFIRMED = (
        "POSITIVE_HNK1_CONFIRMED",
        ClassMeaning("Positive, HNK1 confirmed", ToneName.NEUTRAL, Outcome.POSITIVE),
    )
    POSITIVE_HNK1_NOT_CONFIRMED = (
        "POSITIVE_HNK1_NOT_CONFIRMED",
        ClassMeaning("Positive, HNK1 not confirmed", ToneName.NEUTRAL, Outcome.POSITIVE, hnk1_in_doubt=True),
    )
    POSITIVE_HNK1_INDETERMINATE = (
        "POSITIVE_HNK1_INDETERMINATE",
        ClassMeaning("Positive, HNK1 open", ToneName.WARN, Outcome.POSITIVE, hnk1_in_doubt=True),
    )
    POSITIVE_HNK1_NOT_TESTED = (
        "POSITIVE_HNK1_NOT_TESTED",
        ClassMeaning("Positive, HNK1 not tested", ToneName.WARN, Outcome.POSITIVE),
    )
    NEGATIVE_MAG_HNK1_REACTIVE = (
        "NEGATIVE_MAG_HNK1_REACTIVE",
        ClassMeaning("MAG negative, HNK1 reactive", ToneName.WARN, Outcome.NEGATIVE),
    )
    NEGATIVE = "NEGATIVE", ClassMeaning("Negative", ToneName.QUIET, Outcome.NEGATIVE)
    POSITIVE = "POSITIVE", ClassMeaning("Positive", ToneName.NEUTRAL, Outcome.POSITIVE)
    QUANTIFIED = "QUANTIFIED", ClassMeaning("Quantified", ToneName.NEUTRAL)

    @classmethod
    def unknown(cls, text: str) -> ClassMeaning:
        """Shown as it is, and not released."""
        return ClassMeaning(text, ToneName.WARN, reportable=False)
