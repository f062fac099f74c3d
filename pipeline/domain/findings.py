"""What a QC rule says, and how the findings of a run make its verdict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from pipeline.domain import ADDED


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


class SubjectKind(StrEnum):
    """What a finding may be about."""

    PLATE = "plate"
    ROWS = "rows"
    COLUMNS = "columns"
    EXPORT = "export"
    CURVE = "curve"
    CALIBRATORS = "calibrators"
    CALIBRATOR = "calibrator"
    BLANK = "blank"
    CONTROLS = "controls"
    CONTROL = "control"
    SAMPLES = "samples"
    SAMPLE = "sample"
    LOT = "lot"


_WHOLE = frozenset({SubjectKind.PLATE, SubjectKind.EXPORT, SubjectKind.CALIBRATORS, SubjectKind.SAMPLES})
"""Subjects of which the title of a rule speaks already."""


@dataclass(frozen=True, slots=True)
class About:
    """One thing that a finding is about, as codes; None where a part does not apply.

    ``name`` is the control, the calibrator level, the sample's slot or the kind of lot.
    """

    kind: SubjectKind
    name: str | None = None
    lot: str | None = None
    antigen: str | None = None
    dilution: float | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule applied to one subject; a pass is a finding too.

    ``observed`` and ``limit`` are in ``unit``; None where there is none. ``source`` says where the limit
    comes from.
    """

    rule: str
    title: str
    subject: str
    """As it is printed."""
    verdict: Verdict
    observed: float | str | None
    limit: float | None
    unit: str
    source: str
    message: str
    about: tuple[About, ...] = field(default=(), metadata=ADDED)
    """The subject as codes; two for two controls that are compared. Empty in records of older versions."""
    named: tuple[About, ...] = field(default=(), metadata=ADDED)
    """What the rule found and names, of all that it looked at: the levels that are not recovered, say."""
    group: str = field(default="", metadata=ADDED)
    """Of the rule: ``calibrators``, ``controls``, ... Empty in records of older versions, as the next."""
    follows: str | None = field(default=None, metadata=ADDED)
    """The group whose failure explains a breach: controls are read from the calibrators."""
    breach: str = field(default="", metadata=ADDED)
    """What a warning or failure of the rule is called. Empty in records of older versions."""

    @property
    def told(self) -> str:
        """The title; of a warning or failure what is wrong."""
        breached = self.verdict in (Verdict.WARN, Verdict.FAIL)
        return self.breach if breached and self.breach else self.title

    @property
    def part(self) -> str:
        """The subject, where the title does not speak of it already."""
        return part(self.subject)

    def concerns(self, kind: SubjectKind, name: str) -> bool:
        """Is this one of the subjects?"""
        if not self.about:  # a record without codes; its subjects were printed so
            return self.subject in (name, f"{kind} {name}")
        return any(one.kind is kind and one.name == name for one in self.about)


def part(subject: str) -> str:
    """The subject as printed; nothing where it is the whole of which the title speaks."""
    return "" if subject in _WHOLE else subject


@dataclass(frozen=True, slots=True)
class Causes:
    """What failed by itself, and what followed; groups of rules."""

    first: tuple[str, ...]
    then: tuple[str, ...]


def causes_of(failed: Iterable[Finding]) -> Causes:
    """Sort failed findings into causes and what follows from them."""
    found = list(failed)
    groups = {finding.group for finding in found}
    first = dict.fromkeys(finding.group for finding in found if finding.follows not in groups)
    then = dict.fromkeys(finding.group for finding in found if finding.group not in first)
    return Causes(tuple(first), tuple(then))


def overall(findings: Iterable[Finding]) -> RunVerdict:
    """Any fail rejects the run, any warning marks it; what was not evaluated changes nothing."""
    verdicts = {finding.verdict for finding in findings}
    if Verdict.FAIL in verdicts:
        return RunVerdict.REJECTED
    if Verdict.WARN in verdicts:
        return RunVerdict.ACCEPTED_WITH_WARNINGS
    return RunVerdict.ACCEPTED
