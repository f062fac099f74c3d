"""What the lines around a matrix state of it: wavelength, reference, plate, and what was measured."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.domain.plate import Kind
from pipeline.readers.parts.quantities import Says, says
from pipeline.readers.parts.rest import KEYS
from pipeline.readers.parts.titles import is_title, names_a_plate, plate_name
from pipeline.readers.parts.words import kind_of, marked_wavelengths, seconds_in, wavelengths_in
from pipeline.tables.cells import cell_text
from pipeline.tables.workbook import Sheet

_WAVELENGTH = re.compile(
    r"wave\s?-?length|wellenl|longueur d.onde|longitud de onda|lunghezza d.onda|comprimento de onda|λ"
    r"|\blambda\b|\bfilter\b|\bfiltre\b|\bfiltro\b|\bnm\b|波长",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"\bref|référ|secondary|second\b|background|correction", re.IGNORECASE)
_MODE = re.compile(
    r"\bmode\b|modus|technolog|detection|detektion|read type|reading type|messart", re.IGNORECASE
)
_MEASUREMENT = re.compile(
    r"(?:measurement|measure|messung|mesure|medi[dc]|lecture|lectura|read|label|test|primary|absor|extin|od\b|abs)",
    re.IGNORECASE,
)
_BARE = re.compile(r"[2-9]\d\d(?:[.,]0+)?\s*(?:nm)?", re.IGNORECASE)
_SELF_CONTAINED = re.compile(r"\s*[^\d:\s][^:]*:\s*\S")
_SPAN = re.compile(r"(?:elapsed |kinetic )?(?:time|zeit|temps|tiempo)(?: point)?\Z", re.IGNORECASE)
_UNIT = re.compile(r"\d\s*(?:ms|s|sec|min|h)\Z", re.IGNORECASE)
_MOST_CELLS = 6
"""A line with more filled cells holds values, not a statement."""
_PLATE_LABELS = frozenset({*KEYS["plate_name"], "plate", "platte", "plaque", "placa"})


@dataclass(frozen=True, slots=True)
class Statement:
    """What one line states; None and the empty text for what it does not."""

    line: int
    wavelength_nm: float | None = None
    reference_nm: float | None = None
    plate: str = ""
    kind: Kind | None = None
    time_s: float | None = None


def statements(sheet: Sheet, lines: Iterable[int]) -> Iterator[Statement]:
    """What lines state of a matrix near them, in the order in which they are given."""
    for index in lines:
        texts = [text for cell in sheet.rows[index] if (text := cell_text(cell).strip())]
        if texts and len(texts) <= _MOST_CELLS:
            for part in _parts(texts):
                yield from _stated(index, part)


def _parts(texts: list[str]) -> list[list[str]]:
    """A line with several ``label: value``, in one cell or in cells of their own, states several facts."""
    pairs = [part for text in texts for part in re.split(r"\s{2,}|\t|;\s", text) if part.strip()]
    if len(pairs) > 1 and all(_SELF_CONTAINED.match(part) for part in pairs):
        return [[part.strip()] for part in pairs]
    return [texts]


def _stated(index: int, texts: list[str]) -> Iterator[Statement]:
    label, value = _label_and_value(texts)
    if label:
        yield from _labelled(index, label, value)
    elif is_title(texts[0]):
        yield from _title(index, texts[0])


def _label_and_value(texts: list[str]) -> tuple[str, str]:
    if len(texts) > 1:
        return texts[0].rstrip(":").strip(), " ".join(texts[1:])
    label, colon, value = texts[0].partition(":")
    return (label.strip(), value.strip()) if colon and not label[:1].isdigit() else ("", "")


def _labelled(index: int, label: str, value: str) -> Iterator[Statement]:
    """``Wavelength: 450 nm``, ``Reference Wavelength (nm), -1``, ``Plate ID: P0042``, ``Mode: ...``."""
    found = set(wavelengths_in(value))
    if _WAVELENGTH.search(label) or (_MEASUREMENT.match(label) and _BARE.fullmatch(value)):
        nm = found.pop() if len(found) == 1 else None
        reference = _REFERENCE.search(label) is not None
        yield Statement(index, None if reference else nm, nm if reference else None)
    elif label.casefold() in _PLATE_LABELS:
        yield Statement(index, plate=value)
    elif _MODE.search(label):
        yield Statement(index, kind=kind_of(value))
    elif _SPAN.match(label) and _UNIT.search(value):
        yield Statement(index, time_s=seconds_in(value))


def _title(index: int, text: str) -> Iterator[Statement]:
    """``450 nm``, ``Plate 2``, ``Plate 2 - OD at 450 nm``."""
    plate = plate_name(text) if names_a_plate(text) else ""
    marked = set(marked_wavelengths(text))
    bare = float(text) if re.fullmatch(r"[2-9]\d\d", text) else None
    nm = marked.pop() if len(marked) == 1 else bare
    if says(text) is Says.READING and (plate or nm is not None or kind_of(text)):
        yield Statement(index, nm, None, plate, kind_of(text))
