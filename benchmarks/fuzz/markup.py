"""Ways to spoil XML, whatever it describes: texts, attributes, elements, entities."""

from __future__ import annotations

import random
import re
from xml.sax.saxutils import escape

from .raw import Spoil
from .words import ODD

_TEXT = re.compile(rb"(?<=>)[^<>]+(?=<)")
_ATTRIBUTE = re.compile(rb'(?<==")[^"<>]*(?=")')
_ELEMENT = re.compile(rb"<([\w:]+)\b[^>]*?(?:/>|>[^<]*</\1>)")
_BEFORE_ROOT = re.compile(rb"\A(\xef\xbb\xbf)?\s*(<\?xml[^>]*\?>)?")
_GROWING = b'<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa">%s]>' % b"".join(
    b'<!ENTITY %c "%s">' % (name, b"&%c;" % (name - 1) * 10) for name in range(ord("b"), ord("j"))
)
_FOREIGN = b'<!DOCTYPE w [<!ENTITY i SYSTEM "file:///etc/hostname">]>'


def odd_text(xml: bytes, chance: random.Random) -> bytes:
    """An odd word in place of a text between two tags."""
    return replaced(_TEXT, xml, chance, chance.choice(ODD))


def odd_attribute(xml: bytes, chance: random.Random) -> bytes:
    """An odd word in place of an attribute: an index, a type, a count, a name."""
    return replaced(_ATTRIBUTE, xml, chance, chance.choice(ODD))


def drop_element(xml: bytes, chance: random.Random) -> bytes:
    """Leave out an element that holds no other."""
    start, end = one(_ELEMENT, xml, chance)
    return xml[:start] + xml[end:]


def double_element(xml: bytes, chance: random.Random) -> bytes:
    """Write an element that holds no other twice."""
    start, end = one(_ELEMENT, xml, chance)
    return xml[:end] + xml[start:end] + xml[end:]


def entities(xml: bytes, chance: random.Random) -> bytes:
    """A text that grows without end, or comes from another file."""
    start, end = one(_TEXT, xml, chance)
    used = xml[:start] + b"&i;" + xml[end:]
    return _BEFORE_ROOT.sub(lambda found: found[0] + chance.choice((_GROWING, _FOREIGN)), used, count=1)


MARKUP: tuple[Spoil, ...] = (odd_text, odd_text, odd_attribute, drop_element, double_element, entities)


def one(pattern: re.Pattern[bytes], xml: bytes, chance: random.Random) -> tuple[int, int]:
    """Where one of the places stands; an empty span at the end when there is none."""
    places = [found.span() for found in pattern.finditer(xml)]
    return chance.choice(places) if places else (len(xml), len(xml))


def replaced(pattern: re.Pattern[bytes], xml: bytes, chance: random.Random, text: str) -> bytes:
    """Put a text in one of the places; nothing happens when there is none."""
    start, end = one(pattern, xml, chance)
    if start == end == len(xml):
        return xml
    return xml[:start] + escape(text, {'"': "&quot;"}).encode() + xml[end:]
