"""The same rounds written plainly in PuLP and solved by CBC: a baseline to be measured against, and a check.

The model is rebuilt for every round; forms whose rows carry a dual value are frozen at the round's level.
"""

from __future__ import annotations

import warnings
from collections.abc import Hashable

import pulp

from .leximin import Infeasible, Numerical
from .reading import Cell
from .reference import Model, Solution

OPTIMAL = 1  # the code, which PuLP 4 keeps under another name
Key = Hashable
Form = tuple[dict[Cell, float], float]  # coefficients, reference


def cbc() -> pulp.LpSolver:
    """Return CBC: the one that PuLP brings, or the system's."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # PuLP 3.3 deprecates the one it brings
        for name in ("PULP_CBC_CMD", "COIN_CMD"):
            kind = getattr(pulp, name, None)
            solver = kind(msg=False) if kind is not None else None
            if solver is not None and solver.available():
                return solver
    raise RuntimeError("no CBC: install coinor-cbc, or PuLP 3.3 which brings one")


def variable(prob: pulp.LpProblem, name: str) -> pulp.LpVariable:
    """Return a variable ≥ 0, as PuLP 3.3 and 4 want it or as earlier ones do."""
    if hasattr(prob, "add_variable"):
        return prob.add_variable(name, lowBound=0)
    return pulp.LpVariable(name, lowBound=0)


def row(prob: pulp.LpProblem, name: str) -> pulp.LpConstraint:
    """Return a constraint by its name, in any PuLP."""
    if hasattr(prob, "get_constraint_by_name"):
        return prob.get_constraint_by_name(name)
    return prob.constraints[name]


class Plain:
    """Leximin of some forms over the rows of a model."""

    def __init__(self, model: Model, solver: pulp.LpSolver | None = None) -> None:
        self.model, self.solver = model, solver or cbc()
        self.unit = float(model.scale)
        self.totals: dict[tuple[str, str], float] = {}  # level 2: held
        self.rounds = 0

    def base(self) -> tuple[pulp.LpProblem, dict[Cell, pulp.LpVariable]]:
        """Build the budgets and the rules."""
        model = self.model
        prob = pulp.LpProblem("allocation", pulp.LpMinimize)
        x = {c: variable(prob, f"x{n}") for n, c in enumerate(model.cells)}
        if self.totals:
            for (i, s), amount in self.totals.items():
                total = pulp.lpSum(x[i, s, u] for u in model.sc.permitted(s))
                prob += total >= amount - 1e-7 * max(1.0, amount)
                prob += total <= amount + 1e-7 * max(1.0, amount)
        else:
            for s in sorted({s for _, s in model.e}):
                budget = float(model.sc.budget(s)) / self.unit
                prob += pulp.lpSum(x[c] for c in model.cells if c[1] == s) == budget
        for row, coef, const in model.open_rows():
            size = float(max((abs(k) for k in coef.values()), default=1))
            left = pulp.lpSum(float(k) / size * x[c] for c, k in coef.items())
            right = float(const) / size / self.unit
            if not coef:
                ok = {">=": right <= 0, "<=": right >= 0, "=": right == 0}[row.sense]
                if not ok:
                    raise Infeasible(row.rule)
            elif row.sense == ">=":
                prob += left >= right - 1e-7 * bool(self.totals)
            elif row.sense == "<=":
                prob += left <= right + 1e-7 * bool(self.totals)
            else:
                prob += left >= right - 1e-7 * bool(self.totals)
                prob += left <= right + 1e-7 * bool(self.totals)
        return prob, x

    def round(
        self, forms: dict[Key, Form], frozen: dict[Key, float], wide: float
    ) -> tuple[float, dict[Cell, float], set[Key]]:
        """Solve one round; return its level, its point and the forms whose rows carry a dual."""
        prob, x = self.base()
        t = variable(prob, "t")
        prob += t
        both: dict[Key, tuple[pulp.LpConstraint, pulp.LpConstraint]] = {}
        for n, (key, (coef, ref)) in enumerate(forms.items()):
            value = pulp.lpSum(k * x[c] for c, k in coef.items())
            if key in frozen:
                room = frozen[key] * (1 + 1e-7 * wide) + 1e-8 * wide
                prob += value <= ref + room
                prob += value >= ref - room
            else:
                prob += value - t <= ref, f"over{n}"
                prob += value + t >= ref, f"under{n}"
                both[key] = (row(prob, f"over{n}"), row(prob, f"under{n}"))
        self.rounds += 1
        solved = prob.solve(self.solver)
        status = int(getattr(solved, "status", solved))  # PuLP 4 returns an object
        if status != OPTIMAL:
            raise Infeasible(f"status {status}")
        level = float(t.value() or 0.0)
        point = {c: float(v.value() or 0.0) for c, v in x.items()}
        dual = {key: max(abs(a.pi or 0.0), abs(b.pi or 0.0)) for key, (a, b) in both.items()}
        tight = {key for key, pi in dual.items() if pi > 1e-7}
        return level, point, tight or {max(dual, key=lambda key: dual[key])}

    def leximin(self, forms: dict[Key, Form]) -> tuple[dict[Cell, float], list[float]]:
        """Run the rounds."""
        frozen: dict[Key, float] = {}
        levels: list[float] = []
        point: dict[Cell, float] = {}
        wide = 1.0
        while len(frozen) < len(forms):
            try:
                level, point, tight = self.round(forms, frozen, wide)
            except Infeasible:
                if not levels:
                    raise
                wide *= 10
                if wide > 1e4:
                    raise Numerical("a later round is infeasible") from None
                continue
            levels.append(level)
            if level <= 1e-8:
                break
            frozen.update(dict.fromkeys(tight, level))
        return point, levels


def solve(model: Model, level2: bool = True, solver: pulp.LpSolver | None = None) -> Solution:
    """Compute both levels with PuLP and CBC."""
    plain = Plain(model, solver)
    unit = plain.unit
    e = {k: float(v) / unit for k, v in model.e.items()}
    forms: dict[Key, Form] = {
        (i, s): ({(i, s, u): 1 / v for u in model.sc.permitted(s)}, 1.0) for (i, s), v in e.items()
    }
    point, levels = plain.leximin(forms)
    totals = {(i, s): sum(point[i, s, u] for u in model.sc.permitted(s)) for i, s in e}
    x_county = {k: v * unit for k, v in totals.items()}
    if not level2:
        return Solution(x_county, None, levels, [])
    plain.totals = totals
    forms = {
        (i, s, u): ({(i, s, u): 1 / totals[i, s]}, float(model.mix[i, s][u]))
        for i, s, u in model.cells
        if totals[i, s] > 1e-9
    }
    point, levels2 = plain.leximin(forms)
    return Solution(x_county, {c: v * unit for c, v in point.items()}, levels, levels2)
