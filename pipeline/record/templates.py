"""The templates of a record's messages, kept beside it: from them its texts are said in another language.

``templates`` at the end of ``results.json`` and ``failure.json`` names each text that has values once, with
its template and values; a value may be such a text itself. The texts of the record stay where they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from pipeline.domain.message import Message
from pipeline.errors import InputError

Part = TypeVar("Part")

TEMPLATES = "templates"


def templates_of(messages: Mapping[str, Message]) -> dict[str, object]:
    """Text -> template and values."""
    return {text: _plain(message) for text, message in messages.items()}


def _plain(text: str) -> object:
    if not isinstance(text, Message):
        return str(text)
    values = {name: _plain(value) for name, value in text.values.items()}
    return {"template": text.template, "values": values} if values else text.template


def said_again(record: Part, templates: object) -> Part:
    """The record with messages in place of the texts that have templates.

    Raises:
        InputError: templates that no version wrote.
    """
    known: dict[str, Message] = {}
    for text, template in templates.items() if isinstance(templates, Mapping) else ():
        made = _made(template)
        if not isinstance(made, Message) or made != text:
            raise InputError("RECORD_UNREADABLE", "a template does not give its text", found=repr(text))
        known[text] = made
    return _with(record, known) if known else record


def _made(value: Any) -> str:  # noqa: ANN401 - whatever stands in the file
    match value:
        case str():
            return value
        case {"template": str(template), "values": dict(values)}:
            try:
                return Message(template, **{name: _made(part) for name, part in values.items()})
            except (KeyError, TypeError):
                return ""
        case _:
            return ""


def _with(value: Any, known: Mapping[str, Message]) -> Any:  # noqa: ANN401 - any part of a record
    if type(value) is str:
        return known.get(value, value)
    if isinstance(value, tuple):
        return tuple(_with(item, known) for item in value)
    if isinstance(value, dict):
        return {key: _with(item, known) for key, item in value.items()}
    if not is_dataclass(value) or isinstance(value, type):
        return value
    parts = ((field.name, getattr(value, field.name)) for field in fields(value))
    changed = {name: new for name, old in parts if (new := _with(old, known)) is not old}
    return replace(value, **changed) if changed else value
