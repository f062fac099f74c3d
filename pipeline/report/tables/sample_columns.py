"""The columns of samples: each is one line, which ``results.csv``, workbook, page and PDF share.

A column with a meaning is in ``results.csv`` and its data dictionary, in the order of the lines: new ones go to
the end. One with a heading is for people: in the views that name it, or, where none does, in the last block of
the sheet Samples and among the facts of the sample on page and PDF.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from pipeline.compute.sample.bench_steps import facts_of, needs_step
from pipeline.domain.record import RunRecord
from pipeline.domain.results import SampleResult
from pipeline.report.tables import sample_words as words
from pipeline.report.tables.columns import At, Field, Plain, ends, pick, plain
from pipeline.report.words.tones import Format, class_word

Told = TypeVar("Told")

TO_REPEAT = "to_repeat_or_check"
"""Column of the samples on the worklist, and of their number in a run."""


@dataclass(frozen=True, slots=True)
class SampleRow:
    """A sample, or the result of a control, with its run."""

    sample: SampleResult
    record: RunRecord


def of(text: Callable[[SampleResult], Told]) -> Callable[[SampleRow], Told]:
    """A value that is made of the sample alone."""
    return lambda row: text(row.sample)


def _to_repeat(sample: SampleResult) -> bool:
    return words.withheld(sample) or needs_step(facts_of(sample))


def _hnk1_form(rows: Sequence[SampleRow]) -> Format:
    """Percent of the signal, or an OD."""
    return Format.PERCENT if any(row.sample.hnk1.unit == "%" for row in rows) else Format.OD


def at(path: str, turned: Callable[[Any], object] | None = None) -> At:
    """A value of the sample in ``results.json``."""
    return At(f"samples[].{path}", turned)


def _share(path: str) -> At:
    """A share or ratio of signals: empty on a clear negative, where it is one of noise."""
    return At(f"samples[].{path}", unless=of(words.clear_negative))


def _hnk1(path: str) -> At:
    """Empty on a rejected plate: nobody takes what was measured there for a result."""
    return At(f"samples[].hnk1.{path}", unless=of(words.withheld))


_TEXT, _PROSE, _GIVEN, _CODE, _TRUTH = Format.TEXT, Format.PROSE, Format.GIVEN, Format.CODE, Format.TRUTH
_TITER, _DILUTION, _GENERAL, _FRACTION = Format.TITER, Format.DILUTION, Format.GENERAL, Format.FRACTION
_UNIT, _ONE_TO, _PART, _AS_HNK1 = "as titer_unit", "1:x", "fraction of 1", "as hnk1_unit"
_CI = "the 95 % interval"

# A column is one line.
# fmt: off
COLUMNS: tuple[Field[SampleRow], ...] = (
    Field("", _GIVEN, At("run.id"), "run_id", "Name of the run and of its folder; unique."),
    Field("", _GIVEN, At("run.key"), "run_key", "sha256 over export, plate name, sample sheet and assay: equal keys, equal input."),
    Field("", _GIVEN, At("run.supersedes"), "supersedes", "run_id of an earlier run of this export name; a rejected run replaces none."),
    Field("", Format.TIME, At("run.processed_at"), "processed_at", "When the run was processed: ISO 8601, local time with its offset."),
    Field("", _GIVEN, At("run.assay"), "assay", "Name of the assay."),
    Field("", _GIVEN, At("run.assay_version"), "assay_version", "Version of its definition."),
    Field("", _GIVEN, At("run.plate"), "plate", "Plate, as the export calls it."),
    Field("", _GIVEN, At("run.export.name"), "export", "File name of the reader's export."),
    Field("", _CODE, At("verdict"), "verdict", "Of the plate: accepted, accepted_with_warnings or rejected. Never use results of a rejected plate."),
    Field("Slot", _GIVEN, at("slot"), "slot", "Place of the sample in the layout."),
    Field("Sample", _GIVEN, at("sample_id"), "sample_id", "From the sample sheet; the slot without one."),
    Field("Patient code", _GIVEN, at("patient_code"), "patient_code", "From the sample sheet."),
    Field("Collected on", Format.DATE, at("collected_on"), "collected_on", "From the sample sheet, as typed there; the workbook holds an ISO date as a date."),
    Field("Prior dilution", _DILUTION, at("prior_dilution"), "prior_dilution", "Dilution before the plate; the titer counts it already.", _ONE_TO),
    Field("Class", _CODE, at("classification"), "classification", "Class of the sample, such as POSITIVE_HNK1_CONFIRMED or REPEAT."),
    Field("Result", _TEXT, at("classification", class_word), "class_in_words", "The class as the reports word it."),
    Field("Reportable", _TRUTH, at("reportable"), "reportable", "May the result leave the laboratory?", said=of(words.reportable)),
    Field("Titer", _TITER, at("titer.value"), "titer", "Titer of the undiluted serum; with the qualifier < or >= the bound; empty where there is none.", _UNIT, of(words.titer_value)),
    Field("Sign", _CODE, at("titer.qualifier"), "titer_qualifier", "= measured; < below, >= at or above the bound in titer.", said=of(words.titer_sign)),
    *ends("", _TITER, at("titer.ci95"), "titer", _CI, _UNIT),
    Field("Unit", _GIVEN, at("titer.unit"), "titer_unit", "Unit of the titer, as the assay declares it."),
    Field("Titer in words", _PROSE, at("titer.text"), "titer_text", "The titer as the reports print it, rounded."),
    Field("Endpoint: last positive", _DILUTION, at("endpoint_titer.last_positive"), "endpoint_titer", "Last positive dilution of the uninterrupted run of positives.", _ONE_TO),
    Field("Endpoint sign", _CODE, at("endpoint_titer.qualifier"), "endpoint_titer_qualifier", "= found; < or >= a bound, as for the titer.", said=of(words.endpoint_sign)),
    Field("Endpoint interpolated", _TITER, at("endpoint_titer.interpolated"), "endpoint_titer_interpolated", "Where the series crosses the cut-off, between two dilutions.", _ONE_TO),
    *ends("Endpoint", _TITER, at("endpoint_titer.ci95"), "endpoint_titer", f"{_CI} of the interpolated one", _ONE_TO),
    Field("Specific fraction", _FRACTION, _share("antigen_negative.specific_fraction"), "specific_fraction", "Share of the signal that needs the antigen: (antigen - antigen-negative) / antigen; empty on a clear negative.", _PART),
    *ends("Fraction", _FRACTION, _share("antigen_negative.ci95"), "specific_fraction", "its 95 % interval", _PART),
    Field("Antigen-negative", _CODE, at("antigen_negative.status"), "antigen_negative_status", "Wells without antigen: pass, partial, nonspecific or missing."),
    Field("HNK1 format", _CODE, _hnk1("format"), "hnk1_format", "How HNK1 was tested: direct, inhibition, absorption or other run; empty where it was not."),
    Field("HNK1", _CODE, _hnk1("status"), "hnk1_status", "positive, negative, grey, invalid or not_tested.", said=of(words.hnk1_status)),
    Field("HNK1 value", _GENERAL, _hnk1("value"), "hnk1_value", "Net OD (direct), or percent of the signal that HNK1 takes away.", _AS_HNK1, form_among=_hnk1_form),
    Field("HNK1 unit", _GIVEN, _hnk1("unit"), "hnk1_unit", "Unit of hnk1_value: OD or %."),
    *ends("HNK1", _GENERAL, _hnk1("ci95"), "hnk1", "its 95 % interval", _AS_HNK1, form_among=_hnk1_form),
    Field("", _GENERAL, _hnk1("at_least"), "hnk1_at_least", "Lower 97.5 % limit where there is no value, only a bound.", _AS_HNK1),
    Field("Flags", _CODE, at("flags"), "flags", "Codes of what was noticed, joined by a semicolon; may be empty.", said=lambda row: words.flag_words(row.sample.flags)),
    Field("Reasons", _CODE, at("reasons"), "reasons", "Codes of the reasons for the class, joined by a semicolon; the first one decided."),
    Field("What to do next", _PROSE, at("next_step"), "next_step", "What to do at the bench; empty when nothing is needed.", said=lambda row: row.sample.next_step or "nothing"),
    Field("", _GIVEN, At("run.software.titerline"), "software", "Version of titerline that computed the run."),
    Field("", _TRUTH, of(_to_repeat), TO_REPEAT, "Does the sample need another step at the bench, so that worklist.csv has a line for it?"),
    Field("Titer reported", _TEXT, at("titer_reported"), "titer_reported", "The titer as a result states it, to three significant digits: a number, a bound such as < 152, or why there is none.", _UNIT),
    Field("Result text", _PROSE, at("result_text"), "result_text", "The result in one sentence, for the clinic; of a sample that is not reportable it says so."),
    Field("Patient", _PROSE, of(words.person_line), "person_line"),
    Field("Titer (95 % interval)", _PROSE, of(words.titer_line), "titer_line"),
    Field("In other units", _PROSE, at("converted"), "converted"),
    Field("Reference range", _GIVEN, at("reference_range"), "reference_range"),
    Field("Endpoint titer, reciprocal dilution", _PROSE, at("endpoint_titer.text"), "endpoint_titer_text"),
    Field("Cut-off titer", _PROSE, of(words.cutoff_line), "cutoff_titer_line"),
    Field("Cut-off titer", _TITER, at("series.cutoff_titer.value"), "cutoff_titer"),
    *ends("Cut-off", _TITER, at("series.cutoff_titer.ci95"), "cutoff_titer"),
    Field("Cut-off titer in words", _PROSE, at("series.cutoff_titer.text"), "cutoff_titer_text"),
    Field("Titer method", _PROSE, at("titer.method"), "titer_method"),
    Field("Area under the series", _PROSE, of(words.area_line), "area_line"),
    Field("Area, OD x ln dilution", _GENERAL, at("series.area"), "area"),
    Field("Area SE", _GENERAL, at("series.area_se"), "area_se"),
    Field("Fall over the dilutions", _PROSE, of(words.fall_line), "fall_line"),
    Field("Slope ratio", _GENERAL, _share("series.parallelism.slope_ratio"), "slope_ratio"),
    *ends("Slope", _GENERAL, _share("series.parallelism.ci90"), "slope_ratio", percent=90),
    Field("Next dilution", _DILUTION, at("series.next_dilution"), "next_dilution"),
    Field("Antigen-negative check", _PROSE, of(words.specific_line), "specific_line"),
    Field("Non-specific binding", _PROSE, of(words.binding_line), "binding_line"),
    Field("Non-specific index %", Format.PERCENT, _share("nonspecific.index_percent"), "nonspecific_index"),
    Field("HNK1", _PROSE, of(words.hnk1_line), "hnk1_line"),
    Field("HNK1 limits", _PROSE, of(words.hnk1_limits), "hnk1_limits"),
    Field("At dilution", _DILUTION, _hnk1("dilution"), "hnk1_dilution"),
    Field("HNK1 reason", _PROSE, _hnk1("reason"), "hnk1_reason"),
    Field("HNK1 further numbers", _PROSE, of(words.hnk1_further), "hnk1_further"),
    Field("Explanation", _PROSE, at("explanation"), "explanation"),
    Field("Level comment", _GIVEN, at("level_comment"), "level_comment"),
    Field("Diluted before the plate", _TEXT, of(words.prior_dilution), "prior_dilution_line"),
    Field("Comment", _GIVEN, at("comment"), "comment"),
    Field("Other columns of the sample sheet", _GIVEN, at("extra"), "extra"),
)
# fmt: on
"""Those with a meaning in the order of ``results.csv``."""

CSV = tuple(field for field in COLUMNS if field.meaning)
HEADER: tuple[str, ...] = tuple(field.name for field in CSV)

_view = partial(pick, COLUMNS)
NAMED = _view("sample_id slot class_in_words")
"""How a line about a sample begins."""
TITER = _view("titer_qualifier titer titer_low_95 titer_high_95 titer_unit")
PAGE = _view("sample_id slot person_line class_in_words titer_line hnk1_status reportable next_step")
"""The table of samples on page and PDF; without a column in which no sample has anything."""
SUMMARY = (*NAMED, *_view("titer_line hnk1_status reportable flags next_step"))
"""On the sheet Summary: the titer as page and PDF print it."""
RESULTS = (*NAMED[2:], *TITER, *_view("reportable hnk1_status next_dilution reasons flags"))
"""This and the next seven are the blocks of the sheet Samples."""
TITERS = _view(
    "titer_text endpoint_titer_qualifier endpoint_titer endpoint_titer_interpolated endpoint_titer_low_95"
    " endpoint_titer_high_95 cutoff_titer cutoff_titer_low_95 cutoff_titer_high_95 cutoff_titer_text"
    " endpoint_titer_text"
)
COURSE = _view(
    "titer_method area area_se slope_ratio slope_ratio_low_90 slope_ratio_high_90 specific_fraction"
    " specific_fraction_low_95 specific_fraction_high_95 antigen_negative_status"
)
HNK1 = _view(
    "hnk1_status hnk1_unit hnk1_value hnk1_low_95 hnk1_high_95 hnk1_dilution hnk1_format nonspecific_index"
    " hnk1_reason hnk1_further"
)
MEANING = _view("classification explanation level_comment reference_range next_step")
REPORTED = _view("titer_reported result_text")
SHEET = _view("patient_code prior_dilution collected_on comment converted extra")
_FACTS = _view(
    "titer_line converted reference_range level_comment hnk1_line hnk1_limits hnk1_further specific_line"
    " binding_line next_dilution reasons flags patient_code prior_dilution_line collected_on comment extra"
)
RESULT_TEXTS = (*NAMED[:2], *_view("result_text"))
"""A table of its own, to copy from."""
PERSON = _view("sample_id slot patient_code collected_on")
"""Whose result a letter is."""
LETTER = _view("reference_range level_comment converted hnk1_line comment")
"""What stands in a letter below the sentence."""
LETTER_SMALL = _view("endpoint_titer_text cutoff_titer_line")
"""Other titers of the series that laboratories know, in its small print."""
SMALL = _view("endpoint_titer_text cutoff_titer_line area_line fall_line")
"""Other readings of the series, in small print: they are not the result."""
_BLOCKS = (RESULTS, TITERS, COURSE, HNK1, MEANING, REPORTED, SHEET)
_PLACED = {field for view in (PAGE, SUMMARY, *_BLOCKS, _FACTS, SMALL) for field in view}
FURTHER = tuple(field for field in COLUMNS if field.heading and field not in _PLACED)
"""Columns for people that no view names."""
FACTS = (*_FACTS, *FURTHER)
"""What a manager compares, on the card of a sample on page and PDF."""


def fitting(fields: Iterable[Field[Told]], record: RunRecord) -> tuple[Field[Told], ...]:
    """Without the columns about HNK1 where the assay does not ask for it."""
    return tuple(field for field in fields if record.asks_hnk1 or field.name.partition("_")[0] != "hnk1")


def rows_of(record: RunRecord) -> tuple[SampleRow, ...]:
    """The samples of a run, in its order."""
    return tuple(SampleRow(sample, record) for sample in record.samples)


def sample_rows(record: RunRecord) -> list[tuple[Plain, ...]]:
    """One row a sample, in the order of the record, one value for each of :data:`CSV`."""
    return [tuple(plain(field, row) for field in CSV) for row in rows_of(record)]
