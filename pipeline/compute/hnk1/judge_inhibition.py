"""HNK1 by inhibition: how much of the MAG signal a soluble competitor takes away, at one dilution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.compute.curve.fitting import Fit
from pipeline.compute.hnk1.inhibition import (
    InhibitionPair,
    PercentInhibition,
    concentration_inhibition,
    dilution_in_window,
    mock_holds,
    od_inhibition,
    window_share,
)
from pipeline.compute.hnk1.status import because, judged, status_of, without_value
from pipeline.compute.plate.facts import PlateFacts
from pipeline.compute.plate.series import Step
from pipeline.domain.codes.hnk1 import Hnk1Reason, Hnk1Status
from pipeline.domain.hnk1 import Hnk1Inhibition
from pipeline.domain.message import Message
from pipeline.domain.names import bound
from pipeline.domain.specificity import Hnk1Number, Hnk1Result

_OPPOSITE = {
    Hnk1Status.POSITIVE: Hnk1Status.NEGATIVE,
    Hnk1Status.NEGATIVE: Hnk1Status.POSITIVE,
}


def judge_inhibition(steps: Sequence[Step], declared: Hnk1Inhibition, facts: PlateFacts) -> Hnk1Result:
    """Percent inhibition where the uninhibited signal lies in the curve's window.

    The concentration domain decides; where it has neither a percent nor a bound, the OD domain does, and the
    reason says so. A mock competitor that inhibits by itself makes the check invalid. Little inhibition by a
    monomer stays open: it is no evidence against HNK1.
    """
    tested = [step for step in steps if declared.competitor in step.treated]
    if not tested:
        return without_value(declared, Hnk1Status.NOT_TESTED, Hnk1Reason.NO_COMPETITOR_WELLS)
    fit = facts.curve.fit
    if fit is None:
        return without_value(declared, Hnk1Status.INVALID, Hnk1Reason.NO_CURVE)
    readable = [(step, pair) for step in tested if (pair := _pair(step, declared.competitor)) is not None]
    shares = [window_share(pair.net[0].od, fit) for _, pair in readable]
    choice = dilution_in_window(shares, declared.window_low.value, declared.window_high.value)
    if choice.index is None:
        return without_value(declared, Hnk1Status.INVALID, choice.reason or Hnk1Reason.NO_PAIR)
    step, pair = readable[choice.index]
    found = _at(step, pair, fit, declared, facts.precision.df_at(pair.uninhibited.od))
    others = [pair for pair in readable if pair[0] is not step]
    return _unless_contradicted(found, others, fit, declared, facts)


def _unless_contradicted(
    found: Hnk1Result,
    others: Sequence[tuple[Step, InhibitionPair]],
    fit: Fit,
    declared: Hnk1Inhibition,
    facts: PlateFacts,
) -> Hnk1Result:
    """One lost competitor must not decide: a dilution that clearly says the opposite opens the result."""
    opposite = _OPPOSITE.get(found.status)
    for step, pair in others:
        other = concentration_inhibition(pair, fit, facts.precision.df_at(pair.uninhibited.od))
        if opposite and status_of(other.percent, other.ci95, other.at_least, declared) == opposite:
            return because(found, Hnk1Status.GREY, Hnk1Reason.CONTRADICTED, n=f"{step.dilution:g}")
    return found


def _at(step: Step, pair: InhibitionPair, fit: Fit, declared: Hnk1Inhibition, df: float) -> Hnk1Result:
    concentration, od = concentration_inhibition(pair, fit, df), od_inhibition(pair, df)
    known = concentration.percent is not None or concentration.at_least is not None
    used = concentration if known else od
    found = judged(declared, used.percent, used.ci95, at_least=used.at_least, dilution=step.dilution)
    found = replace(found, reason=used.reason, code=used.code)
    if not known:
        found = because(found, found.status, Hnk1Reason.FROM_ODS, why=concentration.reason or "")
        # wells that were swapped read far below zero and must not count as complete inhibition
        if od.percent is None or concentration.code is Hnk1Reason.BELOW_ZERO:
            found = without_value(declared, Hnk1Status.INVALID, concentration.code or Hnk1Reason.NO_PAIR)
    numbers = [_number("Inhibition of the concentration", concentration), _number("Inhibition of the OD", od)]
    checked = _mock(_weak_competitor(found, declared), step, fit, declared, df)
    return replace(checked, others=(*numbers, *checked.others))


def _weak_competitor(found: Hnk1Result, declared: Hnk1Inhibition) -> Hnk1Result:
    if found.status is not Hnk1Status.NEGATIVE or declared.competitor_form != "monomer":
        return found
    return because(found, Hnk1Status.GREY, Hnk1Reason.MONOMER, competitor=declared.competitor)


def _mock(found: Hnk1Result, step: Step, fit: Fit, declared: Hnk1Inhibition, df: float) -> Hnk1Result:
    if declared.mock is None or declared.mock_max_percent is None:
        return found
    pair = _pair(step, declared.mock)
    if pair is None:
        return because(found, Hnk1Status.INVALID, Hnk1Reason.NO_MOCK_WELLS)
    mock = concentration_inhibition(pair, fit, df)
    holds, limit = mock_holds(mock, declared.mock_max_percent.value), declared.mock_max_percent.value
    number = _number("Inhibition by the mock competitor", mock)
    found = replace(found, others=(number,))
    if holds:
        return found
    if holds is False:
        return because(found, Hnk1Status.INVALID, Hnk1Reason.MOCK_INHIBITS, n=f"{limit:g}")
    return because(found, Hnk1Status.INVALID, mock.code or Hnk1Reason.NO_PAIR)


def _pair(step: Step, treatment: str) -> InhibitionPair | None:
    """The signals of a dilution with and without the treatment; None where one cannot be read."""
    treated = step.treated.get(treatment)
    if treated is None or treated.saturated or step.saturated or step.disagree or step.negative_borrowed:
        return None
    if treated.main is None or treated.negative is None or step.main is None or step.negative is None:
        return None
    return InhibitionPair(step.main, treated.main, step.negative, treated.negative, treated.shared_negative)


def _number(name: str, found: PercentInhibition) -> Hnk1Number:
    text: str = found.reason or ""
    if found.at_least is not None:
        text = Message("at least {n:n} %", n=bound(found.at_least, up=False, digits=2))
    return Hnk1Number(name, found.percent, "%", found.ci95, text)
