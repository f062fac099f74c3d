"""What to do next at the bench."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.domain.codes.code import Code
from pipeline.domain.message import Message
from pipeline.domain.names import grouped


@dataclass(frozen=True, slots=True)
class StepMeaning:
    """One row."""

    sentence: str
    """Without its full stop, behind which a dilution may follow."""
    hnk1: bool = False
    """About the HNK1 check: the titer itself stands."""


class NextStep(Code):
    """A sample may need one for its titer and one for its class."""

    means: StepMeaning

    REPEAT_PLATE = "REPEAT_PLATE", StepMeaning("Repeat the plate")
    REPEAT_SAMPLE = "REPEAT_SAMPLE", StepMeaning("Repeat the sample")
    REPEAT_WITH_ANTIGEN_NEGATIVE = (
        "REPEAT_WITH_ANTIGEN_NEGATIVE",
        StepMeaning("Repeat the sample with antigen-negative wells"),
    )
    REPEAT_EACH_WITH_ANTIGEN_NEGATIVE = (
        "REPEAT_EACH_WITH_ANTIGEN_NEGATIVE",
        StepMeaning("Repeat the sample with antigen-negative wells at each dilution"),
    )
    REPEAT_CLOSER = "REPEAT_CLOSER", StepMeaning("Repeat the sample with closer dilutions")
    REPEAT_MORE = "REPEAT_MORE", StepMeaning("Repeat the sample with more dilutions")
    REPEAT_MORE_OR_CONFIRM = (
        "REPEAT_MORE_OR_CONFIRM",
        StepMeaning("Repeat the sample with more dilutions, or confirm with another method"),
    )
    REPEAT_UNTIL_CLEAR = (
        "REPEAT_UNTIL_CLEAR",
        StepMeaning("Repeat the sample; report once the interval clears the cut-off"),
    )
    REPEAT_CONCENTRATED = (
        "REPEAT_CONCENTRATED",
        StepMeaning("Repeat the sample, starting more concentrated"),
    )
    CHECK_STRIPS = "CHECK_STRIPS", StepMeaning("Check the strips of this sample, and repeat it")
    CHECK_IDS = "CHECK_IDS", StepMeaning("Check which sample is in which slot, and repeat it")
    CHECK_EXPORT = "CHECK_EXPORT", StepMeaning("Check the export, or repeat the sample")
    NOT_POSITIVE = (
        "NOT_POSITIVE",
        StepMeaning("Do not report as positive; confirm with another method if the clinic asks"),
    )
    DILUTE_FURTHER = "DILUTE_FURTHER", StepMeaning("Dilute further")
    RUN_SAMPLE = "RUN_SAMPLE", StepMeaning("Run the sample")
    TEST_HNK1 = "TEST_HNK1", StepMeaning("Test HNK1 reactivity", hnk1=True)
    REPEAT_HNK1_WELLS = "REPEAT_HNK1_WELLS", StepMeaning("Repeat the HNK1 wells", hnk1=True)
    REPEAT_HNK1_CHECK = "REPEAT_HNK1_CHECK", StepMeaning("Repeat the HNK1 check", hnk1=True)
    REPEAT_HNK1_CONCENTRATED = (
        "REPEAT_HNK1_CONCENTRATED",
        StepMeaning("Repeat the HNK1 check with a more concentrated first dilution", hnk1=True),
    )
    REPEAT_HNK1_POLYMER = (
        "REPEAT_HNK1_POLYMER",
        StepMeaning("Repeat the HNK1 check with a polymer", hnk1=True),
    )

    @classmethod
    def unknown(cls, text: str) -> StepMeaning:
        """Shown as it is."""
        return StepMeaning(text)

    def alone(self) -> Message:
        """The step as a sentence."""
        return Message("{step:t}.", step=self.means.sentence)

    def starting(self, dilution: float) -> Message:
        """The step with the reciprocal dilution of the serum at which it starts."""
        return Message("{step:t}, start at 1:{at:n}.", step=self.means.sentence, at=grouped(dilution))

    def at(self, dilution: float) -> Message:
        """The step with the reciprocal dilution of the serum to run."""
        return Message("{step:t} at 1:{at:n}.", step=self.means.sentence, at=grouped(dilution))
