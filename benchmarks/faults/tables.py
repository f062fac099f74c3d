"""The tables of the benchmark, for the terminal and for ``docs/qc.md``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.faults.run import MixUpSummary, Share, Summary
from benchmarks.faults.series import RULES as HISTORY_RULES
from benchmarks.faults.series import WITHIN, Controls, Series, SlowFault, fired_per_run, found_within, spread
from qc.rule import all_rules

FOUND = (
    "fault",
    "size",
    "meant for it",
    "by its rule %",
    "by any rule %",
    "rejected %",
    "wrong %",
    "unmarked %",
)
MIXED = ("mix-up", "layout", "seen by", "what else tells", "marked %", "rejected %", "wrong %", "unmarked %")
MOST_NAMED = 3
ALARMS = ("rule", "plates marked %", "95 % interval")
NOISY = ("clean plates", "plates", "marked %", "95 % interval", "rejected %", "wrong %")
SLOW = ("fault", "size", *(f"within {runs} runs %" for runs in WITHIN))
PER_RUN = ("rule", "runs marked %", "95 % interval")


def fault_tables(
    faults: Sequence[Summary], good: Summary, noisy: Sequence[Summary], *, markdown: bool
) -> list[str]:
    """Faults of one plate, then clean plates, with how many plates stand behind them."""
    return [
        f"{len(faults[0].outcomes)} plates of each fault:",
        "",
        *_table([FOUND, *map(_found, faults)], words=3, markdown=markdown),
        "",
        f"{len(good.outcomes):,} clean plates, wells with a CV of 4 %:",
        "",
        *_table([ALARMS, *_alarms(good)], words=1, markdown=markdown),
        "",
        "Clean plates of other wells:",
        "",
        *_table([NOISY, *map(_noisy, noisy)], words=1, markdown=markdown),
    ]


@dataclass(frozen=True, slots=True)
class OverTime:
    """Series of each slow fault, series without any, and the controls they were drawn from."""

    slow: Sequence[tuple[SlowFault, Sequence[Series]]]
    steady: Sequence[Series]
    pool: Sequence[Controls]


def series_tables(seen: OverTime, *, markdown: bool) -> list[str]:
    """Faults over time, then what the rules say of series without any."""
    steady = seen.steady
    between = ", ".join(f"{name} {100 * sd:.1f} %" for name, sd in spread(seen.pool).items())
    return [
        f"{len(steady)} series of each fault; between the plates the controls scatter by {between}:",
        "",
        *_table([SLOW, *(_slow(*one) for one in seen.slow)], words=2, markdown=markdown),
        "",
        f"{len(steady)} series without a fault:",
        "",
        *_table([PER_RUN, *_per_run(steady)], words=1, markdown=markdown),
    ]


def mixup_table(found: Sequence[MixUpSummary], *, markdown: bool) -> list[str]:
    """Every mix-up on both layouts, and what else can tell where no rule does."""
    rows = [MIXED, *map(_mixed, found)]
    return [f"{len(found[0].plates.outcomes)} plates of each:", "", *_table(rows, words=4, markdown=markdown)]


def _mixed(found: MixUpSummary) -> tuple[str, ...]:
    plates, mixup = found.plates, found.mixup
    name = f"{mixup.scenario.fault}, {mixup.scenario.size}".removesuffix(", ")
    seers = ", ".join(found.seers[:MOST_NAMED]) + (" and others" if len(found.seers) > MOST_NAMED else "")
    tells = mixup.tells if found.layout in mixup.unseen else ""
    shares = (plates.share(), plates.rejected, plates.wrong, plates.unmarked)
    return name, found.layout, seers or "-", tells or "-", *map(_percent, shares)


def _slow(fault: SlowFault, series: Sequence[Series]) -> tuple[str, ...]:
    return fault.fault, fault.size, *(_percent(found_within(series, runs)) for runs in WITHIN)


def _per_run(steady: Sequence[Series]) -> list[tuple[str, ...]]:
    rows = [(rule.id, fired_per_run(steady, rule.id)) for rule in HISTORY_RULES]
    rows.append(("any of them", fired_per_run(steady)))
    return [(name, _percent(share), _interval(share)) for name, share in rows]


def _noisy(s: Summary) -> tuple[str, ...]:
    marked = s.share()
    shares = (_percent(marked), _interval(marked), _percent(s.rejected), _percent(s.wrong))
    return s.scenario.size, str(len(s.outcomes)), *shares


def _found(s: Summary) -> tuple[str, ...]:
    own = s.share(frozenset(s.scenario.rules))
    shares = (own, s.share(), s.rejected, s.wrong, s.unmarked)
    return s.scenario.fault, s.scenario.size, ", ".join(s.scenario.rules), *map(_percent, shares)


def _percent(share: Share) -> str:
    return f"{100 * share.value:.3g}"


def _alarms(good: Summary) -> list[tuple[str, ...]]:
    """Rules that marked a clean plate, then the totals."""
    by_rule = [(rule.id, good.share(frozenset({rule.id}))) for rule in all_rules()]
    quiet = [rule for rule, share in by_rule if not share.count]
    rows = [(rule, share) for rule, share in by_rule if share.count]
    rows += [
        (f"each of the other {len(quiet)} rules", Share(0, len(good.outcomes))),
        ("any rule warns or fails", good.share()),
        ("any rule fails: the plate is rejected", good.rejected),
        ("sera given out with a wrong class", good.wrong),
    ]
    return [(name, _percent(share), _interval(share)) for name, share in rows]


def _interval(share: Share) -> str:
    low, high = share.ci95
    return f"{100 * low:.2f} to {100 * high:.2f}"


def _table(rows: Sequence[Sequence[str]], words: int, *, markdown: bool) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [_line(row, widths, words, markdown=markdown) for row in rows]
    if markdown:
        lines.insert(1, "|".join(["", *[" --- "] * words, *[" ---: "] * (len(widths) - words), ""]))
    return lines


def _line(texts: Sequence[str], widths: Sequence[int], words: int, *, markdown: bool) -> str:
    cells = [
        t.ljust(w) if i < words else t.rjust(w) for i, (t, w) in enumerate(zip(texts, widths, strict=True))
    ]
    return f"| {' | '.join(cells)} |" if markdown else "  ".join(cells).rstrip()
