"""Files that must survive a crash: written whole or not at all, moved but never lost.

The one module that writes, replaces and moves. A temporary name is short (a received name may already have
255 bytes) and starts with :data:`TEMP`, so that what a crash left behind can be swept.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar

T = TypeVar("T")

TEMP = ".titerline-tmp-"
"""Start of names that hold nothing of value: safe to delete at start."""
TAKEN = ".titerline-taken-"
"""Start of names that hold a received file on its way: never deleted."""
ASIDE = ".titerline-old-"
"""Start of the name of a result folder while its successor takes its place."""

WAITS_S: tuple[float, ...] = (0.05, 0.1, 0.2, 0.4, 0.75, 1.0) if sys.platform == "win32" else ()
"""Windows refuses to replace a file that a scanner, an indexer or Excel holds: try again for 2.5 s."""

CHUNK = 1 << 20
"""Bytes read at a time when hashing or copying."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a file was at one look, taken from one open handle; time is only ever compared with itself."""

    size: int
    mtime_ns: int
    sha256: str


def patiently(action: Callable[[], T]) -> T:
    """Run ``action``, again after each of :data:`WAITS_S` while another program holds the file."""
    for wait in WAITS_S:
        try:
            return action()
        except PermissionError:
            time.sleep(wait)
    return action()


def replace(source: Path, target: Path) -> None:
    """Rename, replacing the target at once; the rename is on disk when this returns."""
    patiently(lambda: source.replace(target))
    sync_folder(target.parent)
    if source.parent != target.parent:
        sync_folder(source.parent)


def sync_folder(folder: Path) -> None:
    """Force the folder's entries to disk; Windows has no such call and needs none."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def temp_beside(path: Path, prefix: str = TEMP) -> Path:
    """Give the short name that stands for ``path`` in its own folder; the same on every call."""
    return path.with_name(prefix + hashlib.sha256(os.fsencode(path.name)).hexdigest()[:12])


def write_file(path: Path, data: bytes) -> None:
    """Write a file whole or not at all: temporary file beside it, to disk, then renamed."""
    temp = temp_beside(path)
    try:
        _write_to_disk(temp, data)
        replace(temp, path)
    except OSError:
        temp.unlink(missing_ok=True)
        raise


def write_all(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write each file of a folder whole or not at all; the folder is made when absent."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in contents.items():
        write_file(folder / name, data)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Write a large file whole or not at all: what is written to the given path becomes ``path``."""
    temp = temp_beside(path)
    try:
        yield temp
        with temp.open("rb+") as handle:
            os.fsync(handle.fileno())
        replace(temp, path)
    finally:
        temp.unlink(missing_ok=True)


def write_verified(path: Path, data: bytes, sha256: str) -> None:
    """Write a received file and read it back; a file that is there already with this hash is kept.

    Raises:
        OSError: EIO when the disk gives back something else than was written.
    """
    if path.is_file() and hash_of(path) == sha256:
        return
    write_file(path, data)
    if hash_of(path) != sha256:
        raise OSError(errno.EIO, "the disk does not give back what was written")


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file for reading; a link, a folder, a pipe or a device is refused.

    Raises:
        OSError: ELOOP or EINVAL for what is not a regular file, and whatever the system says.
    """
    if path.is_symlink():  # for systems without O_NOFOLLOW
        raise OSError(errno.ELOOP, "a link, not a file")
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    handle = os.open(path, flags | getattr(os, "O_BINARY", 0))
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "not a regular file")
    return os.fdopen(handle, "rb")


def size_and_time(path: Path) -> tuple[int, int]:
    """Size in bytes and mtime_ns from an open handle: a folder listing may be stale on Windows."""
    with open_regular(path) as handle:
        status = os.fstat(handle.fileno())
    return status.st_size, status.st_mtime_ns


def fingerprint(path: Path) -> Fingerprint:
    """Size, mtime_ns and sha256 from one open handle."""
    with open_regular(path) as handle:
        status = os.fstat(handle.fileno())
        digest = _digest(handle)
    return Fingerprint(status.st_size, status.st_mtime_ns, digest)


def hash_of(path: Path) -> str:
    """sha256 of a file, read in pieces."""
    with open_regular(path) as handle:
        return _digest(handle)


def read_bytes(path: Path) -> bytes:
    """Whole content of a regular file."""
    with open_regular(path) as handle:
        return handle.read()


def take(original: Path, sha256: str, kept: Path) -> bool:
    """Put a received file away: ``kept`` is a copy of our own, the original is removed.

    Who still holds the original open, or has another name for it, cannot change the copy. The original is
    moved aside first, and its content compared before and after copying; what it holds by then that was not
    copied goes back to where it was, as a new file. May be repeated after a crash at any point.

    Returns:
        True when ``kept`` holds the content; False when the original is gone or has other content now.
    """
    taken = temp_beside(kept, TAKEN)
    if not taken.is_file() and not _seize(original, taken, sha256, kept):
        return kept.is_file() and not original.exists() and hash_of(kept) == sha256
    if not taken.is_file():
        return True
    if hash_of(taken) == sha256:
        _keep_copy(taken, sha256, kept)
        if hash_of(taken) == sha256:
            taken.unlink()
            return True
    _give_back(taken, original)
    return False


def discard(path: Path, sha256: str) -> None:
    """Remove a file that the program itself wrote, while it still has the content that it was given."""
    if path.is_file() and hash_of(path) == sha256:
        path.unlink(missing_ok=True)


def stage_folder(target: Path, contents: Mapping[str, bytes]) -> Path:
    """Write a result folder under a temporary name beside ``target``, on disk when this returns."""
    staged = temp_beside(target)
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True)
    for name, data in contents.items():
        _write_to_disk(staged / name, data)
    sync_folder(staged)
    return staged


def publish_folder(staged: Path, target: Path) -> None:
    """Give a staged folder its name; an earlier folder of that name makes room."""
    aside = target.with_name(ASIDE + target.name)
    if target.exists():
        shutil.rmtree(aside, ignore_errors=True)
        replace(target, aside)
    replace(staged, target)
    shutil.rmtree(aside, ignore_errors=True)


def fresh_folder(folder: Path) -> None:
    """Make a folder of our own copies, empty: what an earlier attempt wrote there is made again."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def sync_move(source: Path, target: Path) -> None:
    """Move a folder to a place that is free, on disk when this returns."""
    target.parent.mkdir(parents=True, exist_ok=True)
    replace(source, target)
    sync_folder(target.parent)


