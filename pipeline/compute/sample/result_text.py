"""The titer as a result states it, and the result of a sample in one sentence, as it may go to the clinic."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pipeline.compute.sample.wording import level_of
from pipeline.domain.assay import Assay
from pipeline.domain.codes.classes import SampleClass
from pipeline.domain.codes.hnk1 import Hnk1Status
from pipeline.domain.codes.qualifier import Qualifier
from pipeline.domain.message import Message, joined
from pipeline.domain.names import bound, decimals, number, outward, plain_spaces, to_digits
from pipeline.domain.results import SampleResult, Titer
from pipeline.domain.rounding import fixed


def with_result_text(sample: SampleResult, assay: Assay) -> SampleResult:
    """The sample with its titer as it is reported, and its result in a sentence."""
    text = _result(sample, assay) if sample.reportable else _no_result(sample, assay)
    return replace(sample, titer_reported=reported(sample.titer), result_text=text)


def reported(titer: Titer) -> str:
    """``24800``, ``< 152``, or the words in place of a number; a program may read it.

    Three significant digits; a bound is rounded outwards, so that it holds.
    """
    if titer.value is None:
        return plain_spaces(titer.text)
    places = decimals(titer.value, 3)
    if titer.qualifier is Qualifier.MEASURED:
        return fixed(to_digits(titer.value), max(0, places))
    bound = outward(titer.value, places, up=titer.qualifier is Qualifier.BELOW)
    return f"{titer.qualifier} {fixed(bound, max(0, places))}"


def _result(sample: SampleResult, assay: Assay) -> Message:
    return Message("{parts:t}.", parts=joined("; ", _parts(sample, assay)))


def _no_result(sample: SampleResult, assay: Assay) -> Message:
    """What is measured and how, and why there is no result."""
    measured = assay.measured or assay.title
    named = measured if assay.method is None else f"{measured} ({assay.method})"
    return Message("{measured}: no result to report: {why:t}", measured=named, why=sample.explanation)


def _parts(sample: SampleResult, assay: Assay) -> Iterator[str]:
    """Class with number and interval, reference, HNK1 where the class does not name it, comments."""
    yield Message(
        "{measured}: {result:t}, {amount:t}",
        measured=assay.measured or assay.title,
        result=sample.classification.means.heading,
        amount=_amount(sample),
    )
    if assay.cutoff is not None and assay.cutoff.reference_range:
        yield Message("reference {range}", range=assay.cutoff.reference_range)
    status = sample.hnk1.status
    if sample.classification is SampleClass.NEGATIVE and status is not Hnk1Status.NOT_TESTED:
        yield Message("HNK1 {status:t}", status=status.means.words)
    yield from (reason.means.comment for reason in sample.reasons if reason.means.comment)
    yield from (flag.means.comment for flag in sample.flags if flag.means.comment)
    if sample.level_comment is not None and assay.cutoff is not None:
        level = level_of(sample.classification, sample.titer, assay.cutoff)
        yield Message("level: {comment}", comment=level or "")
    if assay.method is not None:
        yield Message("method: {method}", method=assay.method)


def _amount(sample: SampleResult) -> str:
    """``24 800 BTU (95 % interval 21 500 to 28 600)``, a bound, or the words in place of a number."""
    titer = sample.titer
    if titer.value is None:
        return titer.text
    if titer.qualifier is not Qualifier.MEASURED:
        n = plain_spaces(bound(titer.value, up=titer.qualifier is Qualifier.BELOW))
        return Message("{sign} {n:n} {unit}", sign=titer.qualifier.means.sign, n=n, unit=titer.unit)
    low, high = titer.ci95 or (None, None)
    if low is None or high is None:
        return Message("{n:n} {unit}", n=_printed(titer.value), unit=titer.unit)
    ends = {"low": _printed(low), "high": _printed(high)}
    template = "{n:n} {unit} (95 % interval {low:n} to {high:n})"
    return Message(template, n=_printed(titer.value), unit=titer.unit, **ends)


def _printed(value: float) -> str:
    return plain_spaces(number(value))
