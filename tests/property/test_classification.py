"""Properties of the class of a serum, over all evidence and on whole plates without pipetting error."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipeline.compute.sample.classify import Evidence, Net, Sticks, classify
from pipeline.domain.codes.hnk1 import Hnk1Status
from pipeline.domain.codes.reasons import Reason
from pipeline.domain.layout import Role, WellUse
from pipeline.domain.results import PlateResult, SampleResult
from pipeline.domain.wells import Well

FEW = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),  # a plate takes too long to look for the smallest failure
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # the fixture only holds the assay
)
HNK1 = (Hnk1Status.NOT_TESTED, Hnk1Status.NEGATIVE, Hnk1Status.GREY, Hnk1Status.POSITIVE)
"""From the least to the most evidence of HNK1 binding."""
ORDER = (
    "NEGATIVE",
    "NEGATIVE_MAG_HNK1_REACTIVE",
    "POSITIVE_HNK1_NOT_TESTED",
    "POSITIVE_HNK1_NOT_CONFIRMED",
    "POSITIVE_HNK1_INDETERMINATE",
    "POSITIVE_HNK1_CONFIRMED",
)
"""From the least to the most that a class says of an antibody to MAG that binds HNK1. A check that was not
done says less than one that was. The other classes (INVALID, REPEAT, NONSPECIFIC_BINDING, INDETERMINATE) say
nothing about it and have no place in this order."""
OTHERS = {
    "rejected": (False, True),
    "controlled": (True, False),
    "repeat": (None, Reason.SATURATED),
    "raw": (True, False),
    "net": tuple(Net),
    "firm": tuple(Net),
    "sticks": tuple(Sticks),
    "low_share": (False, True),
    "absent": (False, True),
    "open": (None, Reason.STRADDLES_CUTOFF),
}
SLOTS = ("S1", "S2", "S3", "S4")
Change = Callable[[Well, WellUse, float], float]


def test_more_hnk1_evidence_never_lowers_the_class() -> None:
    """Whatever else is known, more evidence of HNK1 binding moves the class up in ``ORDER`` or not at all."""
    for values in itertools.product(*OTHERS.values()):
        known = dict(zip(OTHERS, values, strict=True))
        classes = [classify(Evidence(hnk1=status, **known))[0] for status in HNK1]
        if len(set(classes)) > 1:
            ranks = [ORDER.index(name) for name in classes]
            assert ranks == sorted(ranks), (known, classes)


@pytest.mark.parametrize("titer", [0.0, 300.0, 3_000.0, 20_000.0])
@pytest.mark.parametrize("sticks", [0.0, 0.02, 0.1])
def test_more_hnk1_signal_never_lowers_the_class(
    plates: Any, serum: Any, titer: float, sticks: float
) -> None:
    """On a plate, brighter HNK1 wells of the same serum move its class up in ``ORDER`` or not at all."""
    classes = []
    for added in (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.6):
        result = plates.analyse({"S1": serum(titer, sticks)}, _brighter(added))
        classes.append(ORDER.index(result.samples[0].classification))
    assert classes == sorted(classes)
    assert classes[0] < classes[-1]


def _brighter(added: float) -> Change:
    """Add OD to the HNK1 wells of S1, as binding does: at the first dilution, and less at the others."""
    return lambda _, use, od: (
        od + added * 1000 / (use.dilution or 1) * (use.name == "S1" and use.antigen == "HNK1")
    )


def test_a_serum_reads_the_same_in_every_slot(plates: Any, serum: Any) -> None:
    """However four sera are arranged, each has its class, titer, interval and HNK1 result.

    The errors move with the sera, so the plate stays the same up to the order of its sums: dilution steps
    are judged on all sera together, and that must not depend on their order either.
    """
    sera = [serum(20_000.0, 0.02, 0.8), serum(3_000.0, 0.1), serum(0.0, 1.2), serum(1_100.0, 0.02, 0.5)]
    for seed in range(3):
        noise = np.random.default_rng(seed).normal(1.0, 0.04, (len(sera), 4, 4))
        first = _results(plates, sera, (0, 1, 2, 3), noise)
        assert len({result.classification for result in first.values()}) >= 3
        for order in itertools.permutations(range(4)):
            again = _results(plates, sera, order, noise)
            for number in range(4):
                _same(again[number], first[number])


def _results(plates: Any, sera: list[Any], order: tuple[int, ...], noise: Any) -> dict[int, SampleResult]:
    """Serum number -> result; ``order`` says which serum is in which slot."""
    placed = dict(zip(SLOTS, order, strict=True))

    def errors(well: Well, use: WellUse, od: float) -> float:
        """Each block of a serum is four rows by four columns."""
        return od * noise[placed[use.name], well.row % 4, well.column % 4] if use.role is Role.SAMPLE else od

    result: PlateResult = plates.analyse({slot: sera[n] for slot, n in placed.items()}, errors)
    return {placed[sample.slot]: sample for sample in result.samples}


def _same(found: SampleResult, expected: SampleResult) -> None:
    assert (found.classification, found.reasons) == (expected.classification, expected.reasons)
    assert (found.flags, found.hnk1.status) == (expected.flags, expected.hnk1.status)
    assert found.titer.qualifier == expected.titer.qualifier
    assert _numbers(found) == pytest.approx(_numbers(expected), rel=1e-5, nan_ok=True)


def _numbers(sample: SampleResult) -> list[float]:
    """Titer, HNK1 value and specific fraction with their intervals; nan where a number is absent."""
    ends = (sample.titer.ci95, sample.hnk1.ci95, sample.antigen_negative.ci95)
    values = (sample.titer.value, sample.hnk1.value, sample.antigen_negative.specific_fraction)
    every = [*values, *(end for pair in ends for end in pair or (None, None))]
    return [np.nan if number is None else number for number in every]


@FEW
@given(
    titer=st.floats(0, 500_000),
    sticks=st.floats(0, 3),
    hnk1=st.floats(0, 1.5),
    also=st.sets(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=8),
)
def test_without_antigen_negative_wells_no_serum_is_positive(
    plates: Any, serum: Any, titer: float, sticks: float, hnk1: float, also: set[tuple[int, int]]
) -> None:
    """A serum whose antigen-negative wells are not in the export is never called positive.

    Whatever other wells it also lost. The other sera keep theirs and their class.
    """
    sera = {"S1": serum(titer, sticks, hnk1), "S2": serum(20_000.0, 0.02, 0.8)}
    whole = plates.read(sera)
    uses = plates.definition.layout.uses

    def lost(well: Well) -> bool:
        mine = well in uses and uses[well].name == "S1"
        return mine and (uses[well].antigen == "none" or (well.row % 4, well.column % 4) in also)

    reading = whole.reads[0]
    values = {well: od for well, od in reading.values.items() if not lost(well)}
    read = replace(whole, reads=(replace(reading, values=values),))
    one, other = plates.analyse_read(read, list(sera)).samples
    assert one.classification == "INVALID"
    assert other.classification == "POSITIVE_HNK1_CONFIRMED"


@pytest.mark.parametrize("floor", [0.1, 0.02])
def test_an_interval_across_the_cutoff_is_left_open(plates: Any, serum: Any, floor: float) -> None:
    """A serum whose titer may lie on either side of the cut-off is INDETERMINATE.

    The assay asks here for the 95 % interval, which the result shows. With a floor of 0.02 OD such sera have
    a series of positive dilutions and only the interval holds them back.
    """
    assay = plates.definition.assay
    od = assay.cutoff.floor_od.model_copy(update={"value": floor})
    cutoff = assay.cutoff.model_copy(update={"straddle_confidence": 0.95, "floor_od": od})
    plates.definition = replace(plates.definition, assay=assay.model_copy(update={"cutoff": cutoff}))
    across, reasons = 0, set()
    for titer in np.geomspace(700.0, 1_500.0, 40):
        sample = plates.analyse({"S1": serum(float(titer), 0.0, 0.8)}).samples[0]
        low, high = sample.titer.ci95
        if low < cutoff.titer < high:
            across += 1
            reasons.add(sample.reasons[0])
            assert sample.classification == "INDETERMINATE", titer
        else:
            assert sample.reasons[0] != "STRADDLES_CUTOFF", titer
    assert across >= 3
    assert "STRADDLES_CUTOFF" in reasons
