"""How long the reports of a plate take, each and together, warm on one core; beside pyplot in the same run.

    OMP_NUM_THREADS=1 python -m benchmarks.reports

Rows of the table:

* each file alone, with the drawings at hand (they are made once and shared), and its share of the sum;
* ``all``: every file from the record as a run makes them;
* ``our figures``: scenes of standard curve, plate map and dilution curves, written as SVG into HTML and as
  vectors onto PDF pages, without any other part of the files;
* ``pyplot``: the same pictures, a new pyplot figure for each, saved once as PNG and put into nothing; or as
  SVG (for HTML) and PNG (for PDF and workbook). Simpler than ours: no shading of usable dilutions, no
  tooltips, no crossed wells. The workbook's own charts are no figures here: Excel draws them.

CPU time of the process; wall time is printed beside it.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.large_plate import assay as large_assay
from benchmarks.large_plate import layout as large_layout
from benchmarks.large_plate import read as large_read
from pipeline.definitions import AssayDefinition, load_definition, load_sheet
from pipeline.domain.plate import Export
from pipeline.domain.record import RunRecord
from pipeline.process import process_export
from pipeline.process.context import RunContext, current_software
from pipeline.workspace.shipped import find_assay, sample_data_folder

ROUNDS = 11
CONTEXT = RunContext("2026-01-01T12:00:00+00:00", "benchmark", current_software())
TARGETS_MS = {"96 wells, 4 samples": 350.0, "384 wells, 24 samples": 900.0}
FILES = ("results.json", "results.xlsx", "report.html", "report.pdf", "results.csv", "worklist.csv")
LEAST_RATIO = 5.0
COLD = """
import sys, time
start = time.perf_counter()
from pipeline.report import render
from pipeline.record.document import from_json
record = from_json(sys.stdin.buffer.read())
render(record)
print(time.perf_counter() - start)
"""


@dataclass(frozen=True, slots=True)
class Time:
    """Median milliseconds of one step."""

    cpu: float
    wall: float


def one_core() -> str:
    """Stay on one core where the system lets a process choose; says what was done."""
    if not hasattr(os, "sched_setaffinity"):
        return "not pinned to a core"
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    return "pinned to one core"


def warm(step: Callable[[], object], rounds: int = ROUNDS) -> Time:
    """Measure a step after two rounds that do not count."""
    times = [_once(step) for _ in range(rounds + 2)][2:]
    return Time(*(statistics.median(column) * 1000 for column in zip(*times, strict=True)))


def _once(step: Callable[[], object]) -> tuple[float, float]:
    cpu, wall = time.process_time(), time.perf_counter()
    step()
    return time.process_time() - cpu, time.perf_counter() - wall


def plate_96() -> RunRecord:
    """The clean plate of the sample data: 4 samples, 4 dilutions, 3 coatings."""
    case = sample_data_folder() / "anti_mag_igm" / "clean_plate"
    sheet = load_sheet((case / "clean_plate.samples.csv").read_bytes(), "clean_plate.samples.csv")
    data, definition = (case / "clean_plate.txt").read_bytes(), load_definition(find_assay("anti_mag_igm"))
    return _finished(process_export(data, "clean_plate.txt", definition, sheet, CONTEXT))


def plate_384() -> RunRecord:
    """24 simulated samples at 8 dilutions, MAG and antigen-negative wells."""
    declared = large_assay()
    plan = large_layout(declared)
    export = Export("large.txt", "", "simulated", "simulated", (large_read(plan, declared, 1),))
    definition = AssayDefinition("large", declared, plan, ())
    return _finished(process_export(b"large", "large.txt", definition, None, CONTEXT, lambda _, __: export))


def _finished(found: Sequence[object]) -> RunRecord:
    (record,) = found
    if not isinstance(record, RunRecord):
        raise SystemExit(str(record))
    return record


def parts(record: RunRecord) -> dict[str, Callable[[], object]]:
    """Each file alone, with the drawings at hand."""
    from pipeline.record.document import to_json  # noqa: PLC0415 - the same
    from pipeline.report.drawing.charts import scenes_of  # noqa: PLC0415 - after the cold start was measured
    from pipeline.report.excel.workbook import workbook  # noqa: PLC0415 - the same
    from pipeline.report.page.html import page  # noqa: PLC0415 - the same
    from pipeline.report.pdf.document import report_pdf  # noqa: PLC0415 - the same
    from pipeline.report.tables.results_csv import results_csv  # noqa: PLC0415 - the same
    from pipeline.report.tables.worklist import worklist_csv  # noqa: PLC0415 - the same

    scenes = scenes_of(record)
    return {
        "results.json": lambda: to_json(record),
        "results.xlsx": lambda: workbook(record),
        "report.html": lambda: page(record, scenes),
        "report.pdf": lambda: report_pdf(record, scenes),
        "results.csv": lambda: results_csv(record),
        "worklist.csv": lambda: worklist_csv(record),
        "drawings": lambda: _scenes(record),
    }


def _scenes(record: RunRecord) -> list[object]:
    from pipeline.report.drawing.charts import scenes_of  # noqa: PLC0415 - after the cold start was measured

    scenes = scenes_of(record)
    return [*scenes.curves, scenes.plate, scenes.legend, *filter(None, scenes.samples)]


def our_figures(record: RunRecord) -> None:
    """Every picture of a report: as SVG, and onto pages of a PDF."""
    from pipeline.report.page.environment import template  # noqa: PLC0415 - after the cold start was measured
    from pipeline.report.pdf.canvas import INNER, MARGIN, Canvas, Properties  # noqa: PLC0415 - the same

    svg = template("parts.html.j2").make_module({}).svg  # type: ignore[attr-defined]  # a macro
    canvas = Canvas(Properties("", "", "", "", "", ""))
    for scene in _scenes(record):
        svg(scene)
        canvas.scene(scene, MARGIN, MARGIN, INNER)  # type: ignore[arg-type]  # scenes, as said above
        canvas.new_page()
    canvas.finish()


def cold(record: RunRecord) -> float:
    """Median seconds of a new process that reads a record and writes all files, imports included."""
    from pipeline.record.document import to_json  # noqa: PLC0415 - only here

    data = to_json(record)
    return statistics.median(_cold_once(data) for _ in range(3))


def _cold_once(data: bytes) -> float:
    command = [sys.executable, "-c", COLD]
    return float(subprocess.run(command, check=True, capture_output=True, input=data).stdout)  # noqa: S603 - ours


def table(name: str, record: RunRecord) -> bool:
    """Print the table of one plate; says whether the targets are met."""
    from benchmarks.plain_figures import plain_figures  # noqa: PLC0415 - pyplot, not before it is needed
    from pipeline.report import render  # noqa: PLC0415 - after the cold start was measured

    first = cold(record)
    found = {part: warm(step) for part, step in parts(record).items()}
    whole = sum(one.cpu for one in found.values())
    everything = warm(lambda: render(record))
    ours, png = warm(lambda: our_figures(record)), warm(lambda: plain_figures(record, "png"), 3)
    both = warm(lambda: plain_figures(record, "svg", "png"), 3)
    print(f"\n{name}\n\n| part | CPU ms | wall ms | share |\n| --- | ---: | ---: | ---: |")
    for part, one in found.items():
        print(f"| {part} | {one.cpu:.1f} | {one.wall:.1f} | {100 * one.cpu / whole:.0f} % |")
    limit, ratio = TARGETS_MS[name], png.cpu / ours.cpu
    print(f"| **all**, at most {limit:.0f} | **{everything.cpu:.0f}** | {everything.wall:.0f} | |")
    print(f"| our figures, SVG and PDF | {ours.cpu:.1f} | {ours.wall:.1f} | |")
    print(f"| pyplot, PNG | {png.cpu:.0f} | {png.wall:.0f} | {ratio:.0f} x ours |")
    print(f"| pyplot, SVG and PNG | {both.cpu:.0f} | {both.wall:.0f} | {both.cpu / ours.cpu:.0f} x ours |")
    print(f"| all, in a new process | | {1000 * first:.0f} | |")
    return everything.cpu <= limit and ratio >= LEAST_RATIO


def main() -> None:
    """Print both tables; the exit code is 1 when a target is missed."""
    records = {"96 wells, 4 samples": plate_96(), "384 wells, 24 samples": plate_384()}
    print(f"{platform.machine()}, Python {platform.python_version()}, {one_core()}")
    met = [table(name, record) for name, record in records.items()]
    print("\nTargets met." if all(met) else "\nA target is missed.")
    sys.exit(0 if all(met) else 1)


if __name__ == "__main__":
    main()
