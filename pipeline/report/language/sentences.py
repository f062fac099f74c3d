"""Sentences that come without their template: of records of older versions, and of the ledger's list of runs.

Their template is sought by matching. What a program of this version says in a report never comes this way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import TypeAlias

from pipeline.domain.message import PLACE
from pipeline.report.language.catalogue import Catalogue, Template

NUMBER = r"[-+\u2212\u00b1]?\d[\d\u202f]*(?:\.\d+)?(?:e[-+\u2212]?\d+)?"
"""A number as our texts write it, with a decimal point."""
_STANDS = {"n": NUMBER, "w": "[^,;]+?"}
"""What may stand in a place of each kind; anything in all others."""
_FEWEST = 4
"""Letters of ours in a template that begins with a place."""
_BETWEEN, _BETWEEN_SHORT = "; ", ", "
"""Between the texts of a list; whole texts have semicolons between them, and seldom inside."""

Filled: TypeAlias = Callable[[Template, Mapping[str, str]], str]


def said_by_matching(text: str, where: Catalogue, filled: Filled) -> str | None:
    """A sentence, or a list of sentences each of which is known; None where there is no template."""
    same = where.exact.get(text)
    if same is not None and not same.kinds:
        return filled(same, {})
    whole = _parts(text, _BETWEEN, where, filled) or _sentence(text, where, filled)
    return whole or _parts(text, _BETWEEN_SHORT, where, filled)


def _parts(text: str, between: str, where: Catalogue, filled: Filled) -> str | None:
    if between not in text:
        return None
    parts = [said_by_matching(part, where, filled) for part in text.split(between)]
    known = [part for part in parts if part is not None]
    return between.join(known) if len(known) == len(parts) else None


def _sentence(text: str, where: Catalogue, filled: Filled) -> str | None:
    for template in _open(where):
        found = _match(template, text)
        if found is not None:
            return filled(template, found)
    return None


@cache
def _open(where: Catalogue) -> tuple[Template, ...]:
    """The templates with places: those that begin with our words, then the others; the longest first.

    A template that begins with any text and has hardly a word of ours would be found in everything; one that
    begins with a number is found there alone.
    """
    return tuple(sorted((one for one in where.all() if one.kinds and _says_enough(one)), key=_rank))


def _says_enough(one: Template) -> bool:
    begins_with_number = next(iter(one.kinds.values())) == "n"
    return bool(one.literals[0]) or begins_with_number or _words(one) >= _FEWEST


def _words(one: Template) -> int:
    return sum(map(str.isalpha, "".join(one.literals)))


def _rank(one: Template) -> tuple[bool, int, int]:
    """What the lab typed can look like the rest of a text, but hardly like its beginning."""
    return not one.literals[0], -sum(map(len, one.literals)), list(one.kinds.values()).count("")


def _match(template: Template, text: str) -> Mapping[str, str] | None:
    """What stands in the places of ``text``; None where it is another text."""
    first, *_, last = template.literals
    longest = max(template.literals, key=len)
    if longest not in text or not text.startswith(first) or not text.endswith(last):
        return None
    found = _pattern(template).fullmatch(text)
    return None if found is None else found.groupdict()


@cache
def _pattern(template: Template) -> re.Pattern[str]:
    parts, seen = re.escape(template.literals[0]), set[str]()
    for (name, kind), literal in zip(PLACE.findall(template.english), template.literals[1:], strict=True):
        place = f"(?P={name})" if name in seen else f"(?P<{name}>{_STANDS.get(kind, '.+?')})"
        seen.add(name)
        parts += place + re.escape(literal)
    return re.compile(parts, re.DOTALL)
