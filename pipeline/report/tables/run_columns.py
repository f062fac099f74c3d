"""The columns of runs: each is one line, which the sheet Runs of the batch summary and the list of runs share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from pipeline.domain.codes.classes import Outcome, SampleClass
from pipeline.domain.findings import Verdict
from pipeline.domain.record import RunRecord
from pipeline.domain.results import ControlResult
from pipeline.record.job import ListedRun, RunLine
from pipeline.report.tables.columns import JOINER, At, Field, Plain, pick
from pipeline.report.tables.sample_columns import TO_REPEAT
from pipeline.report.words.tones import FAIL, QUIET, RUN_VERDICTS, Format, Word, number

FAILED_WORD = Word("Not processed", FAIL)
_VERDICTS = {verdict.value: word for verdict, word in RUN_VERDICTS.items()}


@dataclass(frozen=True, slots=True)
class ListedRow:
    """A run in the list of all runs."""

    listed: ListedRun


@dataclass(frozen=True, slots=True)
class RunRow(ListedRow):
    """The same with its record."""

    record: RunRecord


def _line(name: str) -> Callable[[ListedRow], object]:
    """What the list of runs knows without the record."""
    return lambda row: getattr(row.listed.line, name)


def _failed_checks(row: RunRow) -> tuple[str, ...]:
    """Codes of the rules that failed, each once."""
    return tuple(dict.fromkeys(f.rule for f in row.record.findings if f.verdict is Verdict.FAIL))


def _warnings(row: RunRow) -> int:
    return sum(finding.verdict is Verdict.WARN for finding in row.record.findings)


def _positive(row: RunRow) -> int:
    return sum(sample.classification.means.outcome is Outcome.POSITIVE for sample in row.record.samples)


def _of_class(one: SampleClass) -> Callable[[RunRow], int]:
    return lambda row: sum(sample.classification is one for sample in row.record.samples)


def _recovery(select: Callable[[list[float]], float]) -> Callable[[RunRow], Plain]:
    def value(row: RunRow) -> Plain:
        found = [c.recovery_percent for c in row.record.controls if c.recovery_percent is not None]
        return select(found) if found else None

    return value


def _controls(row: RunRow) -> str:
    """Each control with its recovery, such as ``NC; PC1 96.7 %``."""
    return f"{JOINER} ".join(map(_control, row.record.controls))


def _control(control: ControlResult) -> str:
    if control.recovery_percent is None:
        return control.name
    return f"{control.name} {number(control.recovery_percent, Format.PERCENT)} %"


def _verdict(row: ListedRow) -> Word:
    return verdict_word(row.listed.line)


def verdict_word(line: RunLine) -> Word:
    """The verdict in words; a run that could not be computed has none."""
    if line.failed:
        return FAILED_WORD
    return _VERDICTS.get(line.verdict, Word(line.verdict, QUIET))


def _reportable(row: ListedRow) -> str | None:
    """``1 of 3``; None for a run that was not computed."""
    line = row.listed.line
    return None if line.failed else f"{line.reportable} of {line.samples}"


_GIVEN, _CODE, _WHOLE, _PERCENT = Format.GIVEN, Format.CODE, Format.WHOLE, Format.PERCENT

# A column is one line.
# fmt: off
LISTED: tuple[Field[ListedRow], ...] = (
    Field("Run", _GIVEN, _line("id"), "run_id", "Name of the run and of its folder; unique."),
    Field("Time", Format.TIME, _line("processed_at"), "processed_at", "When the run was processed: ISO 8601, local time with its offset.", said=lambda row: row.listed.line.processed_at[11:16]),
    Field("Verdict", _CODE, _line("verdict"), "verdict", "accepted, accepted_with_warnings or rejected.", said=_verdict),
    Field("Assay", _GIVEN, _line("assay"), "assay", "Name of the assay."),
    Field("Plate", _GIVEN, _line("plate"), "plate", "Plate, as the export calls it."),
    Field("Export", _GIVEN, _line("export"), "export", "File name of the reader's export."),
    Field("Reportable", _WHOLE, _line("reportable"), "reportable", "Samples whose result may leave the laboratory.", said=_reportable),
    Field("To repeat or check", _WHOLE, _line("repeats"), TO_REPEAT, "Samples that need another step at the bench.", said=lambda row: row.listed.line.repeats or None),
)
"""What is known without the record of a run."""

_listed = partial(pick, LISTED)
INDEX = _listed(f"processed_at verdict assay plate export reportable {TO_REPEAT}")
"""In the list of all runs."""

COLUMNS: tuple[Field[RunRow], ...] = (
    *_listed("run_id processed_at assay"),
    Field("", _GIVEN, At("run.assay_version"), "assay_version", "Version of its definition."),
    *_listed("plate export verdict"),
    Field("", _CODE, _failed_checks, "failed_checks", "Codes of the checks that failed, joined by a semicolon."),
    Field("", _WHOLE, _warnings, "warnings", "Findings that warn."),
    Field("", _WHOLE, _line("samples"), "samples", "Samples on the plate."),
    *_listed("reportable"),
    Field("", _WHOLE, _line("not_reportable"), "not_reportable", "The other samples."),
    *_listed(TO_REPEAT),
    Field("", _WHOLE, _positive, "positive", "Samples of a positive class."),
    Field("", _WHOLE, _of_class(SampleClass.NEGATIVE), "negative", "Samples of the class NEGATIVE."),
    Field("", _WHOLE, _of_class(SampleClass.NONSPECIFIC_BINDING), "nonspecific", "Samples of the class NONSPECIFIC_BINDING."),
    Field("", _WHOLE, _of_class(SampleClass.INDETERMINATE), "indeterminate", "Samples of the class INDETERMINATE."),
    Field("", _WHOLE, _of_class(SampleClass.REPEAT), "repeat", "Samples of the class REPEAT."),
    Field("", _WHOLE, _of_class(SampleClass.INVALID), "invalid", "Samples of the class INVALID."),
    Field("", _PERCENT, _recovery(min), "lowest_recovery", "Of the controls with a target.", "% of target"),
    Field("", _PERCENT, _recovery(max), "highest_recovery", "Of the same.", "% of target"),
    Field("", Format.TEXT, _controls, "controls", "Each control with its recovery in percent of its target."),
    Field("", _GIVEN, lambda row: row.listed.replaced_by, "superseded_by", "run_id of the run that replaced it."),
    Field("", Format.TEXT, _line("review"), "review", "The last decision of a person."),
)
# fmt: on
"""The sheet Runs of the batch summary: one row a plate."""
