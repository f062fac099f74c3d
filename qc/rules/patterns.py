"""Rules on patterns over the plate: edge effect, drift, copied numbers."""

from __future__ import annotations

from pipeline.domain.message import Message, joined
from pipeline.domain.names import bound_plain
from pipeline.domain.patterns import CopiedWells, PositionEffect
from pipeline.domain.results import PlateResult
from qc.rule import Observation, Observations, Terms, rule_by_terms, unknown
from qc.subjects import COLUMNS, EXPORT, PLATE, ROWS, FindingSubject
from qc.words import first_of


@rule_by_terms(
    "PLT-07",
    title="The edge of the plate reads like its inside",
    breach="The edge of the plate reads unlike its inside",
    limit="edge_effect",
)
def edge_effect(result: PlateResult, terms: Terms) -> Observations:
    """Edge wells against inner wells expected equal, in percent; a breach is also below pattern_p."""
    if result.patterns is not None:
        yield _position(PLATE, result.patterns.edge, terms)


@rule_by_terms("PLT-08", title="The plate does not drift", breach="The plate drifts", limit="plate_drift")
def plate_drift(result: PlateResult, terms: Terms) -> Observations:
    """Last row or column against the first, in percent; a breach is also below pattern_p."""
    if result.patterns is not None:
        yield _position(ROWS, result.patterns.rows, terms)
        yield _position(COLUMNS, result.patterns.columns, terms)


def _position(subject: FindingSubject, seen: PositionEffect, terms: Terms) -> Observation:
    chance = terms.limits.pattern_p
    if seen.percent is None or seen.ci95 is None or seen.p is None:
        return unknown(subject, Message("not testable: {why:t}", why=seen.reason or ""))
    if chance is None:
        return unknown(subject, Message("the assay declares no limit {key}", key="pattern_p"))
    low, high = (f"{end:+.1f}" if end is not None else "open" for end in seen.ci95)
    text = Message(
        "{n:n} %, 95 % interval {low:t} to {high:t} %, p {p:n}, "
        "from {groups:n} groups of wells expected equal",
        n=f"{seen.percent:+.1f}",
        low=low,
        high=high,
        p=f"{seen.p:.2g}",
        groups=seen.groups,
    )
    return Observation(subject, abs(seen.percent), text, ok=chance.allows(seen.p) or None)


@rule_by_terms("PLT-09", title="No numbers were copied", breach="Numbers were copied", limit="copied_wells")
def copied_wells(result: PlateResult, terms: Terms) -> Observations:
    """Wells that repeat the printed ODs of others in the same arrangement, beyond chance (pattern_p)."""
    if result.patterns is not None and terms.limits.pattern_p is not None:
        yield _copied(PLATE, result.patterns.copied, terms)


@rule_by_terms(
    "PLT-10",
    title="The plates of an export differ",
    breach="The plates of an export repeat each other",
    limit="copied_wells",
)
def plates_differ(result: PlateResult, terms: Terms) -> Observations:
    """Wells that repeat the printed ODs of another plate of the export, beyond chance (pattern_p)."""
    patterns = result.patterns
    if patterns is not None and patterns.other_plates and terms.limits.pattern_p is not None:
        yield _copied(EXPORT, patterns.elsewhere, terms)


def _copied(subject: FindingSubject, copied: CopiedWells | None, terms: Terms) -> Observation:
    if copied is None:
        return Observation(subject, 0.0, Message("no number stands there twice"))
    chance = terms.limits.pattern_p
    by_chance = chance is not None and chance.allows(copied.chance)
    most = Message("chance at most {n:n}", n=bound_plain(copied.chance))
    pairs = [_pair(one, other, copied.plate) for one, other in zip(copied.first, copied.second, strict=True)]
    text = joined("; ", [first_of(pairs), most])
    return Observation(subject, float(len(copied.first)), text, ok=by_chance or None)


def _pair(one: str, other: str, plate: str | None) -> Message:
    if plate is None:
        return Message("{a:w} = {b:w}", a=one, b=other)
    return Message("{a:w} = {b:w} of plate {plate:w}", a=one, b=other, plate=plate)
