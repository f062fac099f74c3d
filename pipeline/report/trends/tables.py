"""Tables of the trends page: broken rules, old lot against new lot, what changed."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.compute.past.bridges import LotBridge
from pipeline.compute.past.trends import Trends
from pipeline.compute.past.westgard import WestgardRule
from pipeline.domain.history import History
from pipeline.report.tables.columns import Table, make_table, parse_columns
from pipeline.report.trends.words import CHANGES, SEEN, TO_DO, Episode, chart_name, shown_z
from pipeline.report.words.tones import NEUTRAL, QUIET, WARN, Value, Word


def bridge_table(bridges: Sequence[LotBridge]) -> Table:
    """One line for each change of a control's lot."""
    columns = parse_columns(
        "Control; Old lot; New lot; Pairs|prose; New / old; 95 % interval; In words|prose"
    )
    return make_table("Old lot against new lot", columns, (_bridge(one) for one in bridges))


def _bridge(one: LotBridge) -> tuple[Value, ...]:
    ratio = None if one.bridge.ratio is None else f"{one.bridge.ratio:.3f}"
    return one.control, one.old, one.new, _pairs(one), ratio, _interval(one), bridge_word(one)


def _pairs(one: LotBridge) -> str:
    days = one.bridge.n - one.same_plate
    parts = [f"{one.same_plate} on one plate"] * bool(one.same_plate) + [f"{days} of one day"] * bool(days)
    return ", ".join(parts) or "none"


def _interval(one: LotBridge) -> str | None:
    if one.bridge.interval is None:
        return None
    low, high = one.bridge.interval
    return f"{low:.3f} to {high:.3f}"


def bridge_word(one: LotBridge) -> Word:
    """What the ratio says; without one, why not."""
    if not one.bridge.n:
        return Word("no accepted plate or day with both lots", QUIET)
    if one.bridge.ratio is None or one.bridge.interval is None:
        return Word(f"no interval: {one.bridge.reason}", QUIET)
    low, high = one.bridge.interval
    if low <= 1 <= high:
        return Word("no difference shown: the interval holds 1", NEUTRAL)
    percent = abs(one.bridge.ratio - 1) * 100
    return Word(f"the new lot reads {percent:.0f} % {'higher' if low > 1 else 'lower'}", WARN)


def event_table(history: History, found: Trends) -> Table:
    """What changed from one run to another, newest first."""
    columns = parse_columns("Date; First run; What; Before|prose; Now|prose")
    return make_table(
        "Changes",
        columns,
        (
            (
                *(history.runs[one.run].processed_at[:10], history.runs[one.run].id),
                CHANGES[one.kind] + (f" of {one.control}" if one.control else ""),
                *(one.before, one.now),
            )
            for one in reversed(found.events)
        ),
    )


def episode_table(history: History, found: Trends, rows: Sequence[Episode]) -> Table:
    """One line for each broken rule, newest first."""
    columns = parse_columns("Rule; Chart|prose; In words|prose; z|prose; Runs|prose; Date")
    return make_table(
        "Broken rules",
        columns,
        (
            (
                one.word,
                named(found, one),
                _seen(history, one),
                shown_z(one.z),
                _runs(history, one),
                history.runs[one.last].processed_at[:10],
            )
            for one in rows
        ),
    )


def advice(rows: Sequence[Episode]) -> list[tuple[str, str]]:
    """What to do about each rule that is listed, once."""
    listed = {one.rule for one in rows}
    return [(rule.value, TO_DO[rule]) for rule in WestgardRule if rule in listed]


def _seen(history: History, one: Episode) -> str:
    side = {"high": ", too high", "low": ", too low"}.get(one.side, "")
    rejected = sum(history.runs[n].rejected for n in one.runs)
    handled = f" ({rejected} of these runs rejected by QC)" if rejected else ""
    times = f", in {len(one.runs)} runs" if len(one.runs) > 1 else ""
    return f"{SEEN[one.rule]}{side}{times}{handled}"


def _runs(history: History, one: Episode) -> str:
    """The pattern's first and last run."""
    if one.start == one.last:
        return history.runs[one.last].id
    return f"{history.runs[one.start].id} to {history.runs[one.last].id}"


def named(found: Trends, one: Episode) -> str:
    """Names of the charts that a broken rule concerns."""
    group = found.controls if one.control else found.quantities
    names = {trend.key.label: chart_name(trend, control=one.control) for trend in group}
    return " and ".join(names[chart] for chart in one.charts)
