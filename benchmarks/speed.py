"""Where the time goes: each warm step of one 96-well plate, and cold commands, in processor time.

``python benchmarks/speed.py [--baseline CHECKOUT]``: with another checkout, both are measured in turn, round
by round, so that whatever else the computer does hits both alike.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROUNDS, COLD_ROUNDS = 15, 5
Measure = Callable[[], float]
"""Does something once; milliseconds of processor time."""


@contextmanager
def warm(checkout: Path) -> Iterator[dict[str, Measure]]:
    """Step -> doing it once more, in a process of that checkout that stays alive."""
    command = [sys.executable, str(HERE / "speed_steps.py"), str(checkout)]
    with subprocess.Popen(  # noqa: S603 - our own script
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=checkout, env=_only(checkout)
    ) as child:
        if child.stdin is None or child.stdout is None:
            raise SystemExit("the child has no pipes")
        ask, answer = child.stdin, child.stdout

        def once(name: str) -> float:
            ask.write(f"{name}\n")
            ask.flush()
            return float(answer.readline())

        yield {name: partial(once, name) for name in json.loads(answer.readline())}
        ask.close()


def cold(checkout: Path) -> dict[str, Measure]:
    """Command -> running it in a new process of that checkout."""
    export = checkout / "sample_data" / "anti_mag_igm" / "clean_plate" / "clean_plate.txt"

    def process() -> float:
        with tempfile.TemporaryDirectory() as folder:
            return _command(checkout, "process", str(export), "--assay", "anti_mag_igm", "--out", folder)

    return {
        "titerline --help, cold": lambda: _command(checkout, "--help"),
        "titerline process, cold": process,
    }


def _command(checkout: Path, *arguments: str) -> float:
    command = [sys.executable, "-m", "pipeline.cli", *arguments]
    before, start = os.times(), time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, cwd=checkout, env=_only(checkout))  # noqa: S603 - ours
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return 1000 * (used or time.perf_counter() - start)  # Windows tells nothing of ended children


def _only(checkout: Path) -> dict[str, str]:
    """The environment, with that checkout's code and no other."""
    return {**os.environ, "PYTHONPATH": str(checkout)}


def in_turn(measures: Sequence[Measure], rounds: int) -> list[list[float]]:
    """Times of each, after one round that is not counted; every other round goes backwards."""
    times: list[list[float]] = [[] for _ in measures]
    for number in range(rounds + 1):
        order = list(zip(measures, times, strict=True))[:: -1 if number % 2 else 1]
        for measure, into in order:
            taken = measure()
            if number:
                into.append(taken)
    return times


def line(name: str, times: Sequence[Sequence[float]]) -> str:
    """Median of each; with a baseline the median of new / old, round by round, and its middle half."""
    text = f"{name:<34}" + "".join(f" {statistics.median(one):9.1f} ms" for one in times)
    if len(times) == 1:
        return text
    ratios = [new / old for old, new in zip(*times, strict=True)]
    low, middle, high = statistics.quantiles(ratios, n=4)
    return f"{text}   x {middle:.2f} ({low:.2f} to {high:.2f})"


def main(options: argparse.Namespace) -> None:
    """Print the table: the baseline first, where there is one."""
    checkouts = [HERE.parent] if options.baseline is None else [options.baseline.resolve(), HERE.parent]
    with ExitStack() as stack:
        children = [stack.enter_context(warm(checkout)) for checkout in checkouts]
        _table(children, options.rounds)
    _table([cold(checkout) for checkout in checkouts], COLD_ROUNDS)


def _table(participants: Sequence[Mapping[str, Measure]], rounds: int) -> None:
    for name in participants[-1]:
        print(line(name, in_turn([one[name] for one in participants], rounds)), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser("python benchmarks/speed.py", description=__doc__)
    parser.add_argument("--baseline", type=Path, help="another checkout, such as that of the last release")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of each warm step")
    main(parser.parse_args())
