"""The whole folder of sample data, in memory and on disk."""

from __future__ import annotations

from pathlib import Path

from simulator.case import Files
from simulator.cases import all_cases
from simulator.dresses import all_dresses
from simulator.refusals import all_refusals


def sample_data(layouts: Path) -> Files:
    """Every generated file: path below ``sample_data`` -> bytes, the same on every machine.

    Args:
        layouts: folder of the shipped assays.
    """
    files: Files = {}
    for case in (*all_cases(layouts), *all_dresses(layouts)):
        files |= case.all_files()
    for refusal in all_refusals(layouts):
        files |= refusal.all_files()
    return files


def write_sample_data(layouts: Path, target: Path) -> int:
    """Write every generated file below ``target``; returns how many."""
    files = sample_data(layouts)
    for name, data in files.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return len(files)
