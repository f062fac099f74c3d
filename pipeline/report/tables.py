"""Tables of results: record -> headings and typed rows. Excel and HTML print the same ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.domain.record import RunRecord
from pipeline.domain.results import (
    ControlResult,
    CurveFit,
    DilutionResult,
    SampleResult,
    SeriesResult,
    WellResult,
)
from pipeline.domain.specificity import Hnk1Result, Interval
from pipeline.report.words import (
    CLASSES,
    FAIL,
    HNK1_WORDS,
    Format,
    Value,
    Word,
    as_date,
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


def parse_columns(text: str) -> list[Column]:
    """``Sample; OD|od`` is two columns: a heading and, after a bar, the format."""
    parts = (part.strip().partition("|") for part in text.split(";"))
    return [Column(heading, Format(form or "text")) for heading, _, form in parts]


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
        return None, titer.text, None, None, titer.unit
    sign = "\u2265" if titer.qualifier == ">=" else titer.qualifier
    return sign, titer.value, *interval(titer.ci95), titer.unit


def titer_line(sample: SampleResult) -> str:
    """``12 300 BTU (10 700 to 14 100)``, a bound such as ``≥ 70 000 BTU``, or words in place of a number."""
    sign, value, low, high, unit = titer_cells(sample)
    if not isinstance(value, float | int):
        return sample.titer.text
    prefix = "" if sign == "=" else f"{sign}\u00a0"
    sides = f"({show(low, Format.TITER)} to {show(high, Format.TITER)})".replace(" ", "\u00a0")
    bounds = "" if sample.titer.ci95 is None or prefix else f" {sides}"
    return f"{prefix}{show(value, Format.TITER)}\u00a0{unit}{bounds}"


def sample_lines(record: RunRecord) -> Table:
    """One line a sample for reading: titer with unit and interval in one cell."""
    columns = parse_columns(
        "Sample; Slot; Result; Titer (95 % interval)|prose; HNK1; Reportable; What to do next|prose"
    )
    rows = (
        (
            *(sample.sample_id, sample.slot, class_word(sample.classification), titer_line(sample)),
            *(hnk1_text(sample), _yes(sample), sample.next_step or "nothing"),
        )
        for sample in record.samples
    )
    return make_table("Samples", columns, rows)


def _yes(sample: SampleResult) -> Value:
    return "yes" if sample.reportable else Word("no", FAIL)


def hnk1_text(sample: SampleResult) -> str:
    """The HNK1 status in words."""
    return HNK1_WORDS.get(sample.hnk1.status, sample.hnk1.status)


def sample_summary(record: RunRecord) -> Table:
    """One line a sample, for the first page."""
    columns = parse_columns(
        "Sample; Slot; Result; Sign; Titer|titer; 95 % low|titer; 95 % high|titer; Unit; HNK1; Reportable; "
        "Specific %|percent; Next step|prose"
    )
    return make_table("Samples", columns, (_summary_row(sample) for sample in record.samples))


def _summary_row(sample: SampleResult) -> tuple[Value, ...]:
    fraction = sample.antigen_negative.specific_fraction
    return (
        *(sample.sample_id, sample.slot, class_word(sample.classification), *titer_cells(sample)),
        *(hnk1_text(sample), _yes(sample), None if fraction is None else 100 * fraction, sample.next_step),
    )


def controls(record: RunRecord) -> Table:
    """Controls against what is expected of them; the columns stand as in the summary of samples."""
    columns = parse_columns(
        "Control; Kind; Result; Sign; Titer|titer; 95 % low|titer; 95 % high|titer; Unit; HNK1; "
        "Target|titer; Recovery %|percent"
    )
    return make_table("Controls", columns, (_control_row(control) for control in record.controls))


def control_lines(record: RunRecord) -> Table:
    """One line a control for reading: titer with unit and interval in one cell."""
    columns = parse_columns(
        "Control; Kind; Result; Titer (95 % interval)|prose; Target|titer; Recovery %|percent; HNK1|prose"
    )
    rows = (
        (
            *(control.name, control.kind, class_word(control.result.classification)),
            *(titer_line(control.result), control.target, control.recovery_percent, _hnk1_expected(control)),
        )
        for control in record.controls
    )
    return make_table("Controls", columns, rows)


def _hnk1_expected(control: ControlResult) -> str:
    expected = "" if control.expected_hnk1 is None else f", expected {control.expected_hnk1}"
    return hnk1_text(control.result) + expected


def _control_row(control: ControlResult) -> tuple[Value, ...]:
    return (
        *(
            control.name,
            control.kind,
            class_word(control.result.classification),
            *titer_cells(control.result),
        ),
        *(_hnk1_expected(control), control.target, control.recovery_percent),
    )


def blanks(record: RunRecord) -> Table:
    """Blank wells, one line an antigen coating."""
    columns = parse_columns("Coating; Wells; n|whole; Mean OD|od; SD OD|od")
    rows = ((b.antigen, ", ".join(b.wells) or "none", b.n, b.mean_od, b.sd_od) for b in record.blanks)
    return make_table("Blanks", columns, rows)


def samples(record: RunRecord) -> Table:
    """Every field of every sample."""
    columns = parse_columns(
        "Sample; Slot; Result; Class; Sign; Titer|titer; 95 % low|titer; 95 % high|titer; Unit; "
        "Titer method|prose; "
        "Titer in words|prose; Endpoint: last positive|dilution; Endpoint sign; Endpoint interpolated|titer; "
        "Endpoint 95 % low|titer; Endpoint 95 % high|titer; Endpoint in words|prose; "
        "Cut-off titer|titer; Cut-off titer sign; "
        "Cut-off titer 95 % low|titer; Cut-off titer 95 % high|titer; "
        "Area, OD x ln dilution|general; Area SE|general; "
        "Slope ratio|general; Slope ratio 90 % low|general; Slope ratio 90 % high|general; "
        "Next dilution|dilution; "
        "Specific fraction|fraction; Fraction 95 % low|fraction; Fraction 95 % high|fraction; "
        "Antigen-negative; HNK1; HNK1 format; "
        "HNK1 value|od; HNK1 unit; HNK1 95 % low|od; HNK1 95 % high|od; HNK1 at dilution|dilution; "
        "HNK1 reason|prose; HNK1 further numbers|prose; Non-specific binding index %|percent; "
        "Reference range|prose; In other units|prose; "
        "Reportable; Reasons|prose; Flags|prose; Explanation|prose; Level comment|prose; Next step|prose; "
        "Patient code; Prior dilution|dilution; Collected on; Comment|prose; "
        "Other columns of the sample sheet|prose"
    )
    return make_table("Samples", columns, (_sample_row(sample) for sample in record.samples))


def _sample_row(sample: SampleResult) -> tuple[Value, ...]:
    endpoint, negative, hnk1 = sample.endpoint_titer, sample.antigen_negative, sample.hnk1
    return (
        *(sample.sample_id, sample.slot, class_word(sample.classification), sample.classification),
        *(*titer_cells(sample), sample.titer.method, sample.titer.text),
        *(endpoint.last_positive, "\u2265" if endpoint.qualifier == ">=" else endpoint.qualifier),
        *(endpoint.interpolated, *interval(endpoint.ci95), endpoint.text),
        *_series_cells(sample.series),
        *(negative.specific_fraction, *interval(negative.ci95), negative.status),
        *(hnk1_text(sample), hnk1.format, hnk1.value, hnk1.unit, *interval(hnk1.ci95)),
        *(hnk1.dilution, hnk1.reason, _further(hnk1)),
        sample.nonspecific.index_percent if sample.nonspecific is not None else None,
        *(sample.reference_range, "; ".join(sample.converted) or None, sample.reportable),
        *(", ".join(sample.reasons) or None, ", ".join(sample.flags) or None),
        *(sample.explanation or None, sample.level_comment, sample.next_step, sample.patient_code),
        *(sample.prior_dilution, as_date(sample.collected_on), sample.comment),
        "; ".join(f"{key}: {text}" for key, text in sample.extra.items()) or None,
    )


def _further(hnk1: Hnk1Result) -> str | None:
    """The other numbers of the HNK1 check, in one cell."""
    texts = [
        f"{other.name}: {other.text if other.value is None else f'{other.value:.4g} {other.unit}'}"
        for other in hnk1.others
    ]
    return "; ".join(texts) or None


def _series_cells(series: SeriesResult | None) -> tuple[Value, ...]:
    if series is None:
        return (None,) * 10
    cutoff, parallel = series.cutoff_titer, series.parallelism
    titer: tuple[Value, ...] = (None,) * 4
    if cutoff is not None:
        titer = (cutoff.value, cutoff.qualifier.replace(">=", "\u2265"), *interval(cutoff.ci95))
    slope = (parallel.slope_ratio, *interval(parallel.ci90))
    return (*titer, series.area, series.area_se, *slope, series.next_dilution)


def dilutions(results: Iterable[SampleResult], *, title: str = "Dilutions") -> Table:
    """One row a sample and dilution, with the ODs of every antigen coating."""
    listed = list(results)
    antigens = antigens_of(listed)
    ods = "".join(f"{a} OD|od; {a} n|whole; {a} CV %|percent; " for a in map(_heading, antigens))
    columns = parse_columns(
        f"Sample; Slot; Dilution|dilution; {ods}Net OD|od; SE|od; Specific %|percent; 95 % low|percent; "
        "95 % high|percent; Cut-off OD|od; Positive; HNK1 net OD|od; "
        "HNK1 SE|od; Titer|titer; 95 % low|titer; 95 % high|titer; In combined titer; Why not|prose; Wells"
    )
    rows = (
        (sample.sample_id, sample.slot, *_dilution_row(dilution, antigens))
        for sample in listed
        for dilution in sample.dilutions
    )
    return make_table(title, columns, rows)


def _specific_cells(dilution: DilutionResult) -> tuple[Value, ...]:
    """Percent of the antigen wells' signal that is specific, with its interval."""
    if dilution.specific_fraction is None:
        return (None, None, None)
    ends = [None if end is None else 100 * end for end in dilution.specific_fraction_ci95 or (None, None)]
    return (100 * dilution.specific_fraction, *ends)


