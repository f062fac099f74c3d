"""What stands beside a result in words: what to do next, the level, the reference range, further units."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.domain.assay import Conversion, Cutoff
from pipeline.domain.codes.classes import Outcome, SampleClass
from pipeline.domain.codes.flags import Flag
from pipeline.domain.codes.qualifier import Qualifier
from pipeline.domain.codes.reasons import Reason
from pipeline.domain.codes.steps import NextStep
from pipeline.domain.message import Message, joined
from pipeline.domain.names import number
from pipeline.domain.results import Titer


def next_steps(
    classification: SampleClass, reason: Reason, titer: Titer, last_dilution: float | None
) -> tuple[NextStep, ...]:
    """What to do next; a titer above the range asks for the next dilution, and for an HNK1 test not yet done.

    A further dilution brings its own HNK1 wells: those of this plate need no repeat.
    """
    own = reason.means.step
    too_high = titer.qualifier is Qualifier.AT_LEAST and classification.means.dilution_helps
    if last_dilution is None or not (too_high or own is NextStep.DILUTE_FURTHER):
        return () if own is None else (own,)
    also = own is not None and own.means.hnk1 and own is not NextStep.REPEAT_HNK1_WELLS
    return (NextStep.DILUTE_FURTHER, own) if own is not None and also else (NextStep.DILUTE_FURTHER,)


def step_text(steps: Sequence[NextStep], last_dilution: float | None) -> Message | None:
    """The steps as sentences; a further dilution starts at the last one of the plate."""
    if not steps:
        return None
    return joined(" ", [_step(step, last_dilution) for step in steps])


def _step(step: NextStep, last_dilution: float | None) -> Message:
    if step is not NextStep.DILUTE_FURTHER or last_dilution is None:
        return step.alone()
    return step.starting(last_dilution)


def level_comment(classification: SampleClass, titer: Titer, cutoff: Cutoff | None) -> str | None:
    """The highest tier that the titer of a positive serum reaches, with its source; not for a bound above it."""
    if classification.means.outcome is not Outcome.POSITIVE or cutoff is None:
        return None
    if titer.value is None or titer.qualifier is Qualifier.BELOW:
        return None
    level = level_of(classification, titer, cutoff)
    return f"{level} ({cutoff.tiers_source})" if level and cutoff.tiers_source else level


def level_of(classification: SampleClass, titer: Titer, cutoff: Cutoff) -> str | None:
    """The comment alone, without the source."""
    reached = [tier for tier in cutoff.tiers if titer.value is not None and titer.value >= tier.from_titer]
    if not reached:
        return None
    top = max(reached, key=lambda tier: tier.from_titer)
    comment = (classification.means.hnk1_in_doubt and top.hnk1_in_doubt) or top.comment
    open_above = titer.qualifier is Qualifier.AT_LEAST and top != cutoff.tiers[-1]
    return f"at least: {comment}" if open_above else comment


def explanation(reason: Reason, flags: Sequence[Flag], titer: Titer, antigen: str) -> str:
    """The class in sentences: its reason, and what is remarkable about its titer."""
    sentence = reason.about(antigen)
    remarks = [flag.means.sentence for flag in flags if flag.means.sentence and titer.value is not None]
    return joined(" ", [sentence, *remarks]) if remarks else sentence


def reference_range(cutoff: Cutoff | None) -> str | None:
    """The laboratory's reference range with its source; None where none is declared."""
    if cutoff is None or not cutoff.reference_range:
        return None
    return f"{cutoff.reference_range} ({cutoff.titer_source})"


def converted(titer: Titer, conversions: Sequence[Conversion]) -> tuple[Message, ...]:
    """The titer in further units, in words; nothing where there is no titer."""
    if titer.value is None:
        return ()
    return tuple(_converted(titer.value * each.factor, titer.qualifier, each) for each in conversions)


def _converted(value: float, qualifier: Qualifier, conversion: Conversion) -> Message:
    measured = qualifier is Qualifier.MEASURED
    return Message(
        "{amount:t} {unit} (x {factor:n}: {source})",
        amount=Message("{n:n}", n=number(value)) if measured else qualifier.bound(value),
        unit=conversion.unit,
        factor=f"{conversion.factor:g}",
        source=conversion.source,
    )
