"""The lot file of a workspace, and which of its lots an assay uses on a day."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path

from pipeline.definitions.assay_folder import AssayDefinition
from pipeline.definitions.faults import from_toml
from pipeline.domain.assay import Control
from pipeline.domain.codes.lots import LotProblem
from pipeline.domain.layout import PlateLayout, Role
from pipeline.domain.lot_use import LotUse
from pipeline.domain.lots import KINDS, Lot, LotBook, Product
from pipeline.errors import DefinitionError, nearest

LOTS_FILE = "lots.toml"


def load_lots(path: Path, definition: AssayDefinition, assays: Sequence[str]) -> LotBook | None:
    """Read the lot file and check it for an assay; None where there is no file.

    Args:
        path: of the file.
        definition: the assay that is to be processed.
        assays: folder names of the workspace's assays; a lot for another one is a slip of the hand.

    Raises:
        DefinitionError: naming file, key, what was found, what was expected; or as :func:`check_lots`.
    """
    return checked_lots(lots_data(path), definition, assays)


def lots_data(path: Path) -> bytes | None:
    """Bytes of the lot file; None where there is no file.

    Raises:
        DefinitionError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DefinitionError.unreadable(str(path), error) from error


def checked_lots(data: bytes | None, definition: AssayDefinition, assays: Sequence[str]) -> LotBook | None:
    """As :func:`load_lots`, from the bytes of the file."""
    if data is None:
        return None
    return check_parsed(parse_lots(data), definition, assays)


def check_parsed(book: LotBook, definition: AssayDefinition, assays: Sequence[str]) -> LotBook:
    """Check a lot file for an assay, and give it back; raises as :func:`load_lots`."""
    _known_assays(book, assays)
    check_lots(book, definition)
    return book


def parse_lots(data: bytes, name: str = LOTS_FILE) -> LotBook:
    """Turn the bytes of a lot file into a :class:`LotBook`; every fault is a DefinitionError."""
    return from_toml(data, name, LotBook)


def check_lots(book: LotBook, definition: AssayDefinition) -> None:
    """Check the lots of one assay together.

    Raises:
        DefinitionError: a control that the assay lacks, a lot that is there twice, or two lots of one product
            that are in use on the same day, unless the layout says which of them its wells hold.
    """
    lots = book.of_assay(definition.folder_name)
    _known_controls(lots, definition)
    named = _in_layout(definition.layout)
    for product in dict.fromkeys(lot.product for lot in lots):
        mine = [lot for lot in lots if lot.product == product]
        _not_twice(mine)
        if product not in named:
            _one_a_day(mine, definition.folder_name)


def lots_in_use(book: LotBook | None, definition: AssayDefinition, day: date) -> tuple[LotUse, ...]:
    """List the lots that an assay uses on a day: one for each kind that the file names for this assay.

    Of controls, one for each control of the assay as soon as the file names a lot of any. A lot in the layout
    counts before the days of the file; a run without a lot file has those alone.

    Raises:
        DefinitionError: as :func:`check_lots`.
    """
    named = _in_layout(definition.layout)
    if book is None:
        return tuple(_unknown(product, lot, LotProblem.NO_LOT_FILE) for product, lot in named.items())
    check_lots(book, definition)
    lots = book.of_assay(definition.folder_name)
    products = _products(lots, named, definition)
    return tuple(_use(product, lots, named.get(product), day) for product in products)


def with_lot_targets(
    definition: AssayDefinition, book: LotBook | None, used: Sequence[LotUse]
) -> AssayDefinition:
    """Give the assay's controls the targets of the lots that were used, where these have their own."""
    lots = {(lot.product, lot.lot): lot for lot in book.of_assay(definition.folder_name)} if book else {}
    chosen = {use.name: lots.get((("control", use.name), use.lot or "")) for use in used}
    controls = {name: _with_target(one, chosen.get(name)) for name, one in definition.assay.controls.items()}
    assay = definition.assay.model_copy(update={"controls": controls})
    return dataclasses.replace(definition, assay=assay)


def _with_target(control: Control, lot: Lot | None) -> Control:
    if lot is None or lot.target is None:
        return control
    return control.model_copy(update={"target": lot.target, "source": f"lot {lot.lot}: {lot.source}"})