def _heading(antigen: str) -> str:
    """A coating as part of a heading; the two signs that divide headings are not part of a name."""
    return antigen.replace(";", ",").replace("|", "/")


def _dilution_row(dilution: DilutionResult, antigens: Iterable[str]) -> tuple[Value, ...]:
    return (
        dilution.dilution,
        *(cell for antigen in antigens for cell in _od_cells(dilution, antigen)),
        *(dilution.net_od, dilution.net_od_se, *_specific_cells(dilution)),
        *(dilution.cutoff_od, dilution.positive),
        *(dilution.hnk1_net_od, dilution.hnk1_net_od_se),
        *(dilution.titer, *interval(dilution.titer_ci95), dilution.used, reason_text(dilution.reason)),
        "; ".join(f"{antigen}: {' '.join(wells)}" for antigen, wells in dilution.wells.items()),
    )


def _od_cells(dilution: DilutionResult, antigen: str) -> tuple[Value, ...]:
    summary = dilution.od.get(antigen)
    return (None, None, None) if summary is None else (summary.mean, summary.n, summary.cv_percent)


def antigens_of(results: Iterable[SampleResult]) -> list[str]:
    """Coatings with an OD, in order of first appearance."""
    return list(dict.fromkeys(a for sample in results for d in sample.dilutions for a in d.od))


