"""``titerline assay``: what an assay says with all that it inherits, and what two of them say differently."""

from __future__ import annotations

import argparse
from pathlib import Path

from pipeline.commands.parts.output import answer
from pipeline.commands.parts.parser import (
    Commands,
    add_action,
    add_actions,
    add_command,
    add_json,
    run_action,
)
from pipeline.errors import DONE

NAME = "its name, a folder, base/NAME, or shipped:NAME for the one that this version brings"


def add(commands: Commands) -> argparse.ArgumentParser:
    """The actions, and the workspace in which names are looked up."""
    example = "titerline assay show anti_mag_igm"
    command = add_command(
        commands, "assay", "Show what an assay says, and where each value is from.", example
    )
    actions = add_actions(command)
    summary = "Print the whole definition, with what it inherits, as one complete assay.toml."
    show = add_action(actions, "show", _show, summary, example)
    show.add_argument("assay", metavar="A", help=NAME)
    summary = "Print what two assays say differently; one alone is compared with itself on the shipped bases."
    diff = add_action(actions, "diff", _diff, summary, "titerline assay diff my_assay anti_mag_igm")
    diff.add_argument("assay", metavar="A", help=NAME)
    diff.add_argument("other", metavar="B", nargs="?", help=NAME)
    for action in (show, diff):
        workspace = "the workspace, where the folder you stand in is none"
        action.add_argument(
            "--in", dest="workspace", type=Path, default=Path(), metavar="DIR", help=workspace
        )
        add_json(action)
    return command


def run(options: argparse.Namespace) -> int:
    """Do the action that was asked for."""
    return run_action(options)


def _show(options: argparse.Namespace) -> int:
    """``titerline assay show``."""
    from pipeline.commands.parts.assay_text import assay_text
    from pipeline.definitions import effective_document
    from pipeline.workspace.shipped import find_assay, load_declared

    found = load_declared(find_assay(options.assay, options.workspace))
    answer(options, effective_document(found), assay_text(found), indent=1)
    return DONE


def _diff(options: argparse.Namespace) -> int:
    """``titerline assay diff``."""
    from pipeline.commands.parts.assay_text import diff_document, diff_text, differences
    from pipeline.workspace.shipped import find_assay, load_declared, load_on_shipped_bases

    folder = find_assay(options.assay, options.workspace)
    mine, names = load_declared(folder), (str(folder), f"{folder} on the bases of this version")
    if options.other is None:
        theirs = load_on_shipped_bases(folder)
    else:
        other = find_assay(options.other, options.workspace)
        theirs, names = load_declared(other), (str(folder), str(other))
    found = differences(mine, theirs)
    answer(options, diff_document(names, found), diff_text(names, found), indent=1)
    return DONE
