"""Text that people read: a template and the values in its places.

The text is English. Another language is looked up by the template, so that nothing is parsed back from a
sentence; the record keeps both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Final, Self, cast

PLACE: Final = re.compile(r"\{(\w+)(?::([ntw]))?\}")
"""A place of a template: ``{name}`` is shown as it stands, ``{name:n}`` is a printed number and gets the
decimal sign of the language, ``{name:t}`` is a text of ours, itself a message or a word of the catalogue."""


class Message(str):
    """The English text, with the template and the values that it was made of.

    ``Message("{n:n} of {m:n} wells", n=3, m=96)`` is ``3 of 96 wells``. Values are printed already, by the
    one who knows how many digits count; only whole numbers are taken as they are.
    """

    __slots__ = ("template", "values")
    template: str
    values: Mapping[str, str]

    def __new__(cls, template: str, /, **values: str | int) -> Self:
        """Fill the template.

        Raises:
            KeyError: a place without a value.
            TypeError: a value without a place, or one that is neither text nor a whole number.
        """
        for name, value in values.items():
            if not isinstance(value, str):
                values[name] = _printed(name, value)
        text, names = _form(template)
        made = super().__new__(cls, text % values)
        if len(values) > len(names):
            unused = values.keys() - names
            raise TypeError(f"no place for {', '.join(sorted(unused))} in {template!r}")
        made.template, made.values = template, cast("dict[str, str]", values)
        return made

    def each(self, turned: Callable[[str], str]) -> Message:
        """The same message with every value turned, also those of the messages inside."""
        values = {
            name: value.each(turned) if isinstance(value, Message) else turned(value)
            for name, value in self.values.items()
        }
        return Message(self.template, **values)

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, str]]:
        """How it is made again from a copy or in another process."""
        return (self.template,), dict(self.values)


@lru_cache(maxsize=4096)
def _form(template: str) -> tuple[str, frozenset[str]]:
    """The template as ``%`` fills it, and the names of its places; remembered, for few are filled often."""
    text = PLACE.sub(r"%(\1)s", template.replace("%", "%%"))
    return text, frozenset(place[1] for place in PLACE.finditer(template))


def _printed(name: str, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} is a {type(value).__name__}: print it first")
    return str(value)


def joined(separator: str, parts: Iterable[str]) -> Message:
    """The parts as one text with a separator between them; each is said on its own."""
    found = {f"part{n}": part for n, part in enumerate(parts)}
    return Message(separator.join(f"{{{name}:t}}" for name in found), **found)
