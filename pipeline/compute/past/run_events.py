"""What changed between the runs of a history: assay version, software, reader, curve model, control lots."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.domain.history import PastRun

Kind = Literal["assay", "software", "reader", "curve", "lot"]


@dataclass(frozen=True, slots=True)
class RunEvent:
    """Something is new from one run on."""

    run: int
    """Index of the first run with it."""
    kind: Kind
    before: str
    """Of the run before; for a lot, the lot before."""
    now: str
    control: str | None = None
    """Name of the control whose lot changed; None where the whole run is concerned."""

    def concerns(self, name: str) -> bool:
        """Does it belong on the charts of this control or quantity?"""
        return self.control in (None, name)


def run_events(runs: Sequence[PastRun]) -> tuple[RunEvent, ...]:
    """Every change, in the order of runs.

    Assay version, software and curve model: every change from one run to the next that knows its own, a
    return to an old version as well. Reader and lot: only the first run with one that was never there before,
    since laboratories use two readers, or two lots during a change, in turn.
    """
    found = [
        *_changes(runs, "assay", lambda run: run.assay_version),
        *_changes(runs, "software", lambda run: run.software),
        *_first_seen("reader", None, ((n, run.reader) for n, run in enumerate(runs))),
        *_changes(runs, "curve", _model),
        *_lots(runs),
    ]
    return tuple(sorted(found, key=lambda event: event.run))


def _changes(runs: Sequence[PastRun], kind: Kind, value: Callable[[PastRun], str]) -> Iterator[RunEvent]:
    before = ""
    for n, run in enumerate(runs):
        now = value(run)
        if before and now and now != before:
            yield RunEvent(n, kind, before, now)
        before = now or before


def _first_seen(kind: Kind, control: str | None, values: Iterator[tuple[int, str]]) -> Iterator[RunEvent]:
    before, seen = "", {""}
    for n, now in values:
        if now not in seen and before:
            yield RunEvent(n, kind, before, now, control)
        seen.add(now)
        before = now or before


def _model(run: PastRun) -> str:
    """Of the calibration's curve, as its parameters carry it."""
    return next((one.lot for one in run.quantities.values() if one.lot is not None), "")


def _lots(runs: Sequence[PastRun]) -> Iterator[RunEvent]:
    used: dict[str, list[tuple[int, str]]] = {}
    for n, run in enumerate(runs):
        for name, reading in run.controls.items():
            if reading.lot is not None:
                used.setdefault(name, []).append((n, reading.lot))
    for name, values in used.items():
        yield from _first_seen("lot", name, iter(values))
