"""The sample data: every plate reaches its truth, every faulty file is refused by its code."""

from __future__ import annotations

from typing import Any

import pytest
from sample_cases import CASES, REFUSALS, SampleCase, records

from pipeline.domain.record import FailedRun
from pipeline.errors import TiterlineError


def check_sample(sample: Any, truth: dict[str, Any]) -> None:
    """Class and flags as expected; a clear positive titer within 20 % of the truth."""
    assert sample.classification == truth["class"], sample
    assert set(truth.get("flags") or ()) <= set(sample.flags), sample
    if truth.get("qualifier"):
        assert sample.titer.qualifier == truth["qualifier"]
    if sample.classification.startswith("POSITIVE") and sample.titer.qualifier == "=":
        assert sample.titer.value == pytest.approx(truth["titer"], rel=0.2), sample


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_sample_plate_reaches_its_truth(case: SampleCase) -> None:
    """Verdict of each plate, class and flags of each sample, titers near the truth."""
    for run, plate in zip(records(case), case.expected["plates"], strict=True):
        assert run.verdict.value == plate["verdict"]
        failing = {f.rule for f in run.findings if f.verdict.value == "fail"}
        assert set(plate.get("failing_rules") or ()) <= failing
        truths = {truth["sample_id"]: truth for truth in plate["samples"]}
        for sample in run.samples:
            check_sample(sample, truths[sample.sample_id])


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_a_faulty_file_is_refused_by_its_code(case: SampleCase) -> None:
    """Each faulty file or sheet is refused with the stated code, never processed."""
    expected = case.expected
    try:
        runs = case.process()
    except TiterlineError as error:
        assert error.code == expected["code"]  # noqa: PT017 - a sheet is refused before its export
        return
    assert [run.code for run in runs if isinstance(run, FailedRun)] == [expected["code"]] * len(runs)
