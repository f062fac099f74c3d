"""What a sample has to tell, in words: titer with interval, HNK1 with its limits, course of the series."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from pipeline.domain.codes.classes import SampleClass
from pipeline.domain.codes.flags import Flag
from pipeline.domain.codes.hnk1 import Hnk1Status
from pipeline.domain.codes.qualifier import Qualifier
from pipeline.domain.codes.reasons import Reason
from pipeline.domain.message import Message, joined
from pipeline.domain.names import bound
from pipeline.domain.results import SampleResult
from pipeline.domain.specificity import Hnk1Number, Hnk1Result, Interval
from pipeline.report.language import Given, listed, pieces
from pipeline.report.tables.columns import interval
from pipeline.report.words.tones import DASH, FAIL, Format, Value, Word, number, show, signed


def titer_sign(sample: SampleResult) -> str | None:
    """``=``, ``<`` or the sign for at least; None where there is no number."""
    return None if sample.titer.value is None else sample.titer.qualifier.means.sign


def titer_value(sample: SampleResult) -> Value:
    """The titer or bound, or the words in its place."""
    return sample.titer.text if sample.titer.value is None else sample.titer.value


def clear_negative(sample: SampleResult) -> bool:
    """A negative serum that binds nothing: shares and ratios of its signals are those of noise."""
    raised = sample.antigen_negative.status.means.raised
    return sample.classification is SampleClass.NEGATIVE and not raised


def titer_line(sample: SampleResult) -> str:
    """``12 300 BTU (10 700 to 14 100)``, a bound such as ``≥ 70 000 BTU``, or words in place of a number."""
    titer, qualifier = sample.titer, sample.titer.qualifier
    if titer.value is None:
        return titer.text
    if qualifier is not Qualifier.MEASURED:
        amount = bound(titer.value, up=qualifier is Qualifier.BELOW)
        return Message("{sign}\u00a0{n:n}\u00a0{unit}", sign=qualifier.means.sign, n=amount, unit=titer.unit)
    value = {"n": show(titer.value, Format.TITER), "unit": titer.unit}
    if titer.ci95 is None:
        return Message("{n:n}\u00a0{unit}", **value)
    low, high = (_end(end) for end in interval(titer.ci95))
    return Message("{n:n}\u00a0{unit} ({low:t}\u00a0to\u00a0{high:t})", **value, low=low, high=high)


def _end(end: Value) -> Message:
    if isinstance(end, float):
        return Message("{n:n}", n=show(end, Format.TITER))
    return Message("not\u00a0bounded")


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
    shown = Format.PERCENT if hnk1.unit == "%" else Format.OD
    return pieces(
        status, ": ", number(hnk1.value, shown), " ", Given(hnk1.unit or ""), *_hnk1_at(hnk1), *reason
    )


def _hnk1_at(hnk1: Hnk1Result) -> list[Message]:
    """At which dilution or dilutions the value was taken."""
    dilutions = hnk1.dilutions or ((hnk1.dilution,) if hnk1.dilution else ())
    templates = (" at 1:{n:n}", *[", 1:{n:n}"] * (len(dilutions) - 1))
    return [
        Message(template, n=show(dilution, Format.DILUTION))
        for template, dilution in zip(templates, dilutions, strict=False)
    ]


def hnk1_limits(sample: SampleResult) -> str | None:
    """What the value was compared with, and whether that is the laboratory's own."""
    hnk1 = sample.hnk1
    untested = withheld(sample) or hnk1.status is Hnk1Status.NOT_TESTED
    if untested or hnk1.positive_from is None or hnk1.grey_from is None:
        return None
    own = hnk1.cut_from != "default"
    return Message(
        "positive from {a:n} {unit}, grey from {b:n} {unit} ({whose:t})",
        a=f"{hnk1.positive_from:g}",
        b=f"{hnk1.grey_from:g}",
        unit=hnk1.unit or "",
        whose=Message("from {source}", source=str(hnk1.cut_from)) if own else "a default",
    )


def hnk1_further(sample: SampleResult) -> Mapping[str, str]:
    """The other numbers of the HNK1 check by their names; on a clear negative they are ratios of noise."""
    if clear_negative(sample):
        return {}
    told = ((other.name, _number_text(other)) for other in sample.hnk1.others)
    return {name: text for name, text in told if text}


