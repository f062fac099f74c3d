"""Frozen typed records that every other room shares; standard library, numpy and pydantic only."""

from collections.abc import Mapping

ADDED: Mapping[str, bool] = {"added": True}
"""Metadata of a record's field that older versions did not write. It is left out where it has its default, so
that the record of an older version is written again as it was."""
