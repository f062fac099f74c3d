"""From a number with its interval to a status, the same way for every HNK1 format."""

from __future__ import annotations

from dataclasses import replace

from pipeline.domain.codes.hnk1 import Hnk1Reason, Hnk1Status
from pipeline.domain.hnk1 import Hnk1Absorption, Hnk1Direct, Hnk1Inhibition
from pipeline.domain.specificity import Hnk1Result, Interval

Declared = Hnk1Direct | Hnk1Inhibition | Hnk1Absorption


def status_of(
    value: float | None, ci95: Interval | None, at_least: float | None, declared: Declared
) -> Hnk1Status:
    """Positive, grey or negative.

    Positive: at or above the positive limit, and the interval's lower end not below the grey zone. Negative:
    below the grey zone, and the upper end below the positive limit. All else is grey: an interval that is
    open, or straddles both limits, never decides. A bound decides by itself if it reaches the positive limit.
    """
    positive, grey = (setting.value for setting in declared.cut)
    if at_least is not None and at_least >= positive:
        return Hnk1Status.POSITIVE
    if value is None or ci95 is None:
        return Hnk1Status.GREY
    low, high = ci95
    if value >= positive and low is not None and low >= grey:
        return Hnk1Status.POSITIVE
    if value < grey and high is not None and high < positive:
        return Hnk1Status.NEGATIVE
    return Hnk1Status.GREY


def judged(
    declared: Declared,
    value: float | None,
    ci95: Interval | None,
    *,
    at_least: float | None = None,
    dilution: float | None = None,
) -> Hnk1Result:
    """A result with the limits that it was compared with."""
    positive, grey = declared.cut
    return Hnk1Result(
        declared.format,
        status_of(value, ci95, at_least, declared),
        value,
        positive.unit,
        ci95,
        None,
        dilution,
        at_least,
        positive.value,
        grey.value,
        declared.cut_from,
    )


def without_value(declared: Declared, status: Hnk1Status, why: Hnk1Reason) -> Hnk1Result:
    """Not tested, invalid, or positive beyond any number."""
    return because(judged(declared, None, None), status, why)


def because(found: Hnk1Result, status: Hnk1Status, why: Hnk1Reason, /, **values: str | int) -> Hnk1Result:
    """The same numbers with another status."""
    return replace(found, status=status, reason=why.says(**values), code=why)
