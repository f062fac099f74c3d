"""Mishaps at the bench that must not turn into a positive, a confirmed or a negative result."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sample_cases import shipped

import qc
from pipeline.domain.assay import Negatives
from pipeline.domain.findings import Verdict
from pipeline.domain.layout import WellUse
from pipeline.domain.wells import Well

ROOT = Path(__file__).resolve().parents[2]


def test_a_serum_diluted_too_far_is_not_negative(plates: Any, serum: Any) -> None:
    """Below the floor at every dilution, but in range with a high titer: open, start more concentrated."""
    for titer in (400, 500):
        sample = plates.analyse({"S1": serum(titer=titer)}, prior_dilution=27.0).samples[0]
        assert sample.titer.value > 5000
        assert sample.classification == "INDETERMINATE"
        assert sample.reasons == ("TITER_AND_SERIES_DISAGREE",)
        assert "more concentrated" in sample.next_step


def test_a_negative_control_cannot_excuse_itself(plates: Any, serum: Any) -> None:
    """A negative control that reads high raises the cut-off of the sera, not the one it is judged by."""

    def high(well: Well, use: WellUse, od: float) -> float:
        del well
        net = {"NC": 1.0, "PC1": 0.08}.get(use.name)
        return od if net is None else 0.07 + (net if use.antigen == "MAG" else 0.0)

    assay = plates.definition.assay
    second = assay.controls["PC1"].model_copy(update={"kind": "negative"})
    negatives = Negatives(confidence=0.95, fewest=2, source="test")
    cutoff = assay.cutoff.model_copy(update={"negatives": negatives})
    assay = assay.model_copy(update={"controls": {**assay.controls, "PC1": second}, "cutoff": cutoff})
    maker = replace(plates, definition=replace(plates.definition, assay=assay))
    findings = qc.evaluate(maker.analyse({"S1": serum(titer=60_000)}, high), assay)
    (control,) = [f for f in findings if f.rule == "CTL-02" and f.subject == "control NC"]
    assert control.verdict is Verdict.FAIL


@pytest.mark.parametrize("bad", [1000.0, 3000.0])
def test_one_bad_hnk1_well_confirms_nothing(serum_on: Any, flagship: Any, bad: float) -> None:
    """The other dilutions say the opposite, so the check stays open; or it is simply not used."""

    def bubble(well: Well, use: WellUse, od: float) -> float:
        del well
        hit = use.name == "S1" and use.antigen == "HNK1" and use.dilution == bad
        return 0.9 if hit else od

    sample = serum_on(flagship, bubble)
    assert sample.hnk1.status == "grey"
    assert sample.classification == "POSITIVE_HNK1_INDETERMINATE"


def test_one_missed_competitor_well_confirms_nothing(serum_on: Any) -> None:
    """An empty well looks like full inhibition; the other dilutions say that nothing is inhibited."""
    definition = shipped("anti_mag_hnk1_inhibition")
    at = serum_on(definition, hnk1_share=0.0).hnk1.dilution

    def missed(well: Well, use: WellUse, od: float) -> float:
        del well
        hit = use.name == "S1" and use.competitor == "HNK1" and use.dilution == at
        return 0.05 if hit else od

    sample = serum_on(definition, missed, hnk1_share=0.0)
    assert sample.hnk1.status in ("grey", "invalid")
    assert sample.classification == "POSITIVE_HNK1_INDETERMINATE"


@pytest.mark.parametrize("lost", [(), (27000.0,)])
def test_a_serum_that_saturates_without_antigen_is_not_positive(
    serum_on: Any, flagship: Any, lost: Any
) -> None:
    """MAG and HNK1 above the reader's range, and wells without antigen almost as high."""

    def sticky(well: Well, use: WellUse, od: float) -> float | None:
        del well
        if use.name != "S1":
            return od
        if use.antigen == "none" and use.dilution in lost:
            return None
        return 3.3 if use.antigen == "none" else 3.9

    sample = serum_on(flagship, sticky)
    assert not sample.classification.startswith("POSITIVE")
    assert not sample.reportable
    assert sample.hnk1.status != "positive"


def test_a_strong_serum_above_range_is_still_positive(serum_on: Any, flagship: Any) -> None:
    """Quiet wells without antigen tell a strong serum from a sticky one, above the reader's range too."""

    def strong(well: Well, use: WellUse, od: float) -> float:
        del well
        return 3.9 if use.name == "S1" and use.antigen != "none" else od

    sample = serum_on(flagship, strong)
    assert sample.classification == "REPEAT"  # saturated at every dilution
    some = serum_on(flagship, titer=400_000.0, hnk1_affinity=0.9)
    assert some.classification == "POSITIVE_HNK1_CONFIRMED"


@pytest.mark.parametrize("assay", ["anti_mag_igm", "anti_mag_hnk1_inhibition", "anti_mag_hnk1_absorption"])
def test_controls_without_their_hnk1_wells_reject_the_plate(quiet_plate: Any, assay: str) -> None:
    """A positive control whose HNK1 check could not be read proves nothing."""
    definition = shipped(assay)

    def lost(well: Well, use: WellUse, od: float) -> float | None:
        del well
        control = use.name.startswith(("PC", "NC"))
        return None if control and (use.antigen == "HNK1" or use.competitor is not None) else od

    result = quiet_plate(definition, lost, hnk1_share=0.9, hnk1_affinity=0.9)
    findings = qc.evaluate(result, definition.assay)
    broken = [f for f in findings if f.rule == "CTL-03" and f.verdict is Verdict.FAIL]
    assert {f.subject for f in broken} >= {"control PC1", "control PC2"}


def test_dilutions_with_a_lost_one_between_are_not_adjacent(serum_on: Any, flagship: Any) -> None:
    """Two positive dilutions confirm each other only beside each other."""

    def gap(well: Well, use: WellUse, od: float) -> float | None:
        del well
        if use.name != "S1" or use.antigen == "HNK1":
            return od
        if use.dilution in (3000, 9000) and use.antigen == "MAG":
            return None
        return od

    sample = serum_on(flagship, gap, titer=40_000.0, hnk1_affinity=0.9)
    assert [d.positive for d in sample.dilutions] == [True, None, None, True]
    assert sample.classification == "INDETERMINATE"
    assert sample.reasons == ("ONE_DILUTION_ONLY",)


@pytest.mark.parametrize("lost", [(1000.0,), (1000.0, 9000.0)])
def test_borrowed_antigen_negative_wells_do_not_bend_the_titer(
    serum_on: Any, flagship: Any, lost: tuple[float, ...]
) -> None:
    """A weak serum reads the same when pairs are read against their neighbours; it says less surely."""
    assert flagship.assay.antigen_negative is not None
    settings = flagship.assay.antigen_negative.model_copy(update={"missing": "neighbour"})
    definition = replace(flagship, assay=flagship.assay.model_copy(update={"antigen_negative": settings}))

    def spoil(well: Well, use: WellUse, od: float) -> float | None:
        del well
        gone = use.name == "S1" and use.antigen == "none" and use.dilution in lost
        return None if gone else od

    whole = serum_on(definition, titer=3000.0, nsb_od=0.02)
    sample = serum_on(definition, spoil, titer=3000.0, nsb_od=0.02)
    assert sample.titer.value == pytest.approx(whole.titer.value, rel=0.06)
    low, high = sample.titer.ci95
    assert low < 3000 < high
    assert high / low > whole.titer.ci95[1] / whole.titer.ci95[0]
