"""SoftMax Pro text exports (file version 1.3), as the software writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.domain.wells import Well, plate_wells
from simulator.truth import WellOd

Wells = Mapping[Well, WellOd]
UTF16 = "utf-16"
"""Little-endian with a byte-order mark, as newer versions write."""
SINGLE_BYTE = "single byte"
"""One byte a character, the degree sign as 0xA1, as older versions write."""
_DEGREE = "\u00a1"
"""The software's degree sign comes out as an inverted exclamation mark."""
_SATURATED = "OVRFLW"


@dataclass(frozen=True, slots=True)
class SoftMaxPlate:
    """One plate section."""

    name: str
    wells: Wells
    rows: int = 8
    columns: int = 12
    wavelengths: tuple[int, int] = (450, 620)
    temperature: str = "24.6"


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One well in a group table; ``label`` stands on the first well of a sample only."""

    label: str
    descriptor: str
    wells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A group table: its name, the heading of the descriptor (concentration or dilution), its samples."""

    name: str
    heading: str
    rows: tuple[GroupRow, ...]


def softmax_text(blocks: Sequence[list[str]], stem: str, saved: str) -> str:
    """Join blocks to a file; ``saved`` is printed as the date last saved."""
    lines = [f"##BLOCKS= {len(blocks)}"]
    for block in blocks:
        lines += [*block, "~End"]
    lines.append(f"Original Filename: {stem}; Date Last Saved: {saved}")
    return "\r\n".join(lines) + "\r\n"


def encoded(text: str, encoding: str) -> bytes:
    """Bytes of an export; UTF-16 is little-endian with its mark on every machine."""
    if encoding == UTF16:
        return b"\xff\xfe" + text.encode("utf-16-le")
    return text.encode("latin-1")


def note_block(lines: Sequence[str]) -> list[str]:
    """A note section."""
    return ["Note: ", *lines]


def time_format(plate: SoftMaxPlate, *, reduced: bool = True) -> list[str]:
    """All wells on one line, a line for each wavelength, then the reduced line under a second header."""
    wells = plate_wells(plate.rows, plate.columns)
    names = [well.name for well in wells]
    lines = [_header(plate, "TimeFormat"), "\t".join(["", f"Temperature({_DEGREE}C)", *names])]
    for wavelength in range(2):
        values = [_od(plate.wells[well], wavelength) for well in wells]
        lines += ["\t".join(["", plate.temperature, *values]), ""]
    if reduced:
        values = [_net(plate.wells[well], 4) for well in wells]
        lines += ["\t".join(["", "", *names]), "\t".join(["", "", *values])]
    return lines


def plate_format(plate: SoftMaxPlate) -> list[str]:
    """One line for each row, the wavelengths side by side with an empty column between them."""
    labels = [str(column + 1) for column in range(plate.columns)]
    lines = [_header(plate, "PlateFormat")]
    lines.append("\t".join(["", f"Temperature({_DEGREE}C)", *labels, "", *labels, ""]))
    for row in range(plate.rows):
        wells = [plate.wells[Well(row, column)] for column in range(plate.columns)]
        sides = [[_od(well, wavelength) for well in wells] for wavelength in range(2)]
        lines.append("\t".join(["", "" if row else plate.temperature, *sides[0], "", *sides[1], ""]))
    return [*lines, ""]


def group_block(group: Group, wells: Wells, masked: frozenset[str] = frozenset()) -> list[str]:
    """A group table with the reduced value of each well; a masked well prints a word, the mean leaves it."""
    columns = ["Sample", group.heading, "Wells", "Value", "MeanValue", "SD", "CV"]
    lines = [f"Group: {group.name}", "\t".join([*columns, ""])]
    for row in group.rows:
        lines += _group_lines(row, wells, masked)
    formulas = enumerate(zip(columns, _FORMULAS, strict=True), start=1)
    lines += ["", "Group Column\tFormula Name\tFormula\tPrecision\tNotation\t"]
    lines += [f"{i}\t{name}\t{formula}\t3 decimal places\tNumeric\t" for i, (name, formula) in formulas]
    return lines


_FORMULAS = (
    "!SampleNames",
    "!SampleDescriptor",
    "!WellIDs",
    "!WellValues",
    "Average(Value)",
    "Stdev(Value)",
    "Cv(Value)",
)


def _header(plate: SoftMaxPlate, style: str) -> str:
    size = plate.rows * plate.columns
    listed = " ".join(str(wavelength) for wavelength in plate.wavelengths) + " "
    cells = ["Plate:", plate.name, "1.3", style, "Endpoint", "Absorbance", "Raw", "FALSE", "1"]
    cells += [""] * 5 + ["2", listed, "1", str(plate.columns), str(size), "1", str(plate.rows), "", "", ""]
    return "\t".join(cells)


def _od(well: WellOd, wavelength: int) -> str:
    value = well.od620 if wavelength else well.od450
    return _SATURATED if value is None else _trimmed(value, 4)


def _net(well: WellOd, decimals: int) -> str:
    value = well.net()
    return _SATURATED if value is None else _trimmed(value, decimals)


def _trimmed(value: float, decimals: int) -> str:
    """Without zeros at the end: 1.0500 is printed 1.05."""
    return f"{value:.{decimals}f}".rstrip("0").rstrip(".")


def _group_lines(row: GroupRow, wells: Wells, masked: frozenset[str]) -> list[str]:
    """One line for each well; label, descriptor and statistics stand on the first."""
    values = {name: wells[Well.parse(name)].net() for name in row.wells if name not in masked}
    numbers = [value for value in values.values() if value is not None]
    statistics = _statistics(numbers)
    lines = []
    for i, name in enumerate(row.wells):
        value = "Masked" if name in masked else _net(wells[Well.parse(name)], 3)
        first = [row.label, row.descriptor] if i == 0 else [" ", " "]
        lines.append("\t".join([*first, name, value, *(statistics if i == 0 else [" "] * 3), ""]))
    return lines


def _statistics(numbers: Sequence[float]) -> list[str]:
    """Mean, SD and CV in percent; a single value has an SD of 0, as the software prints it."""
    if not numbers:
        return ["Masked", "Masked", "Masked"]
    mean = sum(numbers) / len(numbers)
    squares = sum((number - mean) ** 2 for number in numbers)
    sd = (squares / (len(numbers) - 1)) ** 0.5 if len(numbers) > 1 else 0.0
    return [_trimmed(mean, 3), _trimmed(sd, 3), _trimmed(100 * sd / mean, 1)]
