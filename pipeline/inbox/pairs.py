"""Files of the inbox that belong together, and what only a person can clear from their way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.domain.message import Message
from pipeline.inbox.complete import Track
from pipeline.inbox.templates import is_open
from pipeline.jobs.direct import SHEET_ENDINGS


@dataclass(frozen=True, slots=True)
class InboxFile:
    """A file of one look."""

    path: Path
    track: Track


LOCKED = "seen, held by another program: close it in Excel"


def obstacle(export: InboxFile, sheets: Sequence[InboxFile], exports: int) -> str:
    """What only a person can clear away, or nothing."""
    if export.track.locked:
        return LOCKED
    if len(sheets) > 1:
        return Message("seen, but there are {n:n} sample sheets for it: remove the wrong one", n=len(sheets))
    if sheets and exports > 1:
        return Message(
            "seen, but {n:n} exports share the sample sheet {sheet}: remove or rename one",
            n=exports,
            sheet=sheets[0].path.name,
        )
    if sheets and (sheets[0].track.locked or is_open(sheets[0].path)):
        return Message(
            "seen, but its sample sheet {sheet} is held by another program: close it in Excel",
            sheet=sheets[0].path.name,
        )
    return ""


def misnamed(sheet: InboxFile, bare: Sequence[str]) -> Message:
    """What a sheet without an export waits for where exports without a sheet lie beside it.

    Args:
        sheet: whose name fits no export.
        bare: names of the exports without a sheet; at least one.
    """
    name = f"{Path(bare[0]).stem}{sheet_ending(sheet.path.name)}"
    text = "sample sheet, waiting for its export; if that is {export}, rename the sheet to {sheet}"
    return Message(text, export=bare[0], sheet=name)


def sheet_ending(name: str) -> str:
    """How a sample sheet's name ends; nothing for an export."""
    return next((ending for ending in SHEET_ENDINGS if name.lower().endswith(ending)), "")
