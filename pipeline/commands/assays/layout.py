"""``titerline layout``: check, draw or make an assay folder."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pipeline.commands.parts.parser import Commands, add_action, add_actions, add_command, run_action
from pipeline.errors import BAD_INPUT, DONE, DefinitionError


def add(commands: Commands) -> argparse.ArgumentParser:
    """The actions, each with the assay folder it works on."""
    example = "titerline layout check plate_layouts/anti_mag_igm"
    command = add_command(commands, "layout", "Check, draw or make an assay folder.", example)
    actions = add_actions(command)
    check = add_action(actions, "check", _check, "Check an assay folder.", example)
    check.add_argument("folder", type=Path, metavar="FOLDER")
    old = "also say what this export of a past plate would have given"
    check.add_argument("--with", dest="export", type=Path, metavar="EXPORT", help=old)
    sheet = "its sample sheet (default: samples are named by their slots)"
    check.add_argument("--samples", type=Path, metavar="SHEET", help=sheet)
    example = "titerline layout draw plate_layouts/anti_mag_igm -o plate.png"
    draw = add_action(actions, "draw", _draw, "Draw the plate.", example)
    draw.add_argument("folder", type=Path, metavar="FOLDER")
    picture = "a .png, .svg or .pdf file"
    draw.add_argument("-o", "--output", type=Path, required=True, metavar="PICTURE", help=picture)
    summary = "Make a new assay folder like another one; it says only what is its own."
    new = add_action(actions, "new", _new, summary, "titerline layout new my_elisa")
    new.add_argument("folder", type=Path, metavar="FOLDER")
    like = "the assay to start from: its name, or a folder"
    new.add_argument("--like", default="generic_elisa", metavar="ASSAY", help=like)
    return command


def run(options: argparse.Namespace) -> int:
    """Do the action that was asked for."""
    return run_action(options)


def _check(options: argparse.Namespace) -> int:
    """``titerline layout check``: every fault of the folder, or what it holds and would have given."""
    from pipeline.commands.parts.layout_picture import picture_doubt
    from pipeline.commands.parts.layout_text import fault_text, layout_summary
    from pipeline.commands.parts.layout_trial import trial
    from pipeline.workspace.shipped import load_assay

    try:
        definition = load_assay(options.folder)
    except DefinitionError as error:
        print(fault_text(options.folder.name, error), file=sys.stderr)
        return BAD_INPUT
    doubt = picture_doubt(definition, options.folder)
    print(layout_summary(definition, [doubt] if doubt is not None else []))
    return DONE if options.export is None else trial(definition, options.export, options.samples)


def _draw(options: argparse.Namespace) -> int:
    """``titerline layout draw``."""
    from pipeline.commands.parts.layout_picture import PICTURES, layout_picture
    from pipeline.workspace.shipped import load_assay

    kind = options.output.suffix.lower().removeprefix(".")
    if kind not in PICTURES:
        raise DefinitionError(
            "PICTURE_KIND",
            "this kind of picture is not known",
            file=str(options.output),
            expected=", ".join(f".{k}" for k in PICTURES),
        )
    options.output.write_bytes(layout_picture(load_assay(options.folder), kind))
    print(f"Drawn: {options.output}")
    return DONE


def _new(options: argparse.Namespace) -> int:
    """``titerline layout new``."""
    from pipeline.commands.parts.layout_picture import PICTURE, layout_picture
    from pipeline.workspace.shipped import load_assay, new_assay

    files = new_assay(options.like, options.folder)
    (options.folder / PICTURE).write_bytes(layout_picture(load_assay(options.folder), "png"))
    print(f"Made {options.folder} like {options.like}: {', '.join((*files, PICTURE))}")
    print(f"Edit them, then run: titerline layout check {options.folder}")
    print(f"All that it says, with what it inherits: titerline assay show {options.folder}")
    return DONE
