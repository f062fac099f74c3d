"""What ``titerline trends --json`` prints."""

from __future__ import annotations

from dataclasses import asdict

from pipeline.compute.trends import Trend, Trends
from pipeline.domain.history import History
from pipeline.report.trend_words import Episode, episodes
from pipeline.report.trends import overview


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
