"""Tables of blanks, curves and wells: record -> headings and typed rows, the same for Excel and HTML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from pipeline.domain.codes.classes import SampleClass
from pipeline.domain.curve_results import CalibratorResult, CurveFit
from pipeline.domain.message import Message
from pipeline.domain.record import RunRecord
from pipeline.domain.results import WellResult
from pipeline.report.language import Given, Label
from pipeline.report.tables.columns import Column, Table, interval, make_table, parse_columns
from pipeline.report.words.tones import (
    FAIL,
    WARN,
    Format,
    Value,
    Word,
    class_word,
    words_of,
)


def blanks(record: RunRecord) -> Table:
    """Blank wells, one line an antigen coating."""
    columns = parse_columns("Coating; Wells; n|whole; Mean OD|od; SD OD|od")
    rows = (
        (Given(b.antigen), Given(", ".join(b.wells)) or "none", b.n, b.mean_od, b.sd_od)
        for b in record.blanks
    )
    return make_table("Blanks", columns, rows)


def parameters(fit: CurveFit) -> Table:
    """Curve parameters with standard error, Wald and profile-likelihood 95 % intervals."""
    columns = parse_columns(
        "Parameter; Value|general; SE|general; 95 % low|general; 95 % high|general; "
        "Profile low|general; Profile high|general"
    )
    rows = (
        (Given(name), p.value, p.se, *interval(p.ci95), *interval(p.profile_ci95))
        for name, p in fit.parameters.items()
    )
    return make_table("Parameters", columns, rows)


def calibrators(fit: CurveFit, beyond: Mapping[str, str] = MappingProxyType({})) -> Table:
    """Calibrator levels against the curve, a zero standard last; an excluded level says why.

    Args:
        fit: with its levels.
        beyond: levels of the fit that are not recovered, in words.
    """
    count = max((len(level.ods) for level in fit.calibrators), default=0)
    columns = (
        *(*parse_columns("Level"), Column(Message("Nominal {unit}", unit=fit.range.unit), Format.GENERAL)),
        *parse_columns("Mean OD|od; n|whole; CV %|percent"),
        Column(Message("Back-calculated {unit}", unit=fit.range.unit), Format.TITER),
        *parse_columns("Recovery %|percent; Used; Remark|prose"),
        *(Column(Message("OD {n:n}", n=n + 1), Format.OD) for n in range(count)),
    )
    rows = (
        (
            *(level_name(level), level.nominal, level.mean_od, level.n, level.cv_percent),
            *(level.back_calculated, level.recovery_percent, _used(used=level.used), _remark(level, beyond)),
            *(*level.ods, *(None,) * (count - len(level.ods))),
        )
        for level in sorted(fit.calibrators, key=lambda level: level.nominal <= 0)
    )
    return make_table("Calibrators", columns, rows)


def _remark(level: CalibratorResult, beyond: Mapping[str, str]) -> Value:
    words = beyond.get(level.level)
    return level.reason if words is None else Word(words, WARN)


def level_name(level: CalibratorResult) -> str:
    """The laboratory's name of a level; the blank as zero standard has ours."""
    return Label(level.level) if level.level == "blank" else Given(level.level)


def curve_line(fit: CurveFit) -> Table:
    """Points along the curve, for the native chart; a point at zero comes last: a log axis cannot show it."""
    points = sorted(fit.line, key=lambda point: (point[0] <= 0, point[0]))
    return make_table("Curve line", point_columns(fit), ((at, od) for at, od in points))


def point_columns(fit: CurveFit) -> tuple[Column, Column]:
    """Of points of a curve."""
    return Column(Given(fit.range.unit), Format.TITER), Column("OD", Format.OD)


def _used(*, used: bool) -> Value:
    return "yes" if used else Word("no", FAIL)


def wells(record: RunRecord) -> Table:
    """Every well, one line each, for recomputing the plate elsewhere."""
    columns = parse_columns(
        "Well; Role; Name; Coating; Dilution|dilution; OD as printed|od; Reference OD|od; OD used|od; "
        "Reader said; Used; Why not|prose; Concentration|titer; Concentration is"
    )
    return make_table("Wells", columns, (_well_row(well) for well in record.wells))


def _well_row(well: WellResult) -> tuple[Value, ...]:
    return (
        *(Given(well.well), well.role or "not in the layout", _given(well.name), _given(well.antigen)),
        well.dilution,
        *(well.raw_od, well.reference_od, well.od, words_of(well.state)),
        *(well.used, well.reason, well.concentration),
        words_of(well.concentration_state),
    )


def _given(text: str | None) -> Given | None:
    return Given(text) if text else None


def class_counts(record: RunRecord) -> Iterator[tuple[str, int]]:
    """How many samples got each class, in the order of the classes."""
    found = [sample.classification for sample in record.samples]
    known = [name for name in SampleClass if name in found]
    for name in [*known, *sorted(set(found) - set(known))]:
        yield class_word(name).text, found.count(name)
