"""Equity: how evenly money per head is spread, by the formula and after the rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from allocator.faults import BadInput, Place
from allocator.input.yaml_tree import fault
from allocator.loaded import Loaded
from allocator.names import Names, percent
from allocator.numbers import parse_number
from allocator.text import Text
from allocator.whatif.batch import Cell, Rows, cell
from allocator.whatif.inequality import gini, lorenz, lorenz_order, theil, theil_parts

Vector = NDArray[np.float64]
WORDS = ("population", "人口")
"""What the name of a column with people contains."""
PLACES = 10
"""Decimals of shares and of money per head in tables."""


@dataclass(frozen=True)
class Spread:
    """How evenly one allocation is spread over people. NaN where there is no money."""

    amounts: Vector
    """(n): every county's money, in the unit; those left out too."""
    order: NDArray[np.intp]
    """Counties that count, by money per head, least first."""
    curve: Vector
    """(counted + 1, 2): cumulative shares of people and of money, from (0, 0)."""
    gini: float
    theil: float
    within: float
    """Part of the Theil index that lies within prefectures."""
    between: float
    """Part that lies between prefectures; both make up the whole."""
    prefecture_theil: Mapping[str, float]
    """Theil index of each prefecture by itself."""
    prefecture_per_head: Mapping[str, float]
    group_per_head: Mapping[str, float]
    """Money per head of each group; NaN where it has no people."""


@dataclass(frozen=True)
class Equity:
    """Money per head by the formula and after the rules."""

    population: str | None
    """Column with people; None: every county counts as one head."""
    people: Vector
    """(n): heads; 0 for counties that are left out."""
    left_out: tuple[int, ...]
    """Counties without people, or without a figure."""
    entitled: Spread
    """By the formula, adjustments included."""
    paid: Spread
    """After the rules."""


def default_population(loaded: Loaded) -> str | None:
    """The column that formulas use most as `scale`, else the first whose name speaks of people.

    A column named just population (人口) goes before longer names; None where there is none.
    """
    scenario, text = loaded.scenario, loaded.counties.text
    used = [s.formula for s in scenario.streams.values() if s.budget]
    scales = Counter(f.scale for name in used for f in scenario.formulas[name] if f.scale)
    if scales:
        return scales.most_common(1)[0][0]
    named = [c for c in text if any(word in c.lower() for word in WORDS) and _figures(loaded, c) is not None]
    return min(named, key=lambda column: column.lower() not in WORDS, default=None)


def equity(loaded: Loaded, payments: Vector, population: str | None) -> Equity:
    """Equity of this run's payments (n, S) over a column of people; None: equal heads."""
    people = np.ones(len(loaded.counties)) if population is None else _people(loaded, population)
    counted = np.flatnonzero(people > 0)
    if not len(counted):
        _refuse(population or "", "没有人口数", "there are no people in it", [])
    return Equity(
        population,
        people,
        tuple(np.flatnonzero(people <= 0).tolist()),
        _spread(loaded, people, counted, loaded.problem.entitlement.sum(axis=1)),
        _spread(loaded, people, counted, payments.sum(axis=1)),
    )


def _people(loaded: Loaded, column: str) -> Vector:
    figures = _figures(loaded, column)
    if figures is None:
        known = [name for name in loaded.counties.text if _figures(loaded, name) is not None]
        near = get_close_matches(column, known, 3, 0.3) or known[:5]
        _refuse(column, "不是县表中的数字列", "is no column of numbers in the county table", near)
    return figures


def _refuse(column: str, zh: str, en: str, near: list[str]) -> NoReturn:
    near_zh, near_en = f"相近的有：{'、'.join(near)}", f"near: {', '.join(near)}"
    fix = (near_zh, near_en) if near else ("请换一列", "choose another column")
    raise BadInput([fault(Place(column), zh, en, *fix)])


def _figures(loaded: Loaded, column: str) -> Vector | None:
    """A column as numbers of at least zero, blank cells as zero; None where it is no such column."""
    counties = loaded.counties
    if column in counties.numbers:
        values = counties.numbers[column]
    elif column in counties.text and column != "code":
        cells = counties.text[column]
        values = tuple(parse_number(own) if own else None for own in cells)
        if any(own and value is None for own, value in zip(cells, values, strict=True)):
            return None
    else:
        return None
    figures = np.array([0.0 if value is None else float(value) for value in values])
    return figures if (figures >= 0).all() and figures.any() else None


