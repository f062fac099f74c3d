"""The sample data: every plate reaches its truth, every faulty file is refused by its code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.definitions import load_definition, load_sheet
from pipeline.domain.record import FailedRun, RunRecord
from pipeline.errors import TiterlineError
from pipeline.process import process_export
from pipeline.process.context import RunContext, current_software

ROOT = Path(__file__).resolve().parents[2]
CASES = sorted(
    path.parent
    for path in (ROOT / "sample_data").glob("*/*/expected.json")
    if path.parent.parent.name != "errors"
)
REFUSALS = sorted(path.parent for path in (ROOT / "sample_data" / "errors").glob("*/expected.json"))
CONTEXT = RunContext("2026-01-01T12:00:00+00:00", "test", current_software())


def process(folder: Path, assay: str) -> list[RunRecord | FailedRun]:
    """Process the export of a sample-data folder with the sheet beside it."""
    definition = load_definition(ROOT / "plate_layouts" / assay)
    files = [p for p in folder.iterdir() if p.name not in ("expected.json", "README.md")]
    sheets = [p for p in files if ".samples." in p.name]
    (export,) = [p for p in files if p not in sheets]
    sheet = load_sheet(sheets[0].read_bytes(), sheets[0].name) if sheets else None
    return process_export(export.read_bytes(), export.name, definition, sheet, CONTEXT)


def expected_of(folder: Path) -> dict[str, Any]:
    """The truth of a folder."""
    truth: dict[str, Any] = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    return truth


def check_sample(sample: Any, truth: dict[str, Any]) -> None:
    """Class and flags as expected; a clear positive titer within 20 % of the truth."""
    assert sample.classification == truth["class"], sample
    assert set(truth.get("flags") or ()) <= set(sample.flags), sample
    if truth.get("qualifier"):
        assert sample.titer.qualifier == truth["qualifier"]
    if sample.classification.startswith("POSITIVE") and sample.titer.qualifier == "=":
        assert sample.titer.value == pytest.approx(truth["titer"], rel=0.2), sample


@pytest.mark.parametrize("folder", CASES, ids=[f"{p.parent.name}/{p.name}" for p in CASES])
def test_a_sample_plate_reaches_its_truth(folder: Path) -> None:
    """Verdict of each plate, class and flags of each sample, titers near the truth."""
    expected = expected_of(folder)
    runs = process(folder, expected["assay"])
    plates = expected["plates"]
    assert len(runs) == len(plates)
    for run, plate in zip(runs, plates, strict=True):
        assert isinstance(run, RunRecord), run
        assert run.verdict.value == plate["verdict"]
        failing = {f.rule for f in run.findings if f.verdict.value == "fail"}
        assert set(plate.get("failing_rules") or ()) <= failing
        truths = {truth["sample_id"]: truth for truth in plate["samples"]}
        for sample in run.samples:
            check_sample(sample, truths[sample.sample_id])


@pytest.mark.parametrize("folder", REFUSALS, ids=[p.name for p in REFUSALS])
def test_a_faulty_file_is_refused_by_its_code(folder: Path) -> None:
    """Each faulty file or sheet is refused with the stated code, never processed."""
    expected = expected_of(folder)
    try:
        runs = process(folder, expected.get("assay", "anti_mag_igm"))
    except TiterlineError as error:
        assert error.code == expected["code"]  # noqa: PT017 - a sheet is refused before its export
        return
    assert [run.code for run in runs if isinstance(run, FailedRun)] == [expected["code"]] * len(runs)
