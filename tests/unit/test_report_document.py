"""results.json: complete, finite, readable again."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from types import ModuleType

import pytest

from pipeline.domain.message import Message, joined
from pipeline.domain.record import RunRecord
from pipeline.errors import InputError
from pipeline.record.document import failed_from_json, from_json, to_json


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


def _with_messages(record: RunRecord) -> RunRecord:
    level = Message("level {level} was left out: {why:t}", level="CAL7", why=Message("OD {n:n}", n="0.5"))
    bound = joined("; ", [level, Message("no usable well")])
    finding = replace(record.findings[0], message=bound)
    curve = replace(record.curves[0], warnings=(level,))
    return replace(record, findings=(finding, *record.findings[1:]), curves=(curve,))


def test_texts_keep_their_template_and_values(record: RunRecord) -> None:
    """A report in another language can be made again from the file; the texts stay where they were."""
    written = to_json(_with_messages(record))
    document = json.loads(written)
    assert document["curves"][0]["warnings"] == ["level CAL7 was left out: OD 0.5"]
    assert list(document)[-1] == "templates"
    assert document["templates"]["level CAL7 was left out: OD 0.5"] == {
        "template": "level {level} was left out: {why:t}",
        "values": {"level": "CAL7", "why": {"template": "OD {n:n}", "values": {"n": "0.5"}}},
    }
    (warning,) = from_json(written).curves[0].warnings
    assert isinstance(warning, Message)
    assert isinstance(warning.values["why"], Message)
    assert to_json(from_json(written)) == written


def test_a_failed_run_keeps_its_templates_too(factory: ModuleType) -> None:
    """WHY.txt speaks the language of the laboratory whenever it is written."""
    failed = replace(factory.failed_run(), message=Message("the slot {slot} is there twice", slot="S1"))
    message = failed_from_json(to_json(failed)).message
    assert isinstance(message, Message)
    assert message.values == {"slot": "S1"}


@pytest.mark.parametrize(
    "forged", ["no template", {"template": "{n:n} wells", "values": {}}, 7, {"values": {}}]
)
def test_a_template_that_gives_another_text_is_refused(record: RunRecord, forged: object) -> None:
    """A changed file does not make a German report say something else than the English record."""
    document = json.loads(to_json(_with_messages(record)))
    document["templates"]["level CAL7 was left out: OD 0.5"] = forged
    with pytest.raises(InputError, match="does not give its text"):
        from_json(json.dumps(document).encode())


def test_a_record_without_templates_is_of_an_older_version(record: RunRecord) -> None:
    """It is read, with plain texts, and written again as it was."""
    document = json.loads(to_json(_with_messages(record)))
    del document["templates"]
    older = from_json(json.dumps(document).encode())
    assert older == _with_messages(record)
    assert not isinstance(older.curves[0].warnings[0], Message)
    assert "templates" not in json.loads(to_json(older))