def _spread(loaded: Loaded, people: Vector, counted: NDArray[np.intp], amounts: Vector) -> Spread:
    heads, money = people[counted], amounts[counted]
    place = np.full(len(people), -1)
    place[counted] = np.arange(len(counted))
    members = {
        name: rows[rows >= 0]
        for name, own in loaded.counties.prefecture_members.items()
        if (rows := place[own]).max() >= 0
    }
    groups = {g: place[loaded.counties.groups[g]] for g in loaded.scenario.groups}
    within, between = theil_parts(heads, money, list(members.values()))
    return Spread(
        amounts,
        counted[lorenz_order(heads, money)],
        lorenz(heads, money),
        gini(heads, money),
        theil(heads, money),
        within,
        between,
        {name: theil(heads[rows], money[rows]) for name, rows in members.items()},
        {name: _per_head(heads, money, rows) for name, rows in members.items()},
        {name: _per_head(heads, money, rows[rows >= 0]) for name, rows in groups.items()},
    )


def _per_head(heads: Vector, money: Vector, rows: NDArray[np.intp]) -> float:
    return float(money[rows].sum() / heads[rows].sum()) if len(rows) else float("nan")


def finding(found: Equity, names: Names) -> Text:
    """Gini before and after the rules, and where the inequality lies, in one sentence."""
    stages = (found.entitled, found.paid)
    before, after = (f"{one.gini:.3f}" if np.isfinite(one.gini) else "—" for one in stages)
    of = Text("人均", "per head") if found.population else Text("县均", "per county")
    zh = f"{of.zh}资金的基尼系数：按公式 {before}，按规则后 {after}"
    en = f"Gini of money {of.en}: {before} by the formula, {after} after the rules"
    if found.paid.theil > 0 and len(found.paid.prefecture_theil) > 1:
        part = percent(Fraction(found.paid.between / found.paid.theil), 0)
        zh += f"；差异的 {part} 在盟市之间（泰尔指数）"
        en += f"; {part} of the inequality is between prefectures (Theil)"
    if found.left_out:
        few = [names.county(i) for i in found.left_out[:3]]
        count = len(found.left_out)
        zh += f"；未计没有人口数的 {count} 个旗县（{'、'.join(few)}{'等' if count > 3 else ''}）"
        en += f"; {count} without people left out ({', '.join(few)}{', …' if count > 3 else ''})"
    return Text(zh, en)


def equity_rows(found: Equity) -> Rows:
    """One row for each measure and stage: of the whole, of prefectures and of groups."""
    rows: list[tuple[Cell, ...]] = []
    for stage, one in (("formula", found.entitled), ("after_rules", found.paid)):
        whole = {"gini": one.gini, "theil": one.theil}
        whole |= {"theil_within": one.within, "theil_between": one.between}
        rows += [(stage, "all", "", measure, cell(value, PLACES)) for measure, value in whole.items()]
        for level, measure, values in (
            ("prefecture", "theil", one.prefecture_theil),
            ("prefecture", "per_head", one.prefecture_per_head),
            ("group", "per_head", one.group_per_head),
        ):
            rows += [(stage, level, name, measure, cell(value, PLACES)) for name, value in values.items()]
    return ("stage", "level", "name", "measure", "value"), rows


def lorenz_rows(found: Equity, loaded: Loaded) -> Rows:
    """One row for each stage and county that counts, by money per head, least first."""
    header = ("stage", "position", "code", "county", "people", "amount", "per_head")
    header_all = (*header, "people_share", "money_share")
    rows: list[tuple[Cell, ...]] = []
    for stage, one in (("formula", found.entitled), ("after_rules", found.paid)):
        for k, i in enumerate(one.order.tolist()):
            people, amount = found.people[i], one.amounts[i]
            own = (loaded.counties.codes[i], loaded.counties.names[i], cell(people), cell(amount))
            shares = tuple(cell(part, PLACES) for part in one.curve[k + 1])
            rows.append((stage, k + 1, *own, cell(amount / people, PLACES), *shares))
    return header_all, rows
