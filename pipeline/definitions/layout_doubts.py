"""What in an assay folder looks like a slip of the hand although it can be read.

No layout is refused for it: it is said by ``layout check``, before a plate is pipetted.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from statistics import median

from pipeline.definitions.assay_folder import AssayDefinition
from pipeline.definitions.layout_slots import differences, exchanged, slots
from pipeline.domain.assay import Assay, Control
from pipeline.domain.hnk1 import Hnk1Direct
from pipeline.domain.layout import PlateLayout, Role
from pipeline.domain.names import slug
from pipeline.errors import TiterlineError

ODD_STEP = 3.0
"""A step between calibrators that differs from the others by more than this factor looks mistyped."""
_ALIKE = str.maketrans({"o": "0", "l": "1", "i": "1"})
"""Signs that are taken for each other."""


def doubts(definition: AssayDefinition) -> list[str]:
    """Sentences, each with its file and place, the gravest first."""
    layout, assay, file = definition.layout, definition.assay, definition.layout.source
    on_plate = (text for look in _ON_PLATE for text in look(layout, assay))
    declared = (text for look in _DECLARED for text in look(layout, assay))
    return [
        *(f"{file}: {text}" for text in on_plate),
        *(f"assay.toml: {text}" for text in declared),
        *_names(definition),
    ]


def told(error: TiterlineError) -> list[str]:
    """Every fault of a folder that cannot be used, each once; wells with the same fault share a line."""
    groups: dict[tuple[str | None, ...], list[TiterlineError]] = defaultdict(list)
    for one in error.together:
        groups[one.code, one.message, one.file, one.found, one.expected].append(one)
    return [_with_places(group) for group in groups.values()]


def _with_places(group: Sequence[TiterlineError]) -> str:
    first, *others = group
    more = "; ".join(one.place for one in others if one.place)
    return first.text() + (f" The same at: {more}." if more else "")


def _strayed(layout: PlateLayout, assay: Assay) -> Iterator[str]:  # noqa: ARG001 - a look has both
    """A well that was given to another slot."""
    for well, has, lacks in exchanged(list(differences(slots(layout, Role.SAMPLE)))):
        yield (
            f"block 'name', well {well.name}: {has.name} has one such well more than the others and "
            f"{lacks.name} one fewer. Is this well {lacks.name}'s?"
        )


def _look_alike(layout: PlateLayout, assay: Assay) -> Iterator[str]:
    """``s4`` beside ``S4``, ``SO1`` beside ``S01``."""
    groups: dict[str, set[str]] = defaultdict(set)
    for name in (*layout.names(Role.SAMPLE), *assay.controls, *assay.calibration.levels):
        groups[re.sub(r"\W|_", "", name.casefold()).translate(_ALIKE)].add(name)
    for names in groups.values():
        if len(names) > 1:
            where = (f"'{name}' ({_at(layout, name)})" for name in sorted(names))
            yield f"block 'name': {' and '.join(where)} look alike. Is this one name?"


def _named_as_known(layout: PlateLayout, assay: Assay) -> Iterator[str]:
    """A sample slot with the name of a control or a calibrator."""
    for name in layout.names(Role.SAMPLE):
        if name in assay.controls or name in assay.calibration.levels:
            what = "control" if name in assay.controls else "calibrator level"
            at = _at(layout, name, Role.SAMPLE)
            yield f"block 'role', {at}: a sample has the name of the {what} {name}."


def _skipped(layout: PlateLayout, assay: Assay) -> Iterator[str]:  # noqa: ARG001 - a look has both
    """S1, S2, S4."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for name in layout.names(Role.SAMPLE):
        if found := re.fullmatch(r"(.*?)(\d+)", name):
            numbers[found[1]].append(int(found[2]))
    for stem, seen in numbers.items():
        lacking = sorted(set(range(min(seen), max(seen) + 1)) - set(seen))
        if lacking and len(lacking) <= 2 * len(seen):  # names may hold other numbers than 1, 2, 3
            yield f"block 'name': no slot {', '.join(f'{stem}{n}' for n in lacking)} between the others."


def _unequal(layout: PlateLayout, assay: Assay) -> Iterator[str]:
    """Slots, controls of a kind and calibrator levels that have other wells than the rest."""
    for role in (Role.SAMPLE, Role.CONTROL):
        found: dict[str, list[str]] = defaultdict(list)
        for one in differences(slots(layout, role)):
            found[one.slot.name].append(one.text())
        for name, texts in found.items():
            yield f"{role.value} {name}, unlike the others: {'; '.join(texts)}."
    counts = {level: len(layout.wells(Role.CALIBRATOR, level)) for level in assay.calibration.levels}
    usual = max(counts.values(), key=list(counts.values()).count, default=0)
    for level, count in counts.items():
        if count < usual:
            yield f"calibrator {level} ({_at(layout, level)}): wells: {count}, the other levels: {usual}."


def _without_negative(layout: PlateLayout, assay: Assay) -> Iterator[str]:
    """Slots, and controls, that have no antigen-negative well at all."""
    if assay.antigen_negative is None:
        return
    bare = assay.antigen_negative.antigen
    for role in (Role.SAMPLE, Role.CONTROL):
        for slot in slots(layout, role):
            if not any(coating.split(" + ")[0] == bare for coating, _ in slot.wells):
                yield (
                    f"block 'antigen': {role.value} {slot.name} ({_at(layout, slot.name, role)}) has no "
                    f"antigen-negative well ('{bare}'): it gets no result."
                )


