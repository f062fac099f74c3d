"""Settings of a workspace: ``titerline.toml``, then the environment. The core never reads them."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.domain.message import Message
from pipeline.domain.record import ReportStyle
from pipeline.errors import DefinitionError, nearest

PREFIX = "TITERLINE_"

_DECIMALS: Mapping[str, Literal[".", ","]] = {"en": ".", "de": ","}


class Settings(BaseModel):
    """How a workspace is served. Frozen and strict: a misspelt key is an error, never a default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    settle_seconds: Annotated[float, Field(ge=0.05, le=3600, allow_inf_nan=False)] = 2.0
    """A file is complete when size, time and content are equal over two looks this far apart."""
    patience_minutes: Annotated[float, Field(ge=0, le=10_000, allow_inf_nan=False)] = 10.0
    """An incomplete file that did not change for this long is rejected."""
    poll_seconds: Annotated[float, Field(ge=0.02, le=3600, allow_inf_nan=False)] = 1.0
    """Time between two looks at the inbox."""
    max_file_mb: Annotated[float, Field(gt=0, le=2000, allow_inf_nan=False)] = 50.0
    """Larger files are refused without loading them."""
    prefect: Literal["on", "off", "auto"] = "auto"
    """Show runs in Prefect: always try, never, or when a server is configured and answers."""
    sheet_templates: bool = True
    """Lay sample sheets to be filled into the inbox: one for each assay, one beside each waiting export."""
    operator: str = ""
    """Named in the reports; empty is the user of this computer."""
    ledger: str = ""
    """URL of a PostgreSQL database that holds the ledger; empty is ``ledger.db`` in the workspace."""
    language: Literal["en", "de"] = "en"
    """Of the reports; ``results.json`` is English always."""
    decimal: Literal["", ".", ","] = ""
    """Decimal sign of report.html and report.pdf; empty is the one of the language."""

    @property
    def max_file_bytes(self) -> int:
        """``max_file_mb`` in bytes."""
        return int(self.max_file_mb * 2**20)

    @property
    def reports(self) -> ReportStyle:
        """Language and decimal sign of the reports."""
        return ReportStyle(self.language, self.decimal or _DECIMALS[self.language])


def load_settings(file: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Read ``titerline.toml`` (absent: defaults), then ``TITERLINE_*`` of the environment, which wins.

    Raises:
        DefinitionError: with the key, and for an unknown key the nearest known one.
    """
    values: dict[str, object] = {**_from_file(file), **_from_environment(environment)}
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise _settings_error(error, file.name) from error


def _from_file(file: Path) -> dict[str, object]:
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise DefinitionError.unreadable(file.name, error) from error
    except UnicodeDecodeError as error:
        raise DefinitionError("ENCODING", "the file is not UTF-8 text", file=file.name) from error
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise DefinitionError("TOML", "the file is nested too deeply", file=file.name) from error
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError("TOML", f"the file is not valid TOML: {error}", file=file.name) from error


def _from_environment(environment: Mapping[str, str] | None) -> dict[str, str]:
    source = os.environ if environment is None else environment
    return {
        key.removeprefix(PREFIX).lower(): value for key, value in source.items() if key.startswith(PREFIX)
    }


def _settings_error(error: ValidationError, file: str) -> DefinitionError:
    first = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        known = sorted(Settings.model_fields)
        return DefinitionError(
            "KEY_UNKNOWN",
            "this setting is not known",
            file=file,
            place=f"key {key} (or {PREFIX}{key.upper()} in the environment)",
            found=f"'{key}'{nearest(key, known)}",
            expected=Message("one of {names}", names=", ".join(known)),
        )
    return DefinitionError(
        "VALUE",
        f"this setting has a value that cannot be used: {first['msg']}",
        file=file,
        place=f"key {key} (or {PREFIX}{key.upper()} in the environment)",
        found=repr(first["input"]),
    )
