"""The command line: simulate, evaluate, print the tables, draw the plot."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from pipeline.workspace.shipped import sample_data_folder

sys.path.append(str(sample_data_folder()))  # the simulator of the sample data draws the plates

from benchmarks.specificity.plot import draw
from benchmarks.specificity.run import CI_SERA, found
from benchmarks.specificity.summary import by_sticky_od, lines
from benchmarks.specificity.tables import report


def main() -> None:
    """Print the report."""
    options = _options()
    start = time.perf_counter()
    run = found(options.sera, options.seed, options.unequal, options.processes)
    seconds = time.perf_counter() - start
    print(f"{options.sera:,} sera on {run.plates:,} plates, seed {options.seed}", end="")
    print(f", unequal {options.unequal:g}" if options.unequal else "", end="")
    print(f"; {run.rejected} plates rejected and left out")
    print("\n".join(report(run.outcomes, options.prevalence, markdown=options.markdown)))
    if options.plot is not None:
        draw(lines(run.outcomes), by_sticky_od(run.outcomes), options.plot)
    print(f"\n{len(run.outcomes):,} decisions by each rule in {seconds:.0f} s")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m benchmarks.specificity", description=__doc__)
    parser.add_argument(
        "--sera", type=int, default=CI_SERA, help="each is seen at every share of sticky sera"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--unequal", type=float, default=0.0, help="SD of ln(sticks to coated / to bare wells)"
    )
    parser.add_argument("--prevalence", type=float, default=0.10, help="of anti-MAG IgM, for the PPV")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--plot", type=Path, help="an .svg or .png file")
    parser.add_argument("--processes", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    main()