def _other_coatings(layout: PlateLayout, assay: Assay) -> Iterator[str]:
    """Coatings that are declared and on no well, or on wells that nothing reads."""
    used = {assay.calibration.antigen}
    if assay.antigen_negative is not None:
        used.add(assay.antigen_negative.antigen)
    if isinstance(assay.hnk1, Hnk1Direct):
        used.add(assay.hnk1.antigen)
    for coating in assay.antigens:
        wells = [well for well, use in layout.uses.items() if use.antigen == coating]
        sera = [well for well in wells if layout.uses[well].role is Role.SAMPLE]
        if not sera:
            yield f"block 'antigen': {coating} is declared in assay.toml, but no sample well has it."
        elif coating not in used:
            yield (
                f"block 'antigen', well {min(wells).name} and others: nothing reads the wells with "
                f"{coating}; assay.toml has no section that names it."
            )


def _one_blank(layout: PlateLayout, assay: Assay) -> Iterator[str]:
    """A single blank well."""
    wells = [w for w in layout.wells(Role.BLANK) if layout.uses[w].antigen == assay.calibration.antigen]
    if len(wells) == 1:
        yield f"block 'role', well {wells[0].name}: a single blank well; a spoiled one is not noticed."


def _outside(layout: PlateLayout, assay: Assay) -> Iterator[str]:
    """Control targets, and the cut-off, that lie beyond the calibrators at every dilution on the plate."""
    levels = [value for value in assay.calibration.levels.values() if value > 0]
    if not levels:
        return
    low, high = min(levels), max(levels)
    wanted = [
        (f"controls.{name}.target", control.target, _dilutions(layout, Role.CONTROL, name))
        for name, control in assay.controls.items()
        if _has_target(control)
    ]
    if assay.cutoff is not None:
        wanted.append(("cutoff.titer", assay.cutoff.titer, _dilutions(layout, Role.SAMPLE)))
    for key, value, dilutions in wanted:
        points = [(value or 0.0) * assay.calibration.reference_dilution / one for one in dilutions]
        if points and not any(low <= point <= high for point in points):
            at = ", ".join(f"{point:.4g} at 1:{one:g}" for point, one in zip(points, dilutions, strict=True))
            yield (
                f"key {key}: {value:g} {assay.unit} reads in the wells like a calibrator of {at}; the "
                f"calibrators reach from {low:g} to {high:g}."
            )


def _has_target(control: Control) -> bool:
    return control.kind == "positive" and bool(control.target)


def _odd_levels(layout: PlateLayout, assay: Assay) -> Iterator[str]:  # noqa: ARG001 - a look has both
    """A calibrator level that does not fall in line: a zero too many, or in the wrong place."""
    levels = [(name, value) for name, value in assay.calibration.levels.items() if value > 0]
    steps = [(a, b, one / other) for (a, one), (b, other) in pairwise(levels)]
    if len(steps) < 3:  # noqa: PLR2004 - two steps do not say which of them is odd
        return
    usual = median(step for _, _, step in steps)
    for one, other, step in steps:
        if not 1 / ODD_STEP < step / usual < ODD_STEP:
            yield (
                f"key calibration.levels: from {one} to {other} is a step of {step:.3g}, the others are "
                f"about {usual:.3g}. Is a value mistyped?"
            )
    same = Counter(value for _, value in levels)
    yield from (f"key calibration.levels: {n} levels are {value:g}." for value, n in same.items() if n > 1)


def _tiers(layout: PlateLayout, assay: Assay) -> Iterator[str]:  # noqa: ARG001 - a look has both
    """Tiers that begin below the cut-off, or stand in another order than they rise."""
    if assay.cutoff is None or not assay.cutoff.tiers:
        return
    starts = [tier.from_titer for tier in assay.cutoff.tiers]
    if starts != sorted(starts):
        yield f"key cutoff.tiers: they do not rise: {', '.join(f'{one:g}' for one in starts)}."
    if min(starts) != assay.cutoff.titer:
        yield f"key cutoff.tiers: they begin at {min(starts):g}, the cut-off is {assay.cutoff.titer:g}."


def _names(definition: AssayDefinition) -> Iterator[str]:
    """Reports and ledger say the name of the file, inbox and commands that of the folder."""
    name, folder = definition.assay.name, definition.folder_name
    if name not in (folder, slug(folder)):
        yield (
            f"assay.toml, key name: '{name}', but the folder is '{folder}': runs are found under the one, "
            "exports are dropped under the other."
        )


def _dilutions(layout: PlateLayout, role: Role, name: str | None = None) -> list[float]:
    return sorted({layout.uses[well].dilution or 1.0 for well in layout.wells(role, name)})


def _at(layout: PlateLayout, name: str, role: Role | None = None) -> str:
    wells = sorted(well for well, use in layout.uses.items() if use.name == name and role in (None, use.role))
    if not wells:
        return "on no well"
    return f"well {wells[0].name}" + (f" and {len(wells) - 1} more" if len(wells) > 1 else "")


_Look = Callable[[PlateLayout, Assay], Iterator[str]]
_ON_PLATE: tuple[_Look, ...] = (
    *(_strayed, _look_alike, _named_as_known, _without_negative, _unequal, _skipped, _other_coatings),
    _one_blank,
)
_DECLARED: tuple[_Look, ...] = (_outside, _odd_levels, _tiers)
