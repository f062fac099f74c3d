"""The command line: simulate, and print what was not kept."""

from __future__ import annotations

import argparse
import sys

from pipeline.definitions import load_definition
from pipeline.workspace.shipped import find_assay, sample_data_folder

sys.path.append(str(sample_data_folder()))  # the simulator of the sample data draws the plates

from benchmarks.promises.run import CI_SERA, campaign


def main() -> int:
    """Print the classes by mishap and each promise that was not kept."""
    parser = argparse.ArgumentParser("python -m benchmarks.promises", description=__doc__)
    parser.add_argument("--sera", type=int, default=CI_SERA)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--assay", default="anti_mag_igm")
    options = parser.parse_args()
    tally = campaign(load_definition(find_assay(options.assay)), options.sera, options.seed)
    for (mishap, name), count in sorted(tally.classes.items()):
        print(f"{mishap:22} {name:30} {count:6}")
    print(f"{tally.sera:,} sera, {len(tally.broken)} promises not kept")
    print("\n".join(tally.broken[:50]))
    print(f"{len(tally.wrong)} classes far from the truth")
    print("\n".join(tally.wrong[:50]))
    return 1 if tally.broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
