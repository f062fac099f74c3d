"""Which samples need another step at the bench: the one decision by which every list and page counts.

It asks for the few facts that it uses, so that a record can be counted before all of it is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.compute.sample.wording import STEPS
from pipeline.domain.findings import RunVerdict
from pipeline.domain.results import SampleResult

DILUTE = "Dilute further"
"""How a step about the range begins."""

NOT_DILUTED = frozenset({"NONSPECIFIC_BINDING", "INVALID"})
"""Classes that another dilution does not help: binding without antigen, no antigen-negative wells."""


@dataclass(frozen=True, slots=True)
class StepFacts:
    """What decides whether a sample needs a step."""

    classification: str
    reasons: Sequence[str]
    next_step: str | None
    """The record's sentence."""
    qualifier: str
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
        sample.next_step,
        sample.titer.qualifier,
        None if sample.series is None else sample.series.next_dilution,
        bool(sample.dilutions),
    )


def class_step(classification: str, reasons: Sequence[str], next_step: str | None) -> str | None:
    """What the class asks for, or the record's own step, unless it is about the range."""
    own = None if not next_step or next_step.startswith(DILUTE) else next_step
    return STEPS.get(reasons[0] if reasons else classification) or own


def needs_dilution(facts: StepFacts) -> bool:
    """Is the titer out of range, and is it known where to go on?"""
    if facts.classification in NOT_DILUTED:
        return False
    return facts.next_dilution is not None or (facts.qualifier == ">=" and facts.diluted)


def needs_step(facts: StepFacts) -> bool:
    """Is the sample on the worklist of a plate that was not rejected?"""
    asked = class_step(facts.classification, facts.reasons, facts.next_step)
    return asked is not None or needs_dilution(facts)


def count_steps(verdict: RunVerdict, samples: Iterable[StepFacts]) -> int:
    """How many samples are on the worklist: all those of a rejected plate."""
    return sum(verdict is RunVerdict.REJECTED or needs_step(facts) for facts in samples)
