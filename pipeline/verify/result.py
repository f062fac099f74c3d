"""``titerline verify RESULT``: one result folder, or one workbook, against the record beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipeline import __version__
from pipeline.domain.record import RunRecord
from pipeline.errors import InputError
from pipeline.record.document import RECORD, WORKBOOK, from_json, to_json
from pipeline.report import render


def verify_result(place: Path) -> list[str]:
    """Name what is not as it was written; nothing when all is.

    The reports of a folder are written again from its record and compared, which only the version that wrote
    them can do: another version is named.

    Args:
        place: a result folder, or a workbook of one.

    Raises:
        InputError: nothing there that could be checked.
    """
    if place.is_dir():
        return list(_folder(place))
    from pipeline.verify.workbook import check_workbook  # noqa: PLC0415 - openpyxl

    return check_workbook(place)


def _folder(folder: Path) -> Iterator[str]:
    path = folder / RECORD
    if not path.is_file():
        raise InputError(
            "NO_RESULT",
            "nothing to verify is here",
            file=str(folder),
            expected=f"a workspace, a folder with {RECORD}, or a {WORKBOOK}",
        )
    data = path.read_bytes()
    record = from_json(data)
    if to_json(record) != data and record.run.software.titerline == __version__:
        yield f"{RECORD}: not as it was written; its values can be read all the same"
    yield from _reports(folder, record)


def _reports(folder: Path, record: RunRecord) -> Iterator[str]:
    wrote = record.run.software.titerline
    if wrote != __version__:
        yield f"written by titerline {wrote}, checked by {__version__}: reports may look different"
    for name, data in render(record).items():
        path = folder / name
        if not path.is_file():
            yield f"{name}: missing"
        elif path.read_bytes() != data:
            yield from _changed(path, name)


def _changed(path: Path, name: str) -> Iterator[str]:
    yield f"{name}: not as it was written"
    if name == WORKBOOK:
        from pipeline.verify.workbook import check_workbook  # noqa: PLC0415 - openpyxl

        yield from check_workbook(path)
