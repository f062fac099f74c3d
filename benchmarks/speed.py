"""Where the time goes: cold commands, and each warm step of one 96-well plate."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

import qc
from pipeline.compute.analyse import analyse
from pipeline.definitions import load_definition, load_sheet
from pipeline.domain.layout import Role, SampleEntry
from pipeline.domain.record import RunRecord
from pipeline.process import process_export
from pipeline.process.context import RunContext, current_software
from pipeline.readers import read_export
from pipeline.record.document import to_json
from pipeline.report.excel.workbook import workbook
from pipeline.report.page.html import page
from pipeline.report.pdf.document import report_pdf
from pipeline.workspace.shipped import find_assay, sample_data_folder

ROUNDS = 15
COLD_ROUNDS = 3


def warm(step: Callable[[], object]) -> float:
    """Median milliseconds of a step."""
    step()
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def cold(*arguments: str) -> float:
    """Median seconds of a whole process."""
    times = []
    for _ in range(COLD_ROUNDS):
        start = time.perf_counter()
        command = [sys.executable, "-m", "pipeline.cli", *arguments]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own command
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    """Print the table."""
    case = sample_data_folder() / "anti_mag_igm" / "clean_plate"
    data = (case / "clean_plate.txt").read_bytes()
    sheet = load_sheet((case / "clean_plate.samples.csv").read_bytes(), "clean_plate.samples.csv")
    definition = load_definition(find_assay("anti_mag_igm"))
    layout, assay = definition.layout, definition.assay
    context = RunContext("2026-01-01T12:00:00+00:00", "benchmark", current_software())
    (plate,) = read_export(data, "clean_plate.txt").plates
    entries = {slot: SampleEntry(slot, slot) for slot in layout.names(Role.SAMPLE)}
    result = analyse(plate, layout, assay, entries)
    (record,) = process_export(data, "clean_plate.txt", definition, sheet, context)
    if not isinstance(record, RunRecord):
        raise SystemExit(str(record))
    steps: dict[str, Callable[[], object]] = {
        "read": lambda: read_export(data, "clean_plate.txt"),
        "compute": lambda: analyse(plate, layout, assay, entries),
        "judge": lambda: qc.evaluate(result, assay),
        "read + compute + judge + record": lambda: process_export(
            data, "clean_plate.txt", definition, sheet, context
        ),
        "results.json": lambda: to_json(record),
        "results.xlsx": lambda: workbook(record),
        "report.html": lambda: page(record),
        "report.pdf": lambda: report_pdf(record),
    }
    for name, step in steps.items():
        print(f"{name:<34} {warm(step):8.1f} ms")
    print(f"{'titerline --help, cold':<34} {cold('--help'):8.2f} s")
    with tempfile.TemporaryDirectory() as out:
        export = str(case / "clean_plate.txt")
        seconds = cold("process", export, "--assay", "anti_mag_igm", "--out", out)
    print(f"{'titerline process, cold':<34} {seconds:8.2f} s")


if __name__ == "__main__":
    main()
