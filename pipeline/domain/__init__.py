"""Frozen typed records that every other room shares; standard library, numpy and pydantic only."""
