"""Layout grids: blocks named role, name, antigen, dilution -> a checked plate layout."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from pipeline.domain.assay import Assay
from pipeline.domain.layout import PlateLayout, Role, WellUse
from pipeline.domain.wells import PLATE_SHAPES, Well, row_letters
from pipeline.errors import DefinitionError, TiterlineError, nearest, raise_all
from pipeline.tables.cells import column_letters, plain_number

REQUIRED_BLOCKS = ("role", "name", "antigen", "dilution")
OPTIONAL_BLOCKS = ("competitor", "lot")
BLOCKS = REQUIRED_BLOCKS + OPTIONAL_BLOCKS
_THOUSANDS = re.compile(r"\d{1,3}(\.\d{3})+")
"""``3.000`` is 3000 to one half of the world and 3 to the other."""
_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class _GridBlock:
    """One named grid; ``line`` is the 1-based line of its header."""

    name: str
    rows: int
    columns: int
    cells: Mapping[Well, str]
    line: int

    def place(self, well: Well) -> str:
        """``block 'antigen', well D7 (cell H24)``: the names that the lab sees."""
        cell = f"{column_letters(well.column + 1)}{self.line + 1 + well.row}"
        return f"block '{self.name}', well {well.name} (cell {cell})"


def layout_from_rows(rows: list[list[str]], file: str, assay: Assay) -> PlateLayout:
    """Build the layout from the cells of a sheet.

    Args:
        rows: cells as text, line by line; an empty line ends a block.
        file: name, for messages.
        assay: declares the levels, controls and antigens that the layout may use.

    Raises:
        DefinitionError: the first fault with block, well and cell, the others beside it.
    """
    blocks = _blocks(rows, file)
    shape = (blocks["role"].rows, blocks["role"].columns)
    faults: list[TiterlineError] = []
    uses: dict[Well, WellUse] = {}
    for well, role in blocks["role"].cells.items():
        use = _use(well, role, blocks, file, assay, faults) if role else None
        if use is not None:
            uses[well] = use
    faults += _orphans(blocks, file)
    layout = PlateLayout(*shape, uses=uses, source=file)
    faults += _lacking(layout, blocks, file, assay)
    faults += _lots_mixed(layout, file)
    raise_all(faults)
    return layout


def _blocks(rows: list[list[str]], file: str) -> dict[str, _GridBlock]:
    blocks: dict[str, _GridBlock] = {}
    faults: list[TiterlineError] = []
    for start, lines in _paragraphs(rows):
        block = _kept(faults, lambda at=start, own=lines: _block(at, own, file))  # type: ignore[misc]
        if block is not None and block.name in blocks:
            text = f"the block '{block.name}' is there twice"
            faults.append(DefinitionError("LAYOUT_BLOCK", text, file=file, place=f"line {start}"))
        elif block is not None:
            blocks[block.name] = block
    raise_all(faults)
    missing = [name for name in REQUIRED_BLOCKS if name not in blocks]
    if missing:
        raise DefinitionError(
            "LAYOUT_BLOCK",
            "blocks are missing",
            file=file,
            found=", ".join(blocks) or "no block",
            expected=", ".join(REQUIRED_BLOCKS),
            action=f"Add the block {missing[0]}; titerline layout new FOLDER shows one.",
        )
    _same_shape(blocks, file)
    return blocks


def _paragraphs(rows: list[list[str]]) -> Iterator[tuple[int, list[list[str]]]]:
    """(1-based first line, lines) of each run of lines that are not empty."""
    current: list[list[str]] = []
    for number, row in enumerate([*rows, []], start=1):
        if any(row):
            current.append(row)
        elif current:
            yield number - len(current), current
            current = []


def _block(start: int, lines: list[list[str]], file: str) -> _GridBlock:
    header = _strip_right(lines[0])
    name = header[0].strip().lower() if header else ""
    if name not in BLOCKS:
        raise DefinitionError(
            "LAYOUT_BLOCK",
            "the top-left cell of a block names it",
            file=file,
            place=f"line {start}, cell A{start}",
            found=f"'{header[0] if header else ''}'{nearest(name, BLOCKS)}",
            expected=", ".join(BLOCKS),
        )
    shape = (len(lines) - 1, len(header) - 1)
    labels = [cell.removesuffix(".0") for cell in header[1:]]
    if shape not in PLATE_SHAPES.values() or labels != [str(n + 1) for n in range(shape[1])]:
        raise DefinitionError(
            "PLATE_SHAPE",
            "a block is a whole plate with columns numbered from 1",
            file=file,
            place=f"block '{name}', line {start}",
            found=f"{shape[0]} rows x {shape[1]} columns",
            expected="8 rows x 12 columns, or 16 x 24",
        )
    cells = dict(_cells(start, name, lines[1:], shape[1], file))
    return _GridBlock(name, *shape, cells=cells, line=start)


def _cells(
    start: int, name: str, lines: list[list[str]], columns: int, file: str
) -> Iterator[tuple[Well, str]]:
    for row, line in enumerate(lines):
        cells = _strip_right(line)
        if not cells or cells[0].strip().upper() != row_letters(row) or len(cells) > columns + 1:
            raise DefinitionError(
                "PLATE_SHAPE",
                "a line of a block starts with its row letter and has one cell for each column",
                file=file,
                place=f"block '{name}', line {start + 1 + row}",
                found=f"'{cells[0] if cells else ''}' and {max(len(cells) - 1, 0)} cells",
                expected=f"'{row_letters(row)}' and {columns} cells",
            )
        padded = cells[1:] + [""] * (columns + 1 - len(cells))
        yield from ((Well(row, column), text.strip()) for column, text in enumerate(padded))


def _same_shape(blocks: Mapping[str, _GridBlock], file: str) -> None:
    first = blocks["role"]
    for block in blocks.values():
        if (block.rows, block.columns) != (first.rows, first.columns):
            raise DefinitionError(
                "PLATE_SHAPE",
                "all blocks of a layout have the same size",
                file=file,
                place=f"block '{block.name}'",
                found=f"{block.rows} x {block.columns}",
                expected=f"{first.rows} x {first.columns}, as in block 'role'",
            )


def _kept(faults: list[TiterlineError], look: Callable[[], _Found]) -> _Found | None:
    """What a look finds; where it finds a fault, None, and the fault waits with the others."""
    try:
        return look()
    except DefinitionError as error:
        faults.append(error)
        return None


def _use(
    well: Well,
    role_text: str,
    blocks: Mapping[str, _GridBlock],
    file: str,
    assay: Assay,
    faults: list[TiterlineError],
) -> WellUse | None:
    """What one well holds; every fault of its cells goes to the others, and the well is then left out."""
    roles, antigens = [role.value for role in Role], list(assay.antigens)
    role = _kept(faults, lambda: Role(_one_of("role", well, role_text, roles, blocks, file)))
    coating = blocks["antigen"].cells[well]
    antigen = _kept(faults, lambda: _one_of("antigen", well, coating, antigens, blocks, file))
    before = len(faults)
    if role is None:
        return None
    name = _kept(faults, lambda: _name(well, role, blocks, file, assay))
    dilution = _kept(faults, lambda: _dilution(well, role, blocks, file))
    competitor = _kept(faults, lambda: _competitor(well, blocks, file, assay))
    if antigen is None or name is None or len(faults) > before:
        return None
    return WellUse(role, name, antigen, dilution, competitor, _optional("lot", well, blocks))


def _name(well: Well, role: Role, blocks: Mapping[str, _GridBlock], file: str, assay: Assay) -> str:
    name = blocks["name"].cells[well]
    known = {Role.CALIBRATOR: list(assay.calibration.levels), Role.CONTROL: list(assay.controls)}
    if role in known:
        return _one_of("name", well, name, known[role], blocks, file)
    if role is Role.SAMPLE and not name:
        raise DefinitionError(
            "LAYOUT_NAME",
            "a sample well needs the name of its slot",
            file=file,
            place=blocks["name"].place(well),
            found="an empty cell",
            expected="a slot such as S1",
        )
    return name


def _one_of(
    block: str, well: Well, text: str, known: list[str], blocks: Mapping[str, _GridBlock], file: str
) -> str:
    if text in known:
        return text
    raise DefinitionError(
        f"LAYOUT_{block.upper()}",
        f"this {block} is not known",
        file=file,
        place=blocks[block].place(well),
        found=f"'{text}'{nearest(text, known)}" if text else "an empty cell",
        expected=", ".join(known) or f"no {block} is declared in assay.toml",
    )


def _dilution(well: Well, role: Role, blocks: Mapping[str, _GridBlock], file: str) -> float | None:
    text = blocks["dilution"].cells[well]
    if not text and role in (Role.CALIBRATOR, Role.BLANK):
        return None
    if _THOUSANDS.fullmatch(text):
        raise DefinitionError(
            "DILUTION",
            "this dilution can be read in two ways",
            file=file,
            place=blocks["dilution"].place(well),
            found=f"'{text}'",
            expected=f"{text.replace('.', '')} for 1:{text.replace('.', '')}, or {float(text):g} for that",
        )
    value = plain_number(text)
    if value is None or value <= 0:
        raise DefinitionError(
            "DILUTION",
            "a dilution is the reciprocal as a plain number",
            file=file,
            place=blocks["dilution"].place(well),
            found=f"'{text}'" if text else "an empty cell",
            expected="a number above 0; write 1000 for 1:1000",
        )
    return value


def _competitor(well: Well, blocks: Mapping[str, _GridBlock], file: str, assay: Assay) -> str | None:
    text = _optional("competitor", well, blocks)
    known = list(assay.hnk1.treatments) if assay.hnk1 is not None else []
    return None if text is None else _one_of("competitor", well, text, known, blocks, file)


def _optional(block: str, well: Well, blocks: Mapping[str, _GridBlock]) -> str | None:
    return (blocks[block].cells[well] or None) if block in blocks else None


def _orphans(blocks: Mapping[str, _GridBlock], file: str) -> Iterator[TiterlineError]:
    """A cell that says something about a well without a role is a slip of the hand."""
    roles = blocks["role"].cells
    for block in blocks.values():
        for well, text in block.cells.items():
            if text and not roles[well]:
                yield DefinitionError(
                    "LAYOUT_ROLE",
                    "this well has no role",
                    file=file,
                    place=block.place(well),
                    found=f"'{text}'",
                    expected="a role for this well, or an empty cell in every block",
                )


def _lacking(
    layout: PlateLayout, blocks: Mapping[str, _GridBlock], file: str, assay: Assay
) -> Iterator[TiterlineError]:
    """What the assay declares and no well holds; a well whose other cells are at fault is there."""
    named = {(blocks["role"].cells[well], text) for well, text in blocks["name"].cells.items()}
    coated = {(blocks["role"].cells[well], text) for well, text in blocks["antigen"].cells.items()}
    needs: list[tuple[str, Role, list[str]]] = [
        ("calibrator level", Role.CALIBRATOR, list(assay.calibration.levels)),
        ("control", Role.CONTROL, list(assay.controls)),
    ]
    for what, role, declared in needs:
        for name in declared:
            if (role, name) not in named:
                yield _absent(file, f"the {what} '{name}' of assay.toml is not on the plate")
    antigen = assay.calibration.antigen
    if assay.calibration.zero == "blank" and (Role.BLANK, antigen) not in coated:
        yield _absent(file, f"no blank well on {antigen}, but calibration.zero is 'blank'")
    if Role.SAMPLE not in blocks["role"].cells.values():
        yield _absent(file, "there is no sample well")
    for treatment in assay.hnk1.treatments if assay.hnk1 is not None else ():
        if not any(use.competitor == treatment for use in layout.uses.values()):
            yield _absent(file, f"no well has the competitor '{treatment}' of assay.toml")


def _lots_mixed(layout: PlateLayout, file: str) -> Iterator[TiterlineError]:
    """All wells of a control, and all calibrators, hold one lot, or none says which."""
    products = [
        (f"control '{name}'", layout.wells(Role.CONTROL, name)) for name in layout.names(Role.CONTROL)
    ]
    for what, wells in [("the calibrators", layout.wells(Role.CALIBRATOR)), *products]:
        lots = sorted({layout.uses[well].lot or "no lot" for well in wells})
        if len(lots) > 1:
            yield DefinitionError(
                "LAYOUT_LOT",
                f"the wells of {what} say different lots",
                file=file,
                place="block 'lot'",
                found=", ".join(lots),
                expected="one lot in all of them, or empty cells; two lots of a control are two controls, "
                "each with its own name",
            )


def _absent(file: str, message: str) -> DefinitionError:
    return DefinitionError("LAYOUT_INCOMPLETE", message, file=file, action="Add it to the layout.")


def _strip_right(cells: list[str]) -> list[str]:
    """Drop the empty cells that Excel pads lines with."""
    end = len(cells)
    while end and not cells[end - 1].strip():
        end -= 1
    return cells[:end]
