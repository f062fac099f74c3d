"""Where the shipped assays and sample data are: inside the installed package, or beside it in a checkout."""

from __future__ import annotations

import shutil
from pathlib import Path

from pipeline.errors import DefinitionError, nearest

ASSAY_FILE = "assay.toml"


def assays_folder() -> Path:
    """Folder of the shipped assays, one folder each."""
    return _shipped("plate_layouts")


def sample_data_folder() -> Path:
    """Folder of the synthetic sample data, ``<assay>/<case>/``."""
    return _shipped("sample_data")


def assay_names(folder: Path) -> list[str]:
    """Names of the assay folders in ``folder``, sorted; an absent folder holds none."""
    return sorted(path.parent.name for path in folder.glob(f"*/{ASSAY_FILE}"))


def find_assay(name_or_folder: str) -> Path:
    """Find an assay folder by its path, or by the name of a shipped assay.

    Raises:
        DefinitionError: ASSAY_UNKNOWN, with the nearest name.
    """
    folder = Path(name_or_folder)
    if (folder / ASSAY_FILE).is_file():
        return folder
    known = assay_names(assays_folder())
    if name_or_folder in known:
        return assays_folder() / name_or_folder
    if folder.is_dir():
        return folder  # reading it says which file is missing
    raise DefinitionError(
        "ASSAY_UNKNOWN",
        "there is no such assay",
        found=f"'{name_or_folder}'{nearest(name_or_folder, known)}",
        expected=f"a folder with {ASSAY_FILE}, or one of {', '.join(known)}",
    )


def copy_assay(like: str, folder: Path) -> list[str]:
    """Copy a shipped assay to a new folder; returns the names of its files.

    Raises:
        DefinitionError: ASSAY_UNKNOWN; FOLDER_EXISTS, because nothing is overwritten.
    """
    source = find_assay(like)
    if folder.exists():
        raise DefinitionError(
            "FOLDER_EXISTS", "this folder is there already", file=str(folder), action="Choose a new name."
        )
    shutil.copytree(source, folder)
    return sorted(path.name for path in folder.iterdir())


def _shipped(name: str) -> Path:
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "_shipped" / name, package.parent / name):
        if folder.is_dir():
            return folder
    raise DefinitionError(
        "INSTALLATION", f"the shipped folder '{name}' is missing", action="Install titerline again."
    )
