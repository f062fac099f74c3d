"""What pydantic finds wrong in a file of the lab -> an error in the lab's words."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from pipeline.errors import DefinitionError, nearest

Model = TypeVar("Model", bound=BaseModel)


Location: TypeAlias = tuple[int | str, ...]
"""Keys from the top of a document down to a value, as pydantic names them."""


class Whence(Protocol):
    """Knows in which file what stands."""

    def file(self, keys: Location) -> str:
        """Name of the file that says what is at this place, or that should."""

    def around_missing(self, keys: Location) -> str | None:
        """What to say where a key is missing, if anything."""


@dataclass(frozen=True, slots=True)
class OneFile:
    """Everything stands in one file."""

    name: str

    def file(self, keys: Location) -> str:  # noqa: ARG002 - as Whence has it
        """The file."""
        return self.name

    def around_missing(self, keys: Location) -> None:
        """Nothing: the file's own keys say enough."""


def from_toml(data: bytes, name: str, model: type[Model]) -> Model:
    """Turn the bytes of a TOML file into a checked model.

    Raises:
        DefinitionError: naming file, key, what was found, what was expected.
    """
    return checked(toml_document(data, name), model, OneFile(name))


def toml_document(data: bytes, name: str) -> dict[str, Any]:
    """Turn the bytes of a TOML file into its tables.

    Raises:
        DefinitionError: ENCODING, TOML.
    """
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise DefinitionError(
            "ENCODING", "the file is not UTF-8 text", file=name, place=f"byte {error.start}"
        ) from error
    except RecursionError as error:
        raise DefinitionError("TOML", "the file is nested too deeply", file=name) from error
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError("TOML", f"the file is not valid TOML: {error}", file=name) from error


def checked(document: Mapping[str, Any], model: type[Model], whence: Whence) -> Model:
    """Check what files of the lab say against a model.

    Args:
        document: tables and values.
        model: what they have to be.
        whence: knows in which file each of them stands.

    Raises:
        DefinitionError: naming file, key, what was found, what was expected.
    """
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise _in_words(error, document, model, whence) from error


def _in_words(
    error: ValidationError, document: Mapping[str, Any], model: type[BaseModel], whence: Whence
) -> DefinitionError:
    """Say the first fault, a misspelt key before the key that it leaves missing; the others beside it."""
    faults = sorted(error.errors(include_url=False), key=lambda fault: fault["type"] != "extra_forbidden")
    others = len(faults) - 1
    more = f" ({others} more after this one)" if others else ""
    first = _fault(faults[0], document, model, whence, more)
    first.others = tuple(_fault(fault, document, model, whence) for fault in faults[1:])
    return first


def _fault(
    first: ErrorDetails, document: Mapping[str, Any], model: type[BaseModel], whence: Whence, more: str = ""
) -> DefinitionError:
    keys = _as_written(first["loc"], document)
    if first["type"] == "extra_forbidden":
        known = _keys_at(first["loc"][:-1], model)
        return DefinitionError(
            "KEY_UNKNOWN",
            f"this key is not known{more}",
            file=whence.file(keys),
            place=_place(keys),
            found=f"'{keys[-1]}'{nearest(str(keys[-1]), known)}",
            expected=f"one of {', '.join(known)}",
        )
    if first["type"] == "missing":
        return DefinitionError(
            "KEY_MISSING",
            f"this key is missing{more}",
            file=whence.file(keys),
            place=_place(keys),
            found=whence.around_missing(keys),
        )
    found = first["input"] if not isinstance(first["input"], Mapping) else None
    return DefinitionError(
        "VALUE",
        f"{first['msg'].removeprefix('Value error, ')}{more}",
        file=whence.file(keys),
        place=_place(keys),
        found=repr(found) if found is not None else None,
    )


def _as_written(location: Location, document: Any) -> Location:  # noqa: ANN401 - tables of any depth
    """Leave out what pydantic adds to say which form of a table it means: the file has no such key."""
    keys: list[int | str] = []
    for number, part in enumerate(location, start=1):
        within = _within(document, part)
        if within is not None or number == len(location):
            keys.append(part)
            document = within
    return tuple(keys)


def _within(document: Any, part: int | str) -> Any:  # noqa: ANN401 - the same
    if isinstance(document, Mapping):
        return document.get(part)
    is_item = isinstance(document, list) and isinstance(part, int) and part < len(document)
    return document[part] if is_item else None


def _place(keys: Location) -> str | None:
    """``key cutoff.tiers.2.comment``: items of a list are counted from 1."""
    path = ".".join(str(part + 1 if isinstance(part, int) else part) for part in keys)
    return f"key {path}" if path else None


def _keys_at(location: Location, model: type[BaseModel]) -> list[str]:
    """Keys that a model knows at a place; names chosen by the lab (levels, controls) pass through."""
    models = [model]
    for part in location:
        fields = [one.model_fields[str(part)] for one in models if str(part) in one.model_fields]
        inside = [inner for field in fields for inner in _models_in(field.annotation)]
        models = inside if fields else [one for one in models if part in _forms(one)] or models
    return sorted({key for one in models for key in one.model_fields})


def _forms(model: type[BaseModel]) -> tuple[Any, ...]:
    """Values of the key ``format`` that choose this model among several."""
    form = model.model_fields.get("format")
    return tuple(getattr(form.annotation, "__args__", ())) if form is not None else ()


def _models_in(annotation: Any) -> list[type[BaseModel]]:  # noqa: ANN401 - an annotation has no useful type
    """Find the models inside ``Model | None``, ``tuple[Model, ...]`` or ``Mapping[str, Model]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in getattr(annotation, "__args__", ()) for model in _models_in(inner)]
