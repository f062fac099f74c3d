"""Rules on the HNK1 strip: is it what its layout says?"""

from __future__ import annotations

import math

from pipeline.domain.message import Message
from pipeline.domain.results import DilutionResult, PlateResult, SampleResult
from pipeline.domain.rounding import fixed
from qc.rule import Observation, Observations, Terms, rule, rule_by_terms, unknown
from qc.subjects import PLATE, series

_ALIKE_SE = 2.0
"""Net signals closer than this are the same within error."""
_ENOUGH = 2
"""Dilutions that say the same are no chance."""


@rule_by_terms(
    "HNK-01",
    title="HNK1 adds to the signal",
    breach="HNK1 wells read below the antigen-negative ones",
    limit="hnk1_below_zero",
    hnk1=True,
)
def hnk1_adds(result: PlateResult, terms: Terms) -> Observations:
    """How far HNK1 wells read below the antigen-negative ones, in SE of the difference, at worst.

    Differences of no more than ``replicate_difference_od`` do not count.
    """
    small = terms.limits.replicate_difference_od
    for subject, serum in series(result):
        known = [(_in_se(d), d) for d in serum.dilutions if d.hnk1_net_od is not None and d.hnk1_net_od_se]
        if not known:
            continue
        far = [one for one in known if small is None or not small.allows(-(one[1].hnk1_net_od or 0.0))]
        lowest, at = min(far or known, key=lambda one: one[0])
        text = Message(
            "net HNK1 OD {od:n} at 1:{n:n}, {se:n} SE",
            od=fixed(at.hnk1_net_od or 0.0, 3),
            n=f"{at.dilution:g}",
            se=fixed(lowest, 1),
        )
        yield Observation(subject, max(-lowest, 0.0), text, ok=None if far else True)


def _in_se(d: DilutionResult) -> float:
    return (d.hnk1_net_od or 0.0) / (d.hnk1_net_od_se or 1.0)


@rule(
    "HNK-02",
    title="HNK1 and antigen wells are told apart",
    breach="HNK1 and antigen wells read alike",
    limit="hnk1_like_mag",
    hnk1=True,
)
def hnk1_is_not_mag(result: PlateResult) -> Observations:
    """Sera and controls whose HNK1 wells read as their antigen wells do at every positive dilution.

    One serum may bind both alike; where all do, the HNK1 strip carries the antigen of the calibrators.
    """
    compared = {subject: pairs for subject, serum in series(result) if (pairs := _pairs(serum))}
    if sum(map(len, compared.values())) < _ENOUGH:
        yield unknown(PLATE, Message("too few positive dilutions have HNK1 wells"))
        return
    same = [subject for subject, pairs in compared.items() if all(map(_alike, pairs))]
    text = Message("{n:n} of {m:n} sera read alike on both", n=len(same), m=len(compared))
    named = tuple(about for subject in same for about in subject.about)
    yield Observation(PLATE, float(len(same) if len(same) == len(compared) else 0), text, named=named)


_Pair = tuple[float, float]
"""Antigen minus HNK1 signal, and its standard error."""


def _pairs(serum: SampleResult) -> list[_Pair]:
    return [
        (d.net_od - d.hnk1_net_od, math.hypot(d.net_od_se, d.hnk1_net_od_se))
        for d in serum.dilutions
        if d.positive and d.net_od is not None and d.hnk1_net_od is not None
        if d.net_od_se is not None and d.hnk1_net_od_se is not None
    ]


def _alike(pair: _Pair) -> bool:
    apart, se = pair
    return abs(apart) <= _ALIKE_SE * se
