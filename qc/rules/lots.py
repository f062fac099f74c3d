"""Rules on the lots of reagents. What the lab does not declare is not asked for."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.domain.assay import Assay
from pipeline.domain.declared import Limit
from pipeline.domain.lot_use import NO_LOT_FILE
from pipeline.domain.results import PlateResult
from qc.rule import Observation, rule


@rule("LOT-01", title="Reagent lots are known", limit="lots_unknown")
def lots_known(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Lots of a kind or control that are not in the lot file, or not in use on the day of the run."""
    del assay
    for use in result.lots:
        text = ": ".join(part for part in (use.lot and f"lot {use.lot}", use.reason) if part)
        if use.reason == NO_LOT_FILE:
            yield Observation(use.label, None, None, text)
            continue
        unknown = float(use.reason is not None)
        yield Observation(use.label, unknown <= limit.value, unknown, text)


@rule("LOT-02", title="No lot is past its expiry", limit="lot_expiry")
def lots_not_expired(result: PlateResult, assay: Assay, limit: Limit) -> Iterator[Observation]:
    """Days from the expiry of each lot to the run; 0 up to the expiry date itself."""
    del assay
    for use in result.lots:
        if use.days_left is None:
            yield Observation(use.label, None, None, f"no expiry is known: {use.reason}")
            continue
        past = float(max(-use.days_left, 0))
        yield Observation(use.label, past <= limit.value, past, f"lot {use.lot}, expires {use.expires}")
