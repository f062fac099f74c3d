"""The record of a run that could not be computed: the one place that says whose fault it was."""

from __future__ import annotations

import logging

from pipeline import __version__
from pipeline.domain.message import Message
from pipeline.domain.record import FAILED_SCHEMA, FailedRun, InputFile, ReportStyle
from pipeline.errors import DefinitionError, SheetError, TiterlineError

log = logging.getLogger(__name__)


def failed_run(  # noqa: PLR0913 - what a run is called and what it came from, as the record has it
    error: Exception,
    *,
    id: str,  # noqa: A002 - as the field is called
    key: str,
    assay: str,
    plate: str | None,
    export: InputFile,
    processed_at: str,
    reports: ReportStyle,
) -> FailedRun:
    """Make the record of a run that ended with an error; a fault of the program is logged with its trace."""
    known = _known(error, id)
    return FailedRun(
        schema=FAILED_SCHEMA,
        id=id,
        key=key,
        assay=assay,
        plate=plate,
        export=export,
        code=known.code,
        message=known.message,
        place=_place(known),
        found=known.found,
        expected=known.expected,
        action=known.action,
        fault=_fault(error),
        processed_at=processed_at,
        reports=reports,
        software=__version__,
        sheet=isinstance(error, SheetError),
    )


def _known(error: Exception, run: str) -> TiterlineError:
    """The error in its parts; whatever a user cannot put right is a fault of the program."""
    if isinstance(error, TiterlineError):
        return error
    log.error("fault of the program in run %s", run, exc_info=error)
    message, action = f"{type(error).__name__}: {error}", "Keep the file and tell your IT."
    return TiterlineError("PROGRAM_FAULT", message, action=action)


def _place(error: TiterlineError) -> str | None:
    """File and place in it, as far as they are known."""
    if error.file is None or error.place is None:
        return error.place or error.file
    return Message("{file}, {place:t}", file=error.file, place=error.place)


def _fault(error: Exception) -> str:
    if isinstance(error, DefinitionError):
        return "definition"
    return "input" if isinstance(error, TiterlineError) else "program"
