"""What ``titerline trends --json`` prints."""

from __future__ import annotations

from dataclasses import asdict

from pipeline.compute.past.bridges import LotBridge
from pipeline.compute.past.run_events import RunEvent
from pipeline.compute.past.trends import Trend, Trends
from pipeline.compute.past.yardstick import yardsticks
from pipeline.domain.history import History
from pipeline.report.trends.page import overview
from pipeline.report.trends.tables import bridge_word
from pipeline.report.trends.words import Episode, episodes, yardstick_text


def trends_document(history: History, found: Trends, *, recent: int) -> dict[str, object]:
    """For ``--json``: the same answer, every chart and every broken rule."""
    view = overview(history, found, recent)
    return {
        "schema": "titerline.trends/1",
        "assay": history.assay,
        "unit": history.unit,
        "runs": len(history.runs),
        "superseded": history.superseded,
        "verdict": view.word.text,
        "why": view.why,
        "controls": [_chart_document(one) for one in found.controls],
        "quantities": [_chart_document(one) for one in found.quantities],
        "intervals": [asdict(one) | {"in_words": yardstick_text(one)} for one in yardsticks(history.runs)],
        "lots": [_bridge_document(one) for one in found.bridges],
        "changes": [_event_document(history, one) for one in found.events],
        "broken_rules": [_episode_document(history, one) for one in episodes(found)],
    }


def _chart_document(one: Trend) -> dict[str, object]:
    scores = zip(one.chart.values, one.chart.z, strict=True)
    points = [None if value is None else {"value": value, "z": z} for value, z in scores]
    return {**asdict(one.key), **asdict(one.chart.baseline), "points": points}


def _episode_document(history: History, one: Episode) -> dict[str, object]:
    return {
        "rule": one.rule.value,
        "side": one.side,
        "charts": list(one.charts),
        "from": history.runs[one.start].id,
        "runs": [history.runs[n].id for n in one.runs],
        "z": one.z,
    }


def _bridge_document(one: LotBridge) -> dict[str, object]:
    """Ratio and interval are null with a reason; no pair at all is a reason as well."""
    return {
        "control": one.control,
        "old_lot": one.old,
        "new_lot": one.new,
        "pairs": one.bridge.n,
        "pairs_on_one_plate": one.same_plate,
        "ratio": one.bridge.ratio,
        "ci95": one.bridge.interval,
        "in_words": bridge_word(one).text,
    }


def _event_document(history: History, one: RunEvent) -> dict[str, object]:
    return {
        "run": history.runs[one.run].id,
        "what": one.kind,
        "control": one.control,
        "before": one.before,
        "now": one.now,
    }
