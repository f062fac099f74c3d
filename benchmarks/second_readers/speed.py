"""How long reading takes: ours, pandas as a floor, and the second readers, each warm and best of several.

Every reader gets the bytes of the file from memory. The second readers run in their own environments through
``dump.py``; pandas only fills a table and knows nothing of plates, where it can parse the file at all.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Literal

import pandas as pd

from pipeline.errors import TiterlineError
from pipeline.readers import read_export

DUMP = Path(__file__).with_name("dump.py")
UTF16 = (b"\xff\xfe", b"\xfe\xff")
EXCEL_ENGINES: dict[str, Literal["openpyxl", "xlrd"]] = {".xls": "xlrd", ".xlsx": "openpyxl"}
"""What ``read_excel`` takes for these when nothing is said."""

Times = Mapping[str, float]
"""File -> milliseconds, where the reader can read it."""


def second_reader(python: str, package: str, folder: Path, rounds: int) -> Times:
    """Measure a second reader in a child process of its environment."""
    command = [python, str(DUMP), package, str(folder), "--rounds", str(rounds)]
    done = subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own command
    document = json.loads(done.stdout)
    return {file: entry["seconds"] * 1000 for file, entry in document.items() if entry["reads"]}


def all_files(folder: Path) -> list[str]:
    """Every file in the folders below this one except sample sheets."""
    paths = [path for path in sorted(folder.glob("*/**/*")) if path.is_file()]
    return [path.relative_to(folder).as_posix() for path in paths if ".samples." not in path.name]


def forget() -> None:
    """Empty the caches of opened documents, so that every round opens the file anew."""
    modules = [module for name, module in sys.modules.items() if name.startswith("pipeline.tables")]
    for module in modules:
        for value in vars(module).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()


def best_ms(step: Callable[[], object], rounds: int) -> float:
    """Shortest of several runs after one to warm up."""
    step()
    times = []
    for _ in range(rounds):
        forget()
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return min(times) * 1000


def our_times(folder: Path, files: Sequence[str], rounds: int) -> Times:
    """Our readers, in this process."""
    times = {}
    for file in files:
        data = (folder / file).read_bytes()
        try:
            times[file] = best_ms(partial(read_export, data, Path(file).name), rounds)
        except TiterlineError:
            continue
    return times


def pandas_times(folder: Path, files: Sequence[str], rounds: int) -> Times:
    """``read_csv`` or ``read_excel`` of the same bytes without any option about the content."""
    times = {}
    for file in files:
        data, suffix = (folder / file).read_bytes(), Path(file).suffix.lower()
        try:
            times[file] = best_ms(partial(table, data, suffix), rounds)
        except (ImportError, ValueError, UnicodeError, pd.errors.ParserError):
            continue
    return times


def table(data: bytes, suffix: str) -> object:
    """The file as pandas takes it."""
    engine = EXCEL_ENGINES.get(suffix)
    if engine is not None:
        return pd.read_excel(io.BytesIO(data), sheet_name=None, header=None, engine=engine)
    encoding = "utf-16" if data.startswith(UTF16) else "utf-8"
    return pd.read_csv(io.BytesIO(data), encoding=encoding, header=None)


def print_table(columns: Mapping[str, Times], files: Sequence[str]) -> None:
    """Milliseconds of every file that we and at least one second reader can read."""
    width = max(len(file) for file in files)
    print(" " * width, *(f"{name:>12}" for name in columns))
    for file in files:
        cells = [f"{times[file]:12.2f}" if file in times else f"{'-':>12}" for times in columns.values()]
        print(f"{file:<{width}}", *cells)


def print_ratios(columns: Mapping[str, Times]) -> None:
    """Compare our time with each of the others, as the median over files that both read."""
    ours = columns["ours"]
    for name, times in columns.items():
        ratios = sorted(times[file] / ours[file] for file in times.keys() & ours.keys())
        if name == "ours" or not ratios:
            continue
        middle = statistics.median(ratios)
        verdict = f"{middle:.1f} times faster than" if middle > 1 else f"{1 / middle:.1f} times the time of"
        spread = f"{ratios[0]:.2f} to {ratios[-1]:.2f} of ours"
        print(f"ours: {verdict} {name} (median of {len(ratios)} files; its time is {spread})")


def main() -> None:
    """Print the table and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--openreadout", help="python of the environment that has openreadout")
    parser.add_argument("--allotropy", help="python of the environment that has allotropy")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    pythons = {"openreadout": arguments.openreadout, "allotropy": arguments.allotropy}
    theirs = {
        name: second_reader(python, name, arguments.folder, arguments.rounds)
        for name, python in pythons.items()
        if python
    }
    known = set().union(*theirs.values())
    files = [file for file in all_files(arguments.folder) if file in known or not theirs]
    ours = our_times(arguments.folder, files, arguments.rounds)
    files = [file for file in files if file in ours]
    columns = {"ours": ours, "pandas": pandas_times(arguments.folder, files, arguments.rounds), **theirs}
    print(f"Milliseconds, warm, best of {arguments.rounds}.")
    print_table(columns, files)
    print_ratios(columns)


if __name__ == "__main__":
    main()
