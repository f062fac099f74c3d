"""No reportable class contradicts its titer, whatever happened to the serum on its way."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[2]))  # last: the installed pipeline stays the one tested

from benchmarks.promises.run import CI_SERA, Tally, campaign
from pipeline.definitions import load_definition

LARGEST_SHARE_FAR_OFF = 0.005
"""Of sera with mishaps: hooks so deep that no dilution shows anything cannot be seen on the plate."""


@pytest.fixture(scope="module")
def tally(root: Path) -> Tally:
    """A small size; the full one is ``python -m benchmarks.promises --sera 20000``."""
    return campaign(load_definition(root / "plate_layouts" / "anti_mag_igm"), CI_SERA, 1)


def test_every_reportable_class_keeps_its_promise(tally: Tally) -> None:
    """A positive lies above the cut-off with its whole interval or bound, a negative at or below it."""
    assert tally.broken == []


def test_mishaps_hardly_ever_turn_a_result_around(tally: Tally) -> None:
    """Sera two-fold and more beyond the cut-off are not reported on its other side."""
    assert len(tally.wrong) <= LARGEST_SHARE_FAR_OFF * tally.sera, tally.wrong


def test_every_kind_of_class_is_met(tally: Tally) -> None:
    """The mishaps do not merely make everything open: results are released among them."""
    names = {name for _, name in tally.classes}
    assert {"NEGATIVE", "POSITIVE_HNK1_CONFIRMED", "REPEAT", "INDETERMINATE", "NONSPECIFIC_BINDING"} <= names
