"""Kill the watcher at random moments, many times, and count what is lost or doubled.

Run alone: ``python tests/system/kill_campaign.py FOLDER KILLS FILES SEED``; prints one JSON document. The
core is a stand-in that answers at once, so that most kills fall between the steps that write.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

import dataclasses

import record_factory

from pipeline.guarded import child
from pipeline.inbox import watch
from pipeline.jobs import produce
from pipeline.ledger import Ledger, journal
from pipeline.record.document import from_json, to_json
from pipeline.record.keys import run_id, run_key
from pipeline.workspace.folders import Workspace, create_workspace

ASSAY = "generic_elisa"
TOML = 'settle_seconds = 0.05\npoll_seconds = 0.02\nprefect = "off"\n'


def stand_in_core() -> None:
    """Answer at once with a record of the right identity."""
    template = record_factory.run_record()

    def process_export(data, name, definition, sheet, context, _read):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
        key = run_key(data, "P", sheet, definition)
        run = dataclasses.replace(
            template.run,
            id=run_id(context.processed_at, name, None, key),
            key=key,
            plate="P",
            export=dataclasses.replace(
                template.run.export, name=name, sha256=hashlib.sha256(data).hexdigest()
            ),
            processed_at=context.processed_at,
        )
        return [dataclasses.replace(template, run=run)]

    child._Inside.child = True  # reads here: starting a child would take longer than a watcher lives
    produce.process_export = process_export
    produce.read_guarded = lambda _data, _name, _seconds=0.0: None  # type: ignore[assignment, return-value]
    produce.render = lambda record: {"results.json": to_json(record), "report.html": b"page" * 5000}


def drop(workspace: Workspace, number: int) -> None:
    """One export with its sheet."""
    folder = workspace.inbox / ASSAY
    (folder / f"plate{number}.txt").write_bytes(content(number))
    (folder / f"plate{number}.samples.csv").write_bytes(b"slot,sample_id\nS1,%d\n" % number)


def content(number: int) -> bytes:
    """Bytes of an export, different for each number."""
    return b"OD %d\n" % number * 200


def serve(workspace: Workspace, wait_s: float | None) -> bool:
    """Serve the inbox in a child that is killed after ``wait_s``; True when it lived to the end."""
    child = os.fork()
    if child == 0:
        watch.watch(workspace.root, once=True)
        os._exit(0)
    if wait_s is not None:
        time.sleep(wait_s)
        os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1] == 0


def main() -> None:
    """Run the campaign."""
    folder, kills, count, seed = Path(sys.argv[1]), *map(int, sys.argv[2:5])
    journal.CLAIMS_MAX = 1_000_000  # a file that was hit three times by chance is not a file that kills
    stand_in_core()
    workspace = create_workspace(folder)
    workspace.settings_file.write_text(TOML, encoding="utf-8")
    chance = random.Random(seed)  # noqa: S311 - a schedule that can be repeated, not a secret
    killed = dropped = 0
    for n in range(kills):
        while dropped < count * (n + 1) // kills:
            drop(workspace, dropped)
            dropped += 1
        killed += not serve(workspace, chance.uniform(0.06, 0.2))
    finished = serve(workspace, None)
    print(json.dumps({"killed": killed, "finished": finished, **counted(workspace, count)}))  # noqa: T201


def counted(workspace: Workspace, count: int) -> dict[str, int]:
    """What the campaign left: every export once as a report, once as a kept file, once in the ledger."""
    wanted = {hashlib.sha256(content(n)).hexdigest() for n in range(count)}
    reports = [path for path in workspace.reports.glob("*/") if not path.name.startswith(".")]
    published = Counter(from_json((p / "results.json").read_bytes()).run.export.sha256 for p in reports)
    kept = Counter(
        hashlib.sha256(path.read_bytes()).hexdigest()
        for path in workspace.processed.glob("*/plate*.txt")
        if path.parent != workspace.duplicates
    )
    with Ledger(workspace.ledger_file) as opened:
        runs = Counter(line.id for line in opened.recent(count * 2))
    return {
        "files": count,
        "lost": len(wanted - published.keys()) + len(wanted - kept.keys()),
        "doubled": sum(published.values()) - len(published) + max(0, sum(runs.values()) - count),
        "truncated": sum((p / "report.html").stat().st_size != 20_000 for p in reports),
        "in_ledger": len(runs),
        "left_in_inbox": sum(path.name.startswith("plate") for path in workspace.inbox.rglob("*")),
        "duplicates": sum(1 for _ in workspace.duplicates.glob("*")),
        "strays": sum(1 for p in workspace.root.rglob(".titerline-*")),
    }


if __name__ == "__main__":
    main()
