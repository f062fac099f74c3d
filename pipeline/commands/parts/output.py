"""How a command reads the file it was given, and how it answers: lines for people, or one JSON document."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path

from pipeline.errors import InputError


def bytes_of(path: Path) -> bytes:
    """Bytes of a file that was named on the command line.

    Raises:
        InputError: FILE_UNREADABLE.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError.unreadable(str(path), error) from error


def answer(options: argparse.Namespace, document: object, text: str, *, indent: int | None = None) -> None:
    """Print the text, or with ``--json`` the document in its place."""
    print(json.dumps(document, ensure_ascii=False, indent=indent) if options.json else text)


def say_and_answer(
    options: argparse.Namespace, document: object, lines: Iterable[str], *, indent: int | None = None
) -> None:
    """Print the lines; with ``--json`` on standard error, and the document on standard output."""
    if options.json:
        print(json.dumps(document, ensure_ascii=False, indent=indent))
    for line in lines:
        print(line, file=sys.stderr if options.json else sys.stdout)
