"""Rules on the lots of reagents. What the lab does not declare is not asked for."""

from __future__ import annotations

from pipeline.domain.lot_use import LotUse
from pipeline.domain.message import Message
from pipeline.domain.results import PlateResult
from qc.rule import Observation, Observations, rule, unknown
from qc.subjects import lot


@rule(
    "LOT-01", title="Reagent lots are known", breach="Reagent lot unknown or not in use", limit="lots_unknown"
)
def lots_known(result: PlateResult) -> Observations:
    """Lots of a kind or control that are not in the lot file, or not in use on the day of the run."""
    for use in result.lots:
        if use.problem is not None and not use.problem.means.judged:
            yield unknown(lot(use), _says(use))
        else:
            yield Observation(lot(use), float(use.reason is not None), _says(use))


def _says(use: LotUse) -> str:
    if use.lot and use.reason:
        return Message("lot {lot}: {why:t}", lot=use.lot, why=use.reason)
    return Message("lot {lot}", lot=use.lot) if use.lot else use.reason or ""


@rule("LOT-02", title="No lot is past its expiry", breach="Lot past its expiry", limit="lot_expiry")
def lots_not_expired(result: PlateResult) -> Observations:
    """Days from the expiry of each lot to the run; 0 up to the expiry date itself."""
    for use in result.lots:
        if use.days_left is None:
            yield unknown(lot(use), Message("no expiry is known: {why:t}", why=use.reason or ""))
            continue
        text = Message("lot {lot}, expires {day}", lot=str(use.lot), day=str(use.expires))
        yield Observation(lot(use), float(max(-use.days_left, 0)), text)
