"""What a QC rule says, and how the findings of a run make its verdict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """Of one rule on one subject."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    WARN = "warn"
    FAIL = "fail"
    NOT_EVALUATED = "not_evaluated"


class RunVerdict(StrEnum):
    """Of a whole run."""

    ACCEPTED = "accepted"
    ACCEPTED_WITH_WARNINGS = "accepted_with_warnings"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule applied to one subject; a pass is a finding too.

    ``observed`` and ``limit`` are in ``unit``; None where there is none. ``source`` says where the limit
    comes from.
    """

    rule: str
    title: str
    subject: str
    verdict: Verdict
    observed: float | str | None
    limit: float | None
    unit: str
    source: str
    message: str


def overall(findings: Iterable[Finding]) -> RunVerdict:
    """Any fail rejects the run, any warning marks it; what was not evaluated changes nothing."""
    verdicts = {finding.verdict for finding in findings}
    if Verdict.FAIL in verdicts:
        return RunVerdict.REJECTED
    if Verdict.WARN in verdicts:
        return RunVerdict.ACCEPTED_WITH_WARNINGS
    return RunVerdict.ACCEPTED
