"""The columns of the summary's sheet of runs: one row a plate, its verdict, counts and controls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import TypeAlias

from pipeline.domain.findings import Verdict
from pipeline.domain.record import RunRecord
from pipeline.domain.results import ControlResult
from pipeline.record.job import ListedRun, run_line
from pipeline.report.tables.result_columns import JOINER, TO_REPEAT, Kind, Plain
from pipeline.report.words.tones import Format, number

_Value: TypeAlias = Callable[[RunRecord, ListedRun], Plain]


def _failed_checks(record: RunRecord, _listed: ListedRun) -> str:
    """Codes of the rules that failed, each once."""
    return JOINER.join(dict.fromkeys(f.rule for f in record.findings if f.verdict is Verdict.FAIL))


def _warnings(record: RunRecord, _listed: ListedRun) -> int:
    return sum(finding.verdict is Verdict.WARN for finding in record.findings)


def _reportable(record: RunRecord, _listed: ListedRun) -> int:
    return sum(sample.reportable for sample in record.samples)


def _positive(record: RunRecord, _listed: ListedRun) -> int:
    return sum(sample.classification.startswith("POSITIVE") for sample in record.samples)


def _of_class(name: str) -> _Value:
    return lambda record, _: Counter(sample.classification for sample in record.samples)[name]


def _recovery(pick: Callable[[list[float]], float]) -> _Value:
    def value(record: RunRecord, _listed: ListedRun) -> Plain:
        found = [c.recovery_percent for c in record.controls if c.recovery_percent is not None]
        return pick(found) if found else None

    return value


def _controls(record: RunRecord, _listed: ListedRun) -> str:
    """Each control with its recovery, such as ``NC; PC1 96.7 %``."""
    return f"{JOINER} ".join(map(_control, record.controls))


def _control(control: ControlResult) -> str:
    if control.recovery_percent is None:
        return control.name
    return f"{control.name} {number(control.recovery_percent, Format.PERCENT)} %"


RUN_COLUMNS: Mapping[str, tuple[Kind, Format, _Value]] = {
    "run_id": (Kind.TEXT, Format.TEXT, lambda record, _: record.run.id),
    "processed_at": (Kind.TIME, Format.TEXT, lambda record, _: record.run.processed_at),
    "assay": (Kind.TEXT, Format.TEXT, lambda record, _: record.run.assay),
    "assay_version": (Kind.TEXT, Format.TEXT, lambda record, _: record.run.assay_version),
    "plate": (Kind.TEXT, Format.TEXT, lambda record, _: record.run.plate),
    "export": (Kind.TEXT, Format.TEXT, lambda record, _: record.run.export.name),
    "verdict": (Kind.CODE, Format.TEXT, lambda record, _: record.verdict.value),
    "failed_checks": (Kind.CODE, Format.TEXT, _failed_checks),
    "warnings": (Kind.NUMBER, Format.WHOLE, _warnings),
    "samples": (Kind.NUMBER, Format.WHOLE, lambda record, _: len(record.samples)),
    "reportable": (Kind.NUMBER, Format.WHOLE, _reportable),
    "not_reportable": (Kind.NUMBER, Format.WHOLE, lambda record, _: run_line(record).not_reportable),
    TO_REPEAT: (Kind.NUMBER, Format.WHOLE, lambda record, _: run_line(record).repeats),
    "positive": (Kind.NUMBER, Format.WHOLE, _positive),
    "negative": (Kind.NUMBER, Format.WHOLE, _of_class("NEGATIVE")),
    "nonspecific": (Kind.NUMBER, Format.WHOLE, _of_class("NONSPECIFIC_BINDING")),
    "indeterminate": (Kind.NUMBER, Format.WHOLE, _of_class("INDETERMINATE")),
    "repeat": (Kind.NUMBER, Format.WHOLE, _of_class("REPEAT")),
    "invalid": (Kind.NUMBER, Format.WHOLE, _of_class("INVALID")),
    "lowest_recovery": (Kind.NUMBER, Format.PERCENT, _recovery(min)),
    "highest_recovery": (Kind.NUMBER, Format.PERCENT, _recovery(max)),
    "controls": (Kind.TEXT, Format.TEXT, _controls),
    "superseded_by": (Kind.TEXT, Format.TEXT, lambda _, listed: listed.replaced_by),
    "review": (Kind.TEXT, Format.TEXT, lambda _, listed: listed.line.review),
}
"""Name -> what it holds, how a number is shown, and the value; recoveries in percent of the target."""


def run_row(record: RunRecord, listed: ListedRun) -> list[Plain]:
    """One value for each of :data:`RUN_COLUMNS`."""
    return [value(record, listed) for _, _, value in RUN_COLUMNS.values()]
