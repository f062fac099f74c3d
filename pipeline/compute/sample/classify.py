"""The class of a sample: a truth table as data. The first row that matches wins; the last row is total.

What goes in is :class:`Evidence` in words, not numbers, so the table can be read and tested for every
combination. There is no row from "not tested" to "confirmed".
"""

from __future__ import annotations

from dataclasses import dataclass, fields

ANY = "any"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about one sample.

    plate: valid, rejected. control: present, missing (antigen-negative wells of this sample).
    repeat: no, or why the sample must be repeated. raw: + or - (unsubtracted signal against the cut-off).
    net: none, one, series (positive dilutions after subtraction: none, too few adjacent ones, enough).
    nsb: pass, partial, nonspecific (share of the signal that needs no antigen).
    hnk1: positive, negative, grey, invalid, not_tested. open: no, or why the result stays open.
    ratio: low where only the ratio of antigen to antigen-negative wells keeps a dilution from being positive.
    """

    plate: str
    control: str
    repeat: str
    raw: str
    net: str
    nsb: str
    hnk1: str
    open: str
    ratio: str = "ok"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. Conditions are alternatives separated by ``|``; ``any`` and ``yes`` are wide."""

    classification: str
    reason: str
    """Reason code; ``=field`` takes the code that the field holds."""
    plate: str = ANY
    control: str = ANY
    repeat: str = ANY
    raw: str = ANY
    net: str = ANY
    nsb: str = ANY
    hnk1: str = ANY
    open: str = ANY
    ratio: str = ANY

    def matches(self, evidence: Evidence) -> bool:
        """Do all conditions hold?"""
        return all(_holds(getattr(self, name), getattr(evidence, name)) for name in CONDITIONS)


CONDITIONS = tuple(field.name for field in fields(Evidence))


def _holds(condition: str, value: str) -> bool:
    if condition == ANY:
        return True
    return value != "no" if condition == "yes" else value in condition.split("|")


SPECIFIC: tuple[Row, ...] = (
    Row("INVALID", "PLATE_REJECTED", plate="rejected"),
    Row("INVALID", "NO_ANTIGEN_NEGATIVE", control="missing"),
    Row("REPEAT", "=repeat", repeat="yes"),
    Row("NONSPECIFIC_BINDING", "RATIO_BELOW_LIMIT", raw="+", net="none", ratio="low"),
    Row("INDETERMINATE", "=open", net="none", open="TITER_AND_SERIES_DISAGREE"),
    Row("NONSPECIFIC_BINDING", "NET_BELOW_CUTOFF", raw="+", net="none"),
    Row("NONSPECIFIC_BINDING", "ANTIGEN_NEGATIVE_HIGH", raw="+", net="one|series", nsb="nonspecific"),
    Row("INDETERMINATE", "RAW_AND_NET_DISAGREE", raw="-", net="one|series"),
    Row("INDETERMINATE", "ONE_DILUTION_ONLY", net="one"),
    Row("INDETERMINATE", "NSB_PARTIAL", net="series", nsb="partial"),
    Row("INDETERMINATE", "=open", open="yes"),
    Row("POSITIVE_HNK1_CONFIRMED", "HNK1_POSITIVE", net="series", hnk1="positive"),
    Row("POSITIVE_HNK1_NOT_CONFIRMED", "HNK1_NEGATIVE", net="series", hnk1="negative"),
    Row("POSITIVE_HNK1_INDETERMINATE", "HNK1_OPEN", net="series", hnk1="grey|invalid"),
    Row("POSITIVE_HNK1_NOT_TESTED", "HNK1_NOT_TESTED", net="series"),
    Row("NEGATIVE", "HIGH_BACKGROUND", nsb="nonspecific|partial"),
    Row("NEGATIVE_MAG_HNK1_REACTIVE", "HNK1_WITHOUT_MAG", hnk1="positive"),
    Row("NEGATIVE", "BELOW_CUTOFF"),
)
"""Assays with antigen-negative wells."""

PLAIN: tuple[Row, ...] = (
    Row("INVALID", "PLATE_REJECTED", plate="rejected"),
    Row("REPEAT", "=repeat", repeat="yes"),
    Row("INDETERMINATE", "ONE_DILUTION_ONLY", net="one"),
    Row("INDETERMINATE", "=open", open="yes"),
    Row("POSITIVE", "ABOVE_CUTOFF", net="series"),
    Row("NEGATIVE", "BELOW_CUTOFF"),
)
"""Assays without antigen-negative wells, with a cut-off."""

QUANTITATIVE: tuple[Row, ...] = (
    Row("INVALID", "PLATE_REJECTED", plate="rejected"),
    Row("REPEAT", "=repeat", repeat="yes"),
    Row("QUANTIFIED", "NO_CUTOFF_DECLARED"),
)
"""Assays without a cut-off."""

NOT_REPORTABLE = frozenset({"INVALID", "REPEAT", "NONSPECIFIC_BINDING", "INDETERMINATE"})
"""Classes that are not released as a result; a manager decides on them."""


def classify(evidence: Evidence, table: tuple[Row, ...] = SPECIFIC) -> tuple[str, str]:
    """(class, reason code) of the first row that matches."""
    row = next(row for row in table if row.matches(evidence))
    reason = getattr(evidence, row.reason[1:]) if row.reason.startswith("=") else row.reason
    return row.classification, reason
