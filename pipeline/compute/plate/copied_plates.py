"""The plates of one export against each other: was one of them, or a part of it, given twice?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.compute.plate.copied import copied_between
from pipeline.domain.plate import PlateRead
from pipeline.domain.results import PlateResult
from pipeline.domain.wells import Well


def beside_other_plates(result: PlateResult, plates: Sequence[PlateRead], index: int) -> PlateResult:
    """Add to a plate's patterns how many of its numbers stand in the same wells of another plate.

    Compared are usable wells of the layout, at the reading that the assay uses.

    Args:
        result: plate ``index``, analysed.
        plates: all plates of the export.
        index: which one this is.
    """
    others = [n for n in range(len(plates)) if n != index]
    if result.patterns is None or result.precision is None or not others:
        return result
    own = {Well.parse(w.well): w.raw_od for w in result.wells if w.used and w.raw_od is not None}
    pairs = [
        (f"{n + 1} {plates[n].name}".strip(), _printed(plates[n], result.reading.measurement)) for n in others
    ]
    copies = [copied_between(own, other, name, result.precision) for name, other in pairs]
    found = min((copy for copy in copies if copy is not None), key=lambda copy: copy.chance, default=None)
    return replace(result, patterns=replace(result.patterns, other_plates=len(others), elsewhere=found))


def _printed(plate: PlateRead, label: str) -> dict[Well, float]:
    """ODs of the reading with this label; none where the plate lacks it."""
    return next((dict(reading.values) for reading in plate.reads if reading.label == label), {})