def dilution_strip(sample: SampleResult) -> Table:
    """The dilutions of one sample as a compact strip for its card."""
    antigens = antigens_of([sample])
    ods = "".join(f"{_heading(antigen)} OD|od; " for antigen in antigens)
    columns = parse_columns(
        f"Dilution 1:|dilution; {ods}Net OD|od; Cut-off OD|od; Positive; "
        f"{_heading(sample.titer.unit)}|titer; In titer; Why not|prose"
    )
    rows = (
        (
            d.dilution,
            *(_od_cells(d, antigen)[0] for antigen in antigens),
            *(d.net_od, d.cutoff_od, d.positive, d.titer, d.used, reason_text(d.reason)),
        )
        for d in sample.dilutions
    )
    return make_table("", columns, rows)


def parameters(fit: CurveFit) -> Table:
    """Curve parameters with standard error, Wald and profile-likelihood 95 % intervals."""
    columns = parse_columns(
        "Parameter; Value|general; SE|general; 95 % low|general; 95 % high|general; "
        "Profile low|general; Profile high|general"
    )
    rows = (
        (name, p.value, p.se, *interval(p.ci95), *interval(p.profile_ci95))
        for name, p in fit.parameters.items()
    )
    return make_table("Parameters", columns, rows)


def calibrators(fit: CurveFit) -> Table:
    """Calibrator levels against the curve, a zero standard last; an excluded level says why."""
    count = max((len(level.ods) for level in fit.calibrators), default=0)
    ods = "".join(f"OD {n + 1}|od; " for n in range(count))
    unit = _heading(fit.range.unit)
    columns = parse_columns(
        f"Level; Nominal {unit}|general; Mean OD|od; n|whole; CV %|percent; Back-calculated {unit}|titer; "
        f"Recovery %|percent; Used; Why not|prose; {ods}".rstrip("; ")
    )
    rows = (
        (
            *(level.level, level.nominal, level.mean_od, level.n, level.cv_percent, level.back_calculated),
            *(level.recovery_percent, _used(used=level.used), level.reason),
            *(*level.ods, *(None,) * (count - len(level.ods))),
        )
        for level in sorted(fit.calibrators, key=lambda level: level.nominal <= 0)
    )
    return make_table("Calibrators", columns, rows)


def chart_points(fit: CurveFit) -> Table:
    """Calibrator ODs with a value above zero, one column a well, for the native chart."""
    levels = [level for level in fit.calibrators if level.nominal > 0 and level.ods]
    count = max((len(level.ods) for level in levels), default=0)
    ods = "".join(f"; OD {n + 1}|od" for n in range(count))
    columns = parse_columns(f"{_heading(fit.range.unit)}|titer{ods}")
    rows = ((level.nominal, *level.ods, *(None,) * (count - len(level.ods))) for level in levels)
    return make_table("Points of the chart", columns, rows)


def curve_line(fit: CurveFit) -> Table:
    """Points along the curve, for the native chart; a point at zero comes last: a log axis cannot show it."""
    columns = parse_columns(f"{_heading(fit.range.unit)}|titer; OD|od")
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
        *(well.well, well.role or "not in the layout", well.name or None, well.antigen, well.dilution),
        *(well.raw_od, well.reference_od, well.od, None if well.state is None else state_text(well.state)),
        *(well.used, well.reason, well.concentration),
        reason_text(well.concentration_state),
    )


def class_counts(record: RunRecord) -> Iterator[tuple[str, int]]:
    """How many samples got each class, in the order of the classes."""
    found = [sample.classification for sample in record.samples]
    known = [name for name in CLASSES if name in found]
    for name in [*known, *sorted(set(found) - set(known))]:
        yield class_word(name).text, found.count(name)
