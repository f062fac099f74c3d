"""The matrices of a file that no software signs: what each holds, and what names it.

A matrix is named by its corner, the label behind its lines, the lines above or below it, and its sheet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pipeline.domain.plate import Kind
from pipeline.readers.parts.bare import bare_grids
from pipeline.readers.parts.contents import Content, content_of
from pipeline.readers.parts.grids import Grid, GridForm, GridLine, find_grids
from pipeline.readers.parts.quantities import Says, main_wavelength, says
from pipeline.readers.parts.statements import Statement, statements
from pipeline.readers.parts.titles import is_title, names_a_plate, plate_name
from pipeline.readers.parts.words import kind_of, marked_wavelengths, wavelength_in
from pipeline.tables.cells import cell_text
from pipeline.tables.numbers import number_like
from pipeline.tables.workbook import Sheet

_LEAST_COLUMNS = 3
_LABELLED = GridForm(labelled=True)
_LAYOUT_WORDS = frozenset({"role", "name", "antigen", "dilution", "competitor", "lot"})
"""Names of the blocks of a layout of ours."""
_FILTERS = frozenset(
    {
        340,
        380,
        405,
        410,
        412,
        414,
        415,
        420,
        450,
        490,
        492,
        500,
        510,
        520,
        540,
        550,
        560,
        562,
        570,
        578,
        580,
        590,
    }
    | {595, 600, 605, 620, 630, 650, 655, 660, 670, 690, 700, 750}
)
"""Wavelengths of ELISAs and their references: a sheet called ``450`` is one, a sheet ``301`` is a plate."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """A matrix with what is known of it."""

    grid: Grid
    lines: tuple[GridLine, ...]
    names: tuple[str, ...]
    """What names it, the nearest first: label behind its lines, corner, title above, name of its sheet."""
    content: Content
    near: tuple[Statement, ...]
    """What the lines between it and its neighbours state, the nearest first."""

    @property
    def sheet(self) -> Sheet:
        """Where it stands."""
        return self.grid.sheet

    @property
    def title(self) -> str:
        """The nearest name that its own lines give it."""
        return next((name for name in self.names[:-1] if name), "")

    @property
    def says(self) -> Says:
        """What its names say that it holds; the sheet's name counts too."""
        if self.title.casefold() in _LAYOUT_WORDS:
            return Says.OTHER
        found = {says(name) for name in self.names if name}
        return next((one for one in (Says.OTHER, Says.REDUCED) if one in found), Says.READING)

    @property
    def kind(self) -> Kind | None:
        """What was measured, where something says so."""
        named = next((kind for name in self.names if (kind := kind_of(name))), None)
        return named or next((statement.kind for statement in self.near if statement.kind), None)

    @property
    def wavelength_nm(self) -> float | None:
        """By its names, else by the nearest line that states one."""
        named = (nm for name in self.names[:-1] if name and (nm := main_wavelength(name)) is not None)
        stated = (s.wavelength_nm for s in self.near if s.wavelength_nm is not None)
        return next(named, None) or next(stated, None) or sheet_wavelength(self.sheet.name)

    @property
    def time_s(self) -> float | None:
        """The time of a kinetic that a line near it states."""
        return next((statement.time_s for statement in self.near if statement.time_s is not None), None)

    @property
    def has_reference(self) -> bool:
        """Does a line near it state a reference wavelength?"""
        return any(statement.reference_nm is not None for statement in self.near)

    @property
    def plate(self) -> str:
        """The plate that it names: by a line that says so, else by its title."""
        said = next((name for name in self.names[:-1] if names_a_plate(name)), "")
        stated = next((statement.plate for statement in self.near if statement.plate), "")
        return (
            plate_name(said) or stated or next((name for n in self.names[:-1] if (name := plate_name(n))), "")
        )

    @property
    def asks_to_be_read(self) -> bool:
        """Does its name promise readings?"""
        return self.says is Says.READING and (
            any(names_a_plate(name) for name in self.names[:-1]) or any(map(marked_wavelengths, self.names))
        )


def sheet_wavelength(name: str) -> float | None:
    """The wavelength that a sheet is named by."""
    nm = wavelength_in(name)
    return nm if nm in _FILTERS or marked_wavelengths(name) else None


