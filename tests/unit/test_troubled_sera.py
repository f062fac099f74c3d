"""Sera in trouble: a bad well, a hook, a series in reverse. Nothing is green that is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pipeline.compute.sample.promise import kept
from pipeline.domain.codes.classes import SampleClass
from pipeline.domain.codes.qualifier import Qualifier
from pipeline.domain.codes.reasons import Reason
from pipeline.domain.layout import Role, WellUse
from pipeline.domain.results import PlateResult, SampleResult, Titer
from pipeline.domain.wells import Well

Change = Callable[[Well, WellUse, float], float]


@pytest.fixture
def one(plates: Any, serum: Any) -> Callable[..., SampleResult]:
    """One serum in slot S1 beside three of 3,000 units; ``change`` alters single wells."""

    def analyse(change: Change | None = None, **truth: float) -> SampleResult:
        sera = {"S1": serum(**truth)} | {slot: serum(titer=3000.0, hnk1=0.8) for slot in ("S2", "S3", "S4")}
        result: PlateResult = plates.analyse(sera, change)
        return result.samples[0]

    return analyse


def at(antigen: str, dilution: float, od: Callable[[float], float]) -> Change:
    """Alter the wells of S1 on one coating at one dilution."""

    def change(_: Well, use: WellUse, value: float) -> float:
        mine = use.name == "S1" and use.antigen == antigen and use.dilution == dilution
        return od(value) if mine else value

    return change


def in_reverse(plates: Any) -> Change:
    """The tubes of S1 went onto the plate in reverse order."""
    layout = plates.definition.layout
    wells = list(layout.wells(Role.SAMPLE, "S1"))
    dilutions = sorted({layout.uses[w].dilution for w in wells})
    mirror = dict(zip(dilutions, reversed(dilutions), strict=True))
    od_of: dict[tuple[str, float], float] = {}

    def change(_: Well, use: WellUse, value: float) -> float:
        if use.name == "S1":
            od_of[use.antigen, use.dilution or 1.0] = value
        return value

    def read(serum: Any, **truth: float) -> SampleResult:
        plates.read({"S1": serum(**truth)}, change)
        swapped = lambda _, use, v: (  # noqa: E731 - three lines in place of eight
            od_of[use.antigen, mirror[use.dilution]] if use.name == "S1" else v
        )
        (sample,) = plates.analyse({"S1": serum(**truth)}, swapped).samples
        return sample

    return read  # type: ignore[return-value]


def test_one_bad_antigen_negative_well_costs_its_dilution_alone(one: Any) -> None:
    """A splash of 1.5 OD in a bare well at 1:1000 is named; the others give titer and class."""
    sample = one(at("none", 1000.0, lambda od: od + 1.5), titer=8000.0, hnk1=0.8)
    assert sample.flags == ("BAD_WELL",)
    assert [d.reason for d in sample.dilutions] == ["below_antigen_negative", None, None, None]
    assert sample.classification.startswith("POSITIVE")
    assert sample.titer.qualifier == "="
    assert sample.titer.value == pytest.approx(8000.0, rel=0.05)


def test_a_bad_well_in_the_middle_does_not_end_the_run(one: Any) -> None:
    """The dilutions on both sides of a bad well are neighbours."""
    sample = one(at("none", 3000.0, lambda od: od + 1.5), titer=20_000.0, hnk1=0.8)
    assert sample.classification.startswith("POSITIVE")
    assert sample.titer.value == pytest.approx(20_000.0, rel=0.05)


def test_several_dilutions_below_the_bare_wells_are_no_bad_wells(one: Any) -> None:
    """Antigen wells that read like nothing at every dilution of a serum that sticks: strips are exchanged."""
    low = lambda _, use, od: 0.07 if use.name == "S1" and use.antigen == "MAG" else od  # noqa: E731
    sample = one(low, titer=0.0, nonspecific_od=1.2)
    assert (sample.classification, sample.reasons) == ("REPEAT", ("COATINGS_EXCHANGED",))
    assert "BAD_WELL" not in sample.flags


@pytest.mark.parametrize("titer", [2_000.0, 20_000.0, 200_000.0])
def test_a_series_in_reverse_order_gets_no_number(plates: Any, serum: Any, titer: float) -> None:
    """Tubes pipetted upside down: repeat, with both explanations, and no titer, not even a bound."""
    sample = in_reverse(plates)(serum, titer=titer, hnk1=0.8)
    assert (sample.classification, sample.reasons) == ("REPEAT", ("RISES_WITH_DILUTION",))
    assert sample.titer.value is None
    assert "reverse" in sample.explanation
    assert sample.next_step is not None
    assert "27\u202f000" in sample.next_step


@pytest.mark.parametrize(
    "factors", [(0.05, 0.2, 0.6, 1.0), (0.01, 0.05, 0.3, 0.8)], ids=["218,000", "666,000"]
)
def test_a_hook_over_the_whole_series_is_seen(one: Any, factors: tuple[float, ...]) -> None:
    """A strong serum that reads low at every dilution is never a low titer: repeat further on."""
    dilutions = (1000.0, 3000.0, 9000.0, 27_000.0)
    fall = dict(zip(dilutions, factors, strict=True))
    hook = lambda _, use, od: (  # noqa: E731
        0.07 + (od - 0.07) * fall[use.dilution] if use.name == "S1" and use.antigen == "MAG" else od
    )
    sample = one(hook, titer=218_000.0, hnk1=0.8)
    assert (sample.classification, sample.reasons) == ("REPEAT", ("RISES_WITH_DILUTION",))
    assert sample.titer.value is None
    assert sample.next_step is not None
    assert sample.next_step.startswith("Dilute further")


def test_a_missed_step_of_one_serum_leaves_its_neighbours_as_they_were(plates: Any, serum: Any) -> None:
    """One serum's missed dilution step stays out of the plate's pipetting error, and the record names it."""
    sera = {slot: serum(titer=20_000.0, hnk1=0.8) for slot in ("S1", "S2", "S3", "S4")}
    missed = at("MAG", 9000.0, lambda od: 0.07 + (od - 0.07) * 0.3)
    sound, spoilt = plates.analyse(sera), plates.analyse(sera, missed)
    assert sound.step_error.left_out == ()
    assert spoilt.step_error.left_out == ("S1",)
    for before, after in zip(sound.samples[1:], spoilt.samples[1:], strict=True):
        assert _width(after) <= 1.3 * _width(before)


def _width(sample: SampleResult) -> float:
    low, high = sample.titer.ci95
    return float(np.log(high / low))


def test_coatings_that_differ_are_corrected_where_the_assay_says_so(plates: Any, serum: Any) -> None:
    """Bare wells that read 0.06 OD more by themselves bias every titer; the plate's blanks take it out."""
    more = lambda _, use, od: od + 0.06 * (use.antigen == "none")  # noqa: E731
    sera = {"S1": serum(titer=3000.0, hnk1=0.8)}
    plain = plates.analyse(sera, more).samples[0].titer.value
    antigen_negative = plates.definition.assay.antigen_negative
    corrected = antigen_negative.model_copy(update={"coating_correction": "blanks"})
    plates.definition = replace(
        plates.definition,
        assay=plates.definition.assay.model_copy(update={"antigen_negative": corrected}),
    )
    mended = plates.analyse(sera, more).samples[0].titer.value
    assert plain < 0.9 * 3000.0
    assert mended == pytest.approx(3000.0, rel=0.05)


