"""Calibrator levels of the fit that the curve does not give back, as quality control names them."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.domain.curve_results import CalibratorResult, CurveFit
from pipeline.domain.message import Message
from pipeline.domain.record import RunRecord
from pipeline.report.language import Given, pieces
from pipeline.report.words.tones import Format, number

_RULE = "CAL-02"
"""The rule that names the levels."""


def beyond_recovery(record: RunRecord, fit: CurveFit) -> Mapping[str, str]:
    """Level -> ``recovery 49.6 %, limit 20 %``, as rule CAL-02 names them; levels left out have a reason."""
    named = {one.name for finding in record.findings if finding.rule == _RULE for one in finding.named}
    levels = sorted((one for one in fit.calibrators if one.nominal > 0), key=lambda one: one.nominal)
    middle = _declared(record, "calibrator_recovery")
    if middle is None:
        return {}
    ends = _declared(record, "calibrator_recovery_ends") or middle
    limits = [ends if n in (0, len(levels) - 1) else middle for n in range(len(levels))]
    beyond = zip(levels, limits, strict=True)
    return {one.level: _words(one, most) for one, most in beyond if one.used and one.level in named}


def beyond_lines(record: RunRecord) -> tuple[str, ...]:
    """A line a level, for the first page."""
    return tuple(
        pieces(Given(level), ": ", words)
        for fit in record.curves
        for level, words in beyond_recovery(record, fit).items()
    )


def _declared(record: RunRecord, name: str) -> float | None:
    limits = record.settings.get("limits")
    found = limits.get(name) if isinstance(limits, Mapping) else None
    value = found.get("value") if isinstance(found, Mapping) else None
    return float(value) if isinstance(value, float | int) else None


def _words(level: CalibratorResult, limit: float) -> str:
    most = number(limit, Format.GENERAL)
    if level.recovery_percent is None:
        return Message("no recovery: its OD lies beyond the curve, limit {n:n}\u00a0%", n=most)
    percent = number(level.recovery_percent, Format.PERCENT)
    return Message("recovery {n:n}\u00a0%, limit {m:n}\u00a0%", n=percent, m=most)
