"""The columns of the tables for notebooks: each is one line. Those of samples and runs are shared with CSV files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, TypeAlias

from pipeline.domain.findings import Finding
from pipeline.domain.record import RunRecord
from pipeline.domain.results import ControlResult, DilutionResult, SampleResult
from pipeline.record.job import ListedRun
from pipeline.report.tables import run_columns
from pipeline.report.tables.columns import At, Field, ends, pick
from pipeline.report.tables.dilution_columns import of_wells
from pipeline.report.tables.sample_columns import CSV
from pipeline.report.tables.sample_words import withheld
from pipeline.report.words.tones import Format


@dataclass(frozen=True, slots=True)
class FrameRow:
    """All that a row of any table may tell of."""

    listed: ListedRun
    record: RunRecord | None = None
    sample: SampleResult | None = None
    step: DilutionResult | None = None
    control: ControlResult | None = None
    finding: Finding | None = None


Columns: TypeAlias = Sequence[Field[Any]]
FrameValue: TypeAlias = Callable[[Any], object]


def _step(path: str) -> At:
    return At(f"samples[].dilutions[].{path}")


def _titer(path: str) -> At:
    """The titer of a dilution; on a rejected plate nothing is a result."""
    return At(f"samples[].dilutions[].{path}", unless=lambda row: withheld(row.sample))


def _in_titer(row: Any) -> bool:  # noqa: ANN401 - a row
    return row.step.used and row.sample.titer.value is not None


def _about(part: str) -> FrameValue:
    """A code of what a finding is about; of two that are compared, the first."""
    return lambda row: next((getattr(one, part) for one in row.finding.about), None)


def _observed(*kinds: type) -> FrameValue:
    """What was found, where it is of these kinds; a rule observes a number or a word."""
    return lambda row: row.finding.observed if isinstance(row.finding.observed, kinds) else None


_is = attrgetter
_GIVEN, _CODE, _TRUTH, _PROSE = Format.GIVEN, Format.CODE, Format.TRUTH, Format.PROSE
_OD, _TITER, _GENERAL, _FRACTION = Format.OD, Format.TITER, Format.GENERAL, Format.FRACTION
_UNIT, _PART = "as titer_unit", "fraction of 1"

# A column is one line.
# fmt: off
_STANDS = Field("", _TRUTH, _is("listed.stands"), "stands", "Does the run still count: computed, not superseded, not rejected by a person?")
_STATE: Columns = (*pick(run_columns.COLUMNS, "superseded_by review"), _STANDS)
_REASON: Columns = (
    Field("", _CODE, _is("listed.line.code"), "code", "Why the run could not be computed."),
    Field("", _PROSE, _is("listed.line.message"), "message", "The same in words; of a computed run its first failed check, or else warning."),
)
_RUN: Columns = (*pick(CSV, "run_id processed_at assay plate verdict"), *_STATE)
"""How every row of dilutions, controls and findings begins."""

FAILED_RUN: Columns = (
    *pick(run_columns.LISTED, "run_id processed_at verdict assay plate export"),
    *_STATE,
    *_REASON,
)
"""What is known of a run that could not be computed."""
RUNS: Columns = (*run_columns.COLUMNS, _STANDS, *_REASON)
SAMPLES: Columns = (*CSV, *_STATE)
DILUTIONS: Columns = (
    *_RUN,
    *pick(CSV, "sample_id slot classification"),
    Field("", Format.DILUTION, _step("dilution"), "dilution", "Reciprocal dilution on the plate.", "1:x"),
    Field("", _OD, _step("net_od"), "net_od", "Antigen minus antigen-negative; negative differences are kept.", "OD"),
    Field("", _OD, _step("net_od_se"), "net_od_se", "Its standard error.", "OD"),
    Field("", _OD, _step("cutoff_od"), "cutoff_od", "Net OD above which the dilution is positive.", "OD"),
    Field("", _TRUTH, _step("positive"), "positive", "Is the dilution positive?"),
    Field("", _FRACTION, _step("specific_fraction"), "specific_fraction", "Share of the signal that needs the antigen.", _PART),
    *ends("", _FRACTION, _step("specific_fraction_ci95"), "specific_fraction", "its 95 % interval", _PART),
    Field("", _OD, _step("hnk1_net_od"), "hnk1_net_od", "HNK1 minus antigen-negative.", "OD"),
    Field("", _OD, _step("hnk1_net_od_se"), "hnk1_net_od_se", "Its standard error.", "OD"),
    Field("", _TITER, _titer("titer"), "titer", "Titer by this dilution alone; none on a rejected plate.", _UNIT),
    *ends("", _TITER, _titer("titer_ci95"), "titer", "its 95 % interval", _UNIT),
    *pick(CSV, "titer_unit"),
    Field("", _TRUTH, _in_titer, "used", "Is the dilution part of the titer of the sample?"),
    Field("", _CODE, _step("reason"), "reason", "Code of why not."),
)
"""Followed by those of the coatings, :func:`well_columns`."""
CONTROLS: Columns = (
    *_RUN,
    Field("", _GIVEN, _is("control.name"), "control", "Name of the control."),
    Field("", _CODE, _is("control.kind"), "kind", "positive or negative."),
    Field("", _GIVEN, _is("control.lot"), "lot", "Its lot, where one is known."),
    Field("", _TITER, _is("control.target"), "target", "Expected titer.", _UNIT),
    Field("", Format.PERCENT, _is("control.recovery_percent"), "recovery_percent", "Titer found, of the target.", "%"),
    Field("", _CODE, _is("control.expected_hnk1"), "expected_hnk1", "Expected HNK1 status."),
    *pick(CSV, "classification titer titer_qualifier titer_low_95 titer_high_95 titer_unit titer_text"),
    *pick(CSV, "hnk1_status hnk1_value hnk1_unit hnk1_low_95 hnk1_high_95 flags"),
)
FINDINGS: Columns = (
    *_RUN,
    Field("", _CODE, _is("finding.rule"), "rule", "Code of the rule."),
    Field("", _PROSE, _is("finding.title"), "title", "What it checks."),
    Field("", _GIVEN, _is("finding.subject"), "subject", "What it looked at, as printed."),
    Field("", _CODE, _about("kind"), "about_kind", "The same as a code, such as plate, control or sample."),
    Field("", _GIVEN, _about("name"), "about_name", "Name of the control or level, slot of the sample."),
    Field("", _CODE, _is("finding.verdict"), "outcome", "pass, warn, fail or not_evaluated."),
    Field("", _GENERAL, _observed(int, float), "observed", "What was found, where it is a number.", "as unit"),
    Field("", _GIVEN, _observed(str), "observed_text", "What was found, where it is a word."),
    Field("", _GENERAL, _is("finding.limit"), "limit", "The limit of the assay.", "as unit"),
    Field("", _GIVEN, _is("finding.unit"), "unit", "Unit of observed and limit."),
    Field("", _PROSE, _is("finding.source"), "source", "Where the limit comes from."),
    Field("", _PROSE, _is("finding.message"), "message", "The finding in a sentence."),
)


def well_columns(antigens: Sequence[str]) -> Iterator[Field[Any]]:
    """The wells behind each dilution, by coating; a dilution without wells of a coating has none of these."""
    for antigen in antigens:
        yield Field("", _OD, of_wells(antigen, "mean"), f"od_{antigen}", f"Mean OD of the wells coated with {antigen}.", "OD")
        yield Field("", Format.WHOLE, of_wells(antigen, "n"), f"n_{antigen}", "Wells behind that mean.")
        yield Field("", Format.PERCENT, of_wells(antigen, "cv_percent"), f"cv_percent_{antigen}", "Their CV; none of a single well.", "%")
# fmt: on
