"""What the solver writes of itself, kept out of what a command writes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_OUT: Final = 1
_ERRORS: Final = 2


@contextmanager
def solver_aside() -> Iterator[None]:
    """Let what is written to standard output below Python go to standard error.

    HiGHS tells of some trouble by writing there, whatever it was asked (its
    HighsMipSolverData::transformNewIntegerFeasibleSolution does).
    A program that reads JSON from a command would stumble over that.
    """
    sys.stdout.flush()
    kept = os.dup(_OUT)
    os.dup2(_ERRORS, _OUT)
    try:
        yield
    finally:
        os.dup2(kept, _OUT)
        os.close(kept)
