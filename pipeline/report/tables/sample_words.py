"""What a sample has to tell, in words: titer with interval, HNK1 with its limits, course of the series."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pipeline.domain.codes.flags import Flag
from pipeline.domain.codes.qualifier import Qualifier
from pipeline.domain.codes.reasons import Reason
from pipeline.domain.message import Message
from pipeline.domain.names import bound
from pipeline.domain.results import SampleResult
from pipeline.domain.specificity import Hnk1Number
from pipeline.report.language import Given, listed, pieces
from pipeline.report.tables.columns import interval
from pipeline.report.words.tones import DASH, FAIL, Format, Value, Word, number, show, signed


def titer_sign(sample: SampleResult) -> str | None:
    """``=``, ``<`` or the sign for at least; None where there is no number."""
    return None if sample.titer.value is None else sample.titer.qualifier.means.sign


def titer_value(sample: SampleResult) -> Value:
    """The titer or bound, or the words in its place."""
    return sample.titer.text if sample.titer.value is None else sample.titer.value


def titer_line(sample: SampleResult) -> str:
    """``12 300 BTU (10 700 to 14 100)``, a bound such as ``≥ 70 000 BTU``, or words in place of a number."""
    titer, qualifier = sample.titer, sample.titer.qualifier
    if titer.value is None:
        return titer.text
    if qualifier is not Qualifier.MEASURED:
        amount = bound(titer.value, up=qualifier is Qualifier.BELOW)
        return f"{qualifier.means.sign}\u00a0{amount}\u00a0{titer.unit}"
    low, high = (show(end, Format.TITER) for end in interval(titer.ci95))
    bounds = "" if titer.ci95 is None else " " + f"({low} to {high})".replace(" ", "\u00a0")
    return f"{show(titer.value, Format.TITER)}\u00a0{titer.unit}{bounds}"


def endpoint_sign(sample: SampleResult) -> str | None:
    """No equals sign where there is nothing to be equal to."""
    endpoint = sample.endpoint_titer
    nothing = endpoint.qualifier is Qualifier.MEASURED and endpoint.last_positive is None
    return None if nothing else endpoint.qualifier.means.sign


def reportable(sample: SampleResult) -> Value:
    """May the result leave the laboratory?"""
    return "yes" if sample.reportable else Word("no", FAIL)


def withheld(sample: SampleResult) -> bool:
    """Was its plate rejected, so that nothing of it is a result?"""
    return Reason.PLATE_REJECTED in sample.reasons


def hnk1_status(sample: SampleResult) -> str:
    """The HNK1 status in words; a dash on a rejected plate, which has no results."""
    return DASH if withheld(sample) else sample.hnk1.status.means.words


def hnk1_line(sample: SampleResult) -> str:
    """Status, and value with its dilution where one was measured."""
    hnk1, status = sample.hnk1, hnk1_status(sample)
    if withheld(sample):
        return status
    reason = (" (", hnk1.reason, ")") if hnk1.reason else ()
    if hnk1.value is None:
        return pieces(status, *reason)
    at = (f" at 1:{show(hnk1.dilution, Format.DILUTION)}",) if hnk1.dilution else ()
    shown = Format.PERCENT if hnk1.unit == "%" else Format.OD
    return pieces(status, ": ", number(hnk1.value, shown), " ", Given(hnk1.unit or ""), *at, *reason)


def hnk1_limits(sample: SampleResult) -> str | None:
    """What the value was compared with, and whether that is the laboratory's own."""
    hnk1 = sample.hnk1
    if withheld(sample) or hnk1.positive_from is None or hnk1.grey_from is None:
        return None
    unit = hnk1.unit or ""
    whose = "a default" if hnk1.cut_from == "default" else f"from {hnk1.cut_from}"
    return f"positive from {hnk1.positive_from:g} {unit}, grey from {hnk1.grey_from:g} {unit} ({whose})"


def hnk1_further(sample: SampleResult) -> Mapping[str, str]:
    """The other numbers of the HNK1 check by their names."""
    return {other.name: _number_text(other) for other in sample.hnk1.others}


def _number_text(other: Hnk1Number) -> str:
    if other.value is None:
        return other.text
    shown = Format.PERCENT if other.unit == "%" else Format.TITER
    low, high = other.ci95 or (None, None)
    ends = ""
    if low is not None and high is not None:
        ends = f" (95 % interval {number(low, shown)} to {number(high, shown)})"
    note = (", ", other.text) if other.text else ()
    return pieces(number(other.value, shown), " ", Given(other.unit), ends, *note)


def specific_line(sample: SampleResult) -> str:
    """``95.2 % specific (pass)``."""
    negative = sample.antigen_negative
    if negative.specific_fraction is None:
        return negative.status.means.words
    return Message(
        "{share:n}\u00a0% specific ({status:t})",
        share=number(100 * negative.specific_fraction, Format.PERCENT),
        status=negative.status.means.words,
    )


def binding_line(sample: SampleResult) -> str | None:
    """Non-specific index and how both parts fall; None where nothing is known."""
    binding = sample.nonspecific
    if binding is None or binding.index_percent is None:
        return None
    low, high = binding.ci95 or (None, None)
    ends = ""
    if low is not None and high is not None:
        ends = f" (95 % interval {signed(low, 0)} to {signed(high, 0)})"
    parts = (("the specific part", binding.specific_slope), ("the rest", binding.nonspecific_slope))
    falls = [f"{part} falls with slope {signed(slope, 2)}" for part, slope in parts if slope is not None]
    lead = f"{signed(binding.index_percent, 0)} % of the first dilution's signal{ends}"
    return pieces(listed("; ", [lead, *falls]), *((" on log-log axes",) if falls else ()))


def cutoff_line(sample: SampleResult) -> Mapping[str, str]:
    """The cut-off titer in words, named with its OD."""
    series = sample.series
    if series is None or series.cutoff_titer is None:
        return {}
    return {f"Cut-off titer, at {series.cutoff_titer.cutoff_od:g} OD": series.cutoff_titer.text}


def area_line(sample: SampleResult) -> str | None:
    """The area under the series with its standard error."""
    series = sample.series
    if series is None or series.area is None:
        return None
    spread = f" \u00b1 {signed(series.area_se, 2)}" if series.area_se is not None else ""
    return f"{signed(series.area, 2)}{spread} OD \u00d7 ln dilution"


def fall_line(sample: SampleResult) -> str | None:
    """How steep the sample is beside the calibrators; None where it cannot be said."""
    parallelism = None if sample.series is None else sample.series.parallelism
    if parallelism is None or parallelism.slope_ratio is None or parallelism.ci90 is None:
        return None
    low, high = parallelism.ci90
    ends = "no interval"
    if low is not None and high is not None:
        ends = f"90 % interval {signed(low, 2)} to {signed(high, 2)}"
    return f"{signed(parallelism.slope_ratio, 2)} of the calibrators' ({ends}; 1 is parallel)"


def dilution_line(dilution: float | None) -> str | None:
    """``1:27 000``."""
    return None if dilution is None else f"1:{show(dilution, Format.DILUTION)}"


def next_dilution(sample: SampleResult) -> float | None:
    """Reciprocal dilution to run next."""
    return None if sample.series is None else sample.series.next_dilution


def prior_dilution(sample: SampleResult) -> str | None:
    """Dilution before the plate, where there was one."""
    return None if sample.prior_dilution == 1 else dilution_line(sample.prior_dilution)


def flag_words(flags: Iterable[Flag]) -> str | None:
    """All flags in plain words; None without a flag."""
    return ", ".join(flag.means.words for flag in flags) or None
