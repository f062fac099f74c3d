"""The command line: one file a command. Knows every room.

A command is a module of this folder with ``GROUP`` (its place in ``titerline --help``), ``add(commands)`` and
``run(options)``. It is found by being here; nothing else has to be changed to add one. What commands share,
and the longer things they print, lie in ``parts``. A command imports heavy packages where it uses them:
``titerline --help`` answers in under 0.3 s.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
from typing import Protocol

from pipeline.commands.parts.parser import Commands, Group


class Command(Protocol):
    """What a module of this folder offers."""

    GROUP: Group

    def add(self, commands: Commands) -> argparse.ArgumentParser:
        """Add the command with its arguments to the command line."""

    def run(self, options: argparse.Namespace) -> int:
        """Do it; returns the exit code."""


def add_commands(commands: Commands) -> None:
    """Add every command of this folder, by group and name."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.ispkg)
    found: list[Command] = [importlib.import_module(f"{__name__}.{name}") for name in names]
    for command in sorted(found, key=lambda one: one.GROUP):
        command.add(commands).set_defaults(run=command.run)
