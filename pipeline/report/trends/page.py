"""``trends.html``: is the assay in control? The answer first, then the charts, then every broken rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.compute.past.trends import Trend, Trends
from pipeline.compute.past.westgard import WestgardRule
from pipeline.compute.past.yardstick import yardsticks
from pipeline.compute.statistics.change import geometric_cv_percent
from pipeline.domain.findings import RunVerdict
from pipeline.domain.history import History, PastRun
from pipeline.report.drawing.scene import Scene
from pipeline.report.page.environment import template
from pipeline.report.trends.charts import LARGE, SMALL, legend_scene, trend_scene
from pipeline.report.trends.tables import advice, bridge_table, episode_table, event_table, named
from pipeline.report.trends.words import TO_DO, Episode, chart_name, episodes, shown_value, yardstick_text
from pipeline.report.words.tones import FAIL, PASS, QUIET, TONES, Format, Word, number

SHOWN_RUNS = 100
"""Runs on a chart: more could not be told apart."""
SHOWN_ROWS = 200
"""Lines of each table of broken rules; the JSON has all."""
_NAMED_GAPS = 5
_SENTENCES = 3
_REJECTED = "Find out why before the next plate; its samples have to be repeated."
_FIRST_TO_SAY = (
    WestgardRule.TEN_X,
    WestgardRule.FOUR_1S,
    WestgardRule.TWO_2S,
    WestgardRule.R_4S,
    WestgardRule.ONE_3S,
)


@dataclass(frozen=True, slots=True)
class View:
    """What the head of the page says."""

    word: Word
    why: str
    action: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Panel:
    """One chart with its words."""

    title: str
    state: str
    """``provisional``, or empty."""
    scene: Scene
    facts: str
    gaps: str


def trends_page(history: History, found: Trends, *, recent: int) -> bytes:
    """The whole page, UTF-8: one file, no script, nothing loaded from elsewhere.

    Args:
        history: the runs, oldest first; at least one.
        found: their charts.
        recent: how many of the last runs decide what the head says.
    """
    first = max(len(history.runs) - SHOWN_RUNS, 0)
    rows = episodes(found)
    rejecting, warnings = ([one for one in rows if one.rule.warning is kind] for kind in (False, True))
    text = template("trends.html.j2").render(
        history=history,
        recent=recent,
        view=_view(history, found, rows, recent),
        controls=_panels(history, found, first, control=True),
        quantities=_panels(history, found, first, control=False),
        empty=_not_drawn(found, first),
        bridges=bridge_table(found.bridges),
        changes=event_table(history, found),
        drawn=len(history.runs) - first,
        legend=legend_scene(),
        rejecting=episode_table(history, found, rejecting[:SHOWN_ROWS]),
        warnings=episode_table(history, found, warnings[:SHOWN_ROWS]),
        advice=advice(rejecting),
        more=sum(max(len(part) - SHOWN_ROWS, 0) for part in (rejecting, warnings)),
        tones=TONES,
    )
    return text.encode("utf-8", "backslashreplace")


def overview(history: History, found: Trends, recent: int) -> View:
    """In control, look at this, or provisional: by the controls' rules for rejection in the last runs.

    A run that QC rejected was measured like any other and counts; charts that are still provisional do not.
    There is nothing to do only after a last run that was accepted without a warning.
    """
    return _view(history, found, episodes(found), recent)


def _view(history: History, found: Trends, rows: Sequence[Episode], recent: int) -> View:
    word, why, action = _verdict(history, found, rows, recent)
    return View(word, why, action, _facts(history))


def _verdict(history: History, found: Trends, rows: Sequence[Episode], recent: int) -> tuple[Word, str, str]:
    last = range(max(len(history.runs) - recent, 0), len(history.runs))
    firm = [one for one in found.controls if not one.chart.baseline.provisional]
    open_ones = _open(found, rows, last)
    deciding = [one for one in open_ones if one.control]
    beside = _beside(found, [one for one in open_ones if not one.control])
    if deciding:
        return Word("Look at this", FAIL), _why(history, found, deciding) + beside, _action(deciding)
    newest = history.runs[-1]
    if newest.rejected:
        why = f"Quality control rejected the last run, {newest.id}, and no control says why."
        return Word("Look at the last run", FAIL), why + beside, _REJECTED
    if not firm:
        runs = max((one.chart.baseline.n for one in found.controls), default=0)
        why = "No control has enough accepted runs yet; limits from few runs only show the way."
        return Word(f"Provisional: {runs} runs", QUIET), why, "Go on; look at the charts for outliers."
    why = f"No control breaks a rule that calls for rejection in the last {len(last)} runs."
    provisional = len(found.controls) - len(firm)
    waiting = f" Control charts still provisional: {provisional}." if provisional else ""
    return Word("In control", PASS), why + waiting + beside, _in_control_action(newest, beside)


def _in_control_action(newest: PastRun, beside: str) -> str:
    if beside:
        return "Look at those charts."
    if newest.verdict is RunVerdict.ACCEPTED:
        return "Nothing."
    return f"Read the warnings of the last run, {newest.id}."


def _open(found: Trends, rows: Sequence[Episode], last: range) -> list[Episode]:
    """Broken rules that call for rejection, in the last runs, on charts with limits."""
    every = (*found.controls, *found.quantities)
    provisional = {one.key.label for one in every if one.chart.baseline.provisional}
    return [
        one
        for one in rows
        if not one.rule.warning and provisional.isdisjoint(one.charts) and any(n in last for n in one.runs)
    ]


def _beside(found: Trends, ones: Sequence[Episode]) -> str:
    """Curve, blank and background explain a control, they do not decide: six charts break some rule often."""
    names = dict.fromkeys(named(found, one) for one in ones)
    return f" Rules are broken beside the controls: {', '.join(names)}." if names else ""


def _why(history: History, found: Trends, open_ones: Sequence[Episode]) -> str:
    """A sentence for each control: which way, since when, by which rules."""
    order = [trend.key.label for trend in found.controls]
    charts = sorted({one.charts for one in open_ones}, key=lambda names: [order.index(n) for n in names])
    alone = [names for names in charts if len(names) == 1] or charts
    sentences = [_sentence(history, found, [one for one in open_ones if one.charts == c]) for c in alone]
    more = f" Charts with broken rules: {len(sentences)}." if len(sentences) > _SENTENCES else ""
    return " ".join(sentences[:_SENTENCES]) + more


def _sentence(history: History, found: Trends, ones: Sequence[Episode]) -> str:
    start = min(one.start for one in ones)
    sides = {one.side for one in ones}
    way = {"high": " too high", "low": " too low"}.get(sides.pop(), "") if len(sides) == 1 else ""
    since = (
        f"in run {history.runs[start].id}"
        if start == max(one.last for one in ones)
        else (f"since {history.runs[start].processed_at[:10]} (run {history.runs[start].id})")
    )
    rules = [rule.value for rule in WestgardRule if any(one.rule is rule for one in ones)]
    name = named(found, ones[0])
    return f"{name[0].upper()}{name[1:]}{way} {since}: {', '.join(rules)}."


def _action(ones: Sequence[Episode]) -> str:
    """A shift explains single far values; without one they stand for themselves."""
    rules = {one.rule for one in ones}
    return TO_DO[next(rule for rule in _FIRST_TO_SAY if rule in rules)]


def _facts(history: History) -> tuple[tuple[str, str], ...]:
    runs = history.runs
    rejected = sum(run.rejected for run in runs)
    return (
        ("Runs", f"{len(runs)}, {rejected} of them rejected by QC"),
        ("Replaced runs", f"{history.superseded}, not shown"),
        *([("Runs in other units", f"{history.other_units}, not shown")] if history.other_units else []),
        ("From", f"{runs[0].processed_at[:10]}, {runs[0].id}"),
        ("To", f"{runs[-1].processed_at[:10]}, {runs[-1].id}"),
        *((f"Intervals of {one.label}", yardstick_text(one)) for one in yardsticks(runs)),
    )


def _not_drawn(found: Trends, first: int) -> list[str]:
    """Charts that have nothing to draw, said instead of left out."""
    groups = ((found.controls, True), (found.quantities, False))
    reasons = [
        (chart_name(one, control=control), _why_not(one, first, control=control))
        for group, control in groups
        for one in group
    ]
    return [f"{name}: {reason}" for name, reason in reasons if reason is not None]


def _why_not(one: Trend, first: int, *, control: bool) -> str | None:
    """Why a chart is not drawn: no value, none among the runs drawn, or a fixed cut-off; None where it is."""
    present = {value for value in one.chart.values if value is not None}
    if not present:
        return f"no run has a value ({_first_reason(one)})"
    if all(value is None for value in one.chart.values[first:]):
        return "no run with a value is among those drawn"
    if len(present) == 1 and not control and len(one.chart.values) > 1:
        return f"{shown_value(present.pop(), one.key.measure)} in every run"
    return None


def _first_reason(one: Trend) -> str:
    return next((reason for reason in one.reasons if reason is not None), "not measured")


def _panels(history: History, found: Trends, first: int, *, control: bool) -> list[_Panel]:
    group, size = (found.controls, LARGE) if control else (found.quantities, SMALL)
    return [
        _Panel(
            chart_name(one, control=control),
            "provisional" if one.chart.baseline.provisional else "",
            trend_scene(one, history.runs, first, size, found.events),
            _limits_text(one, history.unit if control and one.key.measure == "ln" else ""),
            _gaps(history, one),
        )
        for one in group
        if _why_not(one, first, control=control) is None
    ]


def _limits_text(trend: Trend, unit: str) -> str:
    base = trend.chart.baseline
    if base.mean is None or base.sd is None:
        return f"No limits: {base.reason}."
    mean = shown_value(base.mean, trend.key.measure)
    spread = (
        f"SD {number(base.sd, Format.OD)}"
        if trend.key.measure == "OD"
        else f"CV {geometric_cv_percent(base.sd):.1f} %"
    )
    state = "provisional, " if base.provisional else ""
    return f"Mean {mean} {unit}".rstrip() + f", {spread} ({state}from the first {base.n} accepted runs)."


def _gaps(history: History, trend: Trend) -> str:
    """Runs without a value, with the reason; the newest by name."""
    missing = [(run.id, reason) for run, reason in zip(history.runs, trend.reasons, strict=True) if reason]
    if not missing:
        return ""
    named = "; ".join(f"{run} ({reason})" for run, reason in missing[: -_NAMED_GAPS - 1 : -1])
    more = f"; and {len(missing) - _NAMED_GAPS} earlier" if len(missing) > _NAMED_GAPS else ""
    count = "1 run" if len(missing) == 1 else f"{len(missing)} runs"
    return f"No value in {count}: {named}{more}."
