"""A mixed-integer programme: whole and other variables, rows over them, and what is best first.

HiGHS solves it, through SciPy; nothing here knows of licences.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

INFINITE: Final = float("inf")
NEAR: Final = 1e-4
Terms = Mapping[int, float]


class InParts(Exception):
    """A best answer has parts of what is a whole number; it may be asked for as one."""


class Unsolved(Exception):
    """No best answer was found; the text says what the solver told."""


@dataclass(frozen=True, slots=True)
class Solved:
    """A best answer.

    Attributes:
        values: Of each variable; whole ones are whole numbers.
        best: Of each objective, the first of them first.
        bound: No answer has less of the first.
    """

    values: NDArray[np.float64]
    best: tuple[float, ...]
    bound: float


@dataclass(slots=True)
class Model:
    """Variables and rows, as they are told."""

    _upper: list[float] = field(default_factory=list)
    _whole: list[bool] = field(default_factory=list)
    _rows: list[tuple[Terms, float, float]] = field(default_factory=list)

    def variable(self, upper: float = INFINITE, *, whole: bool = True) -> int:
        """Return the number of a new variable that is not negative."""
        self._upper.append(upper)
        self._whole.append(whole)
        return len(self._upper) - 1

    def row(self, terms: Terms, *, least: float = -INFINITE, most: float = INFINITE) -> None:
        """Keep a sum within bounds."""
        self._rows.append((terms, least, most))

    def solve(self, objectives: Sequence[Terms]) -> Solved:
        """Return the answer with the least of the first objective, of those of the second, and so on.

        Raises:
            Unsolved: There is none, or the solver did not prove it.
        """
        if not self._upper:
            return Solved(np.zeros(0), (0.0,) * len(objectives), 0.0)
        fixed = [_constraint(self._rows, len(self._upper))] if self._rows else []
        rows: list[tuple[Terms, float, float]] = []
        best: list[float] = []
        bound, values = 0.0, np.zeros(len(self._upper))
        for number, terms in enumerate(objectives):
            if number and all(values[one] < NEAR or not weight for one, weight in terms.items()):
                best.append(0.0)  # nothing is less than none of it
                rows.append((terms, -INFINITE, 0.0))
                continue
            values, found_bound = self._least(terms, fixed, rows)
            best.append(float(sum(weight * values[one] for one, weight in terms.items())))
            bound = found_bound if number == 0 else bound
            rows.append((terms, -INFINITE, round(best[-1])))
        return Solved(values, tuple(best), bound)

    def _least(
        self,
        terms: Terms,
        fixed: Sequence[LinearConstraint],
        rows: Sequence[tuple[Terms, float, float]],
    ) -> tuple[NDArray[np.float64], float]:
        cost = np.zeros(len(self._upper))
        for one, weight in terms.items():
            cost[one] = weight
        told = milp(
            cost,
            integrality=np.array(self._whole, dtype=np.int8),
            bounds=Bounds(0, np.array(self._upper)),
            constraints=[*fixed, *([_constraint(rows, len(self._upper))] if rows else [])],
            options={"mip_rel_gap": 0},
        )
        if told.x is None or told.status != 0:
            raise Unsolved(str(told.message))
        values = np.where(self._whole, np.round(told.x), told.x)
        if np.abs(values - told.x).max(initial=0) > NEAR:
            raise Unsolved("the solver left a whole number in parts")
        bound = told.mip_dual_bound
        return values, float(told.fun if bound is None else bound)


def _constraint(rows: Sequence[tuple[Terms, float, float]], width: int) -> LinearConstraint:
    data = [weight for terms, _, _ in rows for weight in terms.values()]
    columns = [one for terms, _, _ in rows for one in terms]
    starts = np.cumsum([0, *(len(terms) for terms, _, _ in rows)])
    matrix = csr_array((data, columns, starts), shape=(len(rows), width))
    return LinearConstraint(matrix, [row[1] for row in rows], [row[2] for row in rows])
