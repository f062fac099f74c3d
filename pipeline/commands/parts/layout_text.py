"""What ``titerline layout check`` says: what a layout holds, how far it reaches, what it cannot decide."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from pipeline.commands.parts.layout_table import slot_table
from pipeline.compute.titer.reach import reach
from pipeline.definitions import AssayDefinition, Effective
from pipeline.definitions.layout_doubts import doubts, told
from pipeline.definitions.layout_remarks import remarks
from pipeline.domain.assay import Assay
from pipeline.domain.curve_results import Reach, WorkingRange
from pipeline.domain.layout import Role
from pipeline.errors import DefinitionError
from pipeline.report.words.text import counted


def layout_summary(definition: AssayDefinition, seen: Sequence[str] = ()) -> str:
    """What ``titerline layout check`` says of a folder without fault, and of what was seen beside it."""
    layout, assay = definition.layout, definition.assay
    counts = Counter(use.role for use in layout.uses.values())
    per_sample = Counter((use.name, use.dilution) for use in layout.uses.values() if use.role is Role.SAMPLE)
    dilutions = sorted({d for _, d in per_sample if d is not None})
    wells = layout.rows * layout.columns
    found = _expected_reach(definition)
    slips = [*doubts(definition), *seen]
    good = "good" if not slips else f"can be used; {counted(len(slips), 'thing')} to look at"
    if found is not None and found.reports_from is None:
        good = "no serum can become positive"
    lines = [
        f"{definition.folder_name}: {good}. {assay.title} (version {assay.version})",
        f"  plate      {wells} wells, {len(layout.uses)} used: "
        + ", ".join(f"{counts[role]} {role.value}" for role in Role if counts[role]),
        f"  levels     {_levels(assay)}",
        f"  controls   {', '.join(assay.controls) or 'none'}",
        f"  samples    {len(layout.names(Role.SAMPLE))} slots at " + ", ".join(f"1:{d:g}" for d in dilutions),
        f"  antigens   {', '.join(layout.antigens())}",
        *slot_table(layout),
        *(textwrap.wrap(found.said(), 100) if found is not None else ()),
        *_listed("Look at this before a plate is pipetted:", slips),
        *_undecided(definition),
        *_inherited(definition.effective),
    ]
    return "\n".join(lines)


def fault_text(folder: str, error: DefinitionError) -> str:
    """Everything that is wrong in a folder that cannot be used."""
    faults = told(error)
    lines = [f"titerline: {folder}: cannot be used; {counted(len(faults), 'fault')}:"]
    lines += [textwrap.fill(text, 100, initial_indent="  - ", subsequent_indent="    ") for text in faults]
    return "\n".join(lines)


def _levels(assay: Assay) -> str:
    if not assay.has_calibrators:
        return f"none: one curve shape for all sera, titers in {assay.unit}"
    return f"{', '.join(f'{k} {v:g}' for k, v in assay.calibration.levels.items())} {assay.unit}"


def _expected_reach(definition: AssayDefinition) -> Reach | None:
    """With the curve of a good plate, where the assay says what that is; without a cut-off none is needed."""
    layout, assay = definition.layout, definition.assay
    expected = assay.curve.expected
    if not assay.has_calibrators:
        return None
    if expected is None:
        return reach(np.zeros(5), _all_levels(assay), layout, assay) if assay.cutoff is None else None
    theta = np.array([expected.lower, expected.upper, np.log(expected.ec50), np.log(expected.slope), 0.0])
    return reach(theta, _all_levels(assay), layout, assay)


def _all_levels(assay: Assay) -> WorkingRange:
    """The working range where every calibrator passes."""
    levels = [value for value in assay.calibration.levels.values() if value > 0]
    return WorkingRange(min(levels), max(levels), assay.unit)


def _undecided(definition: AssayDefinition) -> Iterator[str]:
    yield from _listed("What this layout cannot decide:", remarks(definition.layout, definition.assay))


def _listed(heading: str, found: Sequence[str]) -> Iterator[str]:
    if found:
        yield heading
    for text in found:
        yield textwrap.fill(text, 100, initial_indent="  - ", subsequent_indent="    ")


def _inherited(found: Effective) -> Iterator[str]:
    """Where each value comes from, whole tables by their name."""
    if len(found.sources) == 1:
        return
    yield f"Where each value comes from (titerline assay show {found.sources[0].folder} prints them):"
    for source in found.sources:
        yield f"  {source.origin}: {(source.folder / 'assay.toml').as_posix()}"
        values = ", ".join(found.origins_in_short[source.origin]) or "nothing: each value is replaced"
        yield textwrap.fill(values, 100, initial_indent=" " * 6, subsequent_indent=" " * 6)
    for name in found.borrowed_sources():
        yield f"Remark: {name} has a number of your own and a base's source: say where yours comes from."
