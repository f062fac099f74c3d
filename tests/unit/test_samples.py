"""Sera on a plate: titers, classes, flags, and what never happens."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pipeline.domain.assay import Conversion
from pipeline.domain.layout import Role, WellUse
from pipeline.domain.results import PlateResult, SampleResult
from pipeline.domain.wells import Well


def only(result: PlateResult) -> SampleResult:
    """The one sample of a plate."""
    (sample,) = result.samples
    return sample


@pytest.fixture
def one(plates: Any, serum: Any) -> Any:
    """Analyse a plate that holds one serum in slot S1."""

    def analyse(change: Any = None, **truth: float) -> SampleResult:
        return only(plates.analyse({"S1": serum(**truth)}, change))

    return analyse


@pytest.mark.parametrize("titer", [1800, 5000, 20_000, 100_000, 600_000])
def test_the_titer_of_an_exact_plate_is_the_truth(one: Any, titer: float) -> None:
    """Without pipetting error the joint titer is the serum's titer, inside its interval."""
    sample = one(titer=titer, hnk1=0.8)
    assert sample.titer.qualifier == "="
    assert sample.titer.value == pytest.approx(titer, rel=0.04)
    assert sample.titer.ci95[0] < titer < sample.titer.ci95[1]


@pytest.mark.parametrize(
    ("truth", "classification"),
    [
        ({"titer": 0}, "NEGATIVE"),
        ({"titer": 300}, "NEGATIVE"),
        ({"titer": 100, "nonspecific_od": 1.2}, "NONSPECIFIC_BINDING"),
        ({"titer": 8000, "hnk1": 0.8}, "POSITIVE_HNK1_CONFIRMED"),
        ({"titer": 8000, "hnk1": 0.0}, "POSITIVE_HNK1_NOT_CONFIRMED"),
        ({"titer": 8000, "hnk1": 0.1}, "POSITIVE_HNK1_INDETERMINATE"),
        ({"titer": 1000}, "INDETERMINATE"),
        ({"titer": 5000, "hnk1": 0.8, "nonspecific_od": 0.4}, "POSITIVE_HNK1_CONFIRMED"),
        ({"titer": 5000, "hnk1": 0.8, "nonspecific_od": 1.5}, "NONSPECIFIC_BINDING"),
        ({"titer": 2500, "hnk1": 0.8, "nonspecific_od": 0.3}, "INDETERMINATE"),
        ({"titer": 0, "hnk1": 0.0}, "NEGATIVE"),
    ],
)
def test_clear_sera_get_their_class(one: Any, truth: dict[str, float], classification: str) -> None:
    """Clear-cut sera are classified as they are."""
    assert one(**truth).classification == classification


def test_a_serum_above_the_range_gets_a_bound_and_a_next_dilution(one: Any) -> None:
    """Above range is never a clipped number: a bound, a flag and what to do."""
    sample = one(titer=9_000_000, hnk1=0.8)
    assert sample.titer.qualifier == ">="
    assert sample.titer.value == 70_000 * 27
    assert "OUT_OF_RANGE_HIGH" in sample.flags
    assert sample.next_step == "Dilute further, start at 1:27\u202f000."
    assert sample.endpoint_titer.qualifier == ">="


def test_a_negative_serum_is_below_a_bound(one: Any) -> None:
    """A serum without antibody is 'below', never 0."""
    sample = one(titer=0)
    assert sample.titer.qualifier == "<"
    assert sample.titer.value >= 100
    assert sample.endpoint_titer.qualifier == "<"
    assert sample.endpoint_titer.last_positive is None


def test_the_endpoint_is_the_last_positive_and_interpolates_to_the_next(one: Any) -> None:
    """The endpoint titer is a dilution of the series; interpolation stays between two of them."""
    endpoint = one(titer=8000, hnk1=0.8).endpoint_titer
    assert endpoint.last_positive == 9000
    assert 9000 < endpoint.interpolated < 27_000
    assert endpoint.ci95[0] <= endpoint.interpolated <= endpoint.ci95[1]


def raise_antigen_negative(well: Well, use: WellUse, od: float) -> float:
    """Antigen-negative wells of S1 read higher than its MAG wells."""
    del well
    return od + 0.3 if use.name == "S1" and use.antigen == "none" else od


def test_negative_differences_are_kept(one: Any) -> None:
    """A net signal below zero stays below zero."""
    sample = one(raise_antigen_negative, titer=0)
    assert all(d.net_od < -0.2 for d in sample.dilutions)


def without(antigen: str) -> Any:
    """Remove S1's wells on one antigen by making them unreadable."""

    def change(well: Well, use: WellUse, od: float) -> float:
        del well
        return 4.0 if use.name == "S1" and use.antigen == antigen else od

    return change


def test_saturated_at_every_dilution_is_a_repeat(one: Any) -> None:
    """MAG wells above the reader's range everywhere: repeat with a higher dilution, no titer value."""
    sample = one(without("MAG"), titer=5000)
    assert sample.classification == "REPEAT"
    assert sample.reasons == ("SATURATED",)
    assert sample.next_step.startswith("Dilute further")
    assert sample.titer.qualifier == ">="


