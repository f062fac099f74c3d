"""Why a sample has its class."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.domain.codes.code import Code
from pipeline.domain.codes.steps import NextStep
from pipeline.domain.message import PLACE, Message


@dataclass(frozen=True, slots=True)
class ReasonMeaning:
    """One row."""

    sentence: str
    """For the manager and the technician, with a place for the assay's antigen where it is named."""
    step: NextStep | None = None
    """What to do at the bench; None where nothing is needed."""
    comment: str | None = None
    """What the clinic has to know beside the class, as part of a sentence."""


class Reason(Code):
    """The sentence says what the class means, the step what to do."""

    means: ReasonMeaning

    PLATE_REJECTED = (
        "PLATE_REJECTED",
        ReasonMeaning(
            "The plate was rejected by quality control, so there is no result for this sample.",
            NextStep.REPEAT_PLATE,
        ),
    )
    NO_ANTIGEN_NEGATIVE = (
        "NO_ANTIGEN_NEGATIVE",
        ReasonMeaning(
            "The sample has no readable antigen-negative well, so binding without antigen cannot be told "
            "from antibody.",
            NextStep.REPEAT_WITH_ANTIGEN_NEGATIVE,
        ),
    )
    REPLICATES_DISAGREE = (
        "REPLICATES_DISAGREE",
        ReasonMeaning(
            "Replicate wells disagree at every dilution that could decide.", NextStep.REPEAT_SAMPLE
        ),
    )
    HOOK_UNRESOLVED = (
        "HOOK_UNRESOLVED",
        ReasonMeaning(
            "The most concentrated dilutions read lower than the next ones (hook), and no higher dilution "
            "settles the titer.",
            NextStep.DILUTE_FURTHER,
        ),
    )
    RISES_WITH_DILUTION = (
        "RISES_WITH_DILUTION",
        ReasonMeaning(
            "The signal rises with dilution: a hook, or dilutions in reverse order. No dilution settles the "
            "titer.",
            NextStep.DILUTE_FURTHER,
        ),
    )
    COATINGS_EXCHANGED = (
        "COATINGS_EXCHANGED",
        ReasonMeaning(
            "Antigen wells read far below the wells without antigen at several dilutions: strips or columns "
            "may be exchanged.",
            NextStep.CHECK_STRIPS,
        ),
    )
    CLASS_AND_TITER_DISAGREE = (
        "CLASS_AND_TITER_DISAGREE",
        ReasonMeaning(
            "The dilutions and the titer contradict each other about the cut-off, so there is no result.",
            NextStep.REPEAT_SAMPLE,
        ),
    )
    SAME_ID_DISAGREES = (
        "SAME_ID_DISAGREES",
        ReasonMeaning(
            "This id stands in several slots of the plate, and their results contradict each other.",
            NextStep.CHECK_IDS,
        ),
    )
    SATURATED = (
        "SATURATED",
        ReasonMeaning("Every dilution reads above the reader's range.", NextStep.DILUTE_FURTHER),
    )
    WELLS_MISSING = (
        "WELLS_MISSING",
        ReasonMeaning("No dilution of this sample has readable wells.", NextStep.CHECK_EXPORT),
    )
    NO_WORKING_RANGE = (
        "NO_WORKING_RANGE",
        ReasonMeaning(
            "The calibrators give no working range, so no titer can be read.", NextStep.REPEAT_PLATE
        ),
    )
    NET_BELOW_CUTOFF = (
        "NET_BELOW_CUTOFF",
        ReasonMeaning(
            "Positive on antigen wells, but not once the antigen-negative wells are subtracted: non-specific "
            "binding, not reportable as positive.",
            NextStep.NOT_POSITIVE,
        ),
    )
    RATIO_BELOW_LIMIT = (
        "RATIO_BELOW_LIMIT",
        ReasonMeaning(
            "Above the cut-off on antigen wells, but the wells without antigen read almost as high: "
            "non-specific binding, not reportable as positive.",
            NextStep.NOT_POSITIVE,
        ),
    )
    ANTIGEN_NEGATIVE_HIGH = (
        "ANTIGEN_NEGATIVE_HIGH",
        ReasonMeaning(
            "The serum binds strongly to wells without antigen: non-specific binding, not reportable as "
            "positive.",
            NextStep.NOT_POSITIVE,
        ),
    )
    RAW_AND_NET_DISAGREE = (
        "RAW_AND_NET_DISAGREE",
        ReasonMeaning(
            "Positive only after subtraction: the unsubtracted signal is not above the cut-off. Repeat "
            "before reporting.",
            NextStep.REPEAT_SAMPLE,
        ),
    )
    ONE_DILUTION_ONLY = (
        "ONE_DILUTION_ONLY",
        ReasonMeaning(
            "Positive at one dilution only; neighbouring dilutions do not confirm it.", NextStep.REPEAT_CLOSER
        ),
    )
    OTHERS_NOT_CONTROLLED = (
        "OTHERS_NOT_CONTROLLED",
        ReasonMeaning(
            "Positive, but dilutions beside the positive one have no readable antigen-negative wells and "
            "cannot confirm it.",
            NextStep.REPEAT_EACH_WITH_ANTIGEN_NEGATIVE,
        ),
    )
    NSB_PARTIAL = (
        "NSB_PARTIAL",
        ReasonMeaning(
            "A raised part of the signal needs no antigen; specific binding is likely but not certain.",
            NextStep.REPEAT_MORE_OR_CONFIRM,
        ),
    )
    GAP_IN_SERIES = (
        "GAP_IN_SERIES",
        ReasonMeaning("A negative dilution lies between positive ones.", NextStep.REPEAT_SAMPLE),
    )
    STRADDLES_CUTOFF = (
        "STRADDLES_CUTOFF",
        ReasonMeaning(
            "The confidence interval of the titer includes the cut-off.", NextStep.REPEAT_UNTIL_CLEAR
        ),
    )
    NOT_PARALLEL = (
        "NOT_PARALLEL",
        ReasonMeaning(
            "The dilutions disagree about the titer beyond the limit, so one number does not describe this "
            "serum.",
            NextStep.REPEAT_MORE,
        ),
    )
    TITER_AND_SERIES_DISAGREE = (
        "TITER_AND_SERIES_DISAGREE",
        ReasonMeaning(
            "The joint titer and the dilution series lie on different sides of the cut-off, as when a serum "
            "was diluted too far.",
            NextStep.REPEAT_CONCENTRATED,
        ),
    )
    HNK1_POSITIVE = "HNK1_POSITIVE", ReasonMeaning("{antigen} antibodies with HNK1 reactivity.")
    HNK1_NEGATIVE = (
        "HNK1_NEGATIVE",
        ReasonMeaning(
            "{antigen} antibodies without HNK1 reactivity: axonal or CIDP-like pictures and impurities of "
            "the antigen are described; interpret with the clinic.",
            comment="axonal or CIDP-like pictures and impurities of the antigen are described; interpret "
            "with the clinic",
        ),
    )
    HNK1_OPEN = (
        "HNK1_OPEN",
        ReasonMeaning(
            "{antigen} antibodies; HNK1 reactivity is in the grey zone or could not be read.",
            NextStep.REPEAT_HNK1_WELLS,
        ),
    )
    HNK1_NOT_TESTED = (
        "HNK1_NOT_TESTED",
        ReasonMeaning(
            "{antigen} antibodies; HNK1 reactivity was not tested, so the result is not confirmed.",
            NextStep.TEST_HNK1,
        ),
    )
    HIGH_BACKGROUND = (
        "HIGH_BACKGROUND",
        ReasonMeaning(
            "No {antigen} antibodies above the cut-off; the serum binds to wells without antigen.",
            comment="the serum binds to wells without antigen",
        ),
    )
    HNK1_WITHOUT_MAG = (
        "HNK1_WITHOUT_MAG",
        ReasonMeaning(
            "No MAG antibodies above the cut-off, but HNK1 wells are positive: SGPG antibodies without MAG "
            "are described in multifocal motor neuropathy.",
            comment="SGPG antibodies without MAG are described in multifocal motor neuropathy",
        ),
    )
    BELOW_CUTOFF = "BELOW_CUTOFF", ReasonMeaning("No antibodies above the cut-off.")
    ABOVE_CUTOFF = "ABOVE_CUTOFF", ReasonMeaning("Antibodies above the cut-off.")
    NO_CUTOFF_DECLARED = (
        "NO_CUTOFF_DECLARED",
        ReasonMeaning("Quantified; this assay declares no cut-off."),
    )

    @classmethod
    def unknown(cls, text: str) -> ReasonMeaning:
        """Shown as it is."""
        return ReasonMeaning(text)

    def about(self, antigen: str) -> str:
        """The sentence, of an assay with this antigen."""
        sentence = self.means.sentence
        return Message(sentence, antigen=antigen) if PLACE.search(sentence) else sentence
