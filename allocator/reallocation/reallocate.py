"""Clawback and reallocation (收回与调整): idle money of slow counties goes to fast ones.

First what is taken: of every claim as much as the year's rules allow, as a leximin over the parts
of the claims that must be left, so that nobody is left out for another's sake and the answer is
unique. Then where it goes: the receivers' formula shares of it, as a leximin under the same rules.
Both in whole steps, every rule judged on the year as it stands afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from allocator.allocation import Allocation
from allocator.amount_program import AmountProgram, amount_program, linear_rows
from allocator.faults import NoAllocation, SolverTrouble
from allocator.infeasible import too_wide
from allocator.loaded import Loaded
from allocator.plan import attempt, solve
from allocator.problem import rebudgeted
from allocator.reallocation.model import NEAR, Payment, Pool, reopened, settled, wanted, windows
from allocator.reallocation.rule import TAKEN
from allocator.reallocation.spending import Money, Progress
from allocator.reallocation.triggers import Terms, assess
from allocator.text import Text
from allocator.verdict import Verdict, judge
from allocator.years.money import year_cells
from solvers.choose import make_solver
from solvers.levels import Levels
from solvers.leximin import leximin
from solvers.leximin_round import Departures
from solvers.solution import Infeasible, NotOptimal

SLACKS = (0, 1, 3, 10, 30, None)
"""Steps by which whole amounts may leave the real optimum of what is taken, in this order; None: any."""


@dataclass(frozen=True)
class Reallocation:
    """What was taken back and placed. All money is flat over the cube, exact, in the unit."""

    pool: Pool
    progress: Progress
    after: Money
    allocation: Allocation | None
    """How the money was placed; None where none was taken."""
    limits: Mapping[Payment, tuple[str, ...]]
    """(county, stream) of a claim that could not be taken whole → rules that keep the rest."""
    before_verdict: Verdict
    verdict: Verdict
    """The rules on the year afterwards."""

    @property
    def loaded(self) -> Loaded:
        """The year's scenario."""
        return self.pool.loaded

    @property
    def before(self) -> Money:
        """The year's money as it was."""
        return self.pool.money

    @property
    def moved(self) -> Fraction:
        """Money taken back, and so received."""
        return sum((v for v in (self.before - self.after).tolist() if v > 0), Fraction(0))


def reallocate(pool_of: Loaded, money: Money, progress: Progress, terms: Terms) -> Reallocation:
    """Takes back and places again; raises NoAllocation where the rules allow no state at all.

    `money` is the year's money as issued, flat. With nothing to take the year stays as it is.
    """
    pool = Pool(pool_of, money, assess(pool_of, money, progress, terms), terms)
    before = judge_year(pool_of, money)
    window = wanted(pool)
    found = _largest(pool, before) if window else Largest({}, {})
    half = float(pool_of.problem.step) / 2
    if not any(amount > half for amount in found.taken.values()):
        return Reallocation(pool, progress, money, None, found.limits, before, before)
    after, allocation = _placed(pool, found.taken)
    verdict = judge_year(pool_of, after)
    if not verdict.holds or broken_promises(pool, progress, after):
        raise SolverTrouble(
            Text("内部错误：调整后的结果没有通过核验", "internal error: the result did not pass verification")
        )
    return Reallocation(pool, progress, after, allocation, found.limits, before, verdict)


def judge_year(loaded: Loaded, money: Money) -> Verdict:
    """The rules on a year's money that is all issued."""
    problem = loaded.problem
    committed = {int(k): money[k] for k in np.flatnonzero(money != 0)}
    nothing = rebudgeted(problem.streams, dict.fromkeys(problem.streams, Decimal(0)))
    year = replace(problem, committed=committed, streams=nothing)
    return judge(year, loaded.rows, np.zeros(problem.shape, dtype=np.int64))


def broken_promises(pool: Pool, progress: Progress, after: Money) -> list[str]:
    """Streams whose sum changed, and payments that end below what is paid and contracted."""
    shape, problem = pool.loaded.problem.shape, pool.loaded.problem
    before, now = pool.money.reshape(shape), after.reshape(shape)
    found = [
        name
        for s, name in enumerate(problem.stream_names)
        if sum((before[:, s] - now[:, s]).ravel().tolist(), Fraction(0))
    ]
    bound: dict[tuple[int, int, int | None], Fraction] = {}
    for row in progress.rows:
        key = (row.county, row.stream, row.use)
        bound[key] = bound.get(key, Fraction(0)) + row.paid + row.committed
    for (i, s, u), least in bound.items():
        held = now[i, s] if u is None else now[i, s, u : u + 1]
        if sum(held.tolist(), Fraction(0)) < least:
            found.append(f"{pool.loaded.counties.codes[i]}.{problem.stream_names[s]}")
    return found


