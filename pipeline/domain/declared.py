"""What every declared thing of an assay is: strict, with a unit and a source. Nothing here computes."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Text = Annotated[str, Field(min_length=1)]
LARGEST = 1e12
"""No concentration, dilution, titer or limit of an assay is larger; beyond it arithmetic itself gets lost."""
Positive = Annotated[float, Field(gt=0, le=LARGEST, strict=True)]
NotNegative = Annotated[float, Field(ge=0, le=LARGEST, strict=True)]
"""Strict: the text ``"5"`` and ``true`` are no numbers, though a program could make one of them."""

_UNIT = "unit"
_SHARES = ("p", "correlation", "fraction", "share of the span", "share of the cut-off")
"""Units whose values go from 0 to 1: a 5 meant as percent is a wrong number."""


def required(unit: str) -> Any:  # noqa: ANN401 - the default of a field has the type of the field
    """A setting or limit that has to be declared, in this unit."""
    return Field(json_schema_extra={_UNIT: unit})


def optional(unit: str) -> Any:  # noqa: ANN401 - the default of a field has the type of the field
    """A setting or limit that may be left out; where it is declared, in this unit."""
    return Field(default=None, json_schema_extra={_UNIT: unit})


class Declared(BaseModel):
    """Frozen and strict: a misspelt key is an error, never a default."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)

    @classmethod
    def units(cls) -> Iterator[tuple[str, str]]:
        """(key, unit) of every number that was declared :func:`required` or :func:`optional`."""
        for key, field in cls.model_fields.items():
            if isinstance(field.json_schema_extra, dict):
                yield key, str(field.json_schema_extra[_UNIT])

    @model_validator(mode="after")
    def _in_their_units(self) -> Self:
        """A number in the wrong unit is a wrong number."""
        for key, unit in self.units():
            declared: Limit | Setting | None = getattr(self, key)
            if declared is not None and declared.unit != unit:
                raise ValueError(f"{key}.unit is '{declared.unit}', expected '{unit}'")
            if declared is not None and unit in _SHARES and declared.value > 1:
                raise ValueError(f"{key}.value is {declared.value:g}, expected 0 to 1")
        return self


class Limit(Declared):
    """One limit: what is allowed, in which unit, what a breach means and where the number comes from.

    Which side is allowed is the limit's class: :class:`AtMost`, :class:`AtLeast` or :class:`Below`.
    """

    side: ClassVar[str]
    """In words, before the value."""
    value: NotNegative
    unit: Text
    on_breach: Literal["warn", "fail"]
    source: Text

    @abstractmethod
    def allows(self, value: float) -> bool:
        """Is a value, in the unit of the limit, on the allowed side? NaN never is."""


class AtMost(Limit):
    """The largest value that is allowed."""

    side = "at most"

    def allows(self, value: float) -> bool:
        """The limit itself is allowed."""
        return value <= self.value


class AtLeast(Limit):
    """The smallest value that is allowed."""

    side = "at least"

    def allows(self, value: float) -> bool:
        """The limit itself is allowed."""
        return value >= self.value


class Below(Limit):
    """The smallest value that is not allowed any more."""

    side = "below"

    def allows(self, value: float) -> bool:
        """The limit itself is a breach."""
        return value < self.value


class Setting(Declared):
    """A number that steers the computation: value, unit and source."""

    value: NotNegative
    unit: Text
    source: Text


class LearnedSetting(Setting):
    """A number that the laboratory's past runs may tell better than the assay."""

    origin: Literal["assay", "ledger"] = Field(default="assay", alias="from")
    """The value as declared, or from the past runs of the workspace's ledger as soon as there are enough."""
