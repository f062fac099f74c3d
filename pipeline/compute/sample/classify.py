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


class Net(StrEnum):
    """Dilutions that are positive after subtraction: none, too few adjacent ones, enough."""

    NONE = "none"
    ONE = "one"
    SERIES = "series"


class Sticks(StrEnum):
    """Binding to wells without antigen: not beyond the blanks, beyond them, or so that a status says so."""

    NO = "no"
    YES = "yes"
    MUCH = "much"


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
    firm: Net
    """Dilutions that are positive even if the antigen wells stuck more than the bare ones."""
    sticks: Sticks
    low_share: bool
    """Less of the signal is specific than ``nonspecific_below``."""
    hnk1: Hnk1Status
    absent: bool
    """The titer lies clearly below the cut-off."""
    open: Reason | None
    """Why the result stays open."""


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
    firm: Net | frozenset[Net] | None = None
    sticks: Sticks | frozenset[Sticks] | None = None
    low_share: bool | None = None
    hnk1: Hnk1Status | frozenset[Hnk1Status] | None = None
    absent: bool | None = None
    open: Reason | frozenset[Reason] | None = None

    def matches(self, evidence: Evidence) -> bool:
        """Do all conditions hold?"""
        asked = ((name, condition) for name in CONDITIONS if (condition := getattr(self, name)) is not None)
        return all(_holds(condition, getattr(evidence, name)) for name, condition in asked)


CONDITIONS = tuple(field.name for field in fields(Evidence))


def _holds(condition: object, value: object) -> bool:
    return value in condition if isinstance(condition, frozenset) else value == condition


SOME = frozenset(Reason)
"""Any reason at all."""
POSITIVE = frozenset({Net.ONE, Net.SERIES})
NOT_SERIES = frozenset({Net.NONE, Net.ONE})
STICKY = frozenset({Sticks.YES, Sticks.MUCH})
UNREAD = frozenset({Hnk1Status.GREY, Hnk1Status.INVALID})

REJECTED = Row(SampleClass.INVALID, Reason.PLATE_REJECTED, rejected=True)
REPEAT = Row(SampleClass.REPEAT, None, repeat=SOME)
STRADDLES = Row(SampleClass.INDETERMINATE, Reason.STRADDLES_CUTOFF, open=Reason.STRADDLES_CUTOFF)

SPECIFIC: tuple[Row, ...] = (
    REJECTED,
    Row(SampleClass.INVALID, Reason.NO_ANTIGEN_NEGATIVE, controlled=False),
    REPEAT,
    Row(SampleClass.INDETERMINATE, None, net=Net.NONE, open=Reason.TITER_AND_SERIES_DISAGREE),
    Row(SampleClass.NONSPECIFIC_BINDING, Reason.NET_BELOW_CUTOFF, raw=True, net=Net.NONE, sticks=STICKY),
    Row(
        SampleClass.NONSPECIFIC_BINDING,
        Reason.ANTIGEN_NEGATIVE_HIGH,
        net=POSITIVE,
        firm=NOT_SERIES,
        sticks=STICKY,
        low_share=True,
    ),
    STRADDLES,
    Row(SampleClass.INDETERMINATE, Reason.RAW_AND_NET_DISAGREE, raw=False, net=POSITIVE),
    Row(SampleClass.INDETERMINATE, Reason.NSB_PARTIAL, net=Net.SERIES, firm=NOT_SERIES, sticks=STICKY),
    Row(SampleClass.INDETERMINATE, None, net=Net.ONE, open=Reason.OTHERS_NOT_CONTROLLED),
    Row(SampleClass.INDETERMINATE, Reason.ONE_DILUTION_ONLY, net=Net.ONE),
    Row(SampleClass.INDETERMINATE, Reason.ONE_DILUTION_ONLY, firm=Net.ONE),
    Row(SampleClass.INDETERMINATE, None, open=SOME),
    Row(SampleClass.POSITIVE_HNK1_CONFIRMED, Reason.HNK1_POSITIVE, firm=Net.SERIES, hnk1=Hnk1Status.POSITIVE),
    Row(
        SampleClass.POSITIVE_HNK1_NOT_CONFIRMED,
        Reason.HNK1_NEGATIVE,
        firm=Net.SERIES,
        hnk1=Hnk1Status.NEGATIVE,
    ),
    Row(SampleClass.POSITIVE_HNK1_INDETERMINATE, Reason.HNK1_OPEN, firm=Net.SERIES, hnk1=UNREAD),
    Row(SampleClass.POSITIVE_HNK1_NOT_TESTED, Reason.HNK1_NOT_TESTED, firm=Net.SERIES),
    Row(SampleClass.INDETERMINATE, Reason.NSB_PARTIAL, net=Net.SERIES),
    Row(SampleClass.NEGATIVE, Reason.HIGH_BACKGROUND, sticks=Sticks.MUCH),
    Row(
        SampleClass.NEGATIVE_MAG_HNK1_REACTIVE,
        Reason.HNK1_WITHOUT_MAG,
        hnk1=Hnk1Status.POSITIVE,
        absent=True,
    ),
    Row(SampleClass.NEGATIVE, Reason.BELOW_CUTOFF),
)
"""Assays with antigen-negative wells for which HNK1 is a question."""

_BY_HNK1 = frozenset(
    {Reason.HNK1_NEGATIVE, Reason.HNK1_OPEN, Reason.HNK1_NOT_TESTED, Reason.HNK1_WITHOUT_MAG}
)
_POSITIVE = Row(SampleClass.POSITIVE, Reason.ABOVE_CUTOFF, firm=Net.SERIES)

WITHOUT_HNK1: tuple[Row, ...] = tuple(
    _POSITIVE if row.reason is Reason.HNK1_POSITIVE else row for row in SPECIFIC if row.reason not in _BY_HNK1
)
"""The same for all other antigens: one class in place of those that differ by HNK1."""

PLAIN: tuple[Row, ...] = (
    REJECTED,
    REPEAT,
    STRADDLES,
    Row(SampleClass.INDETERMINATE, Reason.ONE_DILUTION_ONLY, firm=Net.ONE),
    Row(SampleClass.INDETERMINATE, None, open=SOME),
    Row(SampleClass.POSITIVE, Reason.ABOVE_CUTOFF, firm=Net.SERIES),
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
