"""How long comparing real versions of connectors takes, beside parsing them and beside a peer.

All pairs of real versions beside the checkout, from their bytes to the list of changes, in one
process: the median of the rounds, its ratio to the median of `orjson.loads` of the same bytes, and
its ratio to the median of api-smart-diff, a comparison of API documents for Node, which reads,
parses and compares the same bytes in one process of its own in the same run. Starting a process and
reading files from disk is counted for none.

    python bench/drift.py [--rounds 9]

The peer is fetched by npm into a folder that is removed; each of its packages is the one that is
pinned here by its content, or nothing is measured. Without npm only the first ratio is printed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from connectory.domain.drift.changes import SEVERITIES, counts
from connectory.domain.drift.comparing import diff
from connectory.domain.drift.reading import read_api
from connectory.domain.json_document import Unreadable

ROOT = Path(__file__).resolve().parent.parent
CORPUS = Path(os.environ.get("CONNECTORY_CORPUS", ROOT.parent / "shared" / "corpus"))
PEER = Path(__file__).with_name("drift_peer.cjs")
PACKAGE, VERSION = "api-smart-diff", "1.0.6"
INTEGRITY = {
    "node_modules/allof-merge": "sha512-RJrHVDqITsU1kjE2L7s1hy4AYZSTlO1m9jTleYhVCEOfOpbbygRGfcEgrp+bW3oX/PcMUwVkt6MSJyXoyI6lRA==",
    "node_modules/api-smart-diff": "sha512-kDkGblcJG9eqy6duqYC/Cr0jN5AC9RrELRSLb3rOKgeni+7wBkCxBVIcNQVtKbYwUQ3K9JOxfPTZaEZDWtyOhg==",
    "node_modules/json-crawl": "sha512-BEjjCw8c7SxzNK4orhlWD5cXQh8vCk2LqDr4WgQq4CV+5dvopeYwt1Tskg67SuSLKvoFH5g0yuYtg7rcfKV6YA==",
}
MOST_PARSES = 100
NOT_DONE = (
    "rules of Swagger 2.0, which is none of its formats: it compares the text and follows no reference",
    "operationIds and names of bodies, to which flows are bound",
    "operations that moved or are called otherwise, as one change",
    "triggers and what webhooks deliver",
    "pickers, visibility and other extensions of the platform",
    "connection parameters, policies and code",
)

Pairs = list[tuple[bytes, bytes]]


def main() -> None:
    """Measure all, print a line each."""
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=9)
    rounds = options.parse_args().rounds
    folder = CORPUS / "drift" / "pairs"
    if not folder.is_dir():
        print(f"drift: no pairs of real versions in {folder}; name the corpus in CONNECTORY_CORPUS")
        return
    pairs = [
        ((one / "before.json").read_bytes(), (one / "after.json").read_bytes())
        for one in sorted(folder.iterdir())
    ]
    told = dict.fromkeys(SEVERITIES, 0)
    for changes in compared(pairs):
        for severity, number in counts(changes).items():
            told[severity] += number
    ours = median(lambda: compared(pairs), rounds)
    parsed = median(lambda: [(orjson.loads(one), orjson.loads(two)) for one, two in pairs], rounds)
    size = sum(len(one) + len(two) for one, two in pairs)
    print(
        f"drift: {len(pairs)} pairs of {size / 1e6:.1f} MB read and compared in {ours:.2f} s, "
        f"{ours / parsed:.0f} times parsing them ({parsed * 1000:.0f} ms; at most {MOST_PARSES}); "
        f"{sum(told.values()):,} changes, {told['breaking']:,} of them breaking"
    )
    peer = smart_diff(folder, rounds)
    if peer is None:
        print(f"drift: {PACKAGE} is not measured, npm is not there")
    else:
        print(
            f"drift: {PACKAGE} {VERSION} takes {peer['seconds']:.2f} s for the same, "
            f"{peer['seconds'] / ours:.1f} times as long; {peer['changes']:,} changes, "
            f"{peer['breaking']:,} of them breaking, {peer['unclassified']:,} of no class"
        )
        print(f"drift: {PACKAGE} judges none of these: " + "; ".join(NOT_DONE))
        assert ours < peer["seconds"], "slower than the peer"
    assert ours < MOST_PARSES * parsed, "too slow beside parsing"


def compared(pairs: Pairs) -> list[Any]:
    """Read and compare every pair."""
    found = []
    for before, after in pairs:
        old, new = read_api(before), read_api(after)
        assert not isinstance(old, Unreadable)
        assert not isinstance(new, Unreadable)
        found.append(diff(old, new))
    return found


def median(work: Callable[[], Any], rounds: int) -> float:
    """Return the median of how long some work takes, in seconds."""
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def smart_diff(folder: Path, rounds: int) -> dict[str, Any] | None:
    """Return what the peer measures of itself; None where it cannot be had."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        return None
    with tempfile.TemporaryDirectory() as place:
        command = [
            npm, "install", "--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts",
            "--prefix", place, f"{PACKAGE}@{VERSION}",
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        modules = Path(place) / "node_modules"
        listed = json.loads((modules / ".package-lock.json").read_bytes())["packages"]
        had = {name: one["integrity"] for name, one in listed.items()}
        assert had == INTEGRITY, f"npm brought other packages than are pinned: {had}"
        told = subprocess.run(
            [node, str(PEER), str(modules / PACKAGE), str(folder), str(rounds)],
            check=True,
            capture_output=True,
            text=True,
            timeout=900,
        )
    found: dict[str, Any] = json.loads(told.stdout)
    return found


if __name__ == "__main__":
    main()
