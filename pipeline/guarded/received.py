"""Received files, read in the guarded child: exports, sample sheets, lot files; text as well as workbooks."""

from __future__ import annotations

import atexit
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from pipeline.definitions import AssayDefinition, load_sheet
from pipeline.definitions.lots import LOTS_FILE, check_parsed, lots_data, parse_lots
from pipeline.domain.layout import SampleSheet
from pipeline.domain.lots import LotBook
from pipeline.domain.plate import Export
from pipeline.errors import DefinitionError, InputError, SheetError
from pipeline.guarded.child import SECONDS, Guard
from pipeline.readers import read_export

T = TypeVar("T")

HURRY_S = 1.5
"""A first try: what takes longer is read after everything else, so that no good plate waits behind it."""


def read_guarded(data: bytes, name: str, seconds: float = SECONDS) -> Export:
    """Read an export.

    Raises:
        InputError: as :func:`pipeline.readers.read_export`, and ``CRASHED_READER`` when the child was ended.
    """
    return _of_file(read_export, data, name, seconds)


def sheet_guarded(data: bytes, name: str, seconds: float = SECONDS) -> SampleSheet:
    """Read a sample sheet.

    Raises:
        SheetError: as :func:`pipeline.definitions.load_sheet`, and ``CRASHED_READER``.
    """
    try:
        return _of_file(load_sheet, data, name, seconds)
    except SheetError:
        raise
    except InputError as error:
        raise SheetError.of(error) from error


def lots_guarded(path: Path, definition: AssayDefinition, assays: Sequence[str]) -> LotBook | None:
    """Read the lot file and check it for an assay; as :func:`pipeline.definitions.load_lots`."""
    return lots_of(lots_data(path), definition, assays)


def lots_of(data: bytes | None, definition: AssayDefinition, assays: Sequence[str]) -> LotBook | None:
    """As :func:`lots_guarded`, from the bytes of the file."""
    if data is None:
        return None
    try:
        book: LotBook = _reader.do(parse_lots, data)
    except InputError as error:
        raise DefinitionError(error.code, error.message, file=LOTS_FILE, found=error.found) from error
    return check_parsed(book, definition, assays)


def start() -> None:
    """Start the child ahead of its first file."""
    _reader.start()


def _of_file(work: Callable[[bytes, str], T], data: bytes, name: str, seconds: float) -> T:
    try:
        found: T = _reader.do(work, data, name, seconds=seconds)
    except InputError as error:
        raise error.in_file(name) from error
    return found


_reader = Guard(prepared="pipeline.guarded.prepared")
atexit.register(_reader.stop)
