"""HNK1 by inhibition: how much of the MAG signal a soluble competitor takes away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.compute.curve.fitting import Fit
from pipeline.compute.hnk1.inhibition import (
    InhibitionPair,
    PercentInhibition,
    dilutions_in_window,
    mock_holds,
    od_inhibition,
    why_none_in_window,
    window_share,
)
from pipeline.compute.hnk1.joint_inhibition import agreement, joint_inhibition, problem_of
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


@dataclass(frozen=True, slots=True)
class _Wells:
    """A dilution whose wells with and without a treatment can be read."""

    step: Step
    pair: InhibitionPair


@dataclass(frozen=True, slots=True)
class _Bench:
    """What every inhibition of this plate is computed with."""

    fit: Fit
    declared: Hnk1Inhibition
    facts: PlateFacts

    def joint(self, wells: Sequence[_Wells]) -> PercentInhibition:
        """Inhibition of the concentration over these dilutions, with the fewest degrees of freedom."""
        return joint_inhibition([one.pair for one in wells], self.fit, self._df(wells))

    def od(self, wells: _Wells) -> PercentInhibition:
        """Inhibition of the OD at one dilution."""
        return od_inhibition(wells.pair, self._df([wells]))

    def sound(self, wells: Sequence[_Wells]) -> list[_Wells]:
        """Those that say something: a joint inhibition leaves out the others."""
        return [one for one in wells if problem_of(one.pair, self.fit, self._df(wells)) is None]

    def apart(self, wells: Sequence[_Wells]) -> _Wells | None:
        """The dilution that deviates most, where they do not speak of one inhibition."""
        sound = self.sound(wells)
        chance = self.facts.assay.dilution.parallelism_p
        found = agreement([one.pair for one in sound], self.fit, self._df(wells))
        if found is None or chance is None or found.p >= chance.value:
            return None
        return sound[found.farthest]

    def _df(self, wells: Sequence[_Wells]) -> float:
        return min(self.facts.precision.df_at(one.pair.uninhibited.od) for one in wells)


def judge_inhibition(steps: Sequence[Step], declared: Hnk1Inhibition, facts: PlateFacts) -> Hnk1Result:
    """Percent inhibition jointly over the dilutions whose uninhibited signal lies in the curve's window.

    The concentration domain decides; where it has neither a percent nor a bound, the OD of the dilution
    nearest to the middle of the window does, and the reason says so. A mock competitor that inhibits by
    itself makes the check invalid. Little inhibition by a monomer stays open: it is no evidence against HNK1.
    """
    if not any(declared.competitor in step.treated for step in steps):
        return without_value(declared, Hnk1Status.NOT_TESTED, Hnk1Reason.NO_COMPETITOR_WELLS)
    fit = facts.curve.fit
    if fit is None:
        return without_value(declared, Hnk1Status.INVALID, Hnk1Reason.NO_CURVE)
    bench, readable = _Bench(fit, declared, facts), _wells(steps, declared.competitor)
    shares = [window_share(one.pair.net[0].od, fit) for one in readable]
    inside = dilutions_in_window(shares, declared.window_low.value, declared.window_high.value)
    if not inside:
        why = why_none_in_window(shares, declared.window_high.value)
        return without_value(declared, Hnk1Status.INVALID, why)
    used = [readable[n] for n in inside]
    found = _weak_competitor(_decided(used, bench), declared)
    checked = _mock(found, [one.step for one in used], bench)
    checked = replace(checked, others=(*found.others, *checked.others, *_each(readable, bench)))
    return _unless_contradicted(checked, used, readable, bench)


def _decided(used: Sequence[_Wells], bench: _Bench) -> Hnk1Result:
    """The result by the competitor alone; ``used`` holds the dilution nearest to the middle first."""
    sound = bench.sound(used) or list(used)
    declared, concentration, od = bench.declared, bench.joint(used), bench.od(sound[0])
    known = concentration.percent is not None or concentration.at_least is not None
    best = concentration if known else od
    found = judged(declared, best.percent, best.ci95, at_least=best.at_least, dilution=sound[0].step.dilution)
    several = known and len(sound) > 1
    jointly = tuple(sorted(one.step.dilution for one in sound)) if several else ()
    numbers = (_number("Inhibition of the concentration", concentration), _number("Inhibition of the OD", od))
    found = replace(found, reason=best.reason, code=best.code, others=numbers, dilutions=jointly)
    if known:
        return found
    # wells that were swapped read far below zero and must not count as complete inhibition
    if od.percent is None or concentration.code is Hnk1Reason.BELOW_ZERO:
        invalid = without_value(declared, Hnk1Status.INVALID, concentration.code or Hnk1Reason.NO_PAIR)
        return replace(invalid, others=numbers)
    return because(found, found.status, Hnk1Reason.FROM_ODS, why=concentration.reason or "")


def _each(readable: Sequence[_Wells], bench: _Bench) -> Iterator[Hnk1Number]:
    """What every dilution says by itself, inside the window or not, where there are several."""
    if len(readable) > 1:
        for one in readable:
            name = Message("Inhibition at 1:{n:n}", n=f"{one.step.dilution:g}")
            yield _number(name, bench.joint([one]))


def _unless_contradicted(
    found: Hnk1Result, used: Sequence[_Wells], readable: Sequence[_Wells], bench: _Bench
) -> Hnk1Result:
    """One lost competitor must not decide: a dilution that clearly says otherwise opens the result."""
    opposite = _OPPOSITE.get(found.status)
    if opposite is None:
        return found
    for one in readable:
        alone = bench.joint([one])
        if status_of(alone.percent, alone.ci95, alone.at_least, bench.declared) == opposite:
            return because(found, Hnk1Status.GREY, Hnk1Reason.CONTRADICTED, n=f"{one.step.dilution:g}")
    apart = bench.apart(used)
    if apart is not None:
        return because(found, Hnk1Status.GREY, Hnk1Reason.DISAGREE, n=f"{apart.step.dilution:g}")
    return found


def _weak_competitor(found: Hnk1Result, declared: Hnk1Inhibition) -> Hnk1Result:
    if found.status is not Hnk1Status.NEGATIVE or declared.competitor_form != "monomer":
        return found
    return because(found, Hnk1Status.GREY, Hnk1Reason.MONOMER, competitor=declared.competitor)


def _mock(found: Hnk1Result, steps: Sequence[Step], bench: _Bench) -> Hnk1Result:
    """The mock competitor at the same dilutions; only its own numbers are among ``others``."""
    found, declared = replace(found, others=()), bench.declared
    if declared.mock is None or declared.mock_max_percent is None:
        return found
    wells = _wells(steps, declared.mock)
    if not wells:
        return because(found, Hnk1Status.INVALID, Hnk1Reason.NO_MOCK_WELLS)
    mock, limit = bench.joint(wells), declared.mock_max_percent.value
    found = replace(found, others=(_number("Inhibition by the mock competitor", mock),))
    holds = mock_holds(mock, limit)
    if holds:
        return found
    if holds is False:
        return because(found, Hnk1Status.INVALID, Hnk1Reason.MOCK_INHIBITS, n=f"{limit:g}")
    return because(found, Hnk1Status.INVALID, mock.code or Hnk1Reason.NO_PAIR)


def _wells(steps: Sequence[Step], treatment: str) -> list[_Wells]:
    """The dilutions that can be read with and without the treatment."""
    return [_Wells(step, pair) for step in steps if (pair := _pair(step, treatment)) is not None]


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
