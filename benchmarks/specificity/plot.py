"""The plot of the report: false positives, sensitivity and open results against the share of sticky sera."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.specificity.population import SHARES
from benchmarks.specificity.rules import RULES
from benchmarks.specificity.run import Outcome
from benchmarks.specificity.summary import Band, Line, Rate, rate

STYLES = (
    ("#D55E00", "o", "-"),
    ("#E69F00", "s", "--"),
    ("#CC79A7", "^", "-."),
    ("#0072B2", "D", "-"),
    ("#009E73", "v", ":"),
)
"""Colour (Okabe and Ito 2008), marker and line of each rule: never colour alone."""
ASIDE = 0.08
"""Neighbouring rules stand this far apart, so that equal ones are both seen."""
WITH, WITHOUT = "sera with anti-MAG IgM", "sera without anti-MAG IgM"


def draw(found: Sequence[Line], sticky: Sequence[tuple[Band, Sequence[Outcome]]], path: Path) -> None:
    """Write the plot; the ending of ``path`` chooses the format."""
    with mpl.rc_context({"svg.hashsalt": "titerline", "font.size": 9, "font.family": "DejaVu Sans"}):
        figure = Figure(figsize=(8.6, 6.4), layout="constrained")
        first, second, third, fourth = figure.subplots(2, 2).flat
        _by_share(first, found, "false_positive", f"False positives: {WITHOUT}, %", 40)
        _by_od(second, sticky, f"The same at {100 * SHARES[-1]:g} % sticky, by what sticks, %")
        _by_share(third, found, "sensitivity", f"Called positive: {WITH}, %", 100)
        _by_share(fourth, found, "open_positive", f"Left open: {WITH}, %", 40)
        handles, labels = first.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False)
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None, dpi=110)


def _by_share(axes: Axes, found: Sequence[Line], name: str, title: str, top: float) -> None:
    for rule in RULES:
        _rates(axes, rule, [getattr(line, name) for line in found if line.rule == rule])
    names = [f"{100 * share:g} %" for share in SHARES]
    _finish(axes, title, names, "share of sera that stick to bare wells", top)


def _by_od(axes: Axes, sticky: Sequence[tuple[Band, Sequence[Outcome]]], title: str) -> None:
    for rule in RULES:
        _rates(axes, rule, [rate(members, rule) for _, members in sticky])
    names = ["do not\nstick", *(f"{band[0]:g}" for band, _ in sticky[1:])]
    _finish(axes, title, names, "OD in bare wells at 1:1000, from", 100)


def _rates(axes: Axes, rule: str, rates: Sequence[Rate]) -> None:
    number = list(RULES).index(rule)
    colour, marker, line = STYLES[number]
    values = [100 * (found.value or 0.0) for found in rates]
    ends = [found.interval for found in rates]
    axes.errorbar(
        [i + ASIDE * (number - (len(RULES) - 1) / 2) for i in range(len(rates))],
        values,
        (
            [max(value - 100 * low, 0.0) for value, (low, _) in zip(values, ends, strict=True)],
            [max(100 * high - value, 0.0) for value, (_, high) in zip(values, ends, strict=True)],
        ),
        color=colour,
        marker=marker,
        linestyle=line,
        label=rule,
        capsize=2,
        markersize=5,
    )


def _finish(axes: Axes, title: str, names: Sequence[str], label: str, top: float) -> None:
    axes.set_title(title, fontsize=9, loc="left")
    axes.set_xticks(range(len(names)), names)
    axes.set_xlabel(label)
    axes.set_ylim(-0.03 * top, 1.03 * top)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", linewidth=0.4, alpha=0.5)
