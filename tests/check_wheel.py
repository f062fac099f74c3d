"""Build the wheel and look inside: two packages, the shipped assays and sample data, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOP_LEVEL = {"pipeline", "qc"}
NEEDED = (
    "pipeline/report/page/templates/report.html.j2",
    "pipeline/report/pdf/fonts/DejaVuSans.ttf",
    "pipeline/_shipped/plate_layouts/anti_mag_igm/assay.toml",
    "pipeline/_shipped/plate_layouts/base/elisa/assay.toml",
    "pipeline/_shipped/sample_data/anti_mag_igm/clean_plate/clean_plate.txt",
)


def main() -> int:
    """Return 0 when the wheel holds what it should."""
    with tempfile.TemporaryDirectory() as folder:
        build = [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-deps",
            "--wheel-dir",
            folder,
            str(ROOT),
        ]
        subprocess.run(build, check=True)  # noqa: S603 - our own interpreter and arguments
        (wheel,) = Path(folder).glob("*.whl")
        names = zipfile.ZipFile(wheel).namelist()
    top = {name.split("/")[0] for name in names if ".dist-info" not in name}
    missing = [name for name in NEEDED if name not in names]
    stray = [name for name in names if "__pycache__" in name]
    if top != TOP_LEVEL or missing or stray:
        print(f"wheel: top level {top}, missing {missing}, stray {stray}")
        return 1
    print(f"wheel: {len(names)} files, top level {', '.join(sorted(top))}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
