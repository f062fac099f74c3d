"""What a layout cannot decide, said before a plate is pipetted; no layout is refused for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

from pipeline.domain.assay import Assay
from pipeline.domain.hnk1 import Hnk1Direct
from pipeline.domain.layout import PlateLayout, Role, WellUse

ONE_POINT = 1.5
"""Concentrations in the well that differ by less read alike: the limit of recovery is half of that."""


def remarks(layout: PlateLayout, assay: Assay) -> list[str]:
    """Sentences, the gravest first; nothing where a layout decides all that the assay asks."""
    return [text for look in _LOOKS for text in look(layout, assay)]


def _not_controlled(layout: PlateLayout, assay: Assay) -> Iterator[str]:
    """Dilutions without antigen-negative wells are not judged."""
    negative = assay.antigen_negative
    if negative is None:
        return
    for slots, dilutions in _alike(layout):
        uses = _uses(layout, Role.SAMPLE, slots[0])
        bare = [one for one in dilutions if negative.antigen not in _coatings(uses, one)]
        if not bare:
            continue
        who = f"{_listed(slots)}: no antigen-negative well at {_ratios(bare)}."
        if negative.missing == "neighbour":
            yield f"{who} These dilutions are read against their neighbours' wells, which is less sure."
            continue
        judged = [one not in bare for one in dilutions]
        asked = min(assay.cutoff.min_adjacent_dilutions, len(dilutions)) if assay.cutoff is not None else 1
        never = f" so that no serum can become positive: {asked} side by side are asked for,"
        yield (
            f"{who} These dilutions are not judged,{never if _longest(judged) < asked else ''} unless "
            'missing = "neighbour" stands in [antigen_negative]: then the nearest wells are taken.'
        )


def _few_dilutions(layout: PlateLayout, assay: Assay) -> Iterator[str]:  # noqa: ARG001 - a look has both
    """One dilution shows neither a hook nor a scatter."""
    slots = [slot for slots, dilutions in _alike(layout) if len(dilutions) == 1 for slot in slots]
    if slots:
        yield f"{_listed(slots)}: one dilution. A hook, and dilutions that disagree, are not seen."


def _single_wells(layout: PlateLayout, assay: Assay) -> Iterator[str]:
    """A single well that failed looks like a serum."""
    antigen, slots = assay.calibration.antigen, layout.names(Role.SAMPLE)
    wells = [use for slot in slots for use in _uses(layout, Role.SAMPLE, slot) if use.antigen == antigen]
    groups = {(use.name, use.dilution, use.condition) for use in wells}
    if wells and len(groups) == len(wells):
        yield f"{antigen} wells of the samples are single: a bad well is not told from a serum."


def _hnk1_dilutions(layout: PlateLayout, assay: Assay) -> Iterator[str]:
    """HNK1 binding has to fall with dilution."""
    if not isinstance(assay.hnk1, Hnk1Direct):
        return
    for slots, dilutions in _alike(layout):
        uses = _uses(layout, Role.SAMPLE, slots[0])
        count = sum(assay.hnk1.antigen in _coatings(uses, one) for one in dilutions)
        if count < 2:  # noqa: PLR2004 - one cannot fall
            which = "at one dilution only" if count else "at no dilution"
            yield f"{_listed(slots)}: HNK1 wells {which}. Binding that is not seen to fall is not confirmed."


def _one_side(layout: PlateLayout, assay: Assay) -> Iterator[str]:
    """Sera on one half of the plate that nothing known stands on."""
    known = {
        well.column
        for role in (Role.CALIBRATOR, Role.CONTROL)
        for well in layout.wells(role)
        if layout.uses[well].antigen == assay.calibration.antigen
    }
    half = layout.columns // 2
    right = any(well.column >= half for well in layout.wells(Role.SAMPLE))
    if known and right and max(known) < half:
        yield (
            f"Calibrators and controls stand in columns {min(known) + 1} to {max(known) + 1}: a plate that "
            "reads lower towards the right is not seen."
        )


def _strips(layout: PlateLayout, assay: Assay) -> Iterator[str]:
    """HNK1 columns without a control are not told apart."""
    if not isinstance(assay.hnk1, Hnk1Direct):
        return
    columns: dict[Role, set[int]] = defaultdict(set)
    for well, use in layout.uses.items():
        if use.antigen == assay.hnk1.antigen:
            columns[use.role].add(well.column + 1)
    alone = sorted(columns[Role.SAMPLE] - columns[Role.CONTROL])
    if alone:
        yield (
            f"No control stands on the HNK1 wells of {_columns(alone)}: strips that were exchanged, or "
            "coated with something else, are not seen."
        )


def _same_point(layout: PlateLayout, assay: Assay) -> Iterator[str]:
    """Positive controls that read alike can be exchanged unseen."""
    points = {
        name: _points(layout, assay, name, control.target)
        for name, control in assay.controls.items()
        if control.kind == "positive" and control.target
    }
    for (one, mine), (other, theirs) in combinations(points.items(), 2):
        different = assay.controls[one].target != assay.controls[other].target
        if different and mine and theirs and _near(mine, theirs) and _near(theirs, mine):
            at = f"{mine[0]:.4g} and {theirs[0]:.4g} {assay.unit}"
            yield f"{one} and {other} read alike in the wells ({at}): exchanged, they are not told apart."


def _no_series(layout: PlateLayout, assay: Assay) -> Iterator[str]:
    """What happens to all sera at their first step happens to no control."""
    several = any(len(dilutions) > 1 for _, dilutions in _alike(layout))
    controls = [_dilutions(_uses(layout, Role.CONTROL, name)) for name in assay.controls]
    if several and controls and all(len(one) == 1 for one in controls):
        yield "No control is diluted in series like a serum: one wrong step in all series is not seen."


_LOOKS = (
    _not_controlled,
    _few_dilutions,
    _single_wells,
    _hnk1_dilutions,
    _one_side,
    _strips,
    _same_point,
    _no_series,
)


def _alike(layout: PlateLayout) -> list[tuple[list[str], list[float]]]:
    """Samples with the same wells at the same dilutions, and these dilutions."""
    found: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for slot in layout.names(Role.SAMPLE):
        uses = _uses(layout, Role.SAMPLE, slot)
        found[tuple(sorted((use.dilution or 1.0, use.condition) for use in uses))].append(slot)
    return [(slots, _dilutions(_uses(layout, Role.SAMPLE, slots[0]))) for slots in found.values()]


def _uses(layout: PlateLayout, role: Role, name: str) -> list[WellUse]:
    return [layout.uses[well] for well in layout.wells(role, name)]


def _dilutions(uses: Sequence[WellUse]) -> list[float]:
    return sorted({use.dilution or 1.0 for use in uses})


def _coatings(uses: Sequence[WellUse], dilution: float) -> set[str]:
    return {use.antigen for use in uses if (use.dilution or 1.0) == dilution}


def _points(layout: PlateLayout, assay: Assay, name: str, target: float | None) -> list[float]:
    """Concentrations in a control's antigen wells."""
    uses = [use for use in _uses(layout, Role.CONTROL, name) if use.antigen == assay.calibration.antigen]
    return [(target or 0.0) * assay.calibration.reference_dilution / one for one in _dilutions(uses)]


def _near(points: Sequence[float], others: Sequence[float]) -> bool:
    return all(any(1 / ONE_POINT < one / other < ONE_POINT for other in others) for one in points)


def _longest(flags: Sequence[bool]) -> int:
    longest = run = 0
    for flag in flags:
        run = run + 1 if flag else 0
        longest = max(longest, run)
    return longest


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"


def _ratios(dilutions: Sequence[float]) -> str:
    return ", ".join(f"1:{one:g}" for one in dilutions)


def _columns(numbers: Sequence[int]) -> str:
    return f"column {numbers[0]}" if len(numbers) == 1 else f"columns {', '.join(map(str, numbers))}"
