"""The year with some of its money to be decided again, as a scenario that the usual chain solves.

Money of a claim is open again, in the cells where it lies and up to what lies there; receivers are
open in the stream's own uses; all other money is committed. Every stream's budget is what was
opened, so that what is taken back from some is what others receive. The year's rules keep the rows
they had: they judge the whole year, as it stands afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

import numpy as np

from allocator.loaded import Loaded
from allocator.numbers import plain
from allocator.problem import Problem, rebudgeted
from allocator.reallocation.rule import STAYS, TAKEN, Held
from allocator.reallocation.spending import Money
from allocator.reallocation.triggers import Assessment, Claim, Terms, receivers_of, whole_steps
from allocator.rows import Row
from allocator.variant import with_scenario

NEAR = 1e-6
"""Steps within which a real number counts as whole."""
Payment = tuple[int, int]
"""(county, stream)."""


@dataclass(frozen=True)
class Window:
    """What may be taken back of one claim, in the unit; `wish` is what is aimed at."""

    low: Fraction
    high: Fraction
    wish: Fraction


@dataclass(frozen=True)
class Pool:
    """Everything that a clawback starts from."""

    loaded: Loaded
    money: Money
    """The year's money, flat."""
    assessment: Assessment
    terms: Terms

    def claim(self, payment: Payment) -> Claim:
        """The claim on a payment."""
        return next(c for c in self.assessment.claims if (c.county, c.stream) == payment)

    def lying(self, payment: Payment) -> dict[int, Fraction]:
        """Use → whole steps that lie there now."""
        cube = self.money.reshape(self.loaded.problem.shape)
        step = self.loaded.problem.step
        whole = {u: whole_steps(v, step) for u, v in enumerate(cube[payment].tolist())}
        return {u: v for u, v in whole.items() if v}

    def area(self, county: int) -> str:
        """Within what the county's money stays: its prefecture, or everything."""
        return self.loaded.counties.prefectures[county] if self.terms.within == "prefecture" else ""


def wanted(pool: Pool) -> dict[Payment, Window]:
    """All that every claim allows, where somebody may receive it."""
    found = {}
    for claim in pool.assessment.claims:
        areas = {pool.area(i) for i in receivers_of(pool.loaded, pool.assessment, claim.stream)}
        if claim.takeable and pool.area(claim.county) in areas:
            found[claim.county, claim.stream] = Window(Fraction(0), claim.takeable, claim.takeable)
    return found


def windows(pool: Pool, taken: Mapping[Payment, float], slack: int | None) -> dict[Payment, Window]:
    """Whole steps on either side of real amounts, `slack` steps further; None: all that a claim allows."""
    step = pool.loaded.problem.step
    found = {}
    for payment, amount in taken.items():
        most = pool.claim(payment).takeable
        steps = amount / float(step)
        near = round(steps)
        exact = abs(steps - near) <= NEAR
        low, high = (near, near) if exact else (floor(steps), ceil(steps))
        wish = Fraction(near) * step if exact else Fraction(steps).limit_denominator(10**9) * step
        if slack is None:
            found[payment] = Window(Fraction(0), most, min(wish, most))
            continue
        window = Window(
            max(Fraction(0), (low - slack) * step), min(most, (high + slack) * step), min(wish, most)
        )
        if window.high:
            found[payment] = window
    return found


def settled(pool: Pool, taken: Mapping[Payment, float]) -> dict[Payment, Window]:
    """Real amounts in whole steps: in each stream and area their whole sum, by largest remainders."""
    step = pool.loaded.problem.step
    together: dict[tuple[int, str], list[Payment]] = {}
    for payment in taken:
        together.setdefault((payment[1], pool.area(payment[0])), []).append(payment)
    found = {}
    for members in together.values():
        exact = {p: taken[p] / float(step) + NEAR for p in members}
        whole = {p: floor(v) for p, v in exact.items()}
        rest = floor(sum(exact.values())) - sum(whole.values())
        for p in sorted(members, key=lambda p: (whole[p] - exact[p], p))[:rest]:
            whole[p] += 1
        for p in members:
            amount = min(whole[p] * step, pool.claim(p).takeable)
            if amount:
                found[p] = Window(amount, amount, amount)
    return dict(sorted(found.items()))


def reopened(pool: Pool, window: Mapping[Payment, Window]) -> Loaded:
    """The scenario that decides again over what the windows open, to be solved by leximin."""
    loaded = pool.loaded
    problem, n = loaded.problem, loaded.problem.shape
    opened, mix = np.zeros(n, dtype=np.bool_), problem.mix.copy()
    stays = pool.money.copy().reshape(n)
    due = np.full(n[:2], Fraction(0), dtype=object)
    budgets = dict.fromkeys(problem.stream_names, Fraction(0))
    for payment, bounds in window.items():
        lying = pool.lying(payment)
        whole = sum(lying.values(), Fraction(0))
        for u, amount in lying.items():
            stays[(*payment, u)] -= amount
        budgets[problem.stream_names[payment[1]]] += whole
        if whole == bounds.low:
            continue  # all of it goes
        mix[payment] = 0.0
        for u, amount in lying.items():
            opened[(*payment, u)] = True
            mix[(*payment, u)] = float(amount / whole)
        due[payment] = max(whole - bounds.wish, problem.step / 2)
    for payment, amount in _shares(pool, window).items():
        opened[payment] = problem.open[payment]
        due[payment] = amount
    committed = {int(k): stays.ravel()[k] for k in np.flatnonzero(stays.ravel() != 0)}
    decimals = {s: Decimal(plain(_decimal(v))) for s, v in budgets.items()}
    changed = replace(
        problem,
        streams=rebudgeted(problem.streams, decimals),
        open=opened,
        committed=committed,
        mix=mix,
        formula=tuple(tuple(_decimal(v) for v in row) for row in due.tolist()),
        adjustment=tuple(tuple(Decimal(0) for _ in range(n[1])) for _ in range(n[0])),
    )
    return _with_rules(pool, changed, window)


