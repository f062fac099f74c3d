"""The report as tables, for the eye or in Markdown."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from benchmarks.specificity.population import SHARES
from benchmarks.specificity.rules import RULES, Decision
from benchmarks.specificity.run import Outcome
from benchmarks.specificity.summary import (
    Band,
    Line,
    Rate,
    by_sticky_od,
    by_titer,
    lines,
    open_reasons,
    rate,
)

MAIN = (
    "sticky %",
    "rule",
    "false positive % (95 %)",
    "sensitivity % (95 %)",
    "open, no anti-MAG %",
    "open, anti-MAG %",
    "PPV %",
    "at worst %",
)
WORDS = frozenset({"rule", "sera", "class", "reason", "sticky OD", "titer"})
"""Columns of words; the others are numbers."""
LAST = f"{100 * SHARES[-1]:g} % sticky"
Row = Sequence[str]


def report(outcomes: Sequence[Outcome], prevalence: float, *, markdown: bool) -> Iterator[str]:
    """Yield the lines of all tables."""
    mark = "### " if markdown else ""
    for title, rows in (
        (f"All rules, PPV at a prevalence of {100 * prevalence:g} %", _main(lines(outcomes), prevalence)),
        (f"False positives % by sticky OD, {LAST}", _sticky(outcomes)),
        (f"Sensitivity % by titer, {LAST}", _titers(outcomes)),
        (f"What HNK1 says of the sera that titerline calls positive, {LAST}", _hnk1(outcomes)),
        (f"Why titerline leaves sera with anti-MAG IgM open, {LAST}", _reasons(outcomes)),
    ):
        yield f"\n{mark}{title}\n"
        yield from _table(rows, markdown=markdown)


def _main(found: Sequence[Line], prevalence: float) -> list[Row]:
    return [
        MAIN,
        *(
            (
                f"{100 * line.share:g}",
                line.rule,
                _interval(line.false_positive),
                _interval(line.sensitivity),
                _percent(line.open_negative.value),
                _percent(line.open_positive.value),
                _percent(line.ppv(prevalence)),
                _percent(line.worst_ppv(prevalence)),
            )
            for line in found
        ),
    ]


def _sticky(outcomes: Sequence[Outcome]) -> list[Row]:
    rows: list[Row] = [("sticky OD", "n", *RULES, "open, titerline")]
    for band, members in by_sticky_od(outcomes):
        name = "does not stick" if band[0] == 0 else _band(band)
        rows.append((name, str(len(members)), *_all_rules(members), _open(members)))
    return rows


def _titers(outcomes: Sequence[Outcome]) -> list[Row]:
    rows: list[Row] = [("sera", "titer", "n", *RULES, "open, titerline")]
    for sticky in (False, True):
        for band, members in by_titer(outcomes, sticky=sticky):
            name = "sticky" if sticky else "others"
            rows.append((name, _band(band), str(len(members)), *_all_rules(members), _open(members)))
    return rows


def _hnk1(outcomes: Sequence[Outcome]) -> list[Row]:
    rows: list[Row] = [("sera", "titer", "n", "confirmed %", "not confirmed %", "open %")]
    for reactive in (True, False):
        for low in by_titer(outcomes, sticky=False):
            band, members = low
            chosen = [o for o in members if o.serum.reactive is reactive and _called(o)]
            name = "bind HNK1" if reactive else "do not"
            rows.append((name, _band(band), str(len(chosen)), *_hnk1_shares(chosen)))
    return rows


def _called(outcome: Outcome) -> bool:
    return outcome.decisions["titerline"] is Decision.POSITIVE


def _hnk1_shares(chosen: Sequence[Outcome]) -> list[str]:
    words = (Decision.POSITIVE, Decision.NEGATIVE, Decision.OPEN)
    return [_percent(rate(chosen, "titerline, HNK1 confirmed", word).value) for word in words]


def _reasons(outcomes: Sequence[Outcome]) -> list[Row]:
    counts = {sticky: open_reasons(outcomes, sticky=sticky) for sticky in (False, True)}
    every = counts[False] + counts[True]
    rows: list[Row] = [("class", "reason", "sticky", "others")]
    rows += [
        (key[0], key[1], str(counts[True][key]), str(counts[False][key])) for key, _ in every.most_common()
    ]
    return rows


def _all_rules(members: Sequence[Outcome]) -> list[str]:
    return [_percent(rate(members, rule).value) for rule in RULES]


def _open(members: Sequence[Outcome]) -> str:
    return _percent(rate(members, "titerline", Decision.OPEN).value)


def _interval(found: Rate) -> str:
    low, high = found.interval
    return f"{_percent(found.value)} ({100 * low:.1f} to {100 * high:.1f})"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f}"


def _band(band: Band) -> str:
    low, high = (f"{end:,.0f}" if end > 100 else f"{end:g}" for end in band)
    return f"{low} or more" if band[1] == math.inf else f"{low} to {high}"


def _table(rows: Sequence[Row], *, markdown: bool) -> Iterator[str]:
    head = rows[0]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    for number, row in enumerate(rows):
        cells = [
            text.ljust(width) if title in WORDS else text.rjust(width)
            for text, width, title in zip(row, widths, head, strict=True)
        ]
        yield f"| {' | '.join(cells)} |" if markdown else "  ".join(cells).rstrip()
        if markdown and number == 0:
            yield "|".join(["", *(" --- " if title in WORDS else " ---: " for title in head), ""])
