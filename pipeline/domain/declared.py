"""What every declared thing of an assay is: strict, with a unit and a source. Nothing here computes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Text = Annotated[str, Field(min_length=1)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Declared(BaseModel):
    """Frozen and strict: a misspelt key is an error, never a default."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


class Limit(Declared):
    """One limit: what is allowed, in which unit, what a breach means and where the number comes from."""

    value: Annotated[float, Field(allow_inf_nan=False)]
    unit: Text
    on_breach: Literal["warn", "fail"]
    source: Text


class Setting(Declared):
    """A number that steers the computation: value, unit and source."""

    value: Annotated[float, Field(allow_inf_nan=False)]
    unit: Text
    source: Text


def require_units(settings: BaseModel, units: Mapping[str, str]) -> None:
    """A number in the wrong unit is a wrong number."""
    for key, unit in units.items():
        declared: Limit | Setting | None = getattr(settings, key)
        if declared is not None and declared.unit != unit:
            raise ValueError(f"{key}.unit is '{declared.unit}', expected '{unit}'")
