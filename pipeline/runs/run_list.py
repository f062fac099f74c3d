"""The runs of a folder of results without a ledger: read from their records, a little of each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.compute.sample.bench_steps import StepFacts, count_steps
from pipeline.domain.findings import RunVerdict
from pipeline.errors import InputError
from pipeline.record.document import failed_from_json
from pipeline.record.job import FAILED, PDF, ListedRun, RunLine, first_trouble, run_line

RECORD, FAILURE = "results.json", "failure.json"


def runs_in(folder: Path) -> list[ListedRun]:
    """All runs whose folders lie in a folder, newest first.

    Raises:
        InputError: for a record that cannot be read, naming its file.
    """
    lines = sorted(_lines(folder), key=lambda line: (moment(line.processed_at), line.id), reverse=True)
    replaced = {line.supersedes: line.id for line in reversed(lines) if _replaces(line)}
    return [ListedRun(line, replaced.get(line.id), (folder / line.id / PDF).is_file()) for line in lines]


def moment(processed_at: str) -> datetime:
    """The instant of a run; one that a record does not tell lies before all others."""
    try:
        found = datetime.fromisoformat(processed_at)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _replaces(line: RunLine) -> bool:
    """A run that failed or was rejected replaces none."""
    return line.supersedes is not None and line.verdict not in (FAILED, RunVerdict.REJECTED.value)


def _lines(folder: Path) -> Iterator[RunLine]:
    for path in sorted(folder.glob("*/")):
        if path.name.startswith("."):  # what a crash left behind
            continue
        if (path / RECORD).is_file():
            yield _line(path / RECORD)
        elif (path / FAILURE).is_file():
            yield _failed_line(path / FAILURE)


def _failed_line(path: Path) -> RunLine:
    try:
        return run_line(failed_from_json(path.read_bytes()))
    except InputError as error:
        raise error.in_file(str(path)) from error


def _line(path: Path) -> RunLine:
    """The line of a finished run, without checking its whole record, which takes five times as long."""
    try:
        return _line_of(json.loads(path.read_bytes()))
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            "RECORD_UNREADABLE",
            "this is not the record of a run",
            file=str(path),
            action="Take the file from the backup, or process the kept export again.",
        ) from error


def _line_of(document: Mapping[str, Any]) -> RunLine:
    run, samples = document["run"], document["samples"]
    verdict = RunVerdict(document["verdict"])
    return RunLine(
        id=run["id"],
        key=run["key"],
        plate=run["plate"],
        assay=run["assay"],
        export=run["export"]["name"],
        verdict=verdict.value,
        processed_at=run["processed_at"],
        samples=len(samples),
        repeats=count_steps(verdict, map(_step_facts, samples)),
        not_reportable=sum(not sample["reportable"] for sample in samples),
        supersedes=run["supersedes"],
        message=first_trouble((f["verdict"], f["title"], f["message"]) for f in document["findings"]),
    )


def _step_facts(sample: Mapping[str, Any]) -> StepFacts:
    series = sample["series"]
    return StepFacts(
        sample["classification"],
        sample["reasons"],
        sample["next_step"],
        sample["titer"]["qualifier"],
        None if series is None else series["next_dilution"],
        bool(sample["dilutions"]),
    )