def test_antigen_negative_wells_above_range_are_never_a_positive(one: Any) -> None:
    """A serum that saturates wells without antigen is non-specific."""
    sample = one(without("none"), titer=5000, hnk1=0.8)
    assert sample.classification == "NONSPECIFIC_BINDING"


def test_a_missing_pair_is_never_replaced_by_the_blank(plates: Any, serum: Any) -> None:
    """Without readable antigen-negative wells there is no result."""
    read = plates.read({"S1": serum(titer=8000, hnk1=0.8)})
    layout = plates.definition.layout
    lost = [w for w in layout.wells(Role.SAMPLE, "S1") if layout.uses[w].antigen == "none"]
    for well in lost:
        del read.reads[0].values[well]
    sample = only(plates.analyse_read(read, ["S1"]))
    assert sample.classification == "INVALID"
    assert sample.reasons == ("NO_ANTIGEN_NEGATIVE",)
    assert sample.antigen_negative.status == "missing"
    assert all(d.net_od is None for d in sample.dilutions)


def hook(well: Well, use: WellUse, od: float) -> float:
    """The two most concentrated dilutions of S1 read too low."""
    del well
    factor = {1000: 0.6, 3000: 0.8}.get(int(use.dilution or 0), 1.0)
    return od * factor if use.name == "S1" and use.antigen in ("MAG", "HNK1") else od


def test_a_hook_is_named_and_the_titer_comes_from_beyond_it(one: Any) -> None:
    """Dilutions in a hook are left out, and the rest gives the titer."""
    sample = one(hook, titer=300_000, hnk1=0.8)
    assert "HOOK" in sample.flags
    assert [d.reason for d in sample.dilutions][:2] == ["hook", "hook"]
    assert sample.titer.value == pytest.approx(300_000, rel=0.1)


def split_pair(well: Well, use: WellUse, od: float) -> float:
    """One MAG well of S1 at 1:1000 failed."""
    first = use.name == "S1" and use.antigen == "MAG" and use.dilution == 1000
    return od * 0.3 if first and well.column == 4 else od


def test_a_dilution_with_disagreeing_replicates_is_left_out(one: Any) -> None:
    """A failed dispense costs its dilution, is flagged, and does not move the titer."""
    sample = one(split_pair, titer=8000, hnk1=0.8)
    assert "REPLICATES_DISAGREE" in sample.flags
    assert sample.dilutions[0].reason == "replicates_disagree"
    assert sample.titer.value == pytest.approx(8000, rel=0.05)


def test_prior_dilution_multiplies_the_titer(plates: Any, serum: Any) -> None:
    """A serum diluted 1:10 before the plate has ten times the titer."""
    sera = {"S1": serum(titer=8000, hnk1=0.8)}
    plain = only(plates.analyse(sera))
    diluted = only(plates.analyse(sera, prior_dilution=10.0))
    assert diluted.titer.value == pytest.approx(10 * plain.titer.value, rel=1e-9)


def test_a_background_common_to_both_wells_changes_no_net_signal(one: Any) -> None:
    """Adding a constant to MAG and antigen-negative wells of a serum leaves its net signals alone."""

    def shift(well: Well, use: WellUse, od: float) -> float:
        del well
        return od + 0.05 if use.name == "S1" else od

    before = [d.net_od for d in one(titer=5000).dilutions]
    after = [d.net_od for d in one(shift, titer=5000).dilutions]
    assert after == pytest.approx(before, abs=1e-9)


def test_every_well_of_the_plate_is_on_the_record(plates: Any, serum: Any) -> None:
    """96 wells in, 96 wells out; an unused slot says why."""
    result = plates.analyse({"S1": serum(titer=5000)})
    assert len(result.wells) == 96
    idle = [w for w in result.wells if w.name == "S2"]
    assert {w.reason for w in idle} == {"slot without a sample in this run"}


def test_samples_do_not_influence_each_other_by_order(plates: Any, serum: Any) -> None:
    """The order in which the sheet lists the sera changes nothing."""
    sera = {"S1": serum(titer=5000), "S2": serum(titer=200), "S3": serum(titer=90_000, hnk1=0.9)}
    forward = plates.analyse(sera).samples
    backward = plates.analyse(dict(reversed(sera.items()))).samples
    assert forward == backward


def test_further_units_need_a_declared_factor(plates: Any, serum: Any) -> None:
    """Printed beside the titer with factor and source; without a declaration nothing is converted."""
    plain = plates.analyse({"S1": serum(titer=20_000)}).samples[0]
    assert plain.converted == ()
    assert plain.reference_range.startswith("below 1000 BTU (")
    unit = Conversion(unit="TU", factor=0.5, source="parallel measurement of 40 sera")
    assay = plates.definition.assay.model_copy(update={"conversions": (unit,)})
    other = replace(plates, definition=replace(plates.definition, assay=assay))
    (text,) = other.analyse({"S1": serum(titer=20_000)}).samples[0].converted
    assert "TU (x 0.5: parallel measurement of 40 sera)" in text
    (bound,) = other.analyse({"S1": serum(titer=9_000_000)}).samples[0].converted
    assert bound.startswith("≥ ")
