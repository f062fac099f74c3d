"""Fixtures of the unit tests: synthetic records for everything that shows a record."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from pipeline.domain.record import RunRecord


def _load_factory() -> ModuleType:
    """Import the file beside this one; in pytest's importlib mode test folders are not on the path."""
    name = "titerline_record_factory"
    if name not in sys.modules:
        path = Path(__file__).with_name("record_factory.py")
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture(scope="session")
def factory() -> ModuleType:
    """Makers of synthetic records: run_record(), curve(), failed_curve(), sample(), failed_run()."""
    return _load_factory()


@pytest.fixture(scope="session")
def record(factory: ModuleType) -> RunRecord:
    """A 96-well plate with four samples, three controls and a standard curve; accepted with warnings."""
    made: RunRecord = factory.run_record()
    return made
