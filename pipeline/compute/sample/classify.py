"""The class of a sample: a truth table as data. The first row that matches wins; the last row is total.

What goes in is :class:`Evidence` in codes, not numbers, so the table can be read and tested for every
combination. There is no row from "not tested" to "confirmed".
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum

from pipeline.domain.codes.classes import SampleClass
from pipeline.domain.codes.hnk1 import Hnk1Status
from pipeline.domain.codes.reasons import Reason
from pipeline.domain.codes.specific import SpecificStatus


class Net(StrEnum):
    """Dilutions that are positive after subtraction: none, too few adjacent ones, enough."""

    NONE = "none"
    ONE = "one"
    SERIES = "series"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about one sample."""

    rejected: bool
    """The plate was."""
    controlled: bool
    """The sample has antigen-negative wells."""
    repeat: Reason | None
    """Why the sample must be repeated."""
    raw: bool
    """The unsubtracted signal exceeds the cut-off."""
    net: Net
    nsb: SpecificStatus
    """Share of the signal that needs no antigen."""
    hnk1: Hnk1Status
    open: Reason | None
    """Why the result stays open."""
    low_ratio: bool = False
    """Only the ratio of antigen to antigen-negative wells keeps a dilution from being positive."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. A condition is the value asked for, or a set of them; None asks nothing."""

    classification: SampleClass
    reason: Reason | None
    """None takes the reason that the evidence holds."""
    rejected: bool | None = None
    controlled: bool | None = None
    repeat: frozenset[Reason] | None = None
    raw: bool | None = None
    net: Net | frozenset[Net] | None = None
    nsb: SpecificStatus | frozenset[SpecificStatus] | None = None
    hnk1: Hnk1Status | frozenset[Hnk1Status] | None = None
    open: Reason | frozenset[Reason] | None = None
    low_ratio: bool | None = None

    def matches(self, evidence: Evidence) -> bool:
        """Do all conditions hold?"""
        return all(_holds(getattr(self, name), getattr(evidence, name)) for name in CONDITIONS)


CONDITIONS = tuple(field.name for field in fields(Evidence))


def _holds(condition: object, value: object) -> bool:
    if condition is None:
        return True
    return value in condition if isinstance(condition, frozenset) else value == condition


SOME = frozenset(Reason)
"""Any reason at all."""
POSITIVE = frozenset({Net.ONE, Net.SERIES})
RAISED = frozenset(status for status in SpecificStatus if status.means.raised)
UNREAD = frozenset({Hnk1Status.GREY, Hnk1Status.INVALID})

REJECTED = Row(SampleClass.INVALID, Reason.PLATE_REJECTED, rejected=True)
REPEAT = Row(SampleClass.REPEAT, None, repeat=SOME)

SPECIFIC: tuple[Row, ...] = (
    REJECTED,
    Row(SampleClass.INVALID, Reason.NO_ANTIGEN_NEGATIVE, controlled=False),
    REPEAT,
    Row(SampleClass.NONSPECIFIC_BINDING, Reason.RATIO_BELOW_LIMIT, raw=True, net=Net.NONE, low_ratio=True),
    Row(SampleClass.INDETERMINATE, None, net=Net.NONE, open=Reason.TITER_AND_SERIES_DISAGREE),
    Row(SampleClass.NONSPECIFIC_BINDING, Reason.NET_BELOW_CUTOFF, raw=True, net=Net.NONE),
    Row(
        SampleClass.NONSPECIFIC_BINDING,
        Reason.ANTIGEN_NEGATIVE_HIGH,
        raw=True,
        net=POSITIVE,
        nsb=SpecificStatus.NONSPECIFIC,
    ),
    Row(SampleClass.INDETERMINATE, Reason.RAW_AND_NET_DISAGREE, raw=False, net=POSITIVE),
    Row(SampleClass.INDETERMINATE, Reason.ONE_DILUTION_ONLY, net=Net.ONE),
    Row(SampleClass.INDETERMINATE, Reason.NSB_PARTIAL, net=Net.SERIES, nsb=SpecificStatus.PARTIAL),
    Row(SampleClass.INDETERMINATE, None, open=SOME),
    Row(SampleClass.POSITIVE_HNK1_CONFIRMED, Reason.HNK1_POSITIVE, net=Net.SERIES, hnk1=Hnk1Status.POSITIVE),
    Row(
        SampleClass.POSITIVE_HNK1_NOT_CONFIRMED,
        Reason.HNK1_NEGATIVE,
        net=Net.SERIES,
        hnk1=Hnk1Status.NEGATIVE,
    ),
    Row(SampleClass.POSITIVE_HNK1_INDETERMINATE, Reason.HNK1_OPEN, net=Net.SERIES, hnk1=UNREAD),
    Row(SampleClass.POSITIVE_HNK1_NOT_TESTED, Reason.HNK1_NOT_TESTED, net=Net.SERIES),
    Row(SampleClass.NEGATIVE, Reason.HIGH_BACKGROUND, nsb=RAISED),
    Row(SampleClass.NEGATIVE_MAG_HNK1_REACTIVE, Reason.HNK1_WITHOUT_MAG, hnk1=Hnk1Status.POSITIVE),
    Row(SampleClass.NEGATIVE, Reason.BELOW_CUTOFF),
)
"""Assays with antigen-negative wells."""

PLAIN: tuple[Row, ...] = (
    REJECTED,
    REPEAT,
    Row(SampleClass.INDETERMINATE, Reason.ONE_DILUTION_ONLY, net=Net.ONE),
    Row(SampleClass.INDETERMINATE, None, open=SOME),
    Row(SampleClass.POSITIVE, Reason.ABOVE_CUTOFF, net=Net.SERIES),
    Row(SampleClass.NEGATIVE, Reason.BELOW_CUTOFF),
)
"""Assays without antigen-negative wells, with a cut-off."""

QUANTITATIVE: tuple[Row, ...] = (
    REJECTED,
    REPEAT,
    Row(SampleClass.QUANTIFIED, Reason.NO_CUTOFF_DECLARED),
)
"""Assays without a cut-off."""


def classify(evidence: Evidence, table: tuple[Row, ...] = SPECIFIC) -> tuple[SampleClass, Reason]:
    """Class and reason of the first row that matches."""
    row = next(row for row in table if row.matches(evidence))
    reason = row.reason or evidence.repeat or evidence.open
    assert reason is not None  # noqa: S101 - a row without a reason asks for one of the evidence's
    return row.classification, reason