def sweep(folder: Path) -> int:
    """Remove temporary files and folders that a crash left in ``folder``; returns how many."""
    if not folder.is_dir():
        return 0
    for aside in folder.glob(f"{ASIDE}*"):
        _restore(aside)
    strays = list(folder.glob(f"{TEMP}*"))
    for stray in strays:
        if stray.is_dir() and not stray.is_symlink():
            shutil.rmtree(stray, ignore_errors=True)
        else:
            stray.unlink(missing_ok=True)
    return len(strays)


def hash_list(hashes: Mapping[str, str]) -> bytes:
    """Name -> sha256 as ``sha256sum --check`` reads it, names with a line break or a backslash included."""
    lines = []
    for name, sha256 in sorted(hashes.items()):
        escaped = name.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
        lines.append(f"{'' if escaped == name else chr(92)}{sha256}  {escaped}\n")
    return "".join(lines).encode()


def _write_to_disk(path: Path, data: bytes) -> None:
    with path.open("wb") as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())


def _digest(handle: BinaryIO) -> str:
    digest = hashlib.sha256()
    while piece := handle.read(CHUNK):
        digest.update(piece)
    return digest.hexdigest()


def _seize(original: Path, taken: Path, sha256: str, kept: Path) -> bool:
    """Get hold of the original; False when it is gone or has other content."""
    try:
        if hash_of(original) != sha256:
            return False
        replace(original, taken)
    except FileNotFoundError:
        return False
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy_across(original, sha256, kept)
    return True


def _copy_across(original: Path, sha256: str, kept: Path) -> None:
    """Move to another file system: copy, to disk, verify, and only then remove the original."""
    _keep_copy(original, sha256, kept)
    original.unlink()


def _keep_copy(original: Path, sha256: str, kept: Path) -> None:
    """Make ``kept`` a copy, on disk and read back; one that is there already, and ours alone, stays.

    Raises:
        OSError: EIO when the copy differs.
    """
    if kept.is_file() and kept.stat().st_nlink == 1 and hash_of(kept) == sha256:
        return
    temp = temp_beside(kept)
    with open_regular(original) as source, temp.open("wb") as target:
        shutil.copyfileobj(source, target, CHUNK)
        target.flush()
        os.fsync(target.fileno())
    if hash_of(temp) != sha256:
        temp.unlink()
        raise OSError(errno.EIO, "the copy differs from the original")
    replace(temp, kept)


def _give_back(taken: Path, original: Path) -> None:
    home = original
    if original.exists():
        home = original.with_name(f"{original.stem} (newer){original.suffix}")
    replace(taken, home)


def _restore(aside: Path) -> None:
    """After a crash between the two renames the earlier folder gets its name back."""
    target = aside.with_name(aside.name.removeprefix(ASIDE))
    if target.exists():
        shutil.rmtree(aside, ignore_errors=True)
    else:
        replace(aside, target)
