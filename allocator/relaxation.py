"""The smallest relaxation: what has to give way so that nobody bears it alone.

Leximin over the violations of the rule rows, each relative to the row's size at the formula
allocation: the largest relative violation as small as possible, then the next. Rules that are law
stand unless they contradict each other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from allocator.names import Names
from allocator.row_map import RowMap, RuleRow
from allocator.rows import Row
from allocator.text import Text
from solvers.conflict import elastic_rows
from solvers.leximin import leximin
from solvers.leximin_round import Departures
from solvers.solution import Infeasible, Solver

LEAST = 1e-6
"""Violations below this part of a step are none."""


@dataclass(frozen=True, slots=True)
class Shortfall:
    """One rule row that gives way in the smallest relaxation."""

    key: RuleRow
    row: Row
    short: float
    """By how much it falls short, in the unit."""
    relative: float
    """The same, as a part of the row's size at the formula allocation."""
    left: float
    """Money on the row's left side there, committed money included."""
    right: float
    """What the row asks for there."""


@dataclass(frozen=True)
class Relaxation:
    """Every row that gives way, largest relative violation first."""

    shortfalls: tuple[Shortfall, ...]
    law: bool
    """Whether even the rules that are law had to give way."""


def relaxation(rows: RowMap, solver: Solver) -> Relaxation:
    """The smallest relaxation; empty where all the rules can be kept."""
    rules = rows.loaded.scenario.rule_by_id
    for law in (False, True):
        if law or not rows.law.all():
            try:
                found = _shortfalls(rows, solver, law)
                return Relaxation(found, law or any(rules[rule].law for rule, _ in rows.impossible))
            except Infeasible:
                continue
    return Relaxation((), True)


def _shortfalls(rows: RowMap, solver: Solver, law: bool) -> tuple[Shortfall, ...]:
    give = np.ones(len(rows.rows), dtype=np.bool_) if law else ~rows.law
    chosen = rows.rows[give]
    if not len(chosen):
        return tuple(_shortfall(rows, key, 0.0, 1.0, _formula_cube(rows)) for key in rows.impossible)
    program = elastic_rows(rows.first.program, chosen)
    k, n = len(chosen), rows.first.program.columns
    size = _sizes(rows)[give] / rows.scale[give]
    columns = np.arange(n, n + 2 * k)
    departures = Departures(columns, np.zeros(2 * k), np.tile(size, 2))
    levels = leximin(replace(program, cost=np.zeros(program.columns)), departures, solver)
    slack = (levels.x[n : n + k] + levels.x[n + k :]) * rows.scale[give]
    cube = _cube(rows, levels.x[:n])
    found = [_shortfall(rows, key, 0.0, 1.0, cube) for key in rows.impossible]
    least = LEAST * float(rows.loaded.problem.step)
    for position in np.flatnonzero(slack > least).tolist():
        key = rows.rule_row[int(chosen[position])]
        relative = float(slack[position] / (size[position] * rows.scale[give][position]))
        found.append(_shortfall(rows, key, float(slack[position]), relative, cube))
    return tuple(sorted(found, key=lambda s: (-s.relative, s.key)))


def _shortfall(
    rows: RowMap, key: RuleRow, short: float, relative: float, cube: NDArray[np.float64]
) -> Shortfall:
    row = rows.row(key)
    left = float(cube[row.left].sum())
    right = float(row.times) * float(cube[row.right].sum()) + float(row.plus)
    return Shortfall(key, row, short or abs(right - left), relative, left, right)


def _sizes(rows: RowMap) -> NDArray[np.float64]:
    """Size of each row at the formula allocation, in the unit: the larger side, one step at least."""
    cube = _formula_cube(rows)
    sums: dict[int, float] = {}

    def total(row: Row) -> float:
        if id(row.right) not in sums:
            sums[id(row.right)] = float(cube[row.right].sum())
        return sums[id(row.right)]

    sizes = []
    for r in rows.rows.tolist():
        row = rows.row(rows.rule_row[r])
        right = float(row.times) * total(row) + float(row.plus)
        sizes.append(max(abs(float(cube[row.left].sum())), abs(right), float(rows.loaded.problem.step)))
    return np.array(sizes)


