"""Exports of plate readers: bytes and a name -> plates. One module for each reader's software.

A reader is a module in the folder of its vendor with ``NAME``, ``sniff(head)`` (the sign by which it knows
the file, or None) and ``read(document)``. It is found by being there; nothing else has to be changed to add
one. Folders ``parts`` hold what readers share. Readers of plain tables say ``ANY_SOFTWARE``: they are asked
only about files that bear the sign of no software.
"""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Protocol

from pipeline.domain.message import Message
from pipeline.domain.plate import Export, PlateRead
from pipeline.errors import InputError, TiterlineError
from pipeline.readers.parts.head import Head, head_of
from pipeline.readers.parts.unknown import unknown_file
from pipeline.tables.document import Document, open_document
from pipeline.tables.ending import cut_number, ends_open

MAX_PLATES = 100
"""Plates of one export: a stacker takes 50."""
_SHARED = ".parts."
"""In the name of a module that readers share."""
_AGAIN = "Export the plate again; the copy may have been cut off."
_OF_A_CUT = frozenset({"ROW_LENGTH", "CSV_QUOTE", "NOT_A_NUMBER"})
"""Codes that a text gets whose last line was cut."""


class Reader(Protocol):
    """What a reader module offers."""

    NAME: str

    def sniff(self, head: Head) -> str | None:
        """The sign in the file by which this reader knows it, or None."""

    def read(self, document: Document) -> list[PlateRead]:
        """Read all plates; raises InputError with the place of whatever is not understood."""


@cache
def readers() -> tuple[Reader, ...]:
    """Every reader in the folders of the vendors, by name."""
    found = pkgutil.walk_packages(__path__, f"{__name__}.")
    names = [module.name for module in found if not module.ispkg and _SHARED not in module.name]
    modules: list[Reader] = [importlib.import_module(name) for name in names]
    return tuple(sorted(modules, key=lambda reader: reader.NAME.casefold()))


def read_export(data: bytes, name: str) -> Export:
    """Read an export with the one reader that knows it.

    Args:
        data: the file's bytes.
        name: its name, for messages; it decides nothing.

    Raises:
        InputError: when no reader or more than one knows the file, or the file is not understood.
    """
    try:
        reader, reason = _choose(data, name)
        plates = _not_too_many(reader.read(open_document(data)))
        _require_whole_number(data)
    except TiterlineError as error:
        raise _perhaps_cut(error, data).in_file(name) from error
    _require_balance(plates)
    for remark in _remarks(data, name):
        plates = [replace(plate, metadata=_with_remark(plate, remark)) for plate in plates]
    return Export(name, hashlib.sha256(data).hexdigest(), reader.NAME, reason, tuple(plates))


def _remarks(data: bytes, name: str) -> Iterator[str]:
    if _pretends(head_of(data), name):
        yield Message(
            "NAME_AND_CONTENT: the name '{name}' says Excel, the content is text; the text was read",
            name=name,
        )
    if ends_open(data):
        yield Message(
            "LAST_LINE_OPEN: the last line of the file has no end; its last value may have been cut off"
        )


def _require_whole_number(data: bytes) -> None:
    cut = cut_number(data)
    if cut is not None:
        raise InputError(
            "FILE_INCOMPLETE",
            "the file breaks off in the middle of its last number",
            found=cut,
            action=_AGAIN,
        )


def _perhaps_cut(error: TiterlineError, data: bytes) -> TiterlineError:
    """A row that is too short because the file ends in it is no mistake of its author."""
    if error.code not in _OF_A_CUT or not ends_open(data):
        return error
    if error.code == "NOT_A_NUMBER" and cut_number(data) is None:
        return error
    return InputError(
        "FILE_INCOMPLETE",
        "the file breaks off in the middle of its last line",
        place=error.place,
        found=error.found,
        expected=error.expected,
        action=_AGAIN,
    )


def _not_too_many(plates: list[PlateRead]) -> list[PlateRead]:
    if len(plates) <= MAX_PLATES:
        return plates
    raise InputError(
        "TOO_MANY_PLATES",
        "the export holds more plates than are read at a time",
        found=Message("{n:n} plates", n=len(plates)),
        expected=Message("at most {n:n} plates", n=MAX_PLATES),
        action="Export the plates in several files.",
    )


def _require_balance(plates: list[PlateRead]) -> None:
    """Every cell of a file has gone somewhere; a reader that forgets one is a fault of the program."""
    for plate in plates:
        if plate.cells is None or not plate.cells.balanced:
            raise RuntimeError(f"cells of plate '{plate.name}' are not accounted for: {plate.cells}")


def _pretends(head: Head, name: str) -> bool:
    """Does the name promise a workbook and the content is text?"""
    return name.lower().endswith((".xlsx", ".xlsm")) and head.form == "text"


def _with_remark(plate: PlateRead, remark: str) -> dict[str, object]:
    before = plate.metadata.get("remarks", [])
    return {**plate.metadata, "remarks": [*(before if isinstance(before, list) else []), remark]}


def claims(head: Head) -> list[tuple[Reader, str]]:
    """The readers that know a file, each with the sign by which it knows it."""
    vendors = [reader for reader in readers() if not getattr(reader, "ANY_SOFTWARE", False)]
    known = [(reader, sign) for reader in vendors if (sign := reader.sniff(head)) is not None]
    if known:
        return known
    plain = [reader for reader in readers() if reader not in vendors]
    return [(reader, sign) for reader in plain if (sign := reader.sniff(head)) is not None]


def _choose(data: bytes, name: str) -> tuple[Reader, str]:
    head = head_of(data)
    known = claims(head)
    if len(known) == 1:
        return known[0]
    accepted = ", ".join(reader.NAME for reader in readers())
    if known:
        raise InputError(
            "FORMAT_AMBIGUOUS",
            "more than one reader claims this file",
            found="; ".join(f"{reader.NAME} ({reason})" for reader, reason in known),
            expected="one of " + accepted,
        )
    if _pretends(head, name):
        raise InputError(
            "NOT_AN_XLSX",
            "this is not an Excel workbook, whatever its name says",
            found=head.description,
            expected=accepted,
            action="Export the plate from the reader's software as text, CSV or XLSX.",
        )
    why = unknown_file(head)
    raise InputError(
        "FORMAT_UNKNOWN",
        "this is not a plate export that is known here",
        found=f"{head.description}; {why.is_instead}",
        expected=accepted,
        action=why.action,
    )
