"""Which samples need another step at the bench: the one decision by which every list and page counts.

It asks for the few facts that it uses, so that a record can be counted before all of it is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.domain.codes.classes import SampleClass
from pipeline.domain.codes.qualifier import Qualifier
from pipeline.domain.codes.reasons import Reason
from pipeline.domain.codes.steps import NextStep
from pipeline.domain.findings import RunVerdict
from pipeline.domain.results import SampleResult


@dataclass(frozen=True, slots=True)
class StepFacts:
    """What decides whether a sample needs a step."""

    classification: SampleClass
    reasons: Sequence[Reason]
    next_steps: Sequence[NextStep]
    """As the record has them."""
    qualifier: Qualifier
    """Of the titer."""
    next_dilution: float | None
    """Of the series: reciprocal dilution to run next."""
    diluted: bool
    """Has the sample a dilution on the plate?"""


def facts_of(sample: SampleResult) -> StepFacts:
    """The facts of a sample of a record."""
    return StepFacts(
        sample.classification,
        sample.reasons,
        sample.next_steps,
        sample.titer.qualifier,
        None if sample.series is None else sample.series.next_dilution,
        bool(sample.dilutions),
    )


def class_step(reasons: Sequence[Reason], next_steps: Sequence[NextStep]) -> NextStep | None:
    """What the class asks for; for a reason of another version, the record's step that is not about range."""
    if reasons and reasons[0].known:
        return reasons[0].means.step
    return next((step for step in next_steps if step is not NextStep.DILUTE_FURTHER), None)


def needs_dilution(facts: StepFacts) -> bool:
    """Is the titer out of range, and is it known where to go on?"""
    if not facts.classification.means.dilution_helps:
        return False
    above = facts.qualifier is Qualifier.AT_LEAST
    return facts.next_dilution is not None or (above and facts.diluted)


def needs_step(facts: StepFacts) -> bool:
    """Is the sample on the worklist of a plate that was not rejected?"""
    return class_step(facts.reasons, facts.next_steps) is not None or needs_dilution(facts)


def count_steps(verdict: RunVerdict, samples: Iterable[StepFacts]) -> int:
    """How many samples are on the worklist: all those of a rejected plate."""
    return sum(verdict is RunVerdict.REJECTED or needs_step(facts) for facts in samples)
