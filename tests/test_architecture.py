"""What the house promises about itself."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def loaded_by(statement: str) -> set[str]:
    """Top-level modules that a statement loads in a fresh interpreter."""
    code = f"{statement}\nimport sys\nprint(' '.join({{m.split('.')[0] for m in sys.modules}}))"
    run = [sys.executable, "-c", code]
    done = subprocess.run(run, capture_output=True, text=True, check=True, cwd=ROOT)  # noqa: S603 - our own code
    return set(done.stdout.split())


def test_help_loads_nothing_heavy() -> None:
    """The command line answers at once because it imports nothing heavy."""
    heavy = {
        "numpy",
        "pandas",
        "scipy",
        "lmfit",
        "matplotlib",
        "openpyxl",
        "prefect",
        "pydantic",
        "sqlalchemy",
    }
    assert not heavy & loaded_by("import pipeline.cli")


@pytest.mark.parametrize("module", ["pipeline.process.export", "qc"])
def test_the_core_loads_no_prefect_and_no_writer(module: str) -> None:
    """Computing needs neither Prefect nor the ledger nor the web."""
    assert not {"prefect", "sqlalchemy", "fastapi", "jinja2"} & loaded_by(f"import {module}")


def test_nobody_else_provides_our_packages() -> None:
    """The generic names pipeline and qc come from one distribution."""
    for package in ("pipeline", "qc"):
        assert set(packages_distributions().get(package, ["titerline"])) <= {"titerline"}


def test_functions_and_files_stay_small() -> None:
    """Files of the product stay below 400 lines."""
    for folder in ("pipeline", "qc"):
        for path in (ROOT / folder).rglob("*.py"):
            assert len(path.read_text(encoding="utf-8").splitlines()) < 400, path


def test_no_number_is_drawn_and_no_clock_read_in_the_core() -> None:
    """compute, qc, process and domain take clock and random numbers as arguments."""
    for path in [*(ROOT / "pipeline" / "compute").rglob("*.py"), *(ROOT / "qc").rglob("*.py")]:
        text = path.read_text(encoding="utf-8")
        for drawn in ("import random", "np.random", "numpy.random", "default_rng"):
            assert drawn not in text, path
        assert "datetime" not in text, path