def test_near_the_plateau_a_titer_is_a_bound(one: Any) -> None:
    """Where the last dilution lies at the top of the calibrators no closed interval is promised."""
    sample = one(titer=1_700_000.0, hnk1=0.8)
    assert sample.titer.qualifier == ">="
    assert sample.titer.value < 1_700_000.0
    assert sample.titer.ci95 == (sample.titer.value, None)


def test_a_sticky_serum_with_antibodies_is_positive(one: Any) -> None:
    """Positive where it would be positive even if the antigen wells stuck much more than the bare ones."""
    sample = one(titer=12_000.0, hnk1=0.8, nonspecific_od=0.8)
    assert sample.classification.startswith("POSITIVE")
    assert sample.antigen_negative.specific_fraction < 0.8


def test_a_sticky_serum_without_antibodies_has_no_titer(one: Any) -> None:
    """Binding without antigen is said, and nothing is printed in the unit of the assay."""
    sample = one(titer=100.0, nonspecific_od=1.2)
    assert sample.classification == "NONSPECIFIC_BINDING"
    assert sample.titer.value is None
    assert sample.titer.text == "no titer: non-specific binding"


@pytest.mark.parametrize("background", [0.02, 0.03, 0.04])
@pytest.mark.parametrize("titer", [850.0, 950.0, 1000.0, 1050.0])
def test_a_clean_serum_near_the_cutoff_is_never_non_specific(
    one: Any, titer: float, background: float
) -> None:
    """Plain background of some hundredths OD is no binding; at the cut-off the reason is the cut-off."""
    sample = one(titer=titer, hnk1=0.0, nonspecific_od=background)
    assert sample.classification in ("NEGATIVE", "INDETERMINATE")
    if sample.classification == "INDETERMINATE":
        assert sample.reasons == ("STRADDLES_CUTOFF",)