@dataclass(frozen=True)
class Largest:
    """What the rules let be taken of each claim, in reals, and the rules that keep the rest."""

    taken: Mapping[Payment, float]
    limits: Mapping[Payment, tuple[str, ...]]


def _largest(pool: Pool, before: Verdict) -> Largest:
    """Leximin over the part of each claim that must be left."""
    everything = wanted(pool)
    loaded = reopened(pool, everything)
    first = amount_program(loaded.problem, linear_rows(loaded.problem, loaded.rows))
    too_wide(first)
    streams = loaded.problem.shape[1]
    column = {divmod(int(g), streams): k for k, g in enumerate(first.groups)}
    columns = np.array([column[p] for p in everything], dtype=np.intp)
    lying = [sum(pool.lying(p).values(), Fraction(0)) for p in everything]
    targets = [float(v - w.high) / first.unit for v, w in zip(lying, everything.values(), strict=True)]
    scales = [float(w.high) / first.unit for w in everything.values()]
    if first.impossible or first.crossed:
        raise _no_state(pool, before)
    departures = Departures(columns, np.array(targets), np.array(scales))
    try:
        levels = leximin(first.program, departures, make_solver("highs"))
    except Infeasible:
        raise _no_state(pool, before) from None
    except NotOptimal as error:
        raise SolverTrouble(Text(f"求解失败：{error}", f"the solver failed: {error}")) from None
    left = levels.x[columns] * first.unit
    taken = {p: float(v) - float(k) for p, v, k in zip(everything, lying, left, strict=True)}
    return Largest(taken, _limits(first, levels, list(everything), columns))


def _limits(
    first: AmountProgram, levels: Levels, payments: list[Payment], columns: NDArray[np.intp]
) -> dict[Payment, tuple[str, ...]]:
    """Rules whose rows or bounds held a claim where it was frozen short of the whole."""
    rule_of = {p.program_row: p.rule for p in first.places if p.program_row >= 0}
    found: dict[Payment, tuple[str, ...]] = {}
    claim_at = dict(zip(columns.tolist(), range(len(payments)), strict=True))
    for payment, column in zip(payments, columns.tolist(), strict=True):
        if first.program.lower[column] == first.program.upper[column]:
            # bounds leave nothing to decide from the start
            bounds = {p.rule for p in first.places if p.program_row < 0 and p.column == column}
            found[payment] = tuple(sorted(bounds - {TAKEN}))
    for freeze in levels.freezes:
        if freeze.level <= NEAR:
            continue
        held = {j: float(levels.x[j]) for j in freeze.columns.tolist()}
        rules = {rule_of[r] for r in freeze.rows.tolist() if r in rule_of}
        rules |= {p.rule for p in first.places if p.column in held and abs(p.bound - held[p.column]) <= NEAR}
        # a claim may also be held where a reduced cost keeps it at its bound
        for k in {*freeze.up.tolist(), *(claim_at[j] for j in held if j in claim_at)}:
            found[payments[k]] = tuple(sorted(rules - {TAKEN}))
    return found


def _placed(pool: Pool, taken: Mapping[Payment, float]) -> tuple[Money, Allocation]:
    """The year afterwards: whole steps as near to what is to be taken as the rules allow."""
    attempts = [settled(pool, taken), *(windows(pool, taken, slack) for slack in SLACKS)]
    for window in attempts[:-1]:
        loaded = reopened(pool, window)
        allocation = attempt(loaded)
        if allocation is not None:
            return year_cells(loaded.problem, allocation.steps), allocation
    loaded = reopened(pool, attempts[-1])
    allocation = solve(loaded)
    return year_cells(loaded.problem, allocation.steps), allocation


def _no_state(pool: Pool, before: Verdict) -> NoAllocation:
    """Even leaving everything as it is breaks rules, and moving idle money cannot mend them."""
    names = pool.loaded.names
    head = Text(
        "无论收回多少，当年规则都不能全部符合，没有写出任何结果；下达的金额现在就不符合：",
        "whatever is taken back, the year's rules cannot all be kept; nothing was written. Broken as issued:",
    )
    said = [
        Text(
            f"规则 {row.rule} {names.place(row.where).zh}：差 {names.money(-row.slack)}",
            f"rule {row.rule} {names.place(row.where).en}: short by {names.money(-row.slack)}",
        )
        for row in before.broken[:20]
    ]
    return NoAllocation([head, *said])
