"""How a command is put on the command line: a summary, an example, and ``--json``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - it has no public name


Action: TypeAlias = Callable[[argparse.Namespace], int]


def add_command(commands: Commands, name: str, summary: str, example: str) -> argparse.ArgumentParser:
    """Add one command, or one action of a command; its ``--help`` ends with the example."""
    return commands.add_parser(name, help=summary, description=summary, epilog=f"Example: {example}")


def add_actions(command: argparse.ArgumentParser) -> Commands:
    """Let a command have actions, such as ``check`` in ``titerline layout check``."""
    return command.add_subparsers(title="actions", required=True, metavar="ACTION")


def add_action(
    actions: Commands, name: str, action: Action, summary: str, example: str
) -> argparse.ArgumentParser:
    """Add one action, which :func:`run_action` does."""
    command = add_command(actions, name, summary, example)
    command.set_defaults(action=action)
    return command


def run_action(options: argparse.Namespace) -> int:
    """Do the action that was asked for; returns its exit code."""
    action: Action = options.action
    return action(options)


def add_json(command: argparse.ArgumentParser) -> None:
    """Let a command answer with a JSON document."""
    command.add_argument("--json", action="store_true", help="one JSON document on standard output")
