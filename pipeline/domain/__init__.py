"""Frozen typed records that every other room shares; standard library, numpy and pydantic only."""

from collections.abc import Mapping

ADDED: Mapping[str, bool] = {"added": True}
"""Metadata of a record's field that older versions did not write: not compared where the record lacks it."""
