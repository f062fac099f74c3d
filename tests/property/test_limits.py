"""A QC limit is judged and steers nothing: a laboratory that changes one changes verdicts, never a titer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import pytest
from sample_cases import CONTEXT, SampleCase, case

from pipeline.compute.analyse import analyse
from pipeline.compute.sample.result_text import with_result_text
from pipeline.definitions import AssayDefinition, entries_by_plate
from pipeline.domain.assay import Assay
from pipeline.domain.declared import Limit
from pipeline.domain.findings import RunVerdict
from pipeline.domain.limits import LIMIT_KINDS, Limits
from pipeline.domain.record import RunRecord
from pipeline.domain.results import PlateResult
from pipeline.readers import read_export

CASES = ("difficult_sera", "failed_calibrators", "to_repeat")
"""Sample cases with a level left out, replicates apart, wells above range, series that are not parallel."""
SAMPLE_SETTINGS = ("replicate_cv", "replicate_difference_od")
CURVE_SETTINGS = ("levels_min", "recovery", "recovery_ends", "range_cv")
DILUTION_SETTINGS = ("parallelism_cv", "parallelism_ratio", "titer_agreement")
FACTORS = (0.01, 100.0)


@dataclass(frozen=True)
class Case:
    """One export of the flagship with its sheet."""

    sample: SampleCase
    definition: AssayDefinition

    def results(self, limits: Limits) -> list[PlateResult]:
        """The plates computed with other limits."""
        sheet, layout, export = self.sample.sheet(), self.definition.layout, self.sample.export
        assert sheet is not None
        plates = read_export(export.read_bytes(), export.name).plates
        assay = _with(self.definition.assay, limits)
        return [
            analyse(read, layout, assay, entries)
            for read, entries in zip(plates, entries_by_plate(sheet, plates, layout), strict=True)
        ]

    def records(self, limits: Limits) -> list[RunRecord]:
        """The plates computed and judged with other limits."""
        definition = replace(self.definition, assay=_with(self.definition.assay, limits))
        return [run for run in self.sample.process(CONTEXT, definition) if isinstance(run, RunRecord)]


def _with(assay: Assay, limits: Limits) -> Assay:
    return assay.model_copy(update={"limits": limits})


def _case(name: str) -> Case:
    found = case(f"anti_mag_igm/{name}")
    return Case(found, found.definition)


def _changed(limit: Limit, factor: float) -> Limit:
    """Another value and the other consequence."""
    other = "warn" if limit.on_breach == "fail" else "fail"
    return limit.model_copy(update={"value": limit.value * factor, "on_breach": other})


def _changed_all(limits: Limits, factor: float) -> Limits:
    declared = ((name, getattr(limits, name)) for name in LIMIT_KINDS)
    return limits.model_copy(
        update={name: _changed(limit, factor) for name, limit in declared if limit is not None}
    )


@pytest.mark.parametrize("name", CASES)
def test_limits_do_not_reach_the_computation(name: str) -> None:
    """Every limit far lower, far higher, or none at all: the computed plate is the same to the last digit."""
    plate = _case(name)
    limits = plate.definition.assay.limits
    computed = plate.results(limits)
    for other in (*(_changed_all(limits, factor) for factor in FACTORS), Limits()):
        assert plate.results(other) == computed


@pytest.mark.parametrize("limit", LIMIT_KINDS)
def test_a_limit_changes_results_only_through_the_verdict(limit: str) -> None:
    """Another value and consequence of one limit: the samples are as before, or withheld with the plate."""
    plate = _case("to_repeat")
    limits = plate.definition.assay.limits
    declared = getattr(limits, limit) or _invented(limit)
    before = _first_record()
    for factor in FACTORS:
        (after,) = plate.records(limits.model_copy(update={limit: _changed(declared, factor)}))
        if after.verdict is RunVerdict.REJECTED:
            assert {sample.classification for sample in after.samples} == {"INVALID"}
            assert not any(sample.reportable for sample in after.samples)
        else:
            assert after.samples == before.samples
        assert after.controls == before.controls


def _invented(name: str) -> Limit:
    """A limit that the flagship does not declare."""
    found = {"value": 1, "unit": LIMIT_KINDS[name].unit, "on_breach": "fail", "source": "test"}
    limit: Limit = getattr(Limits.model_validate({name: found}), name)
    return limit


@cache
def _first_record() -> RunRecord:
    plate = _case("to_repeat")
    (record,) = plate.records(plate.definition.assay.limits)
    return record


def test_a_rejected_plate_gives_its_results_when_the_limit_only_warns() -> None:
    """The same plate by other consequences: what was withheld is what was computed."""
    plate = _case("failed_control")
    limits = plate.definition.assay.limits
    (rejected,) = plate.records(limits)
    assert rejected.verdict is RunVerdict.REJECTED
    warned = {
        name: declared.model_copy(update={"on_breach": "warn"})
        for name in LIMIT_KINDS
        if (declared := getattr(limits, name)) is not None
    }
    (accepted,) = plate.records(limits.model_copy(update=warned))
    assert accepted.verdict is RunVerdict.ACCEPTED_WITH_WARNINGS
    (computed,) = plate.results(limits)
    said = tuple(with_result_text(sample, plate.definition.assay) for sample in computed.samples)
    assert accepted.samples == said


def test_an_assay_without_the_settings_is_steered_by_its_limits() -> None:
    """Assays of older versions, such as those kept with their runs, compute what they always did."""
    for name in CASES:
        plate = _case(name)
        assay = plate.definition.assay
        older = assay.model_copy(
            update={
                "reading": assay.reading.model_copy(update={"max_od": None}),
                "samples": assay.samples.model_copy(update=dict.fromkeys(SAMPLE_SETTINGS)),
                "curve": assay.curve.model_copy(update=dict.fromkeys(CURVE_SETTINGS)),
                "dilution": assay.dilution.model_copy(update=dict.fromkeys(DILUTION_SETTINGS)),
            }
        )
        assert older.steering == assay.steering
        kept = replace(plate, definition=replace(plate.definition, assay=older))
        assert kept.results(assay.limits) == plate.results(assay.limits)
        assert kept.results(Limits()) != plate.results(assay.limits)