def _number_text(other: Hnk1Number) -> str:
    if other.value is None:
        return other.text
    shown = Format.PERCENT if other.unit == "%" else Format.TITER
    note = (", ", other.text) if other.text else ()
    ends = _ends(other.ci95, partial(number, form=shown))
    unit = (" ", Given(other.unit)) if other.unit else ()
    return pieces(number(other.value, shown), *unit, ends, *note)


def _ends(ci95: Interval | None, printed: Callable[[float], str]) -> str:
    """The interval behind a number; nothing where a side is open."""
    low, high = ci95 or (None, None)
    if low is None or high is None:
        return ""
    return Message(" (95 % interval {low:n} to {high:n})", low=printed(low), high=printed(high))


def specific_line(sample: SampleResult) -> str:
    """``95.2 % specific (pass)``."""
    negative = sample.antigen_negative
    if negative.specific_fraction is None or clear_negative(sample):
        return negative.status.means.words
    return Message(
        "{share:n}\u00a0% specific ({status:t})",
        share=number(100 * negative.specific_fraction, Format.PERCENT),
        status=negative.status.means.words,
    )


def binding_line(sample: SampleResult) -> str | None:
    """Non-specific index and how both parts fall; None where nothing is known."""
    binding = sample.nonspecific
    if binding is None or binding.index_percent is None or clear_negative(sample):
        return None
    slopes = {
        "the specific part falls with slope {n:n}": binding.specific_slope,
        "the rest falls with slope {n:n}": binding.nonspecific_slope,
    }
    falls = [Message(text, n=signed(slope, 2)) for text, slope in slopes.items() if slope is not None]
    share = Message("{share:n} % of the first dilution's signal", share=signed(binding.index_percent, 0))
    lead = pieces(share, _ends(binding.ci95, partial(signed, decimals=0)))
    return pieces(listed("; ", [lead, *falls]), *((" on log-log axes",) if falls else ()))


def cutoff_line(sample: SampleResult) -> Mapping[str, str]:
    """The cut-off titer in words, named with its OD."""
    series = sample.series
    if series is None or series.cutoff_titer is None:
        return {}
    od = f"{series.cutoff_titer.cutoff_od:g}"
    name = Message("Cut-off titer at {od:n} OD, reciprocal dilution", od=od)
    return {name: series.cutoff_titer.text}


def area_line(sample: SampleResult) -> str | None:
    """The area under the series with its standard error."""
    series = sample.series
    if series is None or series.area is None:
        return None
    area = signed(series.area, 2)
    if series.area_se is None:
        return Message("{area:n} OD \u00d7 ln dilution", area=area)
    spread = signed(series.area_se, 2)
    return Message("{area:n} \u00b1 {se:n} OD \u00d7 ln dilution", area=area, se=spread)


def fall_line(sample: SampleResult) -> str | None:
    """How steep the sample is beside the calibrators; None where it cannot be said."""
    parallelism = None if sample.series is None or clear_negative(sample) else sample.series.parallelism
    if parallelism is None or parallelism.slope_ratio is None or parallelism.ci90 is None:
        return None
    low, high = parallelism.ci90
    ratio = signed(parallelism.slope_ratio, 2)
    if low is None or high is None:
        return Message("{ratio:n} of the calibrators' (no interval; 1 is parallel)", ratio=ratio)
    return Message(
        "{ratio:n} of the calibrators' (90 % interval {low:n} to {high:n}; 1 is parallel)",
        ratio=ratio,
        low=signed(low, 2),
        high=signed(high, 2),
    )


def dilution_line(dilution: float | None) -> str | None:
    """``1:27 000``."""
    return None if dilution is None else f"1:{show(dilution, Format.DILUTION)}"


def person_line(sample: SampleResult) -> str | None:
    """Whose serum, of which day, and how it was diluted before; None where the sheet says nothing."""
    diluted = prior_dilution(sample)
    before = None if diluted is None else Message("diluted {dilution} before", dilution=diluted)
    told = [Given(part) for part in (sample.patient_code, sample.collected_on) if part]
    return listed(", ", filter(None, (*told, before))) or None


def prior_dilution(sample: SampleResult) -> str | None:
    """Dilution before the plate, where there was one."""
    return None if sample.prior_dilution == 1 else dilution_line(sample.prior_dilution)


def flag_words(flags: Iterable[Flag]) -> str | None:
    """All flags in plain words; None without a flag."""
    words = [flag.means.words for flag in flags]
    return joined(", ", words) if words else None
