"""How much of a sample's signal is specific, by its antigen-negative wells."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.compute.plate.background import Signal, fraction_df, specific_fraction
from pipeline.compute.plate.series import Step
from pipeline.compute.sample.evidence import Judged
from pipeline.compute.statistics.inference import t_two_sided
from pipeline.domain.assay import Assay
from pipeline.domain.codes.specific import SpecificStatus
from pipeline.domain.results import ReplicatePrecision
from pipeline.domain.specificity import AntigenNegative

CONFIDENCE = 0.95


def antigen_negative(
    judged: Sequence[Judged], assay: Assay, precision: ReplicatePrecision
) -> AntigenNegative:
    """Specific fraction over the deciding dilutions.

    These are the positive ones; where none is, those above the cut-off before subtraction, else the first.
    ``nonspecific`` and ``partial`` also need antigen-negative wells above ``max_od``: a weak serum's plain
    background is a large share of a small signal and means nothing.
    """
    settings = assay.antigen_negative
    if settings is None:
        return AntigenNegative(None, None, SpecificStatus.MISSING)
    pairs = [(j, (_main_or_ceiling(j.step, assay), j.step.negative)) for j in judged]
    readable = [(j, (m, n)) for j, (m, n) in pairs if m is not None and n is not None]
    if any(j.step.negative_saturated for j in judged):
        return AntigenNegative(None, None, SpecificStatus.NONSPECIFIC)
    if not readable:
        return AntigenNegative(None, None, SpecificStatus.MISSING)
    deciding = (
        [pair for j, pair in readable if j.positive]
        or [pair for j, pair in readable if j.raw_positive]
        or [readable[0][1]]
    )
    found = specific_fraction(deciding)
    if found is None:
        return AntigenNegative(None, None, SpecificStatus.PASS)
    fraction, se = found
    half = t_two_sided(CONFIDENCE, fraction_df(deciding, precision)) * se
    interval = (fraction - half, fraction + half)
    raised = max(negative.od for _, negative in deciding) > settings.max_od.value
    status = SpecificStatus.PASS
    if raised and fraction < settings.partial_below.value:
        below = fraction < settings.nonspecific_below.value
        status = SpecificStatus.NONSPECIFIC if below else SpecificStatus.PARTIAL
    return AntigenNegative(fraction, interval, status)


def _main_or_ceiling(step: Step, assay: Assay) -> Signal | None:
    """The antigen wells; above the reader's range its limit: the specific fraction is then a lower bound."""
    ceiling = assay.steering.reader_max_od
    if not step.saturated:
        return step.main
    return None if ceiling is None else Signal(ceiling, 0.0)