def _formula_cube(rows: RowMap) -> NDArray[np.float64]:
    """Flat cube: the formula allocation in the preferred mix, committed money included."""
    problem = rows.loaded.problem
    return np.asarray((problem.entitlement[:, :, None] * problem.mix).ravel() + _committed(rows))


def _committed(rows: RowMap) -> NDArray[np.float64]:
    cells = np.zeros(int(np.prod(rows.loaded.problem.shape)))
    for cell, amount in rows.loaded.problem.committed.items():
        cells[cell] = float(amount)
    return cells


def _cube(rows: RowMap, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Flat cube at a point of the program: named cells as they are, the rest of a payment spread evenly."""
    problem, first = rows.loaded.problem, rows.first
    uses = problem.shape[2]
    k = len(first.groups)
    cube = np.zeros(int(np.prod(problem.shape)))
    cube[first.cells] = x[k : k + len(first.cells)] * first.unit
    named = np.zeros(len(cube), dtype=np.bool_)
    named[first.cells] = True
    opened = problem.open.reshape(-1, uses)
    for position, group in enumerate(first.groups.tolist()):
        cells = group * uses + np.flatnonzero(opened[group])
        rest = cells[~named[cells]]
        if len(rest):
            left = x[position] * first.unit - float(cube[cells].sum())
            cube[rest] = max(0.0, left) / len(rest)
    return cube + _committed(rows)


def relaxation_texts(found: Relaxation, rows: RowMap, names: Names) -> tuple[Text, ...]:
    """One sentence for each parameter that gives way: whose, from which value, to which."""
    scenario = rows.loaded.scenario
    knobs = {(rule.id, knob.key): knob for rule in scenario.rules for knob in rule.knobs(scenario.year)}
    by_knob: dict[tuple[str, str], list[Shortfall]] = {}
    for one in found.shortfalls:
        rule = scenario.rule_by_id[one.key[0]]
        by_knob.setdefault((rule.id, rule.governing(one.row, scenario.year)), []).append(one)
    texts = []
    for key, own in by_knob.items():
        rule, knob = scenario.rule_by_id[key[0]], knobs[key]
        who = _listed([names.place(where) for where in _wheres(own)])
        ratios = [Fraction(one.left / one.right) for one in own if one.right]
        title = Text(f"“{rule.text.zh}”的{knob.title.zh}", f"{knob.title.en} of '{rule.text.en}'")
        if len(ratios) < len(own) or not knob.value or knob.key == "plus":
            most = names.money(Fraction(max(one.short for one in own)))
            texts.append(
                Text(f"{who.zh}：{title.zh}最多差 {most}", f"{who.en}: {title.en}, short by up to {most}")
            )
            continue
        reached = sorted({knob.say(Fraction(knob.value) * r, names) for r in ratios})
        to = reached[0] if len(reached) == 1 else f"{reached[0]}–{reached[-1]}"
        now = knob.say(Fraction(knob.value), names)
        down = ratios[0] < 1
        zh, en = ("降到", "down to") if down else ("升到", "up to")
        texts.append(
            Text(f"{who.zh}：{title.zh}需从 {now} {zh} {to}", f"{who.en}: {title.en} from {now} {en} {to}")
        )
    return tuple(texts)


def _wheres(own: list[Shortfall]) -> list[str]:
    """Each place once; counties without their uses where there are several."""
    every = [one.row.where for one in own]
    return every if len(every) < 4 else list(dict.fromkeys(where.partition("/")[0] for where in every))


def _listed(places: list[Text]) -> Text:
    """Up to three places, and how many there are."""
    shown = places[:3]
    zh, en = "、".join(t.zh for t in shown), ", ".join(t.en for t in shown)
    more = len(places) - len(shown)
    return Text(f"{zh}等 {len(places)} 处", f"{en} and {more} more") if more else Text(zh, en)
