"""Write the sample data again, byte for byte: ``python sample_data/make.py [FOLDER]``."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))  # from a checkout that is not installed

from simulator.tree import write_sample_data  # noqa: E402 - needs the path above

if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    count = write_sample_data(HERE.parent / "plate_layouts", target)
    print(f"{count} files written below {target}")
