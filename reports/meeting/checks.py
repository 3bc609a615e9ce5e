"""The rows of the rules sheet: what each asks for, in words and multiplied out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from allocator.loaded import Loaded
from allocator.names import Names, number
from allocator.problem import Problem
from allocator.rows import Cells, Row
from allocator.text import Text
from allocator.verdict import Judged
from reports.meeting.cells import NOTHING, Ledger, Whole, multiplied
from reports.report_input import Report
from reports.rules_table import place_label, rule_title


@dataclass(frozen=True, slots=True)
class Check:
    """One row: judged as it stands, and what a formula needs to judge it again."""

    judged: Judged
    title: Text
    place: Text
    demand: Text
    clause: str
    whole: Whole
    owner: int
    """Whom it speaks of: 1, 2, … a county; −1, −2, … a prefecture; 0 everybody."""
    share: bool
    """Whether the left is a part of the right, so that their ratio says something."""


def checks(report: Report, ledger: Ledger) -> list[Check]:
    """All rows, in the verdict's order."""
    loaded, owners = report.loaded, _owners(report.loaded)
    found = []
    for judged, whole in zip(report.verdict.general, _general(report, ledger), strict=True):
        found.append(_check(loaded, judged, _asked(loaded, judged), "", whole, 0, False))
    names, rules = loaded.names, loaded.scenario.rule_by_id
    judged_rows = iter(report.verdict.rules)
    for rule, rows in loaded.rows.items():
        for row, whole in zip(rows, ledger.wholes(rows), strict=True):
            judged = next(judged_rows)
            owner = owners.get(row.where.partition("/")[0], 0)
            demand = rules[rule].demand(row, names)
            found.append(_check(loaded, judged, demand, rules[rule].clause, whole, owner, _share(row)))
    return found


def _check(
    loaded: Loaded, judged: Judged, demand: Text, clause: str, whole: Whole, owner: int, share: bool
) -> Check:
    title, place = rule_title(loaded, judged.rule), place_label(loaded, judged)
    return Check(judged, title, place, demand, clause, whole, owner, share)


def _owners(loaded: Loaded) -> Mapping[str, int]:
    known = loaded.counties
    prefectures = {name: -1 - p for p, name in enumerate(known.prefecture_members)}
    return {**prefectures, **{code: i + 1 for i, code in enumerate(known.codes)}}


def _share(row: Row) -> bool:
    parts = len(row.left), len(row.right)
    return bool(row.times) and not row.plus and 0 < parts[0] <= parts[1] and _within(row.left, row.right)


def _within(part: Cells, whole: Cells) -> bool:
    return bool(np.isin(part, whole, assume_unique=True).all())


def _general(report: Report, ledger: Ledger) -> Iterator[Whole]:
    """Budgets, closed cells, sign and step; every amount of this run counts, in whatever cell."""
    problem = report.loaded.problem
    sets = _closed(problem)
    for judged in report.verdict.general:
        if judged.rule in ("sign", "step"):
            yield Whole(NOTHING, 1, NOTHING, 0, 0, 0)
            continue
        s = problem.stream_names.index(judged.where)
        cells = np.flatnonzero(sets[judged.rule][s].ravel() & _shown(problem, ledger))
        sides = multiplied(Fraction(0), judged.right, ledger.digits, NOTHING, judged.right)
        yield Whole(ledger.sum_of(cells, year=False), *sides)


def _closed(problem: Problem) -> Mapping[str, list[NDArray[np.bool_]]]:
    """For each stream (n, S, U): its cells, those of counties that may not have it, and uses closed to them.

    The same cells that the verdict's rows of these names add up.
    """
    eligible, open_use = np.asarray(problem.open.any(axis=2)), np.asarray(problem.open.any(axis=0))
    found: dict[str, list[NDArray[np.bool_]]] = {"budget": [], "eligibility": [], "permitted_use": []}
    for s in range(problem.shape[1]):
        own = np.zeros(problem.shape, dtype=np.bool_)
        own[:, s] = True
        outside, unpermitted = own.copy(), own.copy()
        outside[eligible[:, s]] = False
        unpermitted[:, s] = ~open_use[s][None, :] | (eligible[:, s, None] & ~problem.open[:, s])
        found["budget"].append(own)
        found["eligibility"].append(outside)
        found["permitted_use"].append(unpermitted)
    return found


def _shown(problem: Problem, ledger: Ledger) -> NDArray[np.bool_]:
    flags = np.zeros(ledger.width, dtype=np.bool_)
    flags[list(ledger.shown)] = True
    return np.tile(flags, problem.shape[0])


def _asked(loaded: Loaded, judged: Judged) -> Text:
    names: Names = loaded.names
    if judged.rule == "sign":
        return Text("任何金额都不为负", "no amount is negative")
    if judged.rule == "step":
        step = f"{number(loaded.problem.step, 12)} {loaded.scenario.unit}"
        return Text(f"任何金额都是 {step}的整数倍", f"every amount is a multiple of {step}")
    stream = names.stream(judged.where)
    if judged.rule == "budget":
        budget = names.money(judged.right)
        return Text(f"“{stream.zh}”共分配 {budget}", f"'{stream.en}' hands out {budget}")
    if judged.rule == "eligibility":
        return Text(f"“{stream.zh}”只给符合条件的旗县", f"'{stream.en}' goes to eligible counties alone")
    return Text(f"“{stream.zh}”只用于允许的用途", f"'{stream.en}' pays for permitted uses alone")