def test_hnk1_without_mag_needs_mag_clearly_absent(one: Any) -> None:
    """A serum just below the cut-off with HNK1 binding points nowhere; one without MAG antibodies does."""
    bright = lambda _, use, od: (  # noqa: E731
        od + 500.0 / use.dilution if use.name == "S1" and use.antigen == "HNK1" else od
    )
    assert one(bright, titer=0.0).classification == "NEGATIVE_MAG_HNK1_REACTIVE"
    assert one(bright, titer=800.0).classification == "NEGATIVE"


def test_lost_deciding_dilutions_never_leave_a_negative(plates: Any, serum: Any) -> None:
    """Where only the last dilution was read, "less than" more than the cut-off is no negative."""
    read = plates.read({"S1": serum(titer=300.0)})
    layout = plates.definition.layout
    for well in layout.wells(Role.SAMPLE, "S1"):
        if layout.uses[well].dilution in (1000, 3000, 9000):
            del read.reads[0].values[well]
    (sample,) = plates.analyse_read(read, ["S1"]).samples
    assert sample.classification != "NEGATIVE"
    assert not sample.reportable


def test_unequal_wells_at_the_screening_dilution_are_no_negative(one: Any) -> None:
    """Where one of two wells that disagree would be positive and nothing else is, the sample is repeated."""
    half = lambda w, use, od: (  # noqa: E731
        0.07 if use.name == "S1" and use.antigen == "MAG" and w.column % 2 and use.dilution == 1000.0 else od
    )
    sample = one(half, titer=1_400.0)
    assert (sample.classification, sample.reasons) == ("REPEAT", ("REPLICATES_DISAGREE",))


@pytest.mark.parametrize(
    ("classification", "titer", "expected"),
    [
        ("POSITIVE", (None, None, "="), "CLASS_AND_TITER_DISAGREE"),
        ("POSITIVE", (100.0, (None, 100.0), "<"), "CLASS_AND_TITER_DISAGREE"),
        ("POSITIVE", (900.0, (900.0, None), ">="), "STRADDLES_CUTOFF"),
        ("POSITIVE", (1100.0, (1100.0, None), ">="), "AS_IT_WAS"),
        ("NEGATIVE", (None, None, "="), "CLASS_AND_TITER_DISAGREE"),
        ("NEGATIVE", (1260.0, (None, 1260.0), "<"), "STRADDLES_CUTOFF"),
        ("NEGATIVE", (5000.0, (5000.0, None), ">="), "CLASS_AND_TITER_DISAGREE"),
        ("NEGATIVE", (1000.0, (None, 1000.0), "<"), "AS_IT_WAS"),
        ("QUANTIFIED", (None, None, "="), "AS_IT_WAS"),
        ("REPEAT", (None, None, "="), "AS_IT_WAS"),
    ],
)
def test_a_class_keeps_what_it_promises(
    plates: Any, classification: str, titer: tuple[Any, Any, str], expected: str
) -> None:
    """A bound or a missing titer that contradicts a reportable class takes the class away."""
    value, ends, qualifier = titer
    found = kept(
        SampleClass(classification),
        Reason("AS_IT_WAS"),
        Titer(value, ends, "BTU", Qualifier(qualifier), "", ""),
        None,
        plates.definition.assay.cutoff,
    )
    assert found[1] == expected
