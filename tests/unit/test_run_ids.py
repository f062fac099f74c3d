"""Names of runs: safe and short whatever an export and its plates are called, and no two alike."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace

import pytest
from hostile_ids import HOSTILE
from sample_cases import CONTEXT, case, shipped

from pipeline.domain.plate import Export
from pipeline.process.export import plate_labels, process_export
from pipeline.readers import read_export
from pipeline.record.keys import ID_MAX, STEM_SHOWN, run_id

KEY = hashlib.sha256(b"x").hexdigest()
NAMES = ("x" * 250, "CON", "..", "\u00e4" * 80, "a/b", "", "=cmd()", "\U0001f600", "p" * 31 + "-", *HOSTILE)


@pytest.mark.parametrize("plate", [None, "P", "Plate " * 40, "../..", "nul"])
def test_an_id_is_short_and_safe(plate: str | None) -> None:
    """At most 80 characters that every file system takes, with 16 characters of the key at the end."""
    for name in NAMES:
        found = run_id("2026-02-17T09:00:00+01:00", f"{name}.txt", plate, KEY)
        assert re.fullmatch(r"2026-02-17_[A-Za-z0-9_-]+_[0-9a-f]{16}", found), found
        assert len(found) <= ID_MAX == 80
        assert found.endswith(KEY[:16])


def test_a_long_plate_leaves_the_start_of_the_name() -> None:
    """Ids of one export begin alike, so that they stand together."""
    ids = [run_id("2026-02-17", "n" * 100, plate, KEY) for plate in (None, "P", "Plate " * 40)]
    assert {found[: 11 + STEM_SHOWN] for found in ids} == {"2026-02-17_" + "n" * STEM_SHOWN}


PLATES = (["P", "P", "P #1"], ["", "plate 1"], ["P #2", "P", "P"], ["P"] * 4, ["P #1 #1", "P", "P", "P #1"])


@pytest.mark.parametrize("names", PLATES)
def test_plates_in_are_runs_out(names: list[str]) -> None:
    """Each plate has a run of its own, whatever the export calls its plates."""
    one = case("anti_mag_igm/clean_plate")
    read = read_export(one.export.read_bytes(), one.export.name)

    def renamed(_data: bytes, _name: str) -> Export:
        return replace(read, plates=tuple(replace(read.plates[0], name=name) for name in names))

    runs = process_export(b"x", "p.txt", shipped("anti_mag_igm"), None, CONTEXT, renamed)
    assert len({getattr(run, "run", run).id for run in runs}) == len(names)
    assert len(set(plate_labels(renamed(b"", "").plates))) == len(names)


def test_plates_that_no_name_tells_apart_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rather no result than one for two plates."""
    monkeypatch.setattr("pipeline.record.keys.KEY_SHOWN", 0)
    one = case("anti_mag_igm/clean_plate")
    read = read_export(one.export.read_bytes(), one.export.name)

    def renamed(_data: bytes, _name: str) -> Export:
        return replace(read, plates=tuple(replace(read.plates[0], name=name) for name in ("P!", "P?")))

    (run,) = process_export(b"x", "p.txt", shipped("anti_mag_igm"), None, CONTEXT, renamed)
    assert getattr(run, "code", "") == "PLATES_ALIKE"
