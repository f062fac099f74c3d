"""Tables of results: record -> headings and typed rows. Excel and HTML print the same ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pipeline.compute.sample.wording import PLATE_REJECTED
from pipeline.domain.curve_results import CalibratorResult, CurveFit
from pipeline.domain.names import bound
from pipeline.domain.record import RunRecord
from pipeline.domain.results import ControlResult, DilutionResult, SampleResult, WellResult
from pipeline.domain.specificity import Hnk1Result, Interval
from pipeline.report.language import Given, Label, pieces
from pipeline.report.words.tones import (
    CLASSES,
    DASH,
    FAIL,
    HNK1_WORDS,
    WARN,
    Format,
    Value,
    Word,
    class_word,
    reason_text,
    show,
    state_text,
)


@dataclass(frozen=True, slots=True)
class Column:
    """A heading and how the values below it are printed."""

    heading: str
    form: Format = Format.TEXT


@dataclass(frozen=True, slots=True)
class Table:
    """Headed rows; every row has one cell for each column."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]


def make_table(title: str, columns: Iterable[Column], rows: Iterable[tuple[Value, ...]]) -> Table:
    """A table from anything that can be gone through once."""
    return Table(title, tuple(columns), tuple(rows))


def parse_columns(text: str, *given: str) -> list[Column]:
    """``Sample; OD|od`` is two columns: a heading and, after a bar, the format.

    Headings that are in ``given`` are the laboratory's own, such as a unit.
    """
    parts = (part.strip().partition("|") for part in text.split(";"))
    return [
        Column(Given(heading) if heading in given else heading, Format(form or "text"))
        for heading, _, form in parts
    ]


def interval(bounds: Interval | None) -> tuple[Value, Value]:
    """Two cells; ``not bounded`` where the data leave a side open, empty where there is no interval."""
    if bounds is None:
        return None, None
    low, high = bounds
    return "not bounded" if low is None else low, "not bounded" if high is None else high


def titer_cells(sample: SampleResult) -> tuple[Value, ...]:
    """Qualifier, value (or the words in its place), 95 % interval and unit."""
    titer = sample.titer
    if titer.value is None:
        return None, titer.text, None, None, Given(titer.unit)
    sign = "\u2265" if titer.qualifier == ">=" else titer.qualifier
    return sign, titer.value, *interval(titer.ci95), Given(titer.unit)


def titer_line(sample: SampleResult) -> str:
    """``12 300 BTU (10 700 to 14 100)``, a bound such as ``≥ 70 000 BTU``, or words in place of a number."""
    sign, value, low, high, unit = titer_cells(sample)
    if not isinstance(value, float | int):
        return sample.titer.text
    if sign != "=":
        return f"{sign}\u00a0{bound(value, up=sign == '<')}\u00a0{unit}"
    sides = f"({show(low, Format.TITER)} to {show(high, Format.TITER)})".replace(" ", "\u00a0")
    bounds = "" if sample.titer.ci95 is None else f" {sides}"
    return f"{show(value, Format.TITER)}\u00a0{unit}{bounds}"


def sample_lines(record: RunRecord) -> Table:
    """One line a sample for reading: titer with unit and interval in one cell."""
    columns = parse_columns(
        "Sample; Slot; Result; Titer (95 % interval)|prose; HNK1; Reportable; What to do next|prose"
    )
    rows = (
        (
            *(Given(sample.sample_id), Given(sample.slot)),
            *(class_word(sample.classification), titer_line(sample)),
            *(hnk1_text(sample), reportable(sample), sample.next_step or "nothing"),
        )
        for sample in record.samples
    )
    return make_table("Samples", columns, rows)


def reportable(sample: SampleResult) -> Value:
    """May the result leave the laboratory?"""
    return "yes" if sample.reportable else Word("no", FAIL)


def withheld(sample: SampleResult) -> bool:
    """Was its plate rejected, so that nothing of it is a result?"""
    return PLATE_REJECTED in sample.reasons


def hnk1_text(sample: SampleResult) -> str:
    """The HNK1 status in words; a dash on a rejected plate, which has no results."""
    if withheld(sample):
        return DASH
    return HNK1_WORDS.get(sample.hnk1.status, sample.hnk1.status)


def shown_hnk1(sample: SampleResult) -> Hnk1Result:
    """The HNK1 result without its numbers where the plate was rejected; the record keeps them."""
    known = sample.hnk1
    return Hnk1Result(known.format, known.status, None, None, None) if withheld(sample) else known


def controls(record: RunRecord) -> Table:
    """Controls against what is expected of them; the columns stand as in the summary of samples."""
    columns = parse_columns(
        "Control; Kind; Result; Sign; Titer|titer; 95 % low|titer; 95 % high|titer; Unit; HNK1; "
        "Target|titer; Recovery %|percent; Lot|prose"
    )
    return make_table("Controls", columns, (_control_row(control) for control in record.controls))


