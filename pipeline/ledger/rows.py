"""Records as rows of the ledger, and rows as records. Pure: no database is touched here."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import sqlalchemy as sa

from pipeline.compute.past.past_run import past_run
from pipeline.domain.curve_results import CurveFit
from pipeline.domain.findings import RunVerdict
from pipeline.domain.history import PastRun, PastValue
from pipeline.domain.record import FailedRun, RunRecord
from pipeline.domain.results import SampleResult
from pipeline.ledger.tables import OF_RUN
from pipeline.record.job import Job, Received, RunLine, run_line

Values: TypeAlias = dict[str, Any]
"""One row: column -> text, number, truth or None."""


@dataclasses.dataclass(frozen=True, slots=True)
class FileLine:
    """A file of a run and its content."""

    role: str
    """``export``, ``sheet``, ``definition`` or ``result``."""
    name: str
    sha256: str


@dataclasses.dataclass(frozen=True, slots=True)
class RunRows:
    """All that the ledger holds of one run, without its number."""

    run: Values
    facts: Mapping[str, Sequence[Values]]
    """Table -> rows in the order of the record."""


def rows_of(result: RunRecord | FailedRun, job_key: str, files: Sequence[FileLine]) -> RunRows:
    """What the ledger holds of a run and of its files; equal for equal results."""
    run = dataclasses.asdict(run_line(result)) | {"job_key": job_key, "entered": 1}
    del run["review"]  # no result of a run
    facts: dict[str, list[Values]] = {table.name: [] for table in OF_RUN}
    facts["files"] = [dataclasses.asdict(file) for file in files]
    if isinstance(result, RunRecord):
        past = past_run(result)
        run |= _provenance(result, past)
        facts |= _facts(result, past)
    else:
        run |= {"unit": "", "assay_version": "", "software": "", "reader": ""}
    return RunRows(_plain(run), {name: [_plain(row) for row in rows] for name, rows in facts.items()})


def files_of_run(job: Job, kept: Mapping[str, str], results: Mapping[str, str]) -> list[FileLine]:
    """The files of a run: received, kept to compute it again, published; name -> sha256 of the last two."""
    received = zip(("export", "sheet"), job.received, strict=False)
    lines = [FileLine(role, file.name, file.sha256) for role, file in received]
    lines += [FileLine("definition", name, sha256) for name, sha256 in sorted(kept.items())]
    return lines + [FileLine("result", name, sha256) for name, sha256 in sorted(results.items())]


def job_values(job: Job) -> Values:
    """Columns that say where the files of a job are."""
    values = {"assay": job.assay, **_received_values("export", job.export)}
    return _plain(values | _received_values("sheet", job.sheet))


def job_of(row: sa.Row[Any]) -> Job:
    """Read a job back."""
    export = Received(row.export_name, row.export_path, row.export_sha256, row.export_size)
    sheet = None
    if row.sheet_name is not None:
        sheet = Received(row.sheet_name, row.sheet_path, row.sheet_sha256, row.sheet_size)
    return Job(row.key, row.assay, export, sheet)


def line_of(row: sa.Row[Any]) -> RunLine:
    """Read a run back."""
    return RunLine(**{field.name: getattr(row, field.name) for field in dataclasses.fields(RunLine)})


def past_of(
    row: sa.Row[Any], controls: Mapping[str, PastValue], quantities: Mapping[str, PastValue]
) -> PastRun:
    """Read a run back as history."""
    verdict = RunVerdict.REJECTED if row.review == "reject" else RunVerdict(row.verdict)
    return PastRun(
        *(row.id, row.plate, row.processed_at, row.assay_version, verdict, controls, quantities),
        software=row.software,
        reader=row.reader,
    )


def _provenance(record: RunRecord, past: PastRun) -> Values:
    return {
        "unit": record.run.unit,
        "assay_version": past.assay_version,
        "software": past.software,
        "reader": past.reader,
    }


def _facts(record: RunRecord, past: PastRun) -> dict[str, list[Values]]:
    own = {"assay": record.run.assay, "accepted": not past.rejected}
    fields = ("rule", "subject", "verdict", "limit", "unit", "message")
    return {
        "findings": [
            {name: getattr(finding, name) for name in fields} | {"observed": _observed(finding.observed)}
            for finding in record.findings
        ],
        "controls": [_reading(name, reading) | own for name, reading in past.controls.items()],
        "quantities": [_reading(name, reading) for name, reading in past.quantities.items()],
        "curve_parameters": [row for fit in record.curves for row in _parameters(fit)],
        "samples": [_sample(sample) for sample in record.samples],
        "step_errors": list(_step_error(record)),
        "control_errors": list(_control_errors(record, past)),
    }


def _observed(observed: float | str | None) -> str | None:
    """As text: a rule observes a number or a word."""
    return None if observed is None else str(observed)


def _reading(name: str, reading: PastValue) -> Values:
    row = {"name": name} | dataclasses.asdict(reading) | {"lot": reading.lot or ""}
    del row["se"]  # in a table of its own
    return row


def _parameters(fit: CurveFit) -> list[Values]:
    return [
        {
            "antigen": fit.antigen,
            "model": fit.model,
            "parameter": name,
            "value": parameter.value,
            "se": parameter.se,
            "low": parameter.ci95[0] if parameter.ci95 is not None else None,
            "high": parameter.ci95[1] if parameter.ci95 is not None else None,
        }
        for name, parameter in fit.parameters.items()
    ]


def _step_error(record: RunRecord) -> Iterator[Values]:
    found = record.step_error
    if found is not None and found.likelihood is not None:
        numbers = (found.likelihood.cv_percent, found.likelihood.ln)
        grid, ln = (json.dumps(list(values)) for values in numbers)
        yield {"cv_percent": found.declared_cv_percent, "grid": grid, "ln": ln}


def _control_errors(record: RunRecord, past: PastRun) -> Iterator[Values]:
    """Of records that keep likelihoods: what the ledger holds of older ones stays as it was entered."""
    if record.step_error is not None and record.step_error.likelihood is not None:
        for name, reading in past.controls.items():
            if reading.se is not None:
                yield {"name": name, "se": reading.se}


def _sample(sample: SampleResult) -> Values:
    low, high = sample.titer.ci95 if sample.titer.ci95 is not None else (None, None)
    return {
        "slot": sample.slot,
        "sample_id": sample.sample_id,
        "patient_code": sample.patient_code,
        "classification": sample.classification,
        "reportable": sample.reportable,
        "titer": sample.titer.value,
        "titer_low": low,
        "titer_high": high,
        "unit": sample.titer.unit,
        "qualifier": sample.titer.qualifier,
        "hnk1": sample.hnk1.status,
    }


def _received_values(role: str, file: Received | None) -> Values:
    columns = [field.name for field in dataclasses.fields(Received)]
    return {f"{role}_{column}": getattr(file, column) if file else None for column in columns}


def _plain(row: Values) -> Values:
    """Values that every database can hold: plain text, numbers, 0 and 1 for no and yes."""
    return {name: _value(value) for name, value in row.items()}


def _value(value: object) -> object:
    if isinstance(value, bool):
        return int(value)
    return _text(value) if isinstance(value, str) else value


def _text(value: str) -> str:
    """Text that every database can hold: no lone surrogate, no NUL; a word of an enumeration becomes text."""
    return str(value).encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
