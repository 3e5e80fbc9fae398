"""How long comparing definitions takes, beside parsing their bytes and beside api-smart-diff.

All real pairs of versions are read and compared in one process, several times; the median is put in
proportion to the median of ``orjson.loads`` of the same bytes, and to that of api-smart-diff over
the same pairs in a process of its own, from texts in memory to changes on either side; the start of
neither process counts. Where npm or the pairs are missing, it says so.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import orjson

from connectory.domain.drift.comparing import diff
from connectory.domain.drift.reading import read_api
from connectory.domain.json_document import Unreadable

ROUNDS = 7
CORPUS = Path(os.environ.get("CONNECTORY_CORPUS", "../shared/corpus"))
PEER = {
    "api-smart-diff@1.0.6": "sha512-kDkGblcJG9eqy6duqYC/Cr0jN5AC9RrELRSLb3rOKgeni+7wBkCxBVIcNQVtKbYwUQ3K9JOxfPTZaEZDWtyOhg==",
    "allof-merge@0.6.8": "sha512-RJrHVDqITsU1kjE2L7s1hy4AYZSTlO1m9jTleYhVCEOfOpbbygRGfcEgrp+bW3oX/PcMUwVkt6MSJyXoyI6lRA==",
    "json-crawl@0.5.3": "sha512-BEjjCw8c7SxzNK4orhlWD5cXQh8vCk2LqDr4WgQq4CV+5dvopeYwt1Tskg67SuSLKvoFH5g0yuYtg7rcfKV6YA==",
}
"""The packages of the peer, each pinned by its content."""
SCRIPT = Path(__file__).with_name("drift_peer.cjs")
NOT_DONE = (
    "api-smart-diff does not: give a body parameter's name, operationIds or x-ms-* extensions a "
    "meaning (it calls them unclassified); pair operations that moved or were renamed; read 2.0 "
    "beside 3.x; read what is not strict JSON; say why a change matters"
)
Pair = tuple[bytes, bytes]


def main() -> None:
    """Time all three, print one line each."""
    folders = sorted((CORPUS / "drift" / "pairs").glob("*/"))
    if not folders:
        print(f"drift: no pairs in {CORPUS}; name their folder in CONNECTORY_CORPUS")
        return
    files = [
        [str((folder / name).resolve()) for name in ("before.json", "after.json")]
        for folder in folders
    ]
    peer = _peer(files)
    left_out = {number for number, _ in peer["failed"]} if peer else set()
    pairs = [(Path(old).read_bytes(), Path(new).read_bytes()) for old, new in files]
    parsed = _median(lambda: _parsed(pairs))
    compared = _median(lambda: _compared(pairs))
    size = sum(len(old) + len(new) for old, new in pairs) / 1e6
    print(
        f"drift: {len(pairs)} pairs of {size:.1f} MB compared in {compared * 1e3:.0f} ms, "
        f"{compared / parsed:.0f} times parsing them ({parsed * 1e3:.0f} ms; bar 100)"
    )
    if peer is None:
        print("drift: npm is not there; not put beside api-smart-diff")
        return
    same = [pair for number, pair in enumerate(pairs) if number not in left_out]
    ours, theirs = _median(lambda: _compared(same)), statistics.median(peer["times"])
    print(
        f"drift: {len(same)} pairs that api-smart-diff reads too in {ours * 1e3:.0f} ms, "
        f"{theirs / ours:.1f} times as fast ({theirs * 1e3:.0f} ms); {NOT_DONE}"
    )


def _parsed(pairs: Sequence[Pair]) -> None:
    for pair in pairs:
        for content in pair:
            try:
                orjson.loads(content)
            except orjson.JSONDecodeError:
                # Strict as it is, it reads a file with a byte-order mark only up to that.
                orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))


def _compared(pairs: Sequence[Pair]) -> int:
    found = 0
    for before, after in pairs:
        old, new = read_api(before), read_api(after)
        if isinstance(old, Unreadable) or isinstance(new, Unreadable):
            sys.exit("drift: a pair cannot be read")
        found += len(diff(old, new))
    return found


def _median(work: Callable[[], Any]) -> float:
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def _peer(files: list[list[str]]) -> dict[str, Any] | None:
    """Return what api-smart-diff took for each round, and what it could not compare."""
    npm = shutil.which("npm")
    if npm is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        command = [
            npm, "install", "--no-save", "--no-package-lock", "--no-audit", "--no-fund",
            "--ignore-scripts", "--prefix", folder, *PEER,
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        listed = json.loads(Path(folder, "node_modules", ".package-lock.json").read_bytes())
        had = {
            f"{name.removeprefix('node_modules/')}@{one['version']}": one["integrity"]
            for name, one in listed["packages"].items()
        }
        assert had == PEER, f"npm brought other packages than are pinned: {had}"
        done = subprocess.run(
            ["node", str(SCRIPT), folder, str(ROUNDS)],  # noqa: S607 - whichever node is there
            input="\n".join(map(json.dumps, files)),
            check=True,
            capture_output=True,
            text=True,
            timeout=600,
        )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


if __name__ == "__main__":
    main()
