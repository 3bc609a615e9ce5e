"""Lexicographic min-max of |D x - r| over a polyhedron, in the most literal way, by scipy's HiGHS.

One program per round gives the least largest departure t. A form is frozen at t only after a program
has proved that, with every free form held to t, none of those still suspected can be brought below it:
the largest sum of their slacks is zero. No dual value is read.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

TIGHT = 1e-7  # a form whose slack stays below this cannot improve
OPTIONS = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}


class Infeasible(Exception):
    """No allocation keeps every row."""


class Numerical(Exception):
    """A program that must have an answer was given none."""


@dataclass
class System:
    """A x ≤ b, C x = d, x ≥ 0."""

    n: int
    a: sparse.csr_matrix
    b: np.ndarray
    c: sparse.csr_matrix
    d: np.ndarray

    def pinned(self, total: sparse.csr_matrix, amount: np.ndarray) -> System:
        """Return the system with the totals held within a hair of the amounts."""
        hair = 1e-9 * np.maximum(1.0, amount)
        a = sparse.vstack([self.a, total, -total]).tocsr()
        return System(self.n, a, np.concatenate([self.b, amount + hair, hair - amount]), self.c, self.d)


def _run(cost: np.ndarray, a: sparse.csr_matrix, b: np.ndarray, sys: System, extra: int) -> np.ndarray | None:
    """Solve one program over [x, extra columns ≥ 0]; None where it is infeasible."""
    rows = sys.c.shape[0]
    eq = sparse.hstack([sys.c, sparse.csr_matrix((rows, extra))]).tocsr() if rows else None
    for method, presolve in (("highs", True), ("highs-ds", False), ("highs-ipm", True)):
        res = linprog(
            cost, A_ub=a if a.shape[0] else None, b_ub=b if a.shape[0] else None,
            A_eq=eq, b_eq=sys.d if eq is not None else None,
            bounds=(0, None), method=method, options={**OPTIONS, "presolve": presolve},
        )  # fmt: skip
        if res.status == 0:
            return np.asarray(res.x)
        if res.status == 2 and method != "highs":
            return None
    raise Numerical(res.message)


def feasible(sys: System) -> bool:
    """Tell whether the system has a point."""
    return _run(np.zeros(sys.n), sys.a, sys.b, sys, 0) is not None


class _Search:
    def __init__(self, sys: System, form: sparse.csr_matrix, ref: np.ndarray) -> None:
        self.sys, self.form, self.ref = sys, sparse.csr_matrix(form), ref
        self.bound = np.full(len(ref), np.nan)  # frozen at
        self.wide = 1.0

    def held(self, extra: int, also: np.ndarray, t: float) -> tuple[list[sparse.spmatrix], list[np.ndarray]]:
        """Return the rules and the frozen forms, and further forms held to t."""
        a = [sparse.hstack([self.sys.a, sparse.csr_matrix((self.sys.a.shape[0], extra))])]
        b = [self.sys.b]
        frozen = np.flatnonzero(~np.isnan(self.bound))
        for index, limit in ((frozen, self.bound[frozen]), (also, np.full(len(also), t))):
            room = limit * (1 + 1e-9 * self.wide) + 1e-10 * self.wide
            part = sparse.hstack([self.form[index], sparse.csr_matrix((len(index), extra))])
            a += [part, -part]
            b += [self.ref[index] + room, room - self.ref[index]]
        return a, b

    def least(self, free: np.ndarray) -> np.ndarray | None:
        """Minimise the largest departure of the free forms; return [x, t]."""
        a, b = self.held(1, free[:0], 0.0)
        minus = sparse.csr_matrix(-np.ones((len(free), 1)))
        a += [sparse.hstack([self.form[free], minus]), sparse.hstack([-self.form[free], minus])]
        b += [self.ref[free], -self.ref[free]]
        cost = np.zeros(self.sys.n + 1)
        cost[-1] = 1.0
        return _run(cost, sparse.vstack(a).tocsr(), np.concatenate(b), self.sys, 1)

    def slacks(self, free: np.ndarray, suspects: np.ndarray, t: float) -> np.ndarray | None:
        """Make the sum of the suspects' slacks below t as large as can be; return [x, slack]."""
        k = len(suspects)
        a, b = self.held(k, np.setdiff1d(free, suspects), t)
        room = t * (1 + 1e-9 * self.wide) + 1e-10 * self.wide
        for sign in (1, -1):
            a.append(sparse.hstack([sign * self.form[suspects], sparse.identity(k)]))
            b.append(sign * self.ref[suspects] + room)
        cost = np.concatenate([np.zeros(self.sys.n), -np.ones(k)])
        return _run(cost, sparse.vstack(a).tocsr(), np.concatenate(b), self.sys, k)

    def tight(self, free: np.ndarray, t: float) -> tuple[np.ndarray, np.ndarray] | None:
        """Return the forms that no point can bring below t, and a point."""
        suspects = free
        while True:
            found = self.slacks(free, suspects, t)
            if found is None:
                return None
            slack = found[self.sys.n :]
            if slack.max() <= TIGHT:
                return suspects, found[: self.sys.n]
            left = suspects[slack <= TIGHT]
            if not len(left):
                raise Numerical(f"every form of the round at {t} can improve")
            suspects = left


def leximin(sys: System, form: sparse.csr_matrix, ref: np.ndarray) -> tuple[np.ndarray, list[float]]:
    """Return the point and the level of each round."""
    if not len(ref):
        return np.zeros(sys.n), []
    search = _Search(sys, form, ref)
    free = np.arange(len(ref))
    point, levels = np.zeros(sys.n), []
    while len(free):
        best = search.least(free)
        if best is None:
            if not levels:
                raise Infeasible
            search.wide *= 10
            if search.wide > 1e4:
                raise Numerical("a later round is infeasible")
            continue
        t = max(0.0, float(best[-1]))
        point = best[:-1]
        levels.append(t)
        if t <= 1e-9:
            break
        proof = search.tight(free, t)
        if proof is None:
            search.wide *= 10
            if search.wide > 1e4:
                raise Numerical("a proof is infeasible")
            levels.pop()
            continue
        frozen, point = proof
        search.bound[frozen] = t
        free = np.setdiff1d(free, frozen)
    return point, levels
