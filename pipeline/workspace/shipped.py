"""Where the shipped assays and sample data are: inside the installed package, or beside it in a checkout."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from pipeline.definitions import AssayDefinition, Effective, load_definition, load_effective
from pipeline.definitions.bases import ASSAY_FILE, BASE, folder_of_assays
from pipeline.domain.names import slug
from pipeline.errors import DefinitionError, nearest

ASSAYS = "plate_layouts"
"""Folder of the assays in a workspace, in the package and in a checkout."""
SHIPPED = "shipped:"
"""Before a name: the one that this version brings, not the workspace's."""
SETTINGS_FILE = "titerline.toml"
"""What makes a folder a workspace."""


def assays_folder() -> Path:
    """Folder of the shipped assays, one folder each."""
    return _shipped(ASSAYS)


def sample_data_folder() -> Path:
    """Folder of the synthetic sample data, ``<assay>/<case>/``."""
    return _shipped("sample_data")


def assay_names(folder: Path) -> list[str]:
    """Names of the assay folders in ``folder``, sorted; an absent folder holds none. ``base`` is no assay."""
    return sorted(path.parent.name for path in folder.glob(f"*/{ASSAY_FILE}") if path.parent.name != BASE)


def base_names(folder: Path) -> list[str]:
    """Bases that the assays in ``folder`` may extend, as they are named there: ``base/elisa``; sorted."""
    return sorted(f"{BASE}/{path.parent.name}" for path in (folder / BASE).glob(f"*/{ASSAY_FILE}"))


def find_assay(name_or_folder: str, workspace: Path = Path()) -> Path:
    """Find an assay folder by its path, or by its name in a workspace, or among the shipped assays.

    Args:
        name_or_folder: what was typed; ``shipped:anti_mag_igm`` passes over the workspace.
        workspace: its assays come before the shipped ones; by default the folder one stands in, if it is one.

    Raises:
        DefinitionError: ASSAY_UNKNOWN, with the nearest name.
    """
    folder, name = Path(name_or_folder), name_or_folder.removeprefix(SHIPPED)
    if (folder / ASSAY_FILE).is_file():
        return folder
    own = [workspace / ASSAYS] if _is_workspace(workspace) and name == name_or_folder else []
    places = [*own, assays_folder()]
    for place in places:
        if name in (*assay_names(place), *base_names(place)):
            return place / name
    if folder.is_dir():
        return folder  # reading it says which file is missing
    known = sorted({name for place in places for name in assay_names(place)})
    raise DefinitionError(
        "ASSAY_UNKNOWN",
        "there is no such assay",
        found=f"'{name_or_folder}'{nearest(name, known)}",
        expected=f"a folder with {ASSAY_FILE}, or one of {', '.join(known)}",
    )


def load_assay(folder: Path) -> AssayDefinition:
    """Read and check an assay folder wherever it lies.

    Raises:
        DefinitionError: as :func:`pipeline.definitions.load_definition`.
    """
    return load_definition(folder, shared_folders(folder))


def load_declared(folder: Path) -> Effective:
    """What an assay or a base says with all that it inherits, wherever it lies; an assay is checked.

    Raises:
        DefinitionError: as :func:`pipeline.definitions.load_definition`.
    """
    if folder.resolve().parent.name == BASE:
        return load_effective(folder, shared_folders(folder))
    return load_assay(folder).effective


def load_on_shipped_bases(folder: Path) -> Effective:
    """What an assay would say on the bases that this version brings, where it extends others of their names.

    Raises:
        DefinitionError: as :func:`pipeline.definitions.load_effective`.
    """
    return load_effective(folder, shared_folders(folder), (assays_folder(),))


def shared_folders(folder: Path) -> tuple[Path, ...]:
    """Where the bases of an assay are looked for: beside it; outside of a workspace also among those shipped.

    In a workspace an upgrade must not change what an assay says, so that only its own bases count there.
    """
    beside = folder_of_assays(folder)
    return (beside,) if _is_workspace(beside.parent) else (beside, assays_folder())


def _is_workspace(folder: Path) -> bool:
    return (folder / SETTINGS_FILE).is_file() and (folder / ASSAYS).is_dir()


def new_assay(like: str, folder: Path) -> list[str]:
    """Make a new assay folder like another one, under the folder's name; returns the names of its files.

    It says what that one says itself and extends what that one extends; name and title are its own.

    Raises:
        DefinitionError: ASSAY_UNKNOWN; FOLDER_EXISTS, because nothing is overwritten.
    """
    source = find_assay(like)
    if folder.exists():
        raise DefinitionError(
            "FOLDER_EXISTS", "this folder is there already", file=str(folder), action="Choose a new name."
        )
    definition = load_assay(source)
    folder.mkdir(parents=True)
    shutil.copy(source / definition.layout.source, folder)
    text = (source / ASSAY_FILE).read_text(encoding="utf-8-sig")
    (folder / ASSAY_FILE).write_text(_renamed(text, slug(folder.name)), encoding="utf-8")
    return sorted(path.name for path in folder.iterdir())


def _renamed(text: str, name: str) -> str:
    """The page of an assay with a name of its own, and the title that this name makes."""
    title = re.sub("[_-]+", " ", name)
    own = f'name = "{name}"\ntitle = "{title[:1].upper()}{title[1:]}"'
    without = re.sub(r'^title = "[^"\n]*"[^\n]*\n', "", text, count=1, flags=re.MULTILINE)
    return re.sub(r'^name = "[^"\n]*"', own, without, count=1, flags=re.MULTILINE)


def _shipped(name: str) -> Path:
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "_shipped" / name, package.parent / name):
        if folder.is_dir():
            return folder
    raise DefinitionError(
        "INSTALLATION", f"the shipped folder '{name}' is missing", action="Install titerline again."
    )
