"""The command line: spoil, evaluate, print the tables."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from pipeline.shipped import sample_data_folder

sys.path.append(str(sample_data_folder()))  # the simulator of the sample data draws the plates

from benchmarks.faults.page import rule_lines, write
from benchmarks.faults.run import CI_CLEAN, CI_PLATES, MOST_FALSE_ALARMS, Share, Summary, clean, summaries
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
ALARMS = ("rule", "plates marked %", "95 % interval")


def main() -> int:
    """Print both tables; 1 where clean plates are rejected too often."""
    options = _options()
    start = time.perf_counter()
    faults = summaries(options.plates, options.seed, options.processes)
    good = clean(options.clean, options.seed, options.processes)
    seconds = time.perf_counter() - start
    print("\n".join(_report(faults, good, markdown=options.markdown)))
    if options.page is not None:
        write(options.page, {"rules": rule_lines(), "faults": _report(faults, good, markdown=True)})
    print(f"\n{len(faults) * options.plates + options.clean:,} plates in {seconds:.0f} s")
    return int(good.rejected.value > MOST_FALSE_ALARMS)


def _report(faults: Sequence[Summary], good: Summary, *, markdown: bool) -> list[str]:
    """Both tables, with how many plates stand behind them."""
    return [
        f"{len(faults[0].outcomes)} plates of each fault:",
        "",
        *_table([FOUND, *map(_found, faults)], words=3, markdown=markdown),
        "",
        f"{len(good.outcomes):,} clean plates:",
        "",
        *_table([ALARMS, *_alarms(good)], words=1, markdown=markdown),
    ]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m benchmarks.faults", description=__doc__)
    parser.add_argument("--plates", type=int, default=CI_PLATES, help="of each fault")
    parser.add_argument("--clean", type=int, default=CI_CLEAN, help="plates without a fault")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--page", type=Path, help="write rules and tables into this page, such as docs/qc.md")
    parser.add_argument("--processes", type=int, default=2)
    return parser.parse_args()


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


if __name__ == "__main__":
    sys.exit(main())
