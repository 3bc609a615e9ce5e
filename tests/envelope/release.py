"""Later batches drawn against an envelope, and placed in whole money."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from allocator.assemble import assemble
from allocator.envelope.bounds import at_budgets
from allocator.envelope.release import Envelope
from allocator.faults import NoAllocation
from allocator.loaded import Loaded
from allocator.plan import solve
from allocator.verdict import Verdict, judge


def split(found: Envelope, county: int, steps: int) -> np.ndarray:
    """(S, U) whole steps of one county's amount: the plan's mix, each sum at its floor or ceiling.

    The plan itself where the amount is the planned one. A favoured row decides between the ways to round.
    """
    release = found.release
    if steps == int(release.totals[county]):
        return release.planned[county]
    shape = release.mix[county].shape
    # exact shares: a float next to a whole number must not open a step that is not there
    planned, total = release.planned[county].tolist(), int(release.totals[county])
    cells = [(s, u) for s in range(shape[0]) for u in range(shape[1]) if planned[s][u]]
    groups = [[c] for c in cells]
    groups += [[c for c in cells if c[0] == s] for s in range(shape[0])]
    groups += [[c for c in cells if c[1] == u] for u in range(shape[1])]
    matrix, upper = [], []
    for group in groups:
        ideal = Fraction(steps * sum(planned[s][u] for s, u in group), total)
        row = [1.0 if c in group else 0.0 for c in cells]
        matrix += [row, [-v for v in row]]
        upper += [-(-ideal.numerator // ideal.denominator), -(ideal.numerator // ideal.denominator)]
    cost = [0.0] * len(cells)
    if county in found.favoured:
        rule, number, sign = found.favoured[county]
        row = release.later.rows[rule][number]
        flat = [(county * shape[0] + s) * shape[1] + u for s, u in cells]
        cost = [
            -sign
            * (float(f in set(row.left.tolist())) - float(row.times) * float(f in set(row.right.tolist())))
            for f in flat
        ]
    ones = [[1.0] * len(cells)]
    answer = linprog(cost, matrix, upper, ones, [float(steps)], (0, None), method="highs-ds")
    assert answer.status == 0
    whole = np.rint(answer.x).astype(np.int64)
    assert np.abs(answer.x - whole).max() < 1e-6
    assert whole.sum() == steps
    table = np.zeros(shape, dtype=np.int64)
    for (s, u), value in zip(cells, whole.tolist(), strict=True):
        table[s, u] = value
    return table


def year(found: Envelope, amounts: dict[int, int], budgets: dict[str, Decimal]) -> Loaded:
    """The scenario once this batch is issued at `amounts` (steps by county) and later budgets are known."""
    plan, problem = found.plan, found.release.problem
    issued = dict(plan.issued)
    for i, steps in amounts.items():
        for s, u in np.argwhere(cells := split(found, i, steps)).tolist():
            key = i, problem.stream_names[s], problem.use_names[u]
            issued[key] = issued.get(key, Fraction(0)) + int(cells[s, u]) * problem.step
    base = at_budgets(plan, {s: budgets.get(s, Decimal(0)) for s in plan.scenario.streams})
    return assemble(base.scenario, base.tree, base.counties, issued, base.digests)


def placed(loaded: Loaded) -> tuple[Verdict, bool]:
    """The verdict on the later batch as `solve` places it, and whether it did.

    Where its rounding finds no table near its optimum, any whole table that a search finds is judged.
    """
    try:
        steps, near = solve(loaded).steps, True
    except NoAllocation:
        steps, near = _search(loaded), False
    return judge(loaded.problem, loaded.rows, steps), near


def _search(loaded: Loaded) -> np.ndarray:
    """Whole steps that keep every row, by an integer program written afresh; zeros where there are none."""
    problem = loaded.problem
    n, streams, uses = problem.shape
    size, step = n * streams * uses, float(problem.step)
    committed = np.zeros(size)
    for cell, amount in problem.committed.items():
        committed[cell] = float(amount)
    rows, low, high = [], [], []
    for row in (r for own in loaded.rows.values() for r in own if r.vacuous is None):
        values = np.zeros(size)
        values[row.left] += 1.0
        values[row.right] -= float(row.times)
        bound = (float(row.plus) - float(values @ committed)) / step
        rows.append(values)
        low.append(-np.inf if row.sense == "<=" else bound)
        high.append(np.inf if row.sense == ">=" else bound)
    for s, budget in enumerate(problem.budgets):
        values = np.zeros(problem.shape)
        values[:, s] = 1.0
        rows.append(values.ravel())
        low.append(float(budget) / step)
        high.append(float(budget) / step)
    most = np.where((problem.open & (problem.entitlement > 0)[:, :, None]).ravel(), np.inf, 0.0)
    found = milp(np.zeros(size), integrality=np.ones(size), bounds=Bounds(0, most),
                 constraints=LinearConstraint(np.array(rows), low, high))  # fmt: skip
    values = np.zeros(size) if found.x is None else found.x
    return np.rint(values).astype(np.int64).reshape(problem.shape)


def draw(found: Envelope, rng: random.Random) -> tuple[dict[int, int], dict[str, Decimal]]:
    """One county at an end of its range or within it, or all within the box; later budgets within bounds."""
    step = found.release.problem.step

    def steps(value: Fraction) -> int:
        return int(value / step)

    amounts = {c.county: steps(c.plan) for c in found.counties}
    kind = rng.choice(["largest", "smallest", "within", "box", "edges"])
    if kind in ("largest", "smallest", "within"):
        one = rng.choice(found.counties)
        low, high = steps(one.smallest), steps(one.largest)
        amounts[one.county] = {"largest": high, "smallest": low}.get(kind, rng.randint(low, high))
    else:
        for c in found.counties:
            low, high = steps(c.box_low), steps(c.box_high)
            amounts[c.county] = rng.randint(low, high) if kind == "box" else rng.choice([low, high])
    budgets = {}
    for r in found.ranges:
        low, high = steps(Fraction(r.low)), steps(Fraction(r.high))
        whole = rng.choice([low, high, rng.randint(low, high)])
        budgets[r.stream] = Decimal(whole) * Decimal(found.plan.scenario.step)
    return amounts, budgets