def _with_rules(pool: Pool, changed: Problem, window: Mapping[Payment, Window]) -> Loaded:
    loaded = pool.loaded
    added = [Held(id=TAKEN, held=tuple(_kept_rows(pool, window)))]
    if pool.terms.within == "prefecture":
        title = {"zh": "收回的资金只在本盟市内调整", "en": "Money taken back stays in its prefecture"}
        added.append(Held(id=STAYS, title=title, held=tuple(_area_rows(pool, changed, window))))
    scenario = loaded.scenario.model_copy(
        update={
            "rules": (*loaded.scenario.rules, *added),
            "streams": dict(changed.streams),
            "objective": "leximin",
            "adjustments": None,
        }
    )
    rows = {**loaded.rows, **{rule.id: tuple(rule.rows(changed)) for rule in added}}
    issued = {}
    _, streams, uses = changed.shape
    for cell, amount in changed.committed.items():
        payment, u = divmod(cell, uses)
        i, s = divmod(payment, streams)
        issued[i, changed.stream_names[s], changed.use_names[u]] = amount
    return replace(loaded, scenario=scenario, problem=changed, rows=rows, issued=issued, factors=())


def _shares(pool: Pool, window: Mapping[Payment, Window]) -> dict[Payment, Fraction]:
    """What the formula gives each receiver of the money taken back, stream by stream and area by area.

    Receivers stand to one another as in the year's own formula: their entitlements, scaled to the pot.
    """
    pots: dict[tuple[int, str], Fraction] = {}
    for (i, s), bounds in window.items():
        pots[s, pool.area(i)] = pots.get((s, pool.area(i)), Fraction(0)) + bounds.wish
    entitlement = _entitlements(pool.loaded, {s for s, _ in pots})
    found: dict[Payment, Fraction] = {}
    for (s, area), pot in pots.items():
        members = [i for i in receivers_of(pool.loaded, pool.assessment, s) if pool.area(i) == area]
        total = sum((entitlement[i, s] for i in members), Fraction(0))
        if total:
            found |= {(i, s): pot * entitlement[i, s] / total for i in members if entitlement[i, s]}
    return found


def _entitlements(loaded: Loaded, streams: set[int]) -> dict[Payment, Fraction]:
    """The year's formula in some streams, by county; a stream that is wholly issued has one too."""
    names = loaded.problem.stream_names
    thousand = loaded.problem.step * 1_000_000
    budget = Decimal(plain(_decimal(thousand)))
    changed = {
        name: stream.model_copy(update={"budget": budget, "entitlement": "batch"})
        if names.index(name) in streams
        else stream
        for name, stream in loaded.scenario.streams.items()
    }
    scenario = loaded.scenario.model_copy(update={"streams": changed, "adjustments": None})
    formula = with_scenario(loaded, scenario).problem.formula
    return {(i, s): Fraction(row[s]) for i, row in enumerate(formula) for s in streams}


def _kept_rows(pool: Pool, window: Mapping[Payment, Window]) -> list[Row]:
    """Each payment ends within its window, none of its uses grows, and what a use must keep it keeps."""
    problem = pool.loaded.problem
    cube, codes = pool.money.reshape(problem.shape), pool.loaded.counties.codes
    rows = []
    for (i, s), bounds in window.items():
        base = (i * problem.shape[1] + s) * problem.shape[2]
        cells = base + np.arange(problem.shape[2])
        before = sum(cube[i, s].tolist(), Fraction(0))
        rows.append(Row(codes[i], cells, ">=", plus=before - bounds.high))
        rows.append(Row(codes[i], cells, "<=", plus=before - bounds.low))
        told = dict(pool.claim((i, s)).uses)
        for u in pool.lying((i, s)):
            where, cell = f"{codes[i]}/{problem.use_names[u]}", cells[u : u + 1]
            rows.append(Row(where, cell, "<=", plus=cube[i, s, u]))
            if told:
                rows.append(Row(where, cell, ">=", plus=cube[i, s, u] - told.get(u, Fraction(0))))
    return rows


def _area_rows(pool: Pool, changed: Problem, window: Mapping[Payment, Window]) -> list[Row]:
    """Each stream's money in each prefecture is what it was."""
    cube, members = pool.money.reshape(changed.shape), pool.loaded.counties.prefecture_members
    flat = np.arange(cube.size).reshape(changed.shape)
    return [
        Row(area, flat[members[area], s].ravel(), "=", plus=_sum(cube[members[area], s]))
        for s, area in sorted({(s, pool.area(i)) for i, s in window})
    ]


def _sum(values: np.ndarray) -> Fraction:
    return sum(values.ravel().tolist(), Fraction(0))


def _decimal(value: Fraction) -> Decimal:
    """Enough digits for the solver and for reading; whole steps are exact."""
    return Decimal(value.numerator) / Decimal(value.denominator)
