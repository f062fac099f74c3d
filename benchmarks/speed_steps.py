"""The steps of one 96-well plate in one checkout: a child of ``speed.py`` that does a step when it is asked.

``python speed_steps.py CHECKOUT``. Functions are found by their names, wherever they lie in that checkout, so
that two states of the house can be compared.
"""

from __future__ import annotations

import gc
import json
import re
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

ASSAY, CASE = "anti_mag_igm", "clean_plate"
Step = Callable[[], object]


def found(checkout: Path, name: str) -> Any:  # noqa: ANN401 - a function or class of the checkout
    """The one function or class of ``pipeline`` that has this name."""
    defined = re.compile(rf"^(?:def|class) {name}\b", re.MULTILINE)
    files = (checkout / "pipeline").rglob("*.py")
    (path,) = [one for one in files if defined.search(one.read_text(encoding="utf-8"))]
    module = ".".join(path.relative_to(checkout).with_suffix("").parts).removesuffix(".__init__")
    return getattr(import_module(module), name)


def steps(checkout: Path) -> dict[str, Step]:
    """What is measured, by name."""

    def of(name: str) -> Any:  # noqa: ANN401 - as above
        return found(checkout, name)

    case = checkout / "sample_data" / ASSAY / CASE
    export, sheet_file = case / f"{CASE}.txt", case / f"{CASE}.samples.csv"
    data, sheet = export.read_bytes(), of("load_sheet")(sheet_file.read_bytes(), sheet_file.name)
    definition = of("load_definition")(checkout / "plate_layouts" / ASSAY)
    layout, assay = definition.layout, definition.assay
    context = of("RunContext")("2026-01-01T12:00:00+00:00", "benchmark", of("current_software")())
    (plate,) = of("read_export")(data, export.name).plates
    entries = {slot: of("SampleEntry")(slot, slot) for slot in layout.names(of("Role").SAMPLE)}
    result = of("analyse")(plate, layout, assay, entries)
    (record,) = of("process_export")(data, export.name, definition, sheet, context)
    evaluate = import_module("qc").evaluate
    read_export, analyse, process_export = of("read_export"), of("analyse"), of("process_export")
    to_json, workbook, page, report_pdf = of("to_json"), of("workbook"), of("page"), of("report_pdf")
    return {
        "read": lambda: read_export(data, export.name),
        "compute": lambda: analyse(plate, layout, assay, entries),
        "judge": lambda: evaluate(result, assay),
        "read + compute + judge + record": lambda: process_export(
            data, export.name, definition, sheet, context
        ),
        "results.json": lambda: to_json(record),
        "results.xlsx": lambda: workbook(record),
        "report.html": lambda: page(record),
        "report.pdf": lambda: report_pdf(record),
    }


def measured(step: Step) -> float:
    """Processor time of doing it once, in ms; what other programs do meanwhile is not in it."""
    gc.collect()
    start = time.process_time()
    step()
    return 1000 * (time.process_time() - start)


def main(checkout: Path) -> None:
    """Say which steps there are, then do what is asked, a line for a line."""
    sys.path.insert(0, str(checkout))
    known = steps(checkout)
    print(json.dumps(list(known)), flush=True)
    for line in sys.stdin:
        print(measured(known[line.strip()]), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
