"""The truth table."""

from __future__ import annotations

import itertools

import pytest

from pipeline.compute.sample.classify import (
    PLAIN,
    QUANTITATIVE,
    SPECIFIC,
    Evidence,
    Net,
    Row,
    Sticks,
    classify,
)
from pipeline.domain.codes.classes import Outcome, SampleClass
from pipeline.domain.codes.hnk1 import Hnk1Status
from pipeline.domain.codes.reasons import Reason

VALUES = {
    "rejected": [False, True],
    "controlled": [True, False],
    "repeat": [None, Reason.SATURATED],
    "raw": [True, False],
    "net": list(Net),
    "firm": list(Net),
    "sticks": list(Sticks),
    "low_share": [False, True],
    "hnk1": list(Hnk1Status),
    "absent": [False, True],
    "open": [None, Reason.STRADDLES_CUTOFF, Reason.TITER_AND_SERIES_DISAGREE],
}
ALL = [Evidence(*combination) for combination in itertools.product(*VALUES.values())]


def published(e: Evidence) -> str:
    """The rules of the field as one decision after another, written independently of the table."""
    if e.rejected or not e.controlled:
        return "INVALID"
    if e.repeat is not None:
        return "REPEAT"
    return _unsettled(e) or _settled(e)


def _unsettled(e: Evidence) -> str | None:
    sticky, firm = e.sticks != "no", e.firm == "series"
    if e.net == "none" and e.open is Reason.TITER_AND_SERIES_DISAGREE:
        return "INDETERMINATE"
    if sticky and e.raw and e.net == "none":
        return "NONSPECIFIC_BINDING"
    if sticky and e.net != "none" and not firm and e.low_share:
        return "NONSPECIFIC_BINDING"
    one_sided = not e.raw and e.net != "none"
    not_firm = e.net == "series" and not firm
    one = "one" in (e.net, e.firm)
    return "INDETERMINATE" if e.open is not None or one_sided or not_firm or one else None


def _settled(e: Evidence) -> str:
    if e.firm == "series":
        end = {"positive": "CONFIRMED", "negative": "NOT_CONFIRMED", "not_tested": "NOT_TESTED"}
        return "POSITIVE_HNK1_" + end.get(e.hnk1, "INDETERMINATE")
    reactive = e.sticks != "much" and e.hnk1 == "positive" and e.absent
    return "NEGATIVE_MAG_HNK1_REACTIVE" if reactive else "NEGATIVE"


def test_every_combination_has_the_class_of_the_written_rules() -> None:
    """All 25,920 combinations of evidence give the class that the rules name."""
    assert len(ALL) == 25_920
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
