"""The truth table."""

from __future__ import annotations

import itertools

import pytest

from pipeline.compute.sample.classify import PLAIN, QUANTITATIVE, SPECIFIC, Evidence, Net, Row, classify
from pipeline.domain.codes.classes import Outcome, SampleClass
from pipeline.domain.codes.hnk1 import Hnk1Status
from pipeline.domain.codes.reasons import Reason
from pipeline.domain.codes.specific import SpecificStatus

VALUES = {
    "rejected": [False, True],
    "controlled": [True, False],
    "repeat": [None, Reason.SATURATED],
    "raw": [True, False],
    "net": list(Net),
    "nsb": [SpecificStatus.PASS, SpecificStatus.PARTIAL, SpecificStatus.NONSPECIFIC],
    "hnk1": list(Hnk1Status),
    "open": [None, Reason.STRADDLES_CUTOFF, Reason.TITER_AND_SERIES_DISAGREE],
    "low_ratio": [False, True],
}
ALL = [Evidence(*combination) for combination in itertools.product(*VALUES.values())]


def published(e: Evidence) -> str:  # noqa: PLR0911 - one return for each rule, as written down
    """The rules of the field as one decision after another, written independently of the table."""
    if e.rejected or not e.controlled:
        return "INVALID"
    if e.repeat is not None:
        return "REPEAT"
    too_dilute = e.net == "none" and e.open is Reason.TITER_AND_SERIES_DISAGREE
    if too_dilute and not (e.raw and e.low_ratio):
        return "INDETERMINATE"
    if e.raw and (e.net == "none" or e.nsb == "nonspecific"):
        return "NONSPECIFIC_BINDING"
    unsure = (not e.raw and e.net != "none") or e.net == "one" or (e.net == "series" and e.nsb == "partial")
    if unsure or e.open is not None:
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
        if not evidence.controlled:
            assert classify(evidence)[0].means.outcome is not Outcome.POSITIVE


@pytest.mark.parametrize("table", [SPECIFIC, PLAIN, QUANTITATIVE])
def test_every_table_is_total_and_explained(table: tuple[Row, ...]) -> None:
    """Every combination matches a row, and every reason has its sentence."""
    for evidence in ALL:
        found, reason = classify(evidence, table)
        assert found.known
        assert reason.means.sentence.endswith(".")


def test_open_results_are_not_reportable() -> None:
    """What is not settled is not released as a result."""
    held_back = {one for one in SampleClass if not one.means.reportable}
    assert held_back == {"INVALID", "REPEAT", "INDETERMINATE", "NONSPECIFIC_BINDING"}
