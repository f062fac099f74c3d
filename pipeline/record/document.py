"""``results.json``: the truth of a run. Writing and reading it back gives an equal record."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any, NoReturn

from pydantic import TypeAdapter, ValidationError

from pipeline.domain.record import RUN_SCHEMA, FailedRun, RunRecord
from pipeline.errors import InputError
from pipeline.record.json_text import JsonText, names_of
from pipeline.record.templates import TEMPLATES, said_again, templates_of

RECORD = "results.json"
"""The record of a finished run; the files after it are views of it."""
WORKBOOK, PAGE, PDF = "results.xlsx", "report.html", "report.pdf"
RESULTS_CSV, WORKLIST = "results.csv", "worklist.csv"
FAILURE, WHY = "failure.json", "WHY.txt"
"""The record of a run that could not be computed, and what it says to the person at the bench."""


def to_json(record: RunRecord | FailedRun) -> bytes:
    """UTF-8 JSON of a finished run, or of one that could not be computed; keys in the order of the contract.

    Raises:
        ValueError: for NaN or infinity, naming the path: a fault of the program, not of the input.
        TypeError: for a value that JSON cannot hold, naming the path.
    """
    # A lone surrogate (a damaged name) has no UTF-8 form; backslashreplace writes its JSON escape, \udxxx.
    text = JsonText()
    members = text.of((name, getattr(record, name)) for name in names_of(record))
    if text.messages:  # an older version kept none
        members += ",\n " + text.of([(TEMPLATES, templates_of(text.messages))])
    return f"{{\n {members}\n}}\n".encode("utf-8", "backslashreplace")


def from_json(data: bytes) -> RunRecord:
    """Read a record back.

    Raises:
        InputError: not JSON, another schema, a missing or unknown field, NaN or infinity.
    """
    document = _decode(data)
    templates = document.pop(TEMPLATES, None)
    try:
        record = _adapter().validate_python(document)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise _unreadable(f"{first['msg']}, {error.error_count()} faults in all", place) from error
    _nothing_dropped(document, record, "")
    return said_again(record, templates)


def failed_from_json(data: bytes) -> FailedRun:
    """Read the record of a failed run back.

    Raises:
        InputError: as :func:`from_json`.
    """
    try:
        document = json.loads(data)
        templates = document.pop(TEMPLATES, None) if isinstance(document, dict) else None
        return said_again(_failed_adapter().validate_python(document), templates)
    except ValidationError as error:
        raise _unreadable(f"{error.errors()[0]['msg']}") from error
    except ValueError as error:
        raise _unreadable(str(error)) from error


def as_recorded(recorded: Any, again: Any) -> Any:  # noqa: ANN401 - any part of a record
    """What was computed again, without the fields and settings that the record's version did not have.

    Args:
        recorded: a record, or a part of one.
        again: the same, computed by this version.
    """
    if isinstance(recorded, tuple) and isinstance(again, tuple) and len(recorded) == len(again):
        return tuple(map(as_recorded, recorded, again))
    if not is_dataclass(recorded) or isinstance(recorded, type) or type(recorded) is not type(again):
        return again
    parts = {name: (getattr(recorded, name), getattr(again, name)) for name in names_of(recorded)}
    added = _added(type(recorded))
    unsaid = {name for name, default in added.items() if parts[name][0] == default}
    merged = {name: added[name] if name in unsaid else as_recorded(*both) for name, both in parts.items()}
    if type(recorded) is RunRecord:
        merged["settings"] = _said(*parts["settings"])
    return replace(again, **merged)


def _said(recorded: Mapping[str, object], again: Mapping[str, object]) -> dict[str, object]:
    """Settings that the record has: a later version adds others with what they are by default."""
    both = ((key, recorded[key], value) for key, value in again.items() if key in recorded)
    return {
        key: _said(one, other) if isinstance(one, Mapping) and isinstance(other, Mapping) else other
        for key, one, other in both
    }


def _decode(data: bytes) -> dict[str, object]:
    try:
        document = json.loads(data, parse_constant=_not_finite)
    except ValueError as error:
        raise _unreadable(str(error)) from error
    if not isinstance(document, dict) or document.get("schema") != RUN_SCHEMA:
        found = document.get("schema") if isinstance(document, dict) else type(document).__name__
        raise _unreadable(f"schema {found!r}", "schema")
    return document


def _not_finite(constant: str) -> NoReturn:
    msg = f"{constant} is not allowed in a record"
    raise ValueError(msg)


def _unreadable(found: str, place: str | None = None) -> InputError:
    return InputError(
        "RECORD_UNREADABLE",
        "this is not the record of a run",
        place=place,
        found=found,
        expected=f"{RECORD} with schema {RUN_SCHEMA}, as titerline wrote it",
        action="Take the file from the backup, or process the kept export again.",
    )


@cache
def _adapter() -> TypeAdapter[RunRecord]:
    return TypeAdapter(RunRecord)


@cache
def _failed_adapter() -> TypeAdapter[FailedRun]:
    return TypeAdapter(FailedRun)


@cache
def _added(kind: type) -> dict[str, object]:
    """Fields that older versions did not write, with what they are where nothing is said."""
    return {field.name: field.default for field in fields(kind) if field.metadata.get("added")}


def _nothing_dropped(document: object, read: Any, path: str) -> None:  # noqa: ANN401 - any part of a record
    """Refuse a field that this version does not know, instead of losing it."""
    if isinstance(document, dict):
        known = read if isinstance(read, Mapping) else {name: getattr(read, name) for name in names_of(read)}
        for key, value in document.items():
            if key not in known:
                raise _unreadable(f"the unknown field '{key}'", f"{path}.{key}".lstrip("."))
            _nothing_dropped(value, known[key], f"{path}.{key}")
    elif isinstance(document, list):
        for n, (value, other) in enumerate(zip(document, read, strict=False)):
            _nothing_dropped(value, other, f"{path}[{n}]")
