"""The columns of ``results.csv`` and of the batch summary: one row a sample, and where each value stands.

The one table of them; the files and their data dictionary are made from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TypeAlias

from pipeline.compute.sample.bench_steps import facts_of, needs_step
from pipeline.domain.findings import RunVerdict
from pipeline.domain.record import RunRecord
from pipeline.domain.results import SampleResult
from pipeline.report.words.tones import Format, class_word

TO_REPEAT = "to_repeat_or_check"
"""Column of the samples on the worklist, and of their number in a run."""

JOINER = ";"
"""Between the codes of one cell."""

Plain: TypeAlias = str | float | bool | None
"""A value as the record holds it; None where the record has null."""


class Kind(StrEnum):
    """What a column holds, in the words of the data dictionary."""

    TEXT = "text"
    CODE = "code"
    """A word of a fixed list, or several."""
    NUMBER = "number"
    TRUTH = "true or false"
    TIME = "date and time"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """One column, and where ``results.json`` holds its values."""

    name: str
    kind: Kind
    place: str
    """Path in the record; ``samples[]`` is the sample of the row; empty for what is decided from several."""
    meaning: str
    unit: str = ""
    form: Format = Format.TEXT
    """How a workbook shows the number; its value is never rounded."""


_TEXT, _CODE, _NUMBER = Kind.TEXT, Kind.CODE, Kind.NUMBER
_TITER, _FRACTION, _DILUTION = Format.TITER, Format.FRACTION, Format.DILUTION
_OPEN = "empty where the data leave that side open"
_UNIT, _ONE_TO = "as titer_unit", "1:x"


def _titer(name: str, place: str, meaning: str, unit: str = _UNIT) -> ResultColumn:
    return ResultColumn(name, _NUMBER, f"samples[].{place}", meaning, unit, _TITER)


def _fraction(name: str, place: str, meaning: str) -> ResultColumn:
    return ResultColumn(name, _NUMBER, f"samples[].{place}", meaning, "fraction of 1", _FRACTION)


def _hnk1(name: str, place: str, meaning: str) -> ResultColumn:
    return ResultColumn(name, _NUMBER, f"samples[].hnk1.{place}", meaning, "as hnk1_unit", Format.GENERAL)


COLUMNS: tuple[ResultColumn, ...] = (
    ResultColumn("run_id", _TEXT, "run.id", "Name of the run and of its folder; unique."),
    ResultColumn(
        *("run_key", _TEXT, "run.key"),
        "sha256 over export, plate name, sample sheet and assay: equal keys, equal input.",
    ),
    ResultColumn(
        "supersedes",
        _TEXT,
        "run.supersedes",
        "run_id of an earlier run of this export name; a rejected run replaces none.",
    ),
    ResultColumn(
        *("processed_at", Kind.TIME, "run.processed_at"),
        "When the run was processed: ISO 8601, local time with its offset.",
    ),
    ResultColumn("assay", _TEXT, "run.assay", "Name of the assay."),
    ResultColumn("assay_version", _TEXT, "run.assay_version", "Version of its definition."),
    ResultColumn("plate", _TEXT, "run.plate", "Plate, as the export calls it."),
    ResultColumn("export", _TEXT, "run.export.name", "File name of the reader's export."),
    ResultColumn(
        *("verdict", _CODE, "verdict"),
        "Of the plate: accepted, accepted_with_warnings or rejected. Never use results of a rejected plate.",
    ),
    ResultColumn("slot", _TEXT, "samples[].slot", "Place of the sample in the layout."),
    ResultColumn("sample_id", _TEXT, "samples[].sample_id", "From the sample sheet; the slot without one."),
    ResultColumn("patient_code", _TEXT, "samples[].patient_code", "From the sample sheet."),
    ResultColumn(
        *("collected_on", Kind.DATE, "samples[].collected_on"),
        "From the sample sheet, as typed there; the workbook holds an ISO date as a date.",
    ),
    ResultColumn(
        *("prior_dilution", _NUMBER, "samples[].prior_dilution"),
        *("Dilution before the plate; the titer counts it already.", _ONE_TO, _DILUTION),
    ),
    ResultColumn(
        *("classification", _CODE, "samples[].classification"),
        "Class of the sample, such as POSITIVE_HNK1_CONFIRMED or REPEAT.",
    ),
    ResultColumn("class_in_words", _TEXT, "samples[].classification", "The class as the reports word it."),
    ResultColumn("reportable", Kind.TRUTH, "samples[].reportable", "May the result leave the laboratory?"),
    _titer(
        "titer",
        "titer.value",
        "Titer of the undiluted serum; with the qualifier < or >= the bound; empty where there is none.",
    ),
    ResultColumn(
        *("titer_qualifier", _CODE, "samples[].titer.qualifier"),
        "= measured; < below, >= at or above the bound in titer.",
    ),
    _titer("titer_low_95", "titer.ci95[0]", f"Lower end of the 95 % interval; {_OPEN}."),
    _titer("titer_high_95", "titer.ci95[1]", f"Upper end of the 95 % interval; {_OPEN}."),
    ResultColumn("titer_unit", _TEXT, "samples[].titer.unit", "Unit of the titer, as the assay declares it."),
    ResultColumn("titer_text", _TEXT, "samples[].titer.text", "The titer as the reports print it, rounded."),
    _titer(
        "endpoint_titer",
        "endpoint_titer.last_positive",
        "Last positive dilution of the uninterrupted run of positives.",
        _ONE_TO,
    ),
    ResultColumn(
        *("endpoint_titer_qualifier", _CODE, "samples[].endpoint_titer.qualifier"),
        "= found; < or >= a bound, as for the titer.",
    ),
    _titer(
        "endpoint_titer_interpolated",
        "endpoint_titer.interpolated",
        "Where the series crosses the cut-off, between two dilutions.",
        _ONE_TO,
    ),
    _titer(
        "endpoint_titer_low_95",
        "endpoint_titer.ci95[0]",
        f"Lower end of the 95 % interval of the interpolated one; {_OPEN}.",
        _ONE_TO,
    ),
    _titer("endpoint_titer_high_95", "endpoint_titer.ci95[1]", f"Upper end of the same; {_OPEN}.", _ONE_TO),
    _fraction(
        "specific_fraction",
        "antigen_negative.specific_fraction",
        "Share of the signal that needs the antigen: (antigen - antigen-negative) / antigen.",
    ),
    _fraction(
        "specific_fraction_low_95",
        "antigen_negative.ci95[0]",
        f"Lower end of its 95 % interval; {_OPEN}.",
    ),
    _fraction("specific_fraction_high_95", "antigen_negative.ci95[1]", f"Upper end of the same; {_OPEN}."),
    ResultColumn(
        *("antigen_negative_status", _CODE, "samples[].antigen_negative.status"),
        "Wells without antigen: pass, partial, nonspecific or missing.",
    ),
    ResultColumn(
        *("hnk1_format", _CODE, "samples[].hnk1.format"),
        "How HNK1 was tested: direct, inhibition, absorption or other run; empty where it was not.",
    ),
    ResultColumn(
        *("hnk1_status", _CODE, "samples[].hnk1.status"), "positive, negative, grey, invalid or not_tested."
    ),
    _hnk1("hnk1_value", "value", "Net OD (direct), or percent of the signal that HNK1 takes away."),
    ResultColumn("hnk1_unit", _TEXT, "samples[].hnk1.unit", "Unit of hnk1_value: OD or %."),
    _hnk1("hnk1_low_95", "ci95[0]", f"Lower end of its 95 % interval; {_OPEN}."),
    _hnk1("hnk1_high_95", "ci95[1]", f"Upper end of the same; {_OPEN}."),
    _hnk1("hnk1_at_least", "at_least", "Lower 97.5 % limit where there is no value, only a bound."),
    ResultColumn(
        *("flags", _CODE, "samples[].flags"),
        "Codes of what was noticed, joined by a semicolon; may be empty.",
    ),
    ResultColumn(
        *("reasons", _CODE, "samples[].reasons"),
        "Codes of the reasons for the class, joined by a semicolon; the first one decided.",
    ),
    ResultColumn(
        *("next_step", _TEXT, "samples[].next_step"),
        "What to do at the bench; empty when nothing is needed.",
    ),
    ResultColumn("software", _TEXT, "run.software.titerline", "Version of titerline that computed the run."),
    ResultColumn(
        *(TO_REPEAT, Kind.TRUTH, ""),
        "Does the sample need another step at the bench, so that worklist.csv has a line for it?",
    ),
)
"""In the order of the files."""

HEADER: tuple[str, ...] = tuple(column.name for column in COLUMNS)

_SAMPLE = "samples[]."
_HNK1 = "samples[].hnk1."
"""Empty on a rejected plate: no program takes a measured HNK1 for a result."""


def sample_rows(record: RunRecord) -> list[tuple[Plain, ...]]:
    """One row a sample, in the order of the record, one value for each of :data:`COLUMNS`."""
    return [tuple(_value(column, record, sample) for column in COLUMNS) for sample in record.samples]


def _value(column: ResultColumn, record: RunRecord, sample: SampleResult) -> Plain:
    if column.name == "class_in_words":
        return class_word(sample.classification).text
    if column.name == TO_REPEAT:
        return record.verdict is RunVerdict.REJECTED or needs_step(facts_of(sample))
    if column.place.startswith(_HNK1) and record.verdict is RunVerdict.REJECTED:
        return None
    root = sample if column.place.startswith(_SAMPLE) else record
    found = _follow(root, column.place)
    if isinstance(found, tuple):
        return JOINER.join(found)
    return _known(found, column)


def _known(found: object, column: ResultColumn) -> Plain:
    if isinstance(found, str):
        return str(found)  # a word of an enumeration becomes plain text
    if found is None or isinstance(found, bool | int | float):
        return found
    msg = f"{column.place} is a {type(found).__name__}, which no cell can hold"
    raise TypeError(msg)


def _follow(root: object, place: str) -> object:
    """The value at a path; None as soon as something on the way is None."""
    found = root
    for name, index in _steps(place):
        found = getattr(found, name)
        if found is not None and index is not None:
            found = found[index]
        if found is None:
            return None
    return found


@cache
def _steps(place: str) -> tuple[tuple[str, int | None], ...]:
    """``titer.ci95[0]`` is titer, then item 0 of ci95."""
    parts = (part.rstrip("]").partition("[") for part in place.removeprefix(_SAMPLE).split("."))
    return tuple((name, int(index) if index else None) for name, _, index in parts)
