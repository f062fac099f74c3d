"""What the house promises about itself."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def python(*arguments: str, folder: Path = ROOT) -> str:
    """What a fresh interpreter prints."""
    run = [sys.executable, *arguments]
    done = subprocess.run(run, capture_output=True, text=True, check=True, cwd=folder)  # noqa: S603 - our own code
    return done.stdout


def loaded_by(statement: str) -> set[str]:
    """Top-level modules, and rooms of pipeline, that a statement loads in a fresh interpreter."""
    code = f"{statement}\nimport sys\nprint()\nprint(*sys.modules)"
    names = [name.split(".") for name in python("-c", code).splitlines()[-1].split()]
    return {".".join(parts[: 1 + (parts[0] == "pipeline")]) for parts in names}


def test_help_loads_nothing_heavy() -> None:
    """The command line answers at once: to list the commands, it loads no other room and nothing heavy."""
    loaded = loaded_by("from pipeline import cli\ntry:\n cli.main(['--help'])\nexcept SystemExit:\n pass")
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
    assert not heavy & loaded
    rooms = {name for name in loaded if name.startswith("pipeline.")}
    assert rooms == {"pipeline.cli", "pipeline.commands", "pipeline.errors"}


STUB = """
from pipeline.commands.parts.parser import add_command
def add(commands):
    return add_command(commands, "hello", "Greet.", "titerline hello")
def run(options):
    print("Hello")
    return 0
"""


def test_a_command_is_one_file(tmp_path: Path) -> None:
    """A file in the folder of the commands is a command: listed by --help, and run."""
    house = tmp_path / "pipeline"
    shutil.copytree(ROOT / "pipeline" / "commands", house / "commands")
    for part in ("__init__.py", "cli.py", "errors.py"):
        shutil.copyfile(ROOT / "pipeline" / part, house / part)
    (house / "commands" / "runs" / "hello.py").write_text(STUB, encoding="utf-8")
    assert "    hello     Greet." in python("-m", "pipeline.cli", "--help", folder=tmp_path)
    assert python("-m", "pipeline.cli", "hello", folder=tmp_path) == "Hello\n"


@pytest.mark.parametrize("module", ["pipeline.process.export", "qc"])
def test_the_core_loads_no_prefect_and_no_writer(module: str) -> None:
    """Computing needs neither Prefect nor the ledger nor the web."""
    assert not {"prefect", "sqlalchemy", "fastapi", "jinja2"} & loaded_by(f"import {module}")


def test_nobody_else_provides_our_packages() -> None:
    """The generic names pipeline and qc come from one distribution."""
    for package in ("pipeline", "qc"):
        assert set(packages_distributions().get(package, ["titerline"])) <= {"titerline"}


def test_no_number_is_drawn_and_no_clock_read_in_the_core() -> None:
    """compute, qc, process and domain take clock and random numbers as arguments."""
    for path in [*(ROOT / "pipeline" / "compute").rglob("*.py"), *(ROOT / "qc").rglob("*.py")]:
        text = path.read_text(encoding="utf-8")
        for drawn in ("import random", "np.random", "numpy.random", "default_rng"):
            assert drawn not in text, path
        assert "datetime" not in text, path
