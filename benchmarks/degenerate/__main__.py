"""The command line: spoil, evaluate, print the table."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from pipeline.workspace.shipped import sample_data_folder

sys.path.append(str(sample_data_folder()))  # the simulator of the sample data draws the plates

from benchmarks.degenerate.run import CI_SEEDS, Summary, summaries

HEADINGS = (
    "family",
    "may release",
    "rejected %",
    "by controls only %",
    "named %",
    "released",
    "outside",
    "worst",
    "crashed",
    "warned",
)
MAY = {"degenerate": "nothing", "incomplete": "inside", "one wrong": "inside"}


def main() -> int:
    """Print the table; 1 where something was released that may not be, or broke."""
    options = _options()
    start = time.perf_counter()
    found = summaries(options.seeds, options.seed, options.processes)
    seconds = time.perf_counter() - start
    print("\n".join(_table(found, markdown=options.markdown)))
    curves = sum(s.curves for s in found)
    print(f"\n{len(found)} families, {curves:,} curves in {seconds:.0f} s, {curves / seconds:.0f} a second")
    for text in sorted({text for s in found for text in (*s.crashed, *s.warned)}):
        print(text)
    return int(any(s.wrong for s in found))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m benchmarks.degenerate", description=__doc__)
    parser.add_argument("--seeds", type=int, default=CI_SEEDS, help="curves of each family")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--processes", type=int, default=2)
    return parser.parse_args()


def _table(found: Sequence[Summary], *, markdown: bool) -> list[str]:
    rows = [HEADINGS, *(_row(s) for s in found)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADINGS))]
    lines = [_line(row, widths, markdown=markdown) for row in rows]
    if markdown:
        lines.insert(1, "|".join(["", " --- ", " --- ", *[" ---: "] * (len(HEADINGS) - 2), ""]))
    return lines


def _line(texts: Sequence[str], widths: Sequence[int], *, markdown: bool) -> str:
    cells = [t.ljust(w) if i < 2 else t.rjust(w) for i, (t, w) in enumerate(zip(texts, widths, strict=True))]
    return f"| {' | '.join(cells)} |" if markdown else "  ".join(cells).rstrip()


def _row(s: Summary) -> tuple[str, ...]:
    return (
        s.family.name,
        MAY[s.family.kind.value],
        f"{100 * s.rejected:.1f}",
        f"{100 * s.by_controls_only:.1f}",
        f"{100 * s.named:.1f}" if s.family.expected else "-",
        str(s.released),
        str(s.outside),
        f"{s.worst:.2f}" if s.released else "-",
        str(len(s.crashed)),
        str(len(s.warned)),
    )


if __name__ == "__main__":
    sys.exit(main())
