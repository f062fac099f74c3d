"""What pydantic finds wrong in a file of the lab -> an error in the lab's words."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from pipeline.errors import DefinitionError, nearest

Model = TypeVar("Model", bound=BaseModel)


def from_toml(data: bytes, name: str, model: type[Model]) -> Model:
    """Turn the bytes of a TOML file into a checked model.

    Raises:
        DefinitionError: naming file, key, what was found, what was expected.
    """
    try:
        document = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise DefinitionError(
            "ENCODING", "the file is not UTF-8 text", file=name, place=f"byte {error.start}"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError("TOML", f"the file is not valid TOML: {error}", file=name) from error
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise _in_words(error, name, model) from error


def _in_words(error: ValidationError, name: str, model: type[BaseModel]) -> DefinitionError:
    """Say the first fault, a misspelt key before the key that it leaves missing; the others wait."""
    faults = error.errors(include_url=False)
    first = next((fault for fault in faults if fault["type"] == "extra_forbidden"), faults[0])
    path = ".".join(str(part + 1 if isinstance(part, int) else part) for part in first["loc"])
    others = error.error_count() - 1
    more = f" ({others} more after this one)" if others else ""
    if first["type"] == "extra_forbidden":
        known = _keys_at(first["loc"][:-1], model)
        return DefinitionError(
            "KEY_UNKNOWN",
            f"this key is not known{more}",
            file=name,
            place=f"key {path}",
            found=f"'{first['loc'][-1]}'{nearest(str(first['loc'][-1]), known)}",
            expected=f"one of {', '.join(known)}",
        )
    if first["type"] == "missing":
        return DefinitionError("KEY_MISSING", f"this key is missing{more}", file=name, place=f"key {path}")
    found = first["input"] if not isinstance(first["input"], Mapping) else None
    return DefinitionError(
        "VALUE",
        f"{first['msg'].removeprefix('Value error, ')}{more}",
        file=name,
        place=f"key {path}" if path else None,
        found=repr(found) if found is not None else None,
    )


def _keys_at(location: tuple[int | str, ...], model: Any) -> list[str]:  # noqa: ANN401 - models of any depth
    """Keys that a model knows at a place; names chosen by the lab (levels, controls) pass through."""
    for part in location:
        field = model.model_fields.get(str(part)) if hasattr(model, "model_fields") else None
        model = _model_in(field.annotation) if field is not None else model
    return sorted(model.model_fields) if hasattr(model, "model_fields") else []


def _model_in(annotation: Any) -> Any:  # noqa: ANN401 - an annotation has no useful type
    """Find the pydantic model inside ``Model | None``, ``tuple[Model, ...]`` or ``Mapping[str, Model]``."""
    if hasattr(annotation, "model_fields"):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        model = _model_in(inner)
        if model is not None:
            return model
    return None
