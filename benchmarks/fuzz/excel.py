"""Ways to spoil a workbook from the inside: its cells, its rows, its parts, then zipped again."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable
from functools import wraps
from typing import TypeAlias
from xml.sax.saxutils import escape

from .markup import MARKUP, one, replaced
from .raw import RAW, Spoil
from .words import ODD

Parts: TypeAlias = "dict[str, bytes]"
"""Parts of a container by name."""
_CELL = re.compile(rb"<(?:\w+:)?c\b[^>]*?(?:/>|>.*?</(?:\w+:)?c>)", re.DOTALL)
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*?(?:/>|>.*?</(?:\w+:)?row>)", re.DOTALL)
_VALUE = re.compile(rb"(?<=[<:][vt]>)[^<]+(?=</)")
_ADDRESS = re.compile(rb'(?<=\br=")[^"]*(?=")')
_TYPE = re.compile(rb'(?<=\bt=")[^"]*(?=")')
_ADDRESSES = ("A1", "XFD1048576", "A0", "1", "", "B2", "ZZZZ9", "A99999999", "H12", "R1C1", "A-1")
_TYPES = ("s", "n", "str", "inlineStr", "b", "e", "d", "", "x")


def unpacked(data: bytes) -> Parts | None:
    """Parts of a container; None for one that is damaged already."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    except Exception:  # noqa: BLE001 - zipfile raises many types for a damaged file; it is spoiled enough
        return None


def packed(parts: Parts) -> bytes:
    """A container with these parts, the same bytes for the same parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED, 1)
    return target.getvalue()


def sheets(parts: Parts) -> list[str]:
    """Names of the parts that hold cells or their texts."""
    return [name for name in parts if "worksheets/" in name or name.endswith("sharedStrings.xml")]


def _inside(change: Callable[[Parts, random.Random], None]) -> Spoil:
    @wraps(change)
    def spoil(data: bytes, chance: random.Random) -> bytes:
        parts = unpacked(data)
        if not parts:
            return data
        change(parts, chance)
        return packed(parts)

    return spoil


def _in_sheet(change: Callable[[bytes, random.Random], bytes]) -> Spoil:
    @wraps(change)
    def spoil(parts: Parts, chance: random.Random) -> None:
        names = sheets(parts)
        if names:
            name = chance.choice(names)
            parts[name] = change(parts[name], chance)

    return _inside(spoil)


@_in_sheet
def odd_value(xml: bytes, chance: random.Random) -> bytes:
    """An odd word in place of a value or a text."""
    return replaced(_VALUE, xml, chance, chance.choice(ODD))


@_in_sheet
def odd_text(xml: bytes, chance: random.Random) -> bytes:
    """A cell that holds an odd word as its own text."""
    start, end = one(_CELL, xml, chance)
    address = _ADDRESS.search(xml[start:end])
    if address is None:
        return xml
    word = escape(chance.choice(ODD)).encode()
    return xml[:start] + b'<c r="%s" t="str"><v>%s</v></c>' % (address[0], word) + xml[end:]


@_in_sheet
def odd_address(xml: bytes, chance: random.Random) -> bytes:
    """A cell or row that says that it stands elsewhere."""
    return replaced(_ADDRESS, xml, chance, chance.choice(_ADDRESSES))


@_in_sheet
def odd_type(xml: bytes, chance: random.Random) -> bytes:
    """A cell that says that it is of another type."""
    return replaced(_TYPE, xml, chance, chance.choice(_TYPES))


@_in_sheet
def swap_values(xml: bytes, chance: random.Random) -> bytes:
    """Exchange the values of two cells."""
    first, second = sorted((one(_VALUE, xml, chance), one(_VALUE, xml, chance)))
    if first[1] > second[0]:
        return xml
    (a, b), (c, d) = first, second
    return xml[:a] + xml[c:d] + xml[b:c] + xml[a:b] + xml[d:]


@_in_sheet
def drop_cell(xml: bytes, chance: random.Random) -> bytes:
    """Leave out a cell."""
    start, end = one(_CELL, xml, chance)
    return xml[:start] + xml[end:]


@_in_sheet
def drop_row(xml: bytes, chance: random.Random) -> bytes:
    """Leave out a row."""
    start, end = one(_ROW, xml, chance)
    return xml[:start] + xml[end:]


@_in_sheet
def double_row(xml: bytes, chance: random.Random) -> bytes:
    """Write a row twice, at its own number."""
    start, end = one(_ROW, xml, chance)
    return xml[:end] + xml[start:end] + xml[end:]


@_inside
def markup_of_part(parts: Parts, chance: random.Random) -> None:
    """Spoil the XML of one part: sheets, styles, relations, properties."""
    name = chance.choice(list(parts))
    parts[name] = chance.choice(MARKUP)(parts[name], chance)


@_inside
def bytes_of_part(parts: Parts, chance: random.Random) -> None:
    """Spoil the bytes of one part."""
    name = chance.choice(list(parts))
    parts[name] = chance.choice(RAW)(parts[name], chance)


@_inside
def drop_part(parts: Parts, chance: random.Random) -> None:
    """Leave out one part."""
    del parts[chance.choice(list(parts))]


@_inside
def swap_parts(parts: Parts, chance: random.Random) -> None:
    """Exchange two parts."""
    one, other = chance.choice(list(parts)), chance.choice(list(parts))
    parts[one], parts[other] = parts[other], parts[one]


INSIDE: tuple[Spoil, ...] = (
    *(odd_value, odd_value, odd_value, odd_text, odd_text, odd_address, odd_type, swap_values),
    *(drop_cell, drop_row, double_row, markup_of_part, markup_of_part, bytes_of_part, drop_part, swap_parts),
)
