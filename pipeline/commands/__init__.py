"""The command line: one file a command. Knows every room.

A command is a module in a folder of this one, with ``add(commands)`` and ``run(options)``. It is found by
being there; nothing else has to be changed to add one. ``titerline --help`` lists the folders by their
``ORDER`` and the commands of each by name. What commands share, and the longer things they print, lie in
``parts``. A command imports heavy packages where it uses them: ``--help`` answers in under 0.3 s.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
from collections.abc import Sequence
from types import ModuleType
from typing import Protocol

from pipeline.commands.parts.parser import Commands


class Command(Protocol):
    """What a module of a folder of commands offers."""

    def add(self, commands: Commands) -> argparse.ArgumentParser:
        """Add the command with its arguments to the command line."""

    def run(self, options: argparse.Namespace) -> int:
        """Do it; returns the exit code."""


def add_commands(commands: Commands) -> None:
    """Add every command, in the order of ``--help``."""
    folders = [folder for folder in _inside(__name__, __path__) if not folder.__name__.endswith(".parts")]
    for folder in sorted(folders, key=lambda one: one.ORDER):
        modules: Sequence[Command] = _inside(folder.__name__, folder.__path__)
        for command in modules:
            command.add(commands).set_defaults(run=command.run)


def _inside(name: str, path: Sequence[str]) -> list[ModuleType]:
    """The modules of a folder, by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(path))
    return [importlib.import_module(f"{name}.{each}") for each in names]
