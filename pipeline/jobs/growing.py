"""Files that may only be unfinished: they get patience before they are read or refused for good."""

from __future__ import annotations

from pipeline.domain.codes.unused import WellUnused
from pipeline.domain.message import Message, joined
from pipeline.domain.plate import LAST_LINE_OPEN
from pipeline.domain.record import FailedRun, RunRecord

MAY_STILL_GROW = frozenset({"FILE_INCOMPLETE", "FILE_EMPTY", "XLSX_DAMAGED", "SHEET_EMPTY"})
"""Codes of a refused file that may only be unfinished."""


def may_still_grow(result: RunRecord | FailedRun) -> str:
    """Why more of this plate may still come; empty where it is whole, or wrong for good."""
    if isinstance(result, FailedRun):
        return result.message if result.code in MAY_STILL_GROW else ""
    lacking = [one.well for one in result.wells if one.unused is WellUnused.NOT_IN_EXPORT]
    if lacking:
        return Message("the export lacks wells of the layout: {wells:t}", wells=joined(", ", lacking))
    open_end = [text for text in result.reading.remarks if text.partition(":")[0] == LAST_LINE_OPEN]
    return open_end[0] if open_end else ""
