"""Serve a simulated tenant: ``python -m connectory.simulator --size small``."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from connectory.simulator.server import run
from connectory.simulator.sizes import SIZES


def main() -> None:
    """Read the arguments and serve until stopped."""
    parser = argparse.ArgumentParser(description="Serve a simulated tenant on loopback.")
    parser.add_argument("--size", choices=sorted(SIZES), default="small")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--definitions", type=Path)
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    run(size=given.size, seed=given.seed, definitions=given.definitions, port=given.port)


if __name__ == "__main__":
    main()
