"""The runs of a folder of results without a ledger: read from their records, a little of each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline.compute.sample.bench_steps import StepFacts, count_steps
from pipeline.domain.codes.classes import SampleClass
from pipeline.domain.codes.qualifier import Qualifier
from pipeline.domain.codes.reasons import Reason
from pipeline.domain.codes.steps import NextStep
from pipeline.domain.findings import RunVerdict
from pipeline.errors import InputError
from pipeline.record.document import FAILURE, PDF, RECORD
from pipeline.record.folder import read_result, run_folders
from pipeline.record.job import ListedRun, RunLine, first_trouble, moment, replaces, run_line, trouble_name


def runs_in(folder: Path) -> list[ListedRun]:
    """All runs whose folders lie in a folder, newest first.

    Raises:
        InputError: for a record that cannot be read, naming its file.
    """
    found = dict(_lines(folder))
    lines = sorted(found, key=lambda line: (moment(line.processed_at), line.id), reverse=True)
    replaced = {replaces(line.verdict, line.supersedes): line.id for line in reversed(lines)}
    return [
        ListedRun(line, replaced.get(line.id), (folder / line.id / PDF).is_file(), found[line])
        for line in lines
    ]


def _lines(folder: Path) -> Iterator[tuple[RunLine, tuple[str, ...]]]:
    """Each run, with the ids of its samples and the codes of its patients."""
    for path in run_folders(folder):
        if (path / RECORD).is_file():
            yield _line(path / RECORD)
        elif (path / FAILURE).is_file():
            yield run_line(read_result(path)), ()


def _line(path: Path) -> tuple[RunLine, tuple[str, ...]]:
    """The line of a finished run, without checking its whole record, which takes five times as long."""
    try:
        document = json.loads(path.read_bytes())
        return _line_of(document), _ids(document["samples"])
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
        message=first_trouble(map(_trouble, document["findings"])),
    )


def _trouble(finding: Mapping[str, Any]) -> tuple[str, str, str]:
    name = trouble_name(finding["title"], finding.get("breach", ""), finding["subject"])
    return finding["verdict"], name, finding["message"]


def _ids(samples: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    texts = (sample[name] for sample in samples for name in ("sample_id", "patient_code"))
    return tuple(dict.fromkeys(filter(None, texts)))


def _step_facts(sample: Mapping[str, Any]) -> StepFacts:
    series = sample["series"]
    return StepFacts(
        SampleClass(sample["classification"]),
        tuple(map(Reason, sample["reasons"])),
        tuple(map(NextStep, sample.get("next_steps", ()))),
        Qualifier(sample["titer"]["qualifier"]),
        None if series is None else series["next_dilution"],
        bool(sample["dilutions"]),
    )
