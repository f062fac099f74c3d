"""results.json: complete, finite, readable again."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from types import ModuleType

import pytest

from pipeline.domain.record import RunRecord
from pipeline.errors import InputError
from pipeline.record.document import from_json, to_json


@pytest.mark.parametrize("shape", [(8, 12), (16, 24)])
def test_round_trip_is_equal(factory: ModuleType, shape: tuple[int, int]) -> None:
    """A record read back from its file is the record that was written."""
    record = factory.run_record(shape=shape, fail=True)
    assert from_json(to_json(record)) == record


def test_failed_curve_and_no_samples_round_trip(factory: ModuleType) -> None:
    """Absent results survive as absent, not as numbers."""
    record = factory.run_record(samples=(), fit=factory.failed_curve())
    assert from_json(to_json(record)) == record


def test_keys_stand_in_the_order_of_the_contract(record: RunRecord) -> None:
    """A person who reads the file finds the keys where the contract shows them."""
    document = json.loads(to_json(record))
    assert list(document)[:6] == ["schema", "run", "verdict", "curves", "samples", "findings"]
    assert list(document["run"])[:7] == [
        "id",
        "key",
        "assay",
        "assay_version",
        "plate",
        "export",
        "software",
    ]
    assert list(document["findings"][0])[:3] == ["rule", "title", "subject"]
    assert document["verdict"] == "accepted_with_warnings"
    assert document["findings"][0]["verdict"] == "pass"


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_none_is_refused_with_its_place(record: RunRecord, bad: float) -> None:
    """NaN and infinity never reach a file, and the message says where they stood."""
    sample = replace(record.samples[1], titer=replace(record.samples[1].titer, value=bad))
    broken = replace(record, samples=(record.samples[0], sample, *record.samples[2:]))
    with pytest.raises(ValueError, match=r"^samples\[1\]\.titer\.value is "):
        to_json(broken)


def test_nan_in_metadata_is_refused(record: RunRecord) -> None:
    """Numbers from the export's own header are held to the same rule."""
    broken = replace(record, run=replace(record.run, metadata={"gain": [1.0, math.nan]}))
    with pytest.raises(ValueError, match=r"run\.metadata\.gain\[1\]"):
        to_json(broken)


def test_a_value_that_json_cannot_hold_is_named(record: RunRecord) -> None:
    """An object in the metadata is an error with its place, not a silent text."""
    broken = replace(record, run=replace(record.run, metadata={"when": object()}))
    with pytest.raises(TypeError, match=r"run\.metadata\.when is a object"):
        to_json(broken)


def test_strange_text_survives(record: RunRecord) -> None:
    """Ids stay what was typed: formulas, markup, controls, a damaged name, another script."""
    ids = ("=1+1", "<b>", "a\x07b", "007", "Zo\u00eb \u6f22", "broken\udc80name")
    samples = tuple(replace(record.samples[0], sample_id=text) for text in ids)
    read = from_json(to_json(replace(record, samples=samples)))
    assert tuple(sample.sample_id for sample in read.samples) == ids


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "Expecting value"),
        (b"[]", "list"),
        (b'{"schema": "titerline.run/9"}', "titerline.run/9"),
        (b'{"schema": "titerline.run/1"}', "Field required"),
        (b'{"schema": NaN}', "NaN"),
    ],
)
def test_a_file_that_is_no_record_is_refused(data: bytes, found: str) -> None:
    """A damaged results.json gives a message for a person, not a trace."""
    with pytest.raises(InputError, match=found) as caught:
        from_json(data)
    assert caught.value.code == "RECORD_UNREADABLE"


def test_an_unknown_field_is_refused(record: RunRecord) -> None:
    """A field that this version does not know is not dropped in silence."""
    document = json.loads(to_json(record))
    document["samples"][0]["titer"]["extra_field"] = 1
    with pytest.raises(InputError, match="extra_field"):
        from_json(json.dumps(document).encode())


def test_a_failed_run_has_the_reason_in_the_same_frame(factory: ModuleType) -> None:
    """A run that stopped says why in its results.json."""
    document = json.loads(to_json(factory.failed_run()))
    assert document["schema"] == "titerline.failed/1"
    assert document["code"] == "FILE_EMPTY"
    assert document["action"] == "Export the plate again."
