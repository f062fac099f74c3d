"""The sheet 'Samples': every field of every sample, in blocks that fit one page in width."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.domain.names import rounded
from pipeline.domain.record import RunRecord
from pipeline.domain.results import EndpointTiter, SampleResult, SeriesResult
from pipeline.domain.specificity import Hnk1Result
from pipeline.report.excel.cells import Sheet
from pipeline.report.excel.summary_sheet import flag_words
from pipeline.report.tables import results as tables
from pipeline.report.tables.results import interval, make_table, parse_columns
from pipeline.report.words.tones import Value, as_date, class_word

_WIDTHS = (14, 7, 28, 8, 10, 10, 10, 10, 11, 12, 11, 30, 32)
"""Of the columns that all blocks share, in characters."""
_ONE_PAGE = 5
"""Samples whose blocks one printed page can hold."""
_NO_ONE = "There is no sample on this plate."


@dataclass(frozen=True, slots=True)
class _Block:
    """One table; each starts with id and slot, and runs over the same thirteen columns."""

    title: str
    headings: str
    row: Callable[[SampleResult], tuple[Value, ...]]
    spans: tuple[int, ...] = ()


def samples_sheet(sheet: Sheet, record: RunRecord) -> None:
    """The blocks one below the other; the first one, which most readers want, can be filtered."""
    sheet.prose_width = 32.0
    sheet.widths = {number: float(width) for number, width in enumerate(_WIDTHS, start=1)}
    if not record.samples:
        sheet.note(_NO_ONE)
    areas = [_write(sheet, block, record.samples) for block in (_BLOCKS if record.samples else ())]
    if areas:
        sheet.ws.auto_filter.ref = areas[0]
    if len(record.samples) <= _ONE_PAGE:
        sheet.ws.page_setup.fitToHeight = 1
    else:
        sheet.ws.print_area = ",".join(areas)  # each block on a page of its own
    sheet.ws.freeze_panes = "C1"
    sheet.finish()


def _write(sheet: Sheet, block: _Block, samples: Sequence[SampleResult]) -> str:
    """Write a block; returns its cells from the heading to the last line."""
    percent = any(sample.hnk1.unit == "%" for sample in samples)
    columns = parse_columns("Sample; Slot; " + block.headings.format(hnk1="percent" if percent else "od"))
    rows = ((sample.sample_id, sample.slot, *block.row(sample)) for sample in samples)
    spans = (1, 1, *block.spans) if block.spans else ()
    top, bottom = sheet.table(make_table(block.title, columns, rows), spans=spans)
    return f"A{top}:M{bottom}"


def _result(sample: SampleResult) -> tuple[Value, ...]:
    next_dilution = None if sample.series is None else sample.series.next_dilution
    return (
        *(class_word(sample.classification), *tables.titer_cells(sample), tables.reportable(sample)),
        *(tables.hnk1_text(sample), next_dilution, ", ".join(sample.reasons) or None),
        flag_words(sample.flags),
    )


def _titers(sample: SampleResult) -> tuple[Value, ...]:
    endpoint = sample.endpoint_titer
    return (
        *(sample.titer.text, _endpoint_sign(endpoint), endpoint.last_positive, endpoint.interpolated),
        *(*interval(endpoint.ci95), *_cutoff(sample.series), endpoint.text),
    )


def _endpoint_sign(endpoint: EndpointTiter) -> str | None:
    """No equals sign where there is nothing to be equal to."""
    if endpoint.qualifier == "=" and endpoint.last_positive is None:
        return None
    return "\u2265" if endpoint.qualifier == ">=" else endpoint.qualifier


def _cutoff(series: SeriesResult | None) -> tuple[Value, ...]:
    """Value, interval and words of the cut-off titer; the words say where the value is a bound."""
    if series is None or series.cutoff_titer is None:
        return (None,) * 4
    titer = series.cutoff_titer
    return (titer.value, *interval(titer.ci95), titer.text)


def _course(sample: SampleResult) -> tuple[Value, ...]:
    negative = sample.antigen_negative
    return (
        *(sample.titer.method, *_series(sample.series)),
        *(negative.specific_fraction, *interval(negative.ci95), negative.status),
    )


def _series(series: SeriesResult | None) -> tuple[Value, ...]:
    if series is None:
        return (None,) * 5
    parallel = series.parallelism
    slope = (parallel.slope_ratio, *interval(parallel.ci90))
    return (series.area, series.area_se, *slope)


def _hnk1(sample: SampleResult) -> tuple[Value, ...]:
    hnk1, binding = tables.shown_hnk1(sample), sample.nonspecific
    index = binding.index_percent if binding is not None else None
    return (
        *(tables.hnk1_text(sample), hnk1.unit, hnk1.value, *interval(hnk1.ci95), hnk1.dilution),
        *(hnk1.format, index, hnk1.reason, _further(hnk1)),
    )


def _further(hnk1: Hnk1Result) -> str | None:
    """The other numbers of the HNK1 check, in one cell."""
    texts = (
        f"{other.name}: {other.text if other.value is None else f'{rounded(other.value)} {other.unit}'}"
        for other in hnk1.others
    )
    return "; ".join(texts) or None


def _meaning(sample: SampleResult) -> tuple[Value, ...]:
    return (
        *(sample.classification, sample.explanation or None, sample.level_comment),
        *(sample.reference_range, sample.next_step),
    )


def _from_sheet(sample: SampleResult) -> tuple[Value, ...]:
    others = "; ".join(f"{key}: {text}" for key, text in sample.extra.items())
    return (
        *(sample.patient_code, sample.prior_dilution, as_date(sample.collected_on), sample.comment),
        *("; ".join(sample.converted) or None, others or None),
    )


_BLOCKS = (
    _Block(
        "Results",
        "Result; Sign; Titer|titer; 95 % low|titer; 95 % high|titer; Unit; Reportable; HNK1; "
        "Next dilution|dilution; Reasons|prose; Flags|prose",
        _result,
    ),
    _Block(
        "Titers of the dilution series",
        "Titer in words|prose; Endpoint sign; Endpoint: last positive|dilution; Endpoint interpolated|titer; "
        "Endpoint 95 % low|titer; Endpoint 95 % high|titer; Cut-off titer|titer; Cut-off 95 % low|titer; "
        "Cut-off 95 % high|titer; Cut-off titer in words|prose; Endpoint in words|prose",
        _titers,
    ),
    _Block(
        "Course over the dilutions, and antigen-negative check",
        "Titer method|prose; Area, OD x ln dilution|general; Area SE|general; Slope ratio|general; "
        "Slope 90 % low|general; Slope 90 % high|general; Specific fraction|fraction; "
        "Fraction 95 % low|fraction; Fraction 95 % high|fraction; Antigen-negative|prose",
        _course,
        (1, 1, 1, 1, 1, 1, 1, 1, 1, 2),
    ),
    _Block(
        "HNK1 check, and non-specific binding",
        "HNK1; HNK1 unit; HNK1 value|{hnk1}; HNK1 95 % low|{hnk1}; HNK1 95 % high|{hnk1}; "
        "At dilution|dilution; HNK1 format; Non-specific index %|percent; HNK1 reason|prose; "
        "HNK1 further numbers|prose",
        _hnk1,
        (1, 1, 1, 1, 1, 1, 1, 1, 2, 1),
    ),
    _Block(
        "What it means",
        "Class; Explanation|prose; Level comment|prose; Reference range|prose; Next step|prose",
        _meaning,
        (1, 4, 4, 1, 1),
    ),
    _Block(
        "From the sample sheet, and other units",
        "Patient code; Prior dilution|dilution; Collected on; Comment|prose; In other units|prose; "
        "Other columns of the sample sheet|prose",
        _from_sheet,
        (1, 1, 2, 5, 1, 1),
    ),
)
