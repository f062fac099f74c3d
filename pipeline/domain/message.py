"""Text that people read: a template and the values in its places.

The text is English. Another language is looked up by the template, so that nothing is parsed back from a
sentence; the record keeps both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Final, Self

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
        printed = {name: _printed(name, value) for name, value in values.items()}
        first, places = _places(template)
        made = super().__new__(cls, first + "".join(printed[name] + text for name, text in places))
        unused = printed.keys() - {name for name, _ in places}
        if unused:
            raise TypeError(f"no place for {', '.join(sorted(unused))} in {template!r}")
        made.template, made.values = template, printed
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
def _places(template: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The text before the first place, and each place with the text behind it; remembered for the next."""
    first, *rest = PLACE.split(template)
    return first, tuple(zip(rest[::3], rest[2::3], strict=True))


def _printed(name: str, value: str | int) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise TypeError(f"{name} is a {type(value).__name__}: print it first")
    return value if isinstance(value, str) else str(value)


def joined(separator: str, parts: Iterable[str]) -> Message:
    """The parts as one text with a separator between them; each is said on its own."""
    found = {f"part{n}": part for n, part in enumerate(parts)}
    return Message(separator.join(f"{{{name}:t}}" for name in found), **found)
