"""Which rules cannot be kept together: irreducible sets of rule rows, in rules and counties."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.names import Names
from allocator.row_map import RowMap, RuleRow
from allocator.scenario import Scenario
from allocator.text import Text
from solvers.conflict import conflict, without_rows
from solvers.solution import Solver

MOST = 8
"""Most disjoint sets that are looked for."""


@dataclass(frozen=True)
class Conflict:
    """Rule rows that cannot all be kept within the budgets; without any one of them the rest can."""

    members: tuple[RuleRow, ...]


def conflicts(rows: RowMap, solver: Solver) -> tuple[Conflict, ...]:
    """Disjoint irreducible sets, until what is left can be kept (or MOST were found)."""
    found = [Conflict((key,)) for key in rows.impossible[:MOST]]
    program, left = rows.first.program, rows.rows
    while len(found) < MOST:
        members = conflict(program, left, solver)
        if not len(members):
            break
        found.append(Conflict(tuple(rows.rule_row[r] for r in members.tolist())))
        program, left = without_rows(program, members), np.setdiff1d(left, members)
    return tuple(found)


def conflict_text(one: Conflict, rows: RowMap, scenario: Scenario, names: Names) -> tuple[Text, ...]:
    """One sentence for each rule in the set."""
    by_rule: dict[str, list[int]] = {}
    for rule, number in one.members:
        by_rule.setdefault(rule, []).append(number)
    return tuple(
        scenario.rule_by_id[rule].demand_of([rows.row((rule, k)) for k in numbers], names)
        for rule, numbers in by_rule.items()
    )
