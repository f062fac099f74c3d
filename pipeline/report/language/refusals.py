"""Why a file was not used, in another language: messages, what was found and expected, what to do."""

from __future__ import annotations

from pipeline.domain.message import Message
from pipeline.report.language.language import Language

_ROOM = "refusals"


def refusal_in(language: Language, text: str) -> str:
    """A message, an action, a place, with or without full stop and capital; an unknown one stays English."""
    if language.plain or isinstance(text, Message):
        return language.say(text)
    bare = text.removesuffix(".")
    for form in (text, bare, bare[:1].lower() + bare[1:]):
        known = language.constant(form) or language.known_in(_ROOM, form)
        if known is not None:
            return _dressed(known, text)
    return _places(language, text)


def _dressed(known: str, text: str) -> str:
    """Capital and full stop as the English text has them; German never lowers a capital."""
    shown = known[:1].upper() + known[1:] if text[:1].isupper() else known
    return f"{shown}." if text.endswith(".") and not shown.endswith(".") else shown


def _places(language: Language, text: str) -> str:
    """Sheet, line and cell stand behind each other, often after the name of a file."""
    return ", ".join(language.known_in(_ROOM, part) or part for part in text.split(", "))
