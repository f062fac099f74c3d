"""A PostgreSQL server for the tests, from the installed programs, in a folder that goes away with it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

DEBIAN = "/usr/lib/postgresql"
"""Debian keeps the server's programs here, out of the PATH."""

SPEED = "-c fsync=off -c full_page_writes=off -c max_connections=40"
"""The tests' data need not survive a power cut."""


def programs() -> Path:
    """Folder of ``initdb`` and ``pg_ctl``; skips where there is none, and fails when CI wants it."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    debian = sorted(Path(DEBIAN).glob("*/bin/initdb"))
    if debian:
        return debian[-1].parent
    reason = "no PostgreSQL server is installed here"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def server() -> Iterator[Callable[[], str]]:
    """Run a server on a free port of this computer; yields a maker of URLs of new, empty databases."""
    import psycopg  # noqa: PLC0415 - only where there is a server

    bin_folder, numbers = programs(), count()
    with tempfile.TemporaryDirectory(prefix="titerline-pg-", ignore_cleanup_errors=True) as folder:
        _own(Path(folder))
        data, port = Path(folder) / "data", _free_port()
        _run(bin_folder / "initdb", "-D", data, "-U", "titerline", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-p {port} -h 127.0.0.1 -k {folder} {SPEED}"
        log = Path(folder) / "log"
        _run(bin_folder / "pg_ctl", "-D", data, "-w", "-l", log, "-o", options, "start")
        base = f"postgresql://titerline@127.0.0.1:{port}"

        def new_database() -> str:
            name = f"test{next(numbers)}"
            with psycopg.connect(f"{base}/postgres", autocommit=True) as connection:
                connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
            return f"{base}/{name}"

        try:
            yield new_database
        finally:
            _run(bin_folder / "pg_ctl", "-D", data, "-m", "immediate", "stop")


def _run(program: Path, *arguments: object) -> None:
    """As the user ``postgres`` where we are root: the server refuses to be root's."""
    command = [str(program), *map(str, arguments)]
    user = "postgres" if _is_root() else None
    done = subprocess.run(  # noqa: S603 - our own command
        command, check=False, user=user, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd="/"
    )
    if done.returncode:
        raise RuntimeError(f"{program.name}: {done.stdout.decode(errors='replace')}")


def _own(folder: Path) -> None:
    if _is_root():
        shutil.chown(folder, "postgres")


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
