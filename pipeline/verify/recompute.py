"""A run computed again from its kept files, and where that differs from its record."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline import __version__
from pipeline.definitions import AssayDefinition, effective_json, load_definition
from pipeline.definitions.lots import LOTS_FILE, parse_lots
from pipeline.domain.record import FailedRun, RunRecord
from pipeline.errors import TiterlineError
from pipeline.jobs.filing import DEFINITION, EFFECTIVE
from pipeline.jobs.kept import Kept
from pipeline.jobs.produce import id_of, produce
from pipeline.jobs.taken import ID_TAKEN
from pipeline.process.context import RunContext, current_software
from pipeline.record.document import RECORD, as_recorded, to_json
from pipeline.record.keys import older_run_ids
from pipeline.record.templates import TEMPLATES
from pipeline.report import render
from pipeline.runs.other_runs import asks_others

TOLERANCE = 1e-8
"""Relative; the same numbers on another system and linear algebra library."""

_NOT_AGAIN = frozenset({"FILE_TOO_LARGE", "CRASHED_READER", ID_TAKEN})
"""Refusals that come of the settings and the history of that day, not of the file's content."""

_NOT_COMPARED = frozenset({"software", TEMPLATES})
"""Versions of what computed the record are told; what its texts were made of is compared as texts."""


@dataclass(frozen=True, slots=True)
class Recomputed:
    """What computing a run again showed, in words."""

    computed: bool
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def recompute(kept: Kept) -> Recomputed:
    """Compute a run again from the files as received, with the assay and lots that were kept with them.

    Standing among past runs, and HNK1 results of other runs, are taken as the record has them. Its reports
    are written again as well. What another version of the program computes otherwise is noted, not a problem.
    """
    name, why = kept.rows.run["id"], _why_not(kept)
    if why is not None:
        return Recomputed(computed=False, notes=(f"run {name}: not computed again: {why}",))
    try:
        values, files = tuple(_differences(kept)), tuple(_rewritten(kept))
    except (TiterlineError, OSError) as error:
        return Recomputed(computed=False, problems=(f"run {name}: cannot be computed again: {error}",))
    wrote = _wrote(kept.result)
    if (values or files) and wrote != __version__:
        other = f"gives other values: {values[0]}" if values else "gives the same values in other reports"
        note = f"run {name}: computed by titerline {wrote or '0.1.0'}; version {__version__} {other}"
        return Recomputed(computed=True, notes=(note,))
    return Recomputed(computed=True, problems=tuple(f"run {name}: {one}" for one in (*values, *files)))


def _wrote(result: RunRecord | FailedRun) -> str:
    """The version that wrote a record; empty for a refusal of 0.1.0, which did not say."""
    return result.software if isinstance(result, FailedRun) else result.run.software.titerline


def _why_not(kept: Kept) -> str | None:
    if not (kept.home / DEFINITION).is_dir():
        return "an older version kept no assay with it"
    if isinstance(kept.result, FailedRun) and (
        kept.result.code in _NOT_AGAIN or kept.result.fault == "program"
    ):
        return f"it ended with {kept.result.code}"
    return None


def _differences(kept: Kept) -> Iterator[str]:
    definition = _definition(kept.home / DEFINITION, kept.job.assay)
    yield from _effective_differences(kept.home / DEFINITION / EFFECTIVE, definition)
    again = _again(kept, definition)
    if again is None:
        yield "its plate is not in the kept export"
        return
    yield from unequal(_document(kept.result), _document(as_recorded(kept.result, again)), "")


def _rewritten(kept: Kept) -> Iterator[str]:
    """Files of the result that its record does not give."""
    if isinstance(kept.result, FailedRun):
        return
    published = {row["name"]: row["sha256"] for row in kept.rows.facts["files"] if row["role"] == "result"}
    for name, data in render(kept.result).items():
        if hashlib.sha256(data).hexdigest() != published.get(name):
            yield f"{name} is not what {RECORD} gives"


def _effective_differences(file: Path, definition: AssayDefinition) -> Iterator[str]:
    if file.is_file():
        again = json.loads(effective_json(definition.effective))["definition"]
        yield from unequal(json.loads(file.read_bytes())["definition"], again, "effective definition")


def _again(kept: Kept, definition: AssayDefinition) -> RunRecord | FailedRun | None:
    lots_file = kept.home / DEFINITION / LOTS_FILE
    lots = parse_lots(lots_file.read_bytes()) if lots_file.is_file() else None
    contents = tuple((file, (kept.home / file.name).read_bytes()) for file in kept.job.received)
    context = dataclasses.replace(_context(kept.result), lots=lots)
    runs = produce(kept.job, contents, definition, context, max_bytes=sys.maxsize)
    again = next((run for run in runs if _plate(run) == _plate(kept.result)), None)
    again = again if again is None else _as_called(again, kept.result)
    return _identified(again, kept.result) if asks_others(definition) else again


def _as_called(again: RunRecord | FailedRun, recorded: RunRecord | FailedRun) -> RunRecord | FailedRun:
    """A run that an older version named keeps the id that it was given."""
    if id_of(recorded) not in _older_ids(recorded):
        return again
    if isinstance(again, FailedRun):
        return dataclasses.replace(again, id=id_of(recorded))
    return dataclasses.replace(again, run=dataclasses.replace(again.run, id=id_of(recorded)))


def _older_ids(recorded: RunRecord | FailedRun) -> tuple[str, str]:
    run = recorded if isinstance(recorded, FailedRun) else recorded.run
    return older_run_ids(run.processed_at, run.export.name, run.plate or "", run.key)


def _identified(
    again: RunRecord | FailedRun | None, recorded: RunRecord | FailedRun
) -> RunRecord | FailedRun | None:
    """A refused run with its recorded identity, which holds what other runs said; its record does not."""
    if isinstance(again, FailedRun) and isinstance(recorded, FailedRun):
        return dataclasses.replace(again, id=recorded.id, key=recorded.key)
    return again


def _definition(folder: Path, assay: str) -> AssayDefinition:
    """The assay as it was kept; older versions made keys of its files and kept no effective definition."""
    found = dataclasses.replace(load_definition(folder, (folder,)), folder_name=assay)
    return found if (folder / EFFECTIVE).is_file() else dataclasses.replace(found, sha256="")


def _context(result: RunRecord | FailedRun) -> RunContext:
    if isinstance(result, FailedRun):
        return RunContext(result.processed_at, "", current_software(), reports=result.reports)
    run = result.run
    return RunContext(
        run.processed_at,
        run.operator,
        current_software(),
        supersedes=run.supersedes,
        other_results=result.elsewhere,
        standing=result.standing,
        ids=result.ids,
        step_history=result.step_history,
        reports=result.reports,
    )


def _plate(result: RunRecord | FailedRun) -> str | None:
    return result.run.plate if isinstance(result, RunRecord) else result.plate


def _document(result: RunRecord | FailedRun) -> object:
    return json.loads(to_json(result))


def unequal(recorded: object, again: object, path: str) -> Iterator[str]:
    """Places at which two documents differ, in words."""
    if isinstance(recorded, dict) and isinstance(again, dict):
        for key in {**recorded, **again}:
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
    if isinstance(value, list) and value:
        return f"a list of {len(value)}"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004 - a line of the answer
