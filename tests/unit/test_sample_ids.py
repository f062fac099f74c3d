"""Ids of samples: those that look alike, those of earlier runs, and one id in two slots."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import qc
from pipeline.compute.sample.sample_ids import beside_earlier, look_alike, without_contradictions
from pipeline.domain.findings import Finding, Verdict
from pipeline.domain.history import EarlierRun, IdsElsewhere, SampleIds
from pipeline.domain.layout import SampleEntry
from pipeline.domain.results import PlateResult

PLATE = "Plate 1"


def entries(**ids: str) -> dict[str, SampleEntry]:
    """Slot -> sample."""
    return {slot: SampleEntry(slot, sample_id) for slot, sample_id in ids.items()}


def beside(ids: dict[str, SampleEntry], *earlier: EarlierRun) -> SampleIds:
    """What is found about the ids of a plate."""
    return beside_earlier(ids, [entry.sample_id for entry in ids.values()], PLATE, earlier)


def run(name: str, *, same_export: bool, plate: str = PLATE, **ids: str) -> EarlierRun:
    """An earlier run."""
    return EarlierRun(name, plate, same_export, ids)


@pytest.mark.parametrize(
    ("one", "other"), [("P-17", "p 17"), ("P-17", "P17"), ("007", "7"), ("MAG_2026-001", "mag-2026-1")]
)
def test_ids_that_a_person_takes_for_one_are_named(one: str, other: str) -> None:
    """Case, dashes, spaces and leading zeros tell no two patients apart."""
    assert look_alike([one, "X", other]) == ((one, other),)


@pytest.mark.parametrize(("one", "other"), [("P-17", "P-71"), ("P-17", "P-170"), ("A", "A")])
def test_other_ids_do_not_look_alike(one: str, other: str) -> None:
    """Another digit is another patient, and the same id is no pair."""
    assert look_alike([one, other]) == ()


def test_the_same_export_with_other_ids_is_named() -> None:
    """The newest run of the same plate counts, slot by slot; a slot that is empty now differs too."""
    old = run("old", same_export=True, S1="a", S2="b")
    new = run("new", same_export=True, S1="a", S2="c", S3="d")
    assert beside(entries(S1="a", S2="b"), new, old).renamed == IdsElsewhere("new", 2, 2)
    assert beside(entries(S1="a", S2="b"), old).renamed is None


def test_another_plate_of_the_same_export_says_nothing() -> None:
    """Plate 2 of the export has its own samples."""
    assert beside(entries(S1="a"), run("x", same_export=True, plate="Plate 2", S1="z")).renamed is None


def test_the_earlier_run_with_most_ids_is_named() -> None:
    """Last week's sheet: all ids stood on one earlier run, in whatever slots."""
    few = run("few", same_export=False, S1="a")
    all_of_them = run("all", same_export=False, S1="b", S4="a")
    assert beside(entries(S1="a", S2="b"), few, all_of_them).repeated == IdsElsewhere("all", 2, 2)
    assert beside(entries(S1="x"), few, all_of_them).repeated is None


def found(result: PlateResult, plates: Any, rule: str) -> Finding:
    """The finding of a rule."""
    (one,) = [f for f in qc.evaluate(result, plates.definition.assay) if f.rule == rule]
    return one


@pytest.mark.parametrize(
    ("rule", "ids", "verdict"),
    [
        ("IDS-01", SampleIds(compared=True), Verdict.PASS),
        ("IDS-01", SampleIds(compared=True, renamed=IdsElsewhere("r", 1, 4)), Verdict.WARN),
        ("IDS-01", SampleIds(), Verdict.NOT_EVALUATED),
        ("IDS-01", None, Verdict.NOT_EVALUATED),
        ("IDS-02", SampleIds(compared=True), Verdict.PASS),
        ("IDS-02", SampleIds(compared=True, repeated=IdsElsewhere("r", 1, 4)), Verdict.PASS),
        ("IDS-02", SampleIds(compared=True, repeated=IdsElsewhere("r", 3, 4)), Verdict.WARN),
        ("IDS-02", SampleIds(), Verdict.NOT_EVALUATED),
        ("IDS-03", SampleIds(), Verdict.PASS),
        ("IDS-03", SampleIds(alike=(("P-1", "P1"),)), Verdict.WARN),
    ],
)
def test_ids_are_judged(plates: Any, serum: Any, rule: str, ids: SampleIds | None, verdict: Verdict) -> None:
    """By default a doubt about the ids is a warning; without a sheet or earlier runs nothing is judged."""
    result = replace(plates.analyse({"S1": serum(titer=5000)}), ids=ids)
    assert found(result, plates, rule).verdict is verdict


def with_one_id(result: PlateResult) -> PlateResult:
    """All samples of the plate under one id."""
    return replace(result, samples=tuple(replace(one, sample_id="P-1") for one in result.samples))


def test_one_id_with_two_titers_is_not_reportable(plates: Any, serum: Any) -> None:
    """Titers of one sample whose intervals lie apart cannot both be true: neither goes out."""
    sera = {"S1": serum(titer=5000, hnk1=0.8), "S2": serum(titer=40_000, hnk1=0.8)}
    result = without_contradictions(with_one_id(plates.analyse(sera)))
    assert [sample.reportable for sample in result.samples] == [False, False]
    assert {sample.reasons for sample in result.samples} == {("SAME_ID_DISAGREES",)}
    finding = found(result, plates, "IDS-04")
    assert (finding.verdict, finding.observed) == (Verdict.WARN, 1.0)


def test_a_positive_and_a_negative_of_one_id_contradict(plates: Any, serum: Any) -> None:
    """Two slots, two classes, one patient."""
    sera = {"S1": serum(titer=8000, hnk1=0.8), "S2": serum(titer=0)}
    result = without_contradictions(with_one_id(plates.analyse(sera)))
    assert {sample.classification for sample in result.samples} == {"REPEAT"}


def test_one_id_twice_with_one_titer_stays(plates: Any, serum: Any) -> None:
    """A sample in two slots that agree is a repeat on the plate, and passes."""
    sera = {"S1": serum(titer=5000, hnk1=0.8), "S2": serum(titer=5000, hnk1=0.8)}
    before = with_one_id(plates.analyse(sera))
    result = without_contradictions(before)
    assert result.samples == before.samples
    assert found(result, plates, "IDS-04").verdict is Verdict.PASS


def test_other_samples_of_the_plate_keep_their_results(plates: Any, serum: Any) -> None:
    """Only the id in doubt is held back."""
    sera = {"S1": serum(titer=5000), "S2": serum(titer=40_000), "S3": serum(titer=20_000)}
    plain = plates.analyse(sera)
    first, second, third = plain.samples
    doubled = (replace(first, sample_id="P"), replace(second, sample_id="P"), third)
    assert without_contradictions(replace(plain, samples=doubled)).samples[2] == third
