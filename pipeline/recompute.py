"""A run computed again from its kept files, and where that differs from its record."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterator, Mapping

from pipeline.definitions import load_definition, load_sheet
from pipeline.definitions.lots import LOTS_FILE, parse_lots
from pipeline.domain.record import FailedRun, RunRecord
from pipeline.errors import TiterlineError
from pipeline.filing import DEFINITION
from pipeline.guard import read_guarded
from pipeline.kept import Kept
from pipeline.process import Joined, RunContext, current_software, process_export
from pipeline.report.document import failed_to_json, to_json

TOLERANCE = 1e-8
"""Relative; the same numbers on another system and linear algebra library."""

_NOT_COMPARED = frozenset({"software"})
"""Versions of what computed the record; they are told, not compared."""


def recompute(kept: Kept) -> list[str]:
    """Compute a run again from the files as received, with the assay and lots that were kept with them.

    Standing among past runs, and HNK1 results of other runs, are taken as the record has them.

    Returns:
        Each difference in words; nothing when the record is what its export gives.
    """
    name = kept.rows.run["id"]
    try:
        again = _again(kept)
    except (TiterlineError, OSError) as error:
        return [f"run {name}: cannot be computed again: {error}"]
    if again is None:
        return [f"run {name}: its plate is not in the kept export"]
    found = unequal(_document(kept.result), _document(again), "")
    return [f"run {name}: {difference}" for difference in found]


def _again(kept: Kept) -> RunRecord | FailedRun | None:
    result, folder = kept.result, kept.home / DEFINITION
    definition = load_definition(folder)
    definition = dataclasses.replace(definition, folder_name=kept.job.assay)
    lots_file = folder / LOTS_FILE
    lots = parse_lots(lots_file.read_bytes()) if lots_file.is_file() else None
    sheet = None
    if kept.job.sheet is not None:
        sheet = load_sheet((kept.home / kept.job.sheet.name).read_bytes(), kept.job.sheet.name)
    context = dataclasses.replace(_context(result), lots=lots)
    data = (kept.home / kept.job.export.name).read_bytes()
    runs = process_export(data, kept.job.export.name, definition, sheet, context, read_guarded)
    return next((run for run in runs if _plate(run) == _plate(result)), None)


def _context(result: RunRecord | FailedRun) -> RunContext:
    if isinstance(result, FailedRun):
        return RunContext(result.processed_at, "", current_software())
    run = result.run
    return RunContext(
        run.processed_at,
        run.operator,
        current_software(),
        supersedes=run.supersedes,
        elsewhere=_joined(result),
        standing=result.standing,
        reports=result.reports,
    )


def _joined(record: RunRecord) -> Joined:
    """HNK1 results that came from other runs, as this record has them."""
    declared = record.settings.get("hnk1")
    if not isinstance(declared, Mapping) or declared.get("format") != "other run":
        return {}
    return {sample.sample_id: sample.hnk1 for sample in record.samples}


def _plate(result: RunRecord | FailedRun) -> str | None:
    return result.run.plate if isinstance(result, RunRecord) else result.plate


def _document(result: RunRecord | FailedRun) -> object:
    return json.loads(to_json(result) if isinstance(result, RunRecord) else failed_to_json(result))


def unequal(recorded: object, again: object, path: str) -> Iterator[str]:
    """Places at which two documents differ, in words."""
    if isinstance(recorded, dict) and isinstance(again, dict):
        for key in recorded.keys() | again.keys():
            if key not in _NOT_COMPARED:
                yield from unequal(recorded.get(key), again.get(key), f"{path}.{key}".lstrip("."))
    elif isinstance(recorded, list) and isinstance(again, list) and len(recorded) == len(again):
        for n, (one, other) in enumerate(zip(recorded, again, strict=True)):
            yield from unequal(one, other, f"{path}[{n}]")
    elif not _equal(recorded, again):
        yield f"{path} is {_short(recorded)} in the record, computed again {_short(again)}"


def _equal(one: object, other: object) -> bool:
    numbers = isinstance(one, int | float) and isinstance(other, int | float)
    if numbers and not isinstance(one, bool) and not isinstance(other, bool):
        return math.isclose(float(str(one)), float(str(other)), rel_tol=TOLERANCE, abs_tol=1e-12)
    return one == other


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004 - a line of the answer