def control_lines(record: RunRecord) -> Table:
    """One line a control for reading: titer with unit and interval in one cell."""
    columns = parse_columns(
        "Control; Kind; Result; Titer (95 % interval)|prose; Target|titer; Recovery %|percent; HNK1|prose"
    )
    rows = (
        (
            *(_name_and_lot(control), control.kind, class_word(control.result.classification)),
            *(titer_line(control.result), control.target or None, control.recovery_percent),
            _hnk1_expected(control),
        )
        for control in record.controls
    )
    return make_table("Controls", columns, rows)


def _name_and_lot(control: ControlResult) -> str:
    name = Given(control.name)
    return name if control.lot is None else pieces(name, ", lot ", Given(control.lot))


def _hnk1_expected(control: ControlResult) -> str:
    expected = "" if control.expected_hnk1 is None else f", expected {control.expected_hnk1}"
    return hnk1_text(control.result) + expected


def _control_row(control: ControlResult) -> tuple[Value, ...]:
    return (
        *(
            Given(control.name),
            control.kind,
            class_word(control.result.classification),
            *titer_cells(control.result),
        ),
        *(_hnk1_expected(control), control.target or None, control.recovery_percent),
        None if control.lot is None else Given(control.lot),
    )


def blanks(record: RunRecord) -> Table:
    """Blank wells, one line an antigen coating."""
    columns = parse_columns("Coating; Wells; n|whole; Mean OD|od; SD OD|od")
    rows = (
        (Given(b.antigen), Given(", ".join(b.wells)) or "none", b.n, b.mean_od, b.sd_od)
        for b in record.blanks
    )
    return make_table("Blanks", columns, rows)


def heading(antigen: str) -> str:
    """A coating as part of a heading; the two signs that divide headings are not part of a name."""
    return antigen.replace(";", ",").replace("|", "/")


def _od_cells(dilution: DilutionResult, antigen: str) -> tuple[Value, ...]:
    summary = dilution.od.get(antigen)
    return (None, None, None) if summary is None else (summary.mean, summary.n, summary.cv_percent)


def antigens_of(results: Iterable[SampleResult]) -> list[str]:
    """Coatings with an OD, in order of first appearance."""
    return list(dict.fromkeys(a for sample in results for d in sample.dilutions for a in d.od))


def dilution_strip(sample: SampleResult) -> Table:
    """The dilutions of one sample as a compact strip for its card."""
    antigens = antigens_of([sample])
    names = [f"{heading(antigen)} OD" for antigen in antigens]
    ods = "".join(f"{name}|od; " for name in names)
    unit = heading(sample.titer.unit)
    columns = parse_columns(
        f"Dilution 1:|dilution; {ods}Net OD|od; Cut-off OD|od; Positive; {unit}|titer; In titer; "
        "Why not|prose",
        *(unit, *names),
    )
    rows = (
        (
            d.dilution,
            *(_od_cells(d, antigen)[0] for antigen in antigens),
            *(d.net_od, d.cutoff_od, d.positive, d.titer, in_titer(sample, used=d.used)),
            reason_text(d.reason),
        )
        for d in sample.dilutions
    )
    return make_table("", columns, rows)


def in_titer(sample: SampleResult, *, used: bool) -> Value:
    """Is a dilution part of the titer? Where no titer is given, none is."""
    return "no titer" if used and sample.titer.value is None else used


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
    ods = "".join(f"OD {n + 1}|od; " for n in range(count))
    unit = heading(fit.range.unit)
    columns = parse_columns(
        f"Level; Nominal {unit}|general; Mean OD|od; n|whole; CV %|percent; Back-calculated {unit}|titer; "
        f"Recovery %|percent; Used; Remark|prose; {ods}".rstrip("; ")
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
    unit = heading(fit.range.unit)
    columns = parse_columns(f"{unit}|titer; OD|od", unit)
    points = sorted(fit.line, key=lambda point: (point[0] <= 0, point[0]))
    return make_table("Curve line", columns, ((at, od) for at, od in points))


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
        *(well.raw_od, well.reference_od, well.od, None if well.state is None else state_text(well.state)),
        *(well.used, well.reason, well.concentration),
        reason_text(well.concentration_state),
    )


def _given(text: str | None) -> Given | None:
    return Given(text) if text else None


def class_counts(record: RunRecord) -> Iterator[tuple[str, int]]:
    """How many samples got each class, in the order of the classes."""
    found = [sample.classification for sample in record.samples]
    known = [name for name in CLASSES if name in found]
    for name in [*known, *sorted(set(found) - set(known))]:
        yield class_word(name).text, found.count(name)