def labelled_grids(sheet: Sheet) -> list[Grid]:
    """Grids with row A under column 1; a word or number behind every line may be its label."""
    return [
        grid
        for grid in find_grids(sheet, _LABELLED)
        if len(grid.columns) >= _LEAST_COLUMNS and grid.columns[0] == 0 and grid.lines[0].row == 0
    ]


def matrices_of(sheet: Sheet) -> list[Matrix]:
    """Every matrix of a sheet, from top to bottom; bare blocks of numbers where nothing is labelled."""
    grids = labelled_grids(sheet) or bare_grids(sheet)
    found = [matrix for grid in grids for matrix in _of_grid(grid)]
    return _with_statements(sheet, found)


def _of_grid(grid: Grid) -> list[Matrix]:
    groups: dict[str, list[GridLine]] = {}
    for line in grid.lines:
        groups.setdefault(line.label, []).append(line)
    rows = {line.row for line in grid.lines}
    if any({line.row for line in lines} != rows for lines in groups.values()) or not all(
        map(_is_label, groups)
    ):
        first = {row: next(line for line in grid.lines if line.row == row) for row in sorted(rows)}
        groups = {"": list(first.values())}  # names or means beside the rows, no labels
    corner = grid.corner if grid.corner != "<>" else ""
    return [
        Matrix(
            grid,
            tuple(lines),
            (label, corner, _title(grid), grid.sheet.name),
            content_of(cell for line in lines for cell in line.cells),
            (),
        )
        for label, lines in groups.items()
    ]


def _is_label(text: str) -> bool:
    """A word, or a wavelength; any other number behind a line was calculated or typed."""
    return not number_like(text) or wavelength_in(text) is not None


def _title(grid: Grid) -> str:
    """The only text above the grid's own columns, at most three lines up."""
    rows = grid.sheet.rows
    left = min(max(grid.left, 0), grid.corner_place if grid.corner_place is not None else grid.right)
    for index in range(grid.header - 1, max(grid.header - 4, -1), -1):
        filled = [text for cell in rows[index][left : grid.right + 1] if (text := cell_text(cell).strip())]
        if filled:
            return filled[0] if len(filled) == 1 and is_title(filled[0]) else ""
    return ""


def _with_statements(sheet: Sheet, matrices: Sequence[Matrix]) -> list[Matrix]:
    """Each matrix with the lines of its gap: above it, or below it where no line stands above the first.

    Layouts and other words between matrices of readings divide nothing.
    """
    bounds = {m.grid.header: m.grid.end for m in matrices if m.content is Content.READINGS}
    headers = sorted(bounds)
    if not headers:
        return list(matrices)
    starts = [0, *(bounds[header] for header in headers)]
    gaps = [range(start, end) for start, end in zip(starts, [*headers, len(sheet.rows)], strict=True)]
    above = [tuple(statements(sheet, reversed(gap))) for gap in gaps]
    below = [tuple(statements(sheet, gap)) for gap in gaps]
    under = not _name_wavelengths(above[0]) and _name_wavelengths(above[-1])
    found = []
    for matrix in matrices:
        number = headers.index(matrix.grid.header) if matrix.grid.header in bounds else None
        near = () if number is None else below[number + 1] if under else above[number]
        if number is not None and len(headers) == 1:
            near = (*above[0], *below[1])
        label, corner, title, sheet_name = matrix.names
        names = (label, corner, "" if under and len(headers) > 1 else title, sheet_name)
        found.append(replace(matrix, near=near, names=names))
    return _with_plates(found)


def _with_plates(matrices: Sequence[Matrix]) -> list[Matrix]:
    """A matrix of readings that names no plate belongs to the plate that was named last."""
    found = []
    plate = ""
    for matrix in matrices:
        if matrix.content is Content.READINGS and not matrix.plate and plate:
            found.append(replace(matrix, near=(*matrix.near, Statement(0, plate=plate))))
        else:
            found.append(matrix)
            plate = matrix.plate or plate
    return found


def _name_wavelengths(said: Iterable[Statement]) -> bool:
    return any(statement.wavelength_nm is not None for statement in said)
