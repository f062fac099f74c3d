"""The rule for every mutant: an export that makes sense, or a refusal by code."""

from __future__ import annotations

import math
import re
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.domain.plate import Export, PlateRead
from pipeline.errors import TiterlineError
from pipeline.readers import read_export

from .cost import Cost, EndlessError, measured

ACCEPTED = "accepted"
DETAIL = " -- "
"""What follows it in a fault differs from mutant to mutant."""
_CODE = re.compile(r"[A-Z][A-Z0-9_]+\Z", re.ASCII)
_OURS = "pipeline"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one seed did; ``fault`` is None when the rule was kept."""

    seed: int
    file: str
    verdict: str
    cost: Cost
    fault: str | None


def attempt(data: bytes, name: str) -> tuple[Export | None, str, Cost, str | None]:
    """Read bytes as the product does: (export, verdict, cost, fault)."""
    export, fault = None, None
    with measured() as cost:
        try:
            export = read_export(data, name)
            verdict = ACCEPTED
        except TiterlineError as error:
            verdict = error.code
            fault = None if _CODE.match(verdict) else f"a refusal without a code: {verdict!r}"
        except (Exception, EndlessError) as error:  # noqa: BLE001 - whatever it is, it is the finding
            verdict = "failed"
            fault = described(error)
    return export, verdict, cost, fault or cost.fault


def judged(seed: int, file: str, data: bytes) -> Outcome:
    """Read a mutant and hold it against the rule."""
    export, verdict, cost, fault = attempt(data, file.rpartition("/")[2])
    if export is not None and fault is None:
        fault = next(nonsense(export), None)
    return Outcome(seed, file, verdict, cost, fault)


def nonsense(export: Export) -> Iterator[str]:
    """Whatever no export can mean."""
    if not export.plates:
        yield f"{export.reader}: accepted without a plate"
    for plate in export.plates:
        if not plate.reads:
            yield f"{export.reader}: accepted a plate without a read"
        yield from (f"{export.reader}: {problem}" for problem in _nonsense_in(plate))


def _nonsense_in(plate: PlateRead) -> Iterator[str]:
    for reading in plate.reads:
        if not all(math.isfinite(value) for value in reading.values.values()):
            yield "accepted a value that is no finite number"
        if any(w.row >= plate.rows or w.column >= plate.columns for w in (*reading.values, *reading.states)):
            yield "accepted a well outside its plate"
        for number in (reading.wavelength_nm, reading.time_s):
            if number is not None and not (math.isfinite(number) and number >= 0):
                yield "accepted a wavelength or time that cannot be"


def described(error: BaseException) -> str:
    """Type, text and the last line of our own code that was reached, and of any code."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if _OURS in Path(frame.filename).parts]
    last = [_frame(frames[-1])] if frames else []
    if ours and ours[-1] is not frames[-1]:
        last.insert(0, _frame(ours[-1]))
    return f"{type(error).__name__} at {' > '.join(last)}{DETAIL}{str(error)[:100]}"


def _frame(frame: traceback.FrameSummary) -> str:
    parts = Path(frame.filename).parts
    path = "/".join(parts[parts.index(_OURS) :]) if _OURS in parts else parts[-1]
    return f"{path}:{frame.lineno} {frame.name}: {frame.line}"
