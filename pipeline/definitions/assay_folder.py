"""Assay folders and sample sheets: what people wrote -> records, with file, cell and key in every error.

An assay is a folder with ``assay.toml`` and ``layout.csv`` (or ``layout.xlsx``). A sample sheet is a table
``slot,sample_id,...``. Grids of the layout follow the plater convention: blocks of rows x columns separated
by an empty line, the top-left cell names the block.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pipeline.definitions.layout_grid import layout_from_rows
from pipeline.domain.assay import Assay
from pipeline.domain.layout import PlateLayout
from pipeline.domain.record import InputFile
from pipeline.errors import DefinitionError, nearest
from pipeline.tables.cells import table_rows

ASSAY_FILE = "assay.toml"
LAYOUT_FILES = ("layout.csv", "layout.xlsx")


@dataclass(frozen=True, slots=True)
class AssayDefinition:
    """An assay folder, checked."""

    folder_name: str
    assay: Assay
    layout: PlateLayout
    files: tuple[InputFile, ...]


def load_definition(folder: Path) -> AssayDefinition:
    """Read and check an assay folder.

    Raises:
        DefinitionError: naming file, key or cell, what was found, what was expected.
    """
    if not folder.is_dir():
        raise DefinitionError(
            "ASSAY_FOLDER",
            "this assay folder does not exist",
            file=str(folder),
            expected=f"a folder with {ASSAY_FILE} and layout.csv",
            action="Check the path, or make one with: titerline layout new FOLDER",
        )
    assay_data = _bytes_of(folder / ASSAY_FILE)
    assay = parse_assay(assay_data, ASSAY_FILE)
    layout_path = _layout_path(folder)
    layout_data = _bytes_of(layout_path)
    layout = parse_layout(layout_data, layout_path.name, assay)
    files = (_input_file(ASSAY_FILE, assay_data), _input_file(layout_path.name, layout_data))
    return AssayDefinition(folder.resolve().name, assay, layout, files)


def parse_assay(data: bytes, name: str) -> Assay:
    """Turn the bytes of ``assay.toml`` into an :class:`Assay`; every fault is a DefinitionError."""
    try:
        document = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise DefinitionError(
            "ENCODING", "the file is not UTF-8 text", file=name, place=f"byte {error.start}"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError("TOML", f"the file is not valid TOML: {error}", file=name) from error
    try:
        return Assay.model_validate(document)
    except ValidationError as error:
        raise _assay_error(error, name) from error


def parse_layout(data: bytes, name: str, assay: Assay) -> PlateLayout:
    """Turn the bytes of a layout grid (CSV or XLSX) into a checked :class:`PlateLayout`."""
    return layout_from_rows(table_rows(data, name), name, assay)


def _layout_path(folder: Path) -> Path:
    present = [folder / file for file in LAYOUT_FILES if (folder / file).is_file()]
    if len(present) == 1:
        return present[0]
    found = "both" if present else "neither"
    raise DefinitionError(
        "NO_LAYOUT" if not present else "TWO_LAYOUTS",
        "an assay folder holds exactly one layout",
        file=str(folder),
        found=found,
        expected=" or ".join(LAYOUT_FILES),
    )


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DefinitionError(
            "FILE_UNREADABLE", f"cannot be read: {error.strerror}", file=str(path)
        ) from error


def _input_file(name: str, data: bytes) -> InputFile:
    return InputFile(name, hashlib.sha256(data).hexdigest())


def _assay_error(error: ValidationError, name: str) -> DefinitionError:
    """Say the first fault in the lab's words; the others wait for the next check."""
    first = error.errors(include_url=False)[0]
    path = ".".join(str(part) for part in first["loc"])
    others = error.error_count() - 1
    more = f" ({others} more after this one)" if others else ""
    if first["type"] == "extra_forbidden":
        return DefinitionError(
            "KEY_UNKNOWN",
            f"this key is not known{more}",
            file=name,
            place=f"key {path}",
            found=f"'{first['loc'][-1]}'{nearest(str(first['loc'][-1]), _keys_at(first['loc'][:-1]))}",
            expected=f"one of {', '.join(_keys_at(first['loc'][:-1]))}",
        )
    if first["type"] == "missing":
        return DefinitionError("KEY_MISSING", f"this key is missing{more}", file=name, place=f"key {path}")
    found = first["input"] if not isinstance(first["input"], Mapping) else None
    return DefinitionError(
        "VALUE",
        f"{first['msg'].removeprefix('Value error, ')}{more}",
        file=name,
        place=f"key {path}" if path else None,
        found=repr(found) if found is not None else None,
    )


def _keys_at(location: tuple[int | str, ...]) -> list[str]:
    """Keys that the assay model knows at a place; names chosen by the lab (levels, controls) pass through."""
    model: Any = Assay
    for part in location:
        field = model.model_fields.get(str(part)) if hasattr(model, "model_fields") else None
        model = _model_in(field.annotation) if field is not None else model
    return sorted(model.model_fields) if hasattr(model, "model_fields") else []


def _model_in(annotation: Any) -> Any:  # noqa: ANN401 - an annotation has no useful type
    """Find the pydantic model inside ``Model | None``, ``tuple[Model, ...]`` or ``Mapping[str, Model]``."""
    if hasattr(annotation, "model_fields"):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        model = _model_in(inner)
        if model is not None:
            return model
    return None
