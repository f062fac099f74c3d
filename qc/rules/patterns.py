"""Rules on patterns over the plate: edge effect, drift, copied numbers."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.domain.assay import Assay
from pipeline.domain.declared import Limit
from pipeline.domain.names import bound_plain
from pipeline.domain.patterns import CopiedWells, PositionEffect
from pipeline.domain.results import PlateResult
from qc.rule import Observation, rule

_NAMED = 6
"""Wells that a message names."""


@rule("PLT-07", title="The edge of the plate reads like its inside", limit="edge_effect")
def edge_effect(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Edge wells against inner wells expected equal, in percent; a breach is also below pattern_p."""
    if result.patterns is not None:
        yield _position("plate", result.patterns.edge, assay, limit)


@rule("PLT-08", title="The plate does not drift", limit="plate_drift")
def plate_drift(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Last row or column against the first, in percent; a breach is also below pattern_p."""
    if result.patterns is not None:
        yield _position("rows", result.patterns.rows, assay, limit)
        yield _position("columns", result.patterns.columns, assay, limit)


def _position(subject: str, seen: PositionEffect, assay: Assay, limit: Limit) -> Observation:
    chance = assay.limits.pattern_p
    if seen.percent is None or seen.ci95 is None or seen.p is None:
        return Observation(subject, None, None, f"not testable: {seen.reason}")
    if chance is None:
        return Observation(subject, None, None, "the assay declares no limit pattern_p")
    breached = abs(seen.percent) > limit.value and seen.p < chance.value
    low, high = (f"{end:+.1f}" if end is not None else "open" for end in seen.ci95)
    text = f"{seen.percent:+.1f} %, 95 % interval {low} to {high} %, p {seen.p:.2g}"
    return Observation(
        subject, not breached, abs(seen.percent), f"{text}, from {seen.groups} groups of wells expected equal"
    )


@rule("PLT-09", title="No numbers were copied", limit="copied_wells")
def copied_wells(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Wells that repeat the printed ODs of others in the same arrangement, beyond chance (pattern_p)."""
    chance = assay.limits.pattern_p
    if result.patterns is None or chance is None:
        return
    yield _copied("plate", result.patterns.copied, chance, limit)


@rule("PLT-10", title="The plates of an export differ", limit="copied_wells")
def plates_differ(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Wells that repeat the printed ODs of another plate of the export, beyond chance (pattern_p)."""
    chance = assay.limits.pattern_p
    if result.patterns is not None and result.patterns.other_plates and chance is not None:
        yield _copied("export", result.patterns.elsewhere, chance, limit)


def _copied(subject: str, copied: CopiedWells | None, chance: Limit, limit: Limit) -> Observation:
    if copied is None:
        return Observation(subject, ok=True, observed=0.0, message="no number stands there twice")
    wells = len(copied.first)
    breached = wells > limit.value and copied.chance < chance.value
    place = f" of plate {copied.plate}" if copied.plate is not None else ""
    pairs = [f"{a} = {b}{place}" for a, b in zip(copied.first, copied.second, strict=True)]
    more = f" and {wells - _NAMED} more" if wells > _NAMED else ""
    text = f"{', '.join(pairs[:_NAMED])}{more}; chance at most {bound_plain(copied.chance)}"
    return Observation(subject, not breached, float(wells), text)
