"""The lots of a run beside its numbers: values of different lots of a control are different quantities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.domain.lot_use import LotUse
from pipeline.domain.results import PlateResult


def beside_lots(result: PlateResult, lots: Sequence[LotUse]) -> PlateResult:
    """Note the lots that were used, and with each control its own."""
    of_control = {use.name: use.lot for use in lots if use.kind == "control"}
    controls = tuple(replace(one, lot=of_control.get(one.name)) for one in result.controls)
    return replace(result, controls=controls, lots=tuple(lots))
