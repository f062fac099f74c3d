"""Cells as a table, for the eye or in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmarks.coverage.learned import Laboratory
from benchmarks.coverage.measure import Outcome
from benchmarks.coverage.summary import GROUPS, Cell, cells, label, summarise, worst

HEADINGS = (
    "cell",
    "samples",
    "no titer %",
    "coverage %",
    "SE",
    "plate SE",
    "all true %",
    "bias",
    "SD",
    "RMSE",
    "high/low",
    "RMSE/single",
    "off",
)
WORDS = ("cell", "off")
"""Columns of words; the others are numbers."""
WORST = 12
"""Cells of two factors that are listed."""


def report(outcomes: Sequence[Outcome], by: Sequence[Sequence[str]], *, markdown: bool) -> Iterator[str]:
    """Yield the lines of the report: a table for each way of declaring the step CV, then the worst cells."""
    for title, known in (("known step CV", True), ("a guess of 3 %", False)):
        chosen = [o for o in outcomes if o.known is known]
        yield f"\n### {title}\n" if markdown else f"\n{title}"
        rows = [("all", summarise(chosen))]
        rows += [(label(b, lv), summarise(m)) for b in by or _each() for lv, m in cells(chosen, b).items()]
        yield from _table(rows, markdown=markdown)
        yield from _notes(chosen)
        yield f"\n#### Cells of two factors, {title}\n" if markdown else f"\ncells of two factors, {title}"
        yield from _table(worst(chosen, WORST), markdown=markdown)


def series_report(outcomes: Sequence[Outcome], *, markdown: bool) -> Iterator[str]:
    """Yield the table of a good laboratory's series beside its best single dilution, step CV known."""
    chosen = [o for o in outcomes if o.known]
    title = "four dilutions in duplicate, step CV 2 %, well CV 4 %"
    yield f"\n### {title}\n" if markdown else f"\n{title}"
    rows = [("all", summarise(chosen))]
    for by in ("strength",), ("fold",), ("fold", "strength"):
        rows += [(label(by, levels), summarise(m)) for levels, m in cells(chosen, by).items()]
    yield from _table(rows, markdown=markdown)


def learned_report(labs: Sequence[Laboratory], *, markdown: bool) -> Iterator[str]:
    """Yield the table of laboratories that learned their step CV, by true step CV and by wells."""
    outcomes = [outcome for lab in labs for outcome in lab.outcomes]
    title = f"learned from 20 plates, {len(labs)} laboratories"
    yield f"\n### {title}\n" if markdown else f"\n{title}"
    rows = [("all", summarise(outcomes))]
    for by in ("step_cv",), ("wells",), ("dilutions",):
        rows += [(label(by, levels), summarise(m)) for levels, m in cells(outcomes, by).items()]
    yield from _table(rows, markdown=markdown)


def _each() -> list[tuple[str, ...]]:
    return [(name,) for name in GROUPS]


def _notes(outcomes: Sequence[Outcome]) -> Iterator[str]:
    without = sum(o.error is None for o in outcomes)
    bounds = [o.bound_true for o in outcomes if o.bound_true is not None]
    wrong = bounds.count(False)
    yield f"\nWithout a titer: {without:,}, of these {len(bounds):,} with a bound, {wrong:,} of them wrong."


def _table(rows: Sequence[tuple[str, Cell | None]], *, markdown: bool) -> Iterator[str]:
    if not rows:
        yield "none"
        return
    head, *body = [HEADINGS, *(_row(name, cell) for name, cell in rows)]
    widths = [max(len(text) for text in column) for column in zip(head, *body, strict=True)]
    yield _line(head, widths, markdown=markdown)
    if markdown:
        yield "|".join(["", *(" --- " if text in WORDS else " ---: " for text in HEADINGS), ""])
    yield from (_line(row, widths, markdown=markdown) for row in body)


def _line(texts: Sequence[str], widths: Sequence[int], *, markdown: bool) -> str:
    padded = [
        text.ljust(width) if heading in WORDS else text.rjust(width)
        for text, width, heading in zip(texts, widths, HEADINGS, strict=True)
    ]
    return f"| {' | '.join(padded)} |" if markdown else "  ".join(padded).rstrip()


def _row(name: str, cell: Cell | None) -> tuple[str, ...]:
    if cell is None:
        return (name, *[""] * (len(HEADINGS) - 2), "too few titers")
    return (
        name,
        f"{cell.samples:,}",
        f"{100 * cell.without:.1f}",
        f"{100 * cell.coverage:.1f}",
        f"{100 * cell.binomial_se:.1f}",
        f"{100 * cell.plate_se:.1f}",
        f"{100 * cell.all_true:.1f}",
        f"{cell.bias:+.3f}",
        f"{cell.sd:.3f}",
        f"{cell.rmse:.3f}",
        f"{cell.width:.2f}",
        f"{cell.ratio:.2f}",
        ", ".join(cell.verdicts()),
    )
