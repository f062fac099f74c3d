"""What ``titerline process`` says at the end: a line a run, a line a sample, and where the reports are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeAlias

from pipeline.domain.record import FailedRun, RunRecord
from pipeline.record.document import WHY
from pipeline.report.words.text import visible

Outcomes: TypeAlias = "Sequence[tuple[RunRecord | FailedRun, Path]]"

MARKS = {"accepted": "✔", "accepted_with_warnings": "▲", "rejected": "✘"}


def outcome_document(outcomes: Outcomes) -> dict[str, object]:
    """For ``--json``: run id, verdict, folder and samples of every plate."""
    return {"schema": "titerline.process/1", "runs": [_entry(result, folder) for result, folder in outcomes]}


def _entry(result: RunRecord | FailedRun, folder: Path) -> dict[str, object]:
    if isinstance(result, FailedRun):
        return {
            "id": result.id,
            "folder": str(folder),
            "verdict": None,
            "code": result.code,
            "message": result.message,
            "place": result.place,
            "action": result.action,
        }
    return {
        "id": result.run.id,
        "folder": str(folder),
        "verdict": result.verdict.value,
        "samples": [
            {"sample_id": s.sample_id, "classification": s.classification, "titer": s.titer.text}
            for s in result.samples
        ],
    }


def outcome_lines(outcomes: Outcomes) -> Iterable[str]:
    """For people: verdict first, then each sample, then where the reports are."""
    for result, folder in outcomes:
        yield from run_lines(result)
        yield f"    {folder / WHY if isinstance(result, FailedRun) else folder}"


def run_lines(result: RunRecord | FailedRun) -> Iterable[str]:
    """What became of one plate."""
    return _failed(result) if isinstance(result, FailedRun) else _run(result)


def _run(record: RunRecord) -> Iterable[str]:
    verdict = record.verdict.value
    plate = f"{visible(record.run.export.name)}, {visible(record.run.plate)}"
    yield f"{MARKS[verdict]} {verdict.replace('_', ' ')}: {plate}"
    failed = [f for f in record.findings if f.verdict.value == "fail"]
    yield from (f"    {f.rule} {f.subject}: {f.message}" for f in failed)
    width = max((len(visible(s.sample_id)) for s in record.samples), default=0)
    for s in record.samples:
        yield f"    {visible(s.sample_id):<{width}}  {s.classification:<28} {s.titer.text}"


def _failed(run: FailedRun) -> Iterable[str]:
    yield f"✘ not processed: {visible(run.export.name)}"
    found = f" Found: {run.found}." if run.found else ""
    expected = f" Expected: {run.expected}." if run.expected else ""
    place = f"{visible(run.place)}: " if run.place else ""
    yield f"    {place}{run.message}.{found}{expected} {run.action or ''} [{run.code}]"
