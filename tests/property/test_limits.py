"""A QC limit is judged and steers nothing: a laboratory that changes one changes verdicts, never a titer."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest

from pipeline.compute.analyse import analyse
from pipeline.definitions import AssayDefinition, entries_for_plate, load_definition, load_sheet
from pipeline.domain.assay import Assay, Samples
from pipeline.domain.declared import Limit
from pipeline.domain.findings import RunVerdict
from pipeline.domain.limits import LIMIT_UNITS, Limits
from pipeline.domain.record import RunRecord, Software
from pipeline.domain.results import PlateResult
from pipeline.process import process_export
from pipeline.process.context import RunContext
from pipeline.readers import read_export

CASES = ("difficult_sera", "failed_calibrators", "to_repeat")
"""Sample cases with a level left out, replicates apart, wells above range, series that are not parallel."""
CURVE_SETTINGS = ("levels_min", "recovery", "recovery_ends", "range_cv")
DILUTION_SETTINGS = ("parallelism_cv", "parallelism_ratio", "titer_agreement")
FACTORS = (0.01, 100.0)
CONTEXT = RunContext("2026-01-01T12:00:00+01:00", "A. Muster", Software("1", "3", "x", {}))


@dataclass(frozen=True)
class Case:
    """One export of the flagship with its sheet."""

    name: str
    export: bytes
    sheet: bytes
    sheet_name: str
    definition: AssayDefinition

    def results(self, limits: Limits) -> list[PlateResult]:
        """The plates computed with other limits."""
        sheet, layout = load_sheet(self.sheet, self.sheet_name), self.definition.layout
        plates, assay = read_export(self.export, self.name).plates, _with(self.definition.assay, limits)
        return [
            analyse(read, layout, assay, entries_for_plate(sheet, read.name, n, len(plates), layout))
            for n, read in enumerate(plates, start=1)
        ]

    def records(self, limits: Limits) -> list[RunRecord]:
        """The plates computed and judged with other limits."""
        definition = replace(self.definition, assay=_with(self.definition.assay, limits))
        sheet = load_sheet(self.sheet, self.sheet_name)
        runs = process_export(self.export, self.name, definition, sheet, CONTEXT)
        return [run for run in runs if isinstance(run, RunRecord)]


def _with(assay: Assay, limits: Limits) -> Assay:
    return assay.model_copy(update={"limits": limits})


@cache
def _case(root: Path, name: str) -> Case:
    folder = root / "sample_data" / "anti_mag_igm" / name
    truth = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    sheet, export = folder / truth["sample_sheet"], folder / truth["export"]
    definition = load_definition(root / "plate_layouts" / "anti_mag_igm")
    return Case(export.name, export.read_bytes(), sheet.read_bytes(), sheet.name, definition)


def _changed(limit: Limit, factor: float) -> Limit:
    """Another value and the other consequence."""
    other = "warn" if limit.on_breach == "fail" else "fail"
    return limit.model_copy(update={"value": limit.value * factor, "on_breach": other})


def _changed_all(limits: Limits, factor: float) -> Limits:
    declared = ((name, getattr(limits, name)) for name in LIMIT_UNITS)
    return limits.model_copy(
        update={name: _changed(limit, factor) for name, limit in declared if limit is not None}
    )


@pytest.mark.parametrize("name", CASES)
def test_limits_do_not_reach_the_computation(root: Path, name: str) -> None:
    """Every limit far lower, far higher, or none at all: the computed plate is the same to the last digit."""
    case = _case(root, name)
    limits = case.definition.assay.limits
    computed = case.results(limits)
    for other in (*(_changed_all(limits, factor) for factor in FACTORS), Limits()):
        assert case.results(other) == computed


@pytest.mark.parametrize("limit", LIMIT_UNITS)
def test_a_limit_changes_results_only_through_the_verdict(root: Path, limit: str) -> None:
    """Another value and consequence of one limit: the samples are as before, or withheld with the plate."""
    case = _case(root, "to_repeat")
    limits = case.definition.assay.limits
    declared = getattr(limits, limit) or _invented(limit)
    before = _first_record(root)
    for factor in FACTORS:
        (after,) = case.records(limits.model_copy(update={limit: _changed(declared, factor)}))
        if after.verdict is RunVerdict.REJECTED:
            assert {sample.classification for sample in after.samples} == {"INVALID"}
            assert not any(sample.reportable for sample in after.samples)
        else:
            assert after.samples == before.samples
        assert after.controls == before.controls


def _invented(name: str) -> Limit:
    """A limit that the flagship does not declare."""
    found = {"value": 1, "unit": LIMIT_UNITS[name], "on_breach": "fail", "source": "test"}
    limit: Limit = getattr(Limits.model_validate({name: found}), name)
    return limit


@cache
def _first_record(root: Path) -> RunRecord:
    case = _case(root, "to_repeat")
    (record,) = case.records(case.definition.assay.limits)
    return record


def test_a_rejected_plate_gives_its_results_when_the_limit_only_warns(root: Path) -> None:
    """The same plate by other consequences: what was withheld is what was computed."""
    case = _case(root, "failed_control")
    limits = case.definition.assay.limits
    (rejected,) = case.records(limits)
    assert rejected.verdict is RunVerdict.REJECTED
    warned = {
        name: declared.model_copy(update={"on_breach": "warn"})
        for name in LIMIT_UNITS
        if (declared := getattr(limits, name)) is not None
    }
    (accepted,) = case.records(limits.model_copy(update=warned))
    assert accepted.verdict is RunVerdict.ACCEPTED_WITH_WARNINGS
    assert (accepted.samples,) == tuple(result.samples for result in case.results(limits))


def test_an_assay_without_the_settings_is_steered_by_its_limits(root: Path) -> None:
    """Assays of older versions, such as those kept with their runs, compute what they always did."""
    for name in CASES:
        case = _case(root, name)
        assay = case.definition.assay
        older = assay.model_copy(
            update={
                "reading": assay.reading.model_copy(update={"max_od": None}),
                "samples": Samples(without_sheet=assay.samples.without_sheet),
                "curve": assay.curve.model_copy(update=dict.fromkeys(CURVE_SETTINGS)),
                "dilution": assay.dilution.model_copy(update=dict.fromkeys(DILUTION_SETTINGS)),
            }
        )
        assert older.steering == assay.steering
        kept = replace(case, definition=replace(case.definition, assay=older))
        assert kept.results(assay.limits) == case.results(assay.limits)
        assert kept.results(Limits()) != case.results(assay.limits)
