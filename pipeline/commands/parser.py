"""How a command is added to the command line: a summary, an example, and the function that runs it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - it has no public name


def add_command(
    commands: Commands,
    name: str,
    run: Callable[[argparse.Namespace], int],
    summary: str,
    example: str,
) -> argparse.ArgumentParser:
    """Add one command; its ``--help`` ends with the example."""
    command = commands.add_parser(name, help=summary, description=summary, epilog=f"Example: {example}")
    command.set_defaults(run=run)
    return command
