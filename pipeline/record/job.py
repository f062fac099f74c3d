"""What inbox, jobs, ledger and status page say to each other: jobs and the lines of the run list."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from pipeline.compute.sample.bench_steps import count_steps, facts_of
from pipeline.domain.findings import Finding, RunVerdict, Verdict, part
from pipeline.domain.record import FailedRun, RunRecord
from pipeline.errors import BAD_INPUT, DONE, FAULT, REJECTED
from pipeline.record.why import what_happened, what_to_do

JOB_SCHEMA = "titerline.job/1"

FAILED = "failed"
"""Verdict in the run list of a run that could not be computed."""

LONG_AGO = datetime.min.replace(tzinfo=UTC)
"""Stands for a time that is not known, where runs are put in order."""

TITLE_END, SUBJECT_BEGINS = ": ", ", "
"""Behind and before the subject of a check: ``Blanks are high, blank MAG: mean OD 0.3``."""


@dataclass(frozen=True, slots=True)
class Received:
    """A file as it lies in the inbox: its name, its place below the inbox, its content."""

    name: str
    path: str
    """Below the inbox, with ``/``."""
    sha256: str
    size: int
    """In bytes."""


@dataclass(frozen=True, slots=True)
class Job:
    """One export with its sample sheet, to be processed once."""

    key: str
    """Hash of export, sheet and assay: the same drop is one job whatever its name."""
    assay: str
    """Folder name of the assay."""
    export: Received
    sheet: Received | None = None

    @property
    def received(self) -> tuple[Received, ...]:
        """The files of the job, export first."""
        return (self.export,) if self.sheet is None else (self.export, self.sheet)


JOB_NOTE = "job.json"
"""Beside the kept files of a job: what the ledger knows of it, so that a lost ledger can be made again."""


@dataclass(frozen=True, slots=True)
class JobNote:
    """A job, and when and in which order its runs were made."""

    job: Job
    processed_at: str
    """The time in its records."""
    order: int = 0
    """Lines of the audit trail by then: tells jobs of one second apart."""
    runs: tuple[str, ...] = ()
    """Run ids in the order of the plates."""


def job_to_json(note: JobNote) -> bytes:
    """The note of a job as a file."""
    return (json.dumps({"schema": JOB_SCHEMA, **dataclasses.asdict(note)}, indent=1) + "\n").encode()


def job_from_json(data: bytes) -> JobNote:
    """Read a job's note back.

    Raises:
        ValueError: this is no such note.
    """
    try:
        note = json.loads(data)
        facts = note["job"]
        export, sheet = (Received(**part) if part else None for part in (facts["export"], facts["sheet"]))
        if note["schema"] != JOB_SCHEMA or export is None:
            raise ValueError(note["schema"])
        job = Job(facts["key"], facts["assay"], export, sheet)
        return JobNote(job, str(note["processed_at"]), int(note["order"]), tuple(note["runs"]))
    except (KeyError, TypeError) as error:
        raise ValueError(str(error)) from error


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run in one line. ``verdict`` is a run verdict, or :data:`FAILED`."""

    id: str
    key: str
    plate: str
    assay: str
    export: str
    verdict: str
    processed_at: str
    samples: int = 0
    repeats: int = 0
    """Samples on the worklist: those that need another step at the bench."""
    supersedes: str | None = None
    code: str | None = None
    message: str | None = None
    """Why it failed; of a finished run the first check that failed, else the first warning."""
    action: str | None = None
    review: str | None = None
    """The last decision of a person."""
    not_reportable: int = 0
    """Samples whose result may not leave the laboratory."""

    @property
    def reportable(self) -> int:
        """Samples whose result may be released."""
        return self.samples - self.not_reportable

    @property
    def failed(self) -> bool:
        """Could the run not be computed?"""
        return self.verdict == FAILED


@dataclass(frozen=True, slots=True)
class ListedRun:
    """A run in the list of all runs, with what became of it later."""

    line: RunLine
    replaced_by: str | None = None
    """Id of the run that superseded it."""
    pdf: bool = False
    """Does its folder hold ``report.pdf``? Older runs have none."""
    found_by: tuple[str, ...] = ()
    """Ids of its samples and codes of its patients, for whoever looks for one."""

    @property
    def stands(self) -> bool:
        """Do its results still count: not replaced by a later run, nor rejected by a person?"""
        return not self.line.failed and self.replaced_by is None and self.line.review != "reject"


class RunOutcome(NamedTuple):
    """What became of one plate, and where it lies: a result folder, or one with ``WHY.txt``."""

    result: RunRecord | FailedRun
    folder: Path

    @property
    def exit_code(self) -> int:
        """As the command line ends when this is the worst that happened."""
        if isinstance(self.result, FailedRun):
            return FAULT if self.result.fault == "program" else BAD_INPUT
        return REJECTED if self.result.verdict is RunVerdict.REJECTED else DONE


def run_line(result: RunRecord | FailedRun) -> RunLine:
    """Put a finished or failed run in one line."""
    if isinstance(result, FailedRun):
        return _failed_line(result)
    run = result.run
    return RunLine(
        id=run.id,
        key=run.key,
        plate=run.plate,
        assay=run.assay,
        export=run.export.name,
        verdict=result.verdict.value,
        processed_at=run.processed_at,
        samples=len(result.samples),
        repeats=count_steps(result.verdict, map(facts_of, result.samples)),
        not_reportable=sum(not sample.reportable for sample in result.samples),
        supersedes=run.supersedes,
        message=first_trouble(map(_trouble, result.findings)),
    )


def _trouble(finding: Finding) -> tuple[str, str, str]:
    name = trouble_name(finding.title, finding.breach, finding.subject)
    return finding.verdict, name, finding.message


def moment(processed_at: str) -> datetime:
    """The instant of a run; one that a record does not tell lies before all others."""
    try:
        found = datetime.fromisoformat(processed_at)
    except ValueError:
        return LONG_AGO
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def replaces(verdict: str, supersedes: str | None) -> str | None:
    """Id of the run that a run replaces; one that failed or was rejected replaces none."""
    return None if verdict in (FAILED, RunVerdict.REJECTED) else supersedes


def trouble_name(title: str, breach: str, subject: str) -> str:
    """``breach, subject``; of a record of an older version, which says no breach, the title."""
    return SUBJECT_BEGINS.join(filter(None, (breach, part(subject)))) if breach else title


def first_trouble(findings: Iterable[tuple[str, str, str]]) -> str | None:
    """``name: message`` of the first finding (verdict, name, message) that failed, else that warned."""
    first: dict[str, str] = {}
    for verdict, name, message in findings:
        first.setdefault(verdict, TITLE_END.join(filter(None, (name, message))))
    return first.get(Verdict.FAIL) or first.get(Verdict.WARN)


def _failed_line(run: FailedRun) -> RunLine:
    return RunLine(
        id=run.id,
        key=run.key,
        plate=run.plate or "",
        assay=run.assay,
        export=run.export.name,
        verdict=FAILED,
        processed_at=run.processed_at,
        code=run.code,
        message=what_happened(run),
        action=what_to_do(run),
    )
