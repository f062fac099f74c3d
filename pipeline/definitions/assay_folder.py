"""Assay folders: what people wrote -> records, with file, cell and key in every error.

An assay is a folder with ``assay.toml`` and ``layout.csv`` (or ``layout.xlsx``). ``assay.toml`` may extend
bases, so that it says only what is its own. Grids of the layout follow the plater convention: blocks of rows
x columns separated by an empty line, the top-left cell names the block.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.definitions.bases import ASSAY_FILE, Shelf, bytes_of, folder_of_assays, sources
from pipeline.definitions.effective import NOTHING_DECLARED, Effective, effective
from pipeline.definitions.faults import checked
from pipeline.definitions.layout_grid import layout_from_rows
from pipeline.domain.assay import Assay
from pipeline.domain.layout import PlateLayout
from pipeline.domain.record import InputFile
from pipeline.errors import DefinitionError
from pipeline.tables.cells import table_rows

LAYOUT_FILES = ("layout.csv", "layout.xlsx")


@dataclass(frozen=True, slots=True)
class AssayDefinition:
    """An assay folder, checked."""

    folder_name: str
    assay: Assay
    layout: PlateLayout
    files: tuple[InputFile, ...]
    """``assay.toml``, the layout, and every base."""
    contents: tuple[bytes, ...] = ()
    """What was in those files, in their order."""
    effective: Effective = NOTHING_DECLARED
    """The whole definition with the origin of each value; empty of an assay that stands in no folder."""
    sha256: str = ""
    """Of the effective definition. Empty: run keys take the files instead, as older versions made them."""


def load_definition(folder: Path, shared: Sequence[Path] = ()) -> AssayDefinition:
    """Read and check an assay folder.

    Args:
        folder: of the assay.
        shared: folders of assays in which bases are looked for, one after another; none given: the one in
            which the assay's folder lies.

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
    found = load_effective(folder, shared)
    assay = checked(found.document, Assay, found)
    layout_path = _layout_path(folder)
    layout_data = bytes_of(layout_path)
    layout = parse_layout(layout_data, layout_path.name, assay)
    own, *bases = ((source.name, source.data) for source in found.sources)
    named = (own, (layout_path.name, layout_data), *bases)
    return AssayDefinition(
        folder.resolve().name,
        assay,
        layout,
        tuple(InputFile(name, hashlib.sha256(data).hexdigest()) for name, data in named),
        tuple(data for _, data in named),
        found,
        found.sha256,
    )


def load_effective(folder: Path, shared: Sequence[Path] = (), first: Sequence[Path] = ()) -> Effective:
    """Read what an assay says with all that it inherits; also of a base, which is no whole assay.

    Args:
        folder: of the assay, or of a base.
        shared: as :func:`load_definition` takes them.
        first: folders of assays whose bases come before all others.

    Raises:
        DefinitionError: naming file and key.
    """
    beside = tuple(shared) or (folder_of_assays(folder),)
    return effective(sources(Shelf(folder, beside, tuple(first))))


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
