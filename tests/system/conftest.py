"""Fixtures of the system tests: a workspace, and a core that answers at once.

The stand-in core reads its orders from the export: ``BAD`` is refused, ``HALF`` is incomplete, ``PLATES n``
makes n runs, everything else one accepted run. What is tested here is the way of a file, not the numbers.
"""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from pipeline.definitions import AssayDefinition, load_definition
from pipeline.domain.layout import SampleSheet
from pipeline.domain.record import FailedRun, RunRecord
from pipeline.errors import InputError
from pipeline.jobs import produce
from pipeline.jobs.bench import Bench, open_bench
from pipeline.process.context import RunContext
from pipeline.record.document import to_json
from pipeline.record.job import Job, Received
from pipeline.record.keys import run_id, run_key
from pipeline.workspace.folders import Workspace, create_workspace
from pipeline.workspace.settings import Settings

ASSAY = "anti_mag_igm"
SHEET = b"slot,sample_id\nS1,2026-1041\n"
FAST = Settings(
    settle_seconds=0.05, poll_seconds=0.02, prefect="off", operator="tester", sheet_templates=False
)
FAST_TOML = (
    'settle_seconds = 0.05\npoll_seconds = 0.02\nprefect = "off"\noperator = "tester"\n'
    "sheet_templates = false\n"
)


class Crash(BaseException):
    """The program is gone from one instruction to the next."""


@pytest.fixture
def crash() -> type[BaseException]:
    """An end that no ``except Exception`` catches."""
    return Crash


@pytest.fixture
def core(factory: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A core that answers at once; lists the names of the exports that it was given."""
    template: RunRecord = factory.run_record()
    failed: FailedRun = factory.failed_run()
    asked: list[str] = []

    def process_export(
        data: bytes,
        name: str,
        definition: AssayDefinition,
        sheet: SampleSheet | None,
        context: RunContext,
        _read: object,
    ) -> list[RunRecord | FailedRun]:
        if sheet is not None:  # else it is only looked at while it waits
            asked.append(name)
        code = {b"BAD": "FORMAT_UNKNOWN", b"HAL": "FILE_INCOMPLETE"}.get(data[:3])
        if code or not data:
            key = run_key(data, "", sheet, definition)
            identity = run_id(context.processed_at, name, None, key)
            export = dataclasses.replace(failed.export, name=name, sha256=hashlib.sha256(data).hexdigest())
            return [
                dataclasses.replace(failed, id=identity, key=key, code=code or "FILE_EMPTY", export=export)
            ]
        plates = int(data.split()[1]) if data.startswith(b"PLATES") else 1
        return [
            _record(template, n + 1, plates, (data, name, definition, sheet, context)) for n in range(plates)
        ]

    def read_export(data: bytes, name: str, _seconds: float = 0.0) -> None:
        if data.startswith((b"BAD", b"HALF")) or not data:
            raise InputError("FORMAT_UNKNOWN", "not a known format", file=name)

    def render(record: RunRecord) -> dict[str, bytes]:
        return {"results.json": to_json(record), "results.xlsx": b"workbook", "report.html": b"page"}

    monkeypatch.setattr(produce, "process_export", process_export)
    monkeypatch.setattr(produce, "read_guarded", read_export)
    monkeypatch.setattr(produce, "render", render)
    return asked


def _record(
    template: RunRecord,
    number: int,
    plates: int,
    given: tuple[bytes, str, AssayDefinition, SampleSheet | None, RunContext],
) -> RunRecord:
    data, name, definition, sheet, context = given
    label = f"Plate {number}"
    key = run_key(data, label, sheet, definition)
    run = dataclasses.replace(
        template.run,
        id=run_id(context.processed_at, name, label if plates > 1 else None, key),
        key=key,
        plate=label,
        export=dataclasses.replace(template.run.export, name=name, sha256=hashlib.sha256(data).hexdigest()),
        processed_at=context.processed_at,
        supersedes=None,
    )
    ids = [entry.sample_id for entry in sheet.entries] if sheet is not None else []
    named = zip(itertools.cycle(ids), template.samples, strict=False)
    samples = tuple(dataclasses.replace(sample, sample_id=one) for one, sample in named)
    return dataclasses.replace(template, run=run, samples=samples or template.samples)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A fresh workspace with fast settings and Prefect off."""
    made = create_workspace(tmp_path / "elisa")
    made.settings_file.write_text(FAST_TOML, encoding="utf-8")
    return made


@pytest.fixture
def bench(workspace: Workspace) -> Iterator[Bench]:
    """The workspace with its ledger open."""
    with open_bench(workspace, FAST) as opened:
        yield opened


@pytest.fixture
def drop(workspace: Workspace) -> Callable[..., Path]:
    """Put an export into the inbox, with its sample sheet unless told otherwise."""

    def put(
        name: str = "plate1.txt",
        data: bytes = b"OD",
        *,
        sheet: bytes | None = SHEET,
        assay: str = ASSAY,
    ) -> Path:
        export = workspace.inbox / assay / name
        export.write_bytes(data)
        if sheet is not None:
            export.with_name(f"{export.stem}.samples.csv").write_bytes(sheet)
        return export

    return put


@pytest.fixture
def seen_job(bench: Bench) -> Callable[[Path], Job]:
    """Enter an export that lies in the inbox, with its sheet, into the ledger."""

    def see(export: Path) -> Job:
        definition = load_definition(bench.workspace.assays / export.parent.name)
        sheet = export.with_name(f"{export.stem}.samples.csv")
        small = export.stat().st_size <= bench.settings.max_file_bytes
        data = export.read_bytes() if small else None
        received = [_received(path, bench.workspace) for path in (export, sheet) if path.exists()]
        job = produce.job_of(definition, received[0], received[1] if len(received) > 1 else None, data)
        bench.ledger.see(job, "2026-02-17T09:00:00+01:00")
        return job

    return see


def _received(path: Path, workspace: Workspace) -> Received:
    data = path.read_bytes()
    place = path.relative_to(workspace.inbox).as_posix()
    return Received(path.name, place, hashlib.sha256(data).hexdigest(), len(data))
