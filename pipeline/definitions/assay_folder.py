"""Assay folders and sample sheets: what people wrote -> records, with file, cell and key in every error.

An assay is a folder with ``assay.toml`` and ``layout.csv`` (or ``layout.xlsx``). A sample sheet is a table
``slot,sample_id,...``. Grids of the layout follow the plater convention: blocks of rows x columns separated
by an empty line, the top-left cell names the block.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from pipeline.definitions.faults import from_toml
from pipeline.definitions.layout_grid import layout_from_rows
from pipeline.domain.assay import Assay
from pipeline.domain.layout import PlateLayout
from pipeline.domain.record import InputFile
from pipeline.errors import DefinitionError
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
    contents: tuple[bytes, ...] = ()
    """What was in those files, in their order."""


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
    return AssayDefinition(folder.resolve().name, assay, layout, files, (assay_data, layout_data))


def parse_assay(data: bytes, name: str) -> Assay:
    """Turn the bytes of ``assay.toml`` into an :class:`Assay`; every fault is a DefinitionError."""
    return from_toml(data, name, Assay)


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
        raise DefinitionError.unreadable(str(path), error) from error


def _input_file(name: str, data: bytes) -> InputFile:
    return InputFile(name, hashlib.sha256(data).hexdigest())
