"""The truth table."""

from __future__ import annotations

import itertools

import pytest

from pipeline.compute.sample.classify import NOT_REPORTABLE, PLAIN, QUANTITATIVE, SPECIFIC, Evidence, classify
from pipeline.compute.sample.wording import EXPLANATIONS

VALUES = {
    "plate": ["valid", "rejected"],
    "control": ["present", "missing"],
    "repeat": ["no", "SATURATED"],
    "raw": ["+", "-"],
    "net": ["none", "one", "series"],
    "nsb": ["pass", "partial", "nonspecific"],
    "hnk1": ["positive", "negative", "grey", "invalid", "not_tested"],
    "open": ["no", "STRADDLES_CUTOFF", "TITER_AND_SERIES_DISAGREE"],
    "ratio": ["ok", "low"],
}
ALL = [Evidence(*combination) for combination in itertools.product(*VALUES.values())]


def published(e: Evidence) -> str:  # noqa: PLR0911 - one return for each rule, as written down
    """The rules of the field as one decision after another, written independently of the table."""
    if e.plate == "rejected" or e.control == "missing":
        return "INVALID"
    if e.repeat != "no":
        return "REPEAT"
    too_dilute = e.net == "none" and e.open == "TITER_AND_SERIES_DISAGREE"
    if too_dilute and not (e.raw == "+" and e.ratio == "low"):
        return "INDETERMINATE"
    if e.raw == "+" and (e.net == "none" or e.nsb == "nonspecific"):
        return "NONSPECIFIC_BINDING"
    unsure = (
        (e.raw == "-" and e.net != "none") or e.net == "one" or (e.net == "series" and e.nsb == "partial")
    )
    if unsure or e.open != "no":
        return "INDETERMINATE"
    if e.net == "series":
        end = {"positive": "CONFIRMED", "negative": "NOT_CONFIRMED", "not_tested": "NOT_TESTED"}
        return "POSITIVE_HNK1_" + end.get(e.hnk1, "INDETERMINATE")
    if e.nsb == "pass" and e.hnk1 == "positive":
        return "NEGATIVE_MAG_HNK1_REACTIVE"
    return "NEGATIVE"


def test_every_combination_has_the_class_of_the_written_rules() -> None:
    """All 4320 combinations of evidence give the class that the rules name."""
    assert len(ALL) == 4320
    for evidence in ALL:
        assert classify(evidence)[0] == published(evidence), evidence


def test_not_tested_never_becomes_confirmed() -> None:
    """There is no path from an HNK1 check that was not done to a confirmed result."""
    for evidence in ALL:
        if evidence.hnk1 != "positive":
            assert classify(evidence)[0] != "POSITIVE_HNK1_CONFIRMED"


def test_without_antigen_negative_wells_nothing_is_positive() -> None:
    """A serum without its internal control is never positive."""
    for evidence in ALL:
        if evidence.control == "missing":
            assert not classify(evidence)[0].startswith("POSITIVE")


@pytest.mark.parametrize("table", [SPECIFIC, PLAIN, QUANTITATIVE])
def test_every_table_is_total_and_explained(table: tuple) -> None:  # type: ignore[type-arg]
    """Every combination matches a row, and every reason has its sentence."""
    for evidence in ALL:
        _, reason = classify(evidence, table)
        assert reason in EXPLANATIONS


def test_open_results_are_not_reportable() -> None:
    """What is not settled is not released as a result."""
    assert {"INVALID", "REPEAT", "INDETERMINATE", "NONSPECIFIC_BINDING"} == NOT_REPORTABLE
