"""Ten thousand runs in the ledger: how long the charts take, and how long a new run waits for its history.

Run from the checkout::

    python benchmarks/ledger.py                                    SQLite, in a temporary folder
    python benchmarks/ledger.py postgresql://user@host/empty       an empty PostgreSQL database

Memory is the largest number of bytes that Python objects took at once while a new run was judged, with few
and with all runs in the ledger: it must not grow.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

from pipeline.compute.past.control_chart import ChartSettings
from pipeline.compute.past.trends import stand, trends
from pipeline.domain.history import PastValue
from pipeline.ledger import Ledger, tables
from pipeline.ledger.rows import Values
from pipeline.report.trends.page import trends_page

RUNS = 10_000
ROUNDS = 20
CONTROLS = {"NC": 0.02, "PC1": 9.6, "PC2": 8.1}
QUANTITIES = ("ec50", "slope", "upper", "lower", "blank", "background", "cutoff", "negative_background")
JOB = {"key": "k", "state": "done", "attempts": 1, "assay": "a", "export_name": "e", "export_path": "e"}


def fill(ledger: Ledger, first: int, last: int) -> None:
    """Enter runs ``first`` to ``last`` of one assay, with simulated controls."""
    chance = random.Random(first)  # noqa: S311 - test data
    with ledger.database.writing() as connection:
        if first == 1:
            values = {**JOB, "export_sha256": "s", "export_size": 1, "seen_at": "t"}
            connection.execute(tables.jobs.insert().values(**values))
        numbers = range(first, last + 1)
        connection.execute(tables.runs.insert(), [_run(n) for n in numbers])
        rows = [_reading(n, p, name, chance) for n in numbers for p, name in enumerate(CONTROLS)]
        connection.execute(tables.controls.insert(), [r | {"assay": "a", "accepted": 1} for r in rows])
        rows = [_reading(n, p, name, chance) for n in numbers for p, name in enumerate(QUANTITIES)]
        connection.execute(tables.quantities.insert(), rows)


def _run(n: int) -> Values:
    texts = {"plate": "P", "assay": "a", "verdict": "accepted", "processed_at": "2026-01-01T00:00:00+00:00"}
    more = {"unit": "BTU", "assay_version": "1", "software": "0.1", "reader": "r", "job_key": "k"}
    names = {"number": n, "id": f"2026-01-01_plate{n}_{n:08x}", "key": str(n), "export": f"plate{n}.txt"}
    return {**names, **texts, **more, "samples": 4, "repeats": 0, "entered": 1}


def _reading(n: int, position: int, name: str, chance: random.Random) -> Values:
    value = CONTROLS.get(name, 1.0) + chance.gauss(0, 0.1)
    place = {"run": n, "position": position, "name": name}
    return {**place, "lot": "L1", "measure": "ln", "value": value, "reason": None}


def shift(ledger: Ledger) -> None:
    """All runs after the reference lie on one side of the mean."""
    with ledger.database.writing() as connection:
        wanted = tables.controls.c.run > 20
        connection.execute(tables.controls.update().where(wanted).values(value=tables.controls.c.value + 1))


def judge(ledger: Ledger) -> None:
    """What a new run asks of the ledger."""
    readings = {name: PastValue(value, "ln", None, "L1") for name, value in CONTROLS.items()}
    found = stand(ledger.past("a", "BTU", ["2026-01-01_plate7_00000007"]), readings, ChartSettings())
    if any(one.z is None for one in found.controls):
        raise RuntimeError("the history was not found")


def page(ledger: Ledger) -> None:
    """What ``titerline trends`` does, without its start."""
    history = ledger.history("a")
    trends_page(history, trends(history, ChartSettings()), recent=3)


def milliseconds(step: Callable[[], None], rounds: int) -> str:
    """Median and largest time of a step."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        step()
        times.append(1000 * (time.perf_counter() - start))
    return f"{statistics.median(times):8.1f} ms, at most {max(times):.1f} ms"


def memory(step: Callable[[], None]) -> str:
    """Largest memory of Python objects during a step."""
    step()
    tracemalloc.start()
    step()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return f"{peak / 1024:8.0f} KB"


def main() -> None:
    """Fill and measure."""
    with tempfile.TemporaryDirectory() as folder:
        place = sys.argv[1] if len(sys.argv) > 1 else Path(folder) / "ledger.db"
        with Ledger(place) as ledger:
            fill(ledger, 1, 100)
            print(f"history of a new run, 100 runs:     memory {memory(lambda: judge(ledger))}")
            for first in range(101, RUNS, 900):
                fill(ledger, first, min(first + 899, RUNS))
            print(f"history of a new run, {RUNS:,} runs:  memory {memory(lambda: judge(ledger))}")
            print(f"history of a new run, {RUNS:,} runs:  {milliseconds(lambda: judge(ledger), ROUNDS)}")
            print(f"trends page, {RUNS:,} runs:           {milliseconds(lambda: page(ledger), 3)}")
            shift(ledger)
            print(f"the same after a lasting shift:      {milliseconds(lambda: judge(ledger), ROUNDS)}")
            print(f"the same after a lasting shift:      memory {memory(lambda: judge(ledger))}")


if __name__ == "__main__":
    main()