def _in_layout(layout: PlateLayout) -> Mapping[Product, str]:
    """Lots that the layout names; reading the layout made sure that a product has one there."""
    calibrators: list[tuple[Product, str | None]] = [
        (("calibrator", None), layout.uses[well].lot) for well in layout.wells(Role.CALIBRATOR)
    ]
    controls: list[tuple[Product, str | None]] = [
        (("control", layout.uses[well].name), layout.uses[well].lot) for well in layout.wells(Role.CONTROL)
    ]
    return {product: lot for product, lot in calibrators + controls if lot is not None}


def _products(
    lots: Sequence[Lot], named: Mapping[Product, str], definition: AssayDefinition
) -> list[Product]:
    asked = {lot.product for lot in lots if lot.kind != "control"} | set(named)
    if any(lot.kind == "control" for lot in lots):
        asked |= {("control", name) for name in definition.assay.controls}
    return sorted(asked, key=lambda product: (KINDS.index(product[0]), product[1] or ""))


def _use(product: Product, lots: Sequence[Lot], named: str | None, day: date) -> LotUse:
    mine = [lot for lot in lots if lot.product == product]
    if named is not None:
        found = next((lot for lot in mine if lot.lot == named), None)
        return _known(found, day) if found else _unknown(product, named, LotProblem.NOT_IN_FILE)
    today = next((lot for lot in mine if lot.in_use(day)), None)
    if today is None:
        return _unknown(product, None, LotProblem.NONE_IN_USE, day=day.isoformat())
    return _known(today, day)


def _known(lot: Lot, day: date) -> LotUse:
    left = (lot.expires - day).days
    use = LotUse(lot.kind, lot.name, lot.lot, lot.expires.isoformat(), left)
    if lot.in_use(day):
        return use
    problem = LotProblem.NOT_IN_USE
    reason = problem.says(period=lot.period, day=day.isoformat())
    return dataclasses.replace(use, reason=reason, problem=problem)


def _unknown(product: Product, lot: str | None, problem: LotProblem, **values: str) -> LotUse:
    return LotUse(*product, lot, None, None, problem.says(**values), problem)


def _known_assays(book: LotBook, assays: Sequence[str]) -> None:
    for number, lot in enumerate(book.lot, start=1):
        for name in (name for name in lot.assays if name not in assays):
            raise DefinitionError(
                "LOT_ASSAY",
                "there is no such assay in this workspace",
                file=LOTS_FILE,
                place=f"key lot.{number}.assays",
                found=f"'{name}'{nearest(name, assays)}",
                expected=f"one of {', '.join(assays)}",
            )


def _known_controls(lots: Sequence[Lot], definition: AssayDefinition) -> None:
    """A lot for all assays may name a control that this one lacks; a lot for this assay may not."""
    known = definition.assay.controls
    for lot in (lot for lot in lots if lot.assays and lot.name is not None and lot.name not in known):
        raise DefinitionError(
            "LOT_CONTROL",
            f"the assay {definition.folder_name} has no such control",
            file=LOTS_FILE,
            place=f"lot {lot.lot}, key name",
            found=f"'{lot.name}'{nearest(str(lot.name), known)}",
            expected=f"one of {', '.join(known)}" if known else "no control lot: it has no controls",
        )


def _not_twice(lots: Sequence[Lot]) -> None:
    for number in {lot.lot for lot in lots}:
        if len([lot for lot in lots if lot.lot == number]) > 1:
            raise DefinitionError(
                "LOT_TWICE",
                f"the {lots[0].label} lot {number} is there twice",
                file=LOTS_FILE,
                action="Keep one entry for each lot.",
            )


def _one_a_day(lots: Sequence[Lot], assay: str) -> None:
    for before, after in _overlaps(lots):
        raise DefinitionError(
            "LOTS_OVERLAP",
            f"two {before.label} lots of the assay {assay} are in use on the same day",
            file=LOTS_FILE,
            found=f"lot {before.lot} ({before.period}) and lot {after.lot} ({after.period})",
            expected="one lot a day",
            action="End the older one with in_use_until, or say in the layout's block 'lot' which lot the "
            "wells hold.",
        )


def _overlaps(lots: Sequence[Lot]) -> Iterator[tuple[Lot, Lot]]:
    ordered = sorted(lots, key=lambda lot: lot.in_use_from)
    return ((before, after) for before, after in pairwise(ordered) if before.overlaps(after))
