"""The columns of dilutions: each is one line, which the sheet Dilutions and the cards of page and PDF share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pipeline.domain.codes.classes import SampleClass
from pipeline.domain.results import DilutionResult, SampleResult
from pipeline.report.language import Given, pieces
from pipeline.report.tables.columns import At, Field, ends
from pipeline.report.tables.sample_words import clear_negative
from pipeline.report.words.tones import Format, words_of

_OD, _PERCENT, _TITER = Format.OD, Format.PERCENT, Format.TITER
_SHEET_ONLY = frozenset(
    {
        *("sample_id", "slot", "net_od_se", "hnk1_net_od", "hnk1_net_od_se"),
        *("specific_percent", "specific_percent_low_95", "specific_percent_high_95"),
        *("titer_low_95", "titer_high_95", "n", "cv_percent", "range_od", "wells"),
    }
)
"""Too much for a card."""


@dataclass(frozen=True, slots=True)
class StepRow:
    """A dilution of a sample."""

    sample: SampleResult
    step: DilutionResult


def steps_of(samples: Iterable[SampleResult]) -> tuple[StepRow, ...]:
    """Every dilution of every sample, in order."""
    return tuple(StepRow(sample, step) for sample in samples for step in sample.dilutions)


def antigens_of(samples: Iterable[SampleResult]) -> list[str]:
    """Coatings with an OD, in order of first appearance."""
    return list(dict.fromkeys(a for sample in samples for d in sample.dilutions for a in d.od))


def columns(antigens: Sequence[str], unit: str) -> tuple[Field[StepRow], ...]:
    """All columns of a table with these coatings, for an assay with this unit."""
    return (
        Field("Sample", Format.GIVEN, At("samples[].sample_id"), "sample_id"),
        Field("Slot", Format.GIVEN, At("samples[].slot"), "slot"),
        Field("Dilution 1:", Format.DILUTION, _at("dilution"), "dilution"),
        *(Field(Given(f"{antigen} OD"), _OD, of_wells(antigen, "mean"), "mean_od") for antigen in antigens),
        Field("Net OD", _OD, _at("net_od"), "net_od"),
        Field("SE", _OD, _at("net_od_se"), "net_od_se"),
        Field("Specific %", _PERCENT, _share("specific_fraction"), "specific_percent"),
        *ends("", _PERCENT, _share("specific_fraction_ci95"), "specific_percent"),
        Field("Cut-off OD", _OD, _at("cutoff_od"), "cutoff_od"),
        Field("Positive", Format.TRUTH, _at("positive"), "positive"),
        Field("HNK1 net OD", _OD, _at("hnk1_net_od"), "hnk1_net_od"),
        Field("HNK1 SE", _OD, _at("hnk1_net_od_se"), "hnk1_net_od_se"),
        Field(pieces("Titer", ", ", Given(unit)), _TITER, _titer("titer"), "titer"),
        *ends("", _TITER, _titer("titer_ci95"), "titer"),
        Field("In titer", Format.TRUTH, in_titer, "used"),
        Field("Why not", Format.PROSE, _at("reason", words_of), "reason"),
        *(field for antigen in antigens for field in _behind(antigen)),
    )


def card_columns(antigens: Sequence[str], unit: str) -> tuple[Field[StepRow], ...]:
    """Those that stand on the card of a sample."""
    return tuple(field for field in columns(antigens, unit) if field.name not in _SHEET_ONLY)


def in_titer(row: StepRow) -> str | bool:
    """Is a dilution part of the titer? Where no titer is given, none is."""
    return "no titer" if row.step.used and row.sample.titer.value is None else row.step.used


def _behind(antigen: str) -> tuple[Field[StepRow], ...]:
    """The wells behind a mean: how many, how far apart, and which."""
    return (
        Field(Given(f"{antigen} n"), Format.WHOLE, of_wells(antigen, "n"), "n"),
        Field(Given(f"{antigen} CV %"), _PERCENT, of_wells(antigen, "cv_percent"), "cv_percent"),
        Field(Given(f"{antigen} range"), _OD, of_wells(antigen, "range_od"), "range_od"),
        Field(
            *(Given(f"{antigen} wells"), Format.GIVEN),
            *(lambda row: " ".join(row.step.wells.get(antigen, ())), "wells"),
        ),
    )


def of_wells(antigen: str, name: str) -> Callable[[StepRow], object]:
    """A number of the wells with a coating."""
    return lambda row: getattr(row.step.od.get(antigen), name, None)


def _at(path: str, turned: Callable[[Any], object] | None = None) -> At:
    return At(f"samples[].dilutions[].{path}", turned)


def _share(path: str) -> At:
    """In percent; empty on a clear negative, where it is a share of noise."""
    return replace(_at(path, _percent), unless=lambda row: clear_negative(row.sample))


def _titer(path: str) -> At:
    """Empty where the signal is not the antibody's: it has no value in the assay's unit."""
    return replace(_at(path), unless=lambda row: row.sample.classification is SampleClass.NONSPECIFIC_BINDING)


def _percent(part: object) -> object:
    """Fractions of 1, or both ends of an interval of them, in percent."""
    if isinstance(part, tuple):
        return tuple(map(_percent, part))
    return 100 * part if isinstance(part, float | int) else part
