"""The program of level 1 with every rule row kept as a row, and the way back to the rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from allocator.amount_program import AmountProgram, amount_program
from allocator.expression import LinearRow
from allocator.loaded import Loaded
from allocator.rows import Row

RuleRow = tuple[str, int]
"""A rule and the number of one of its rows."""


@dataclass(frozen=True)
class RowMap:
    """Which row of the program each rule row is."""

    loaded: Loaded
    first: AmountProgram

    @cached_property
    def rule_row(self) -> dict[int, RuleRow]:
        """Program row → rule row."""
        return {p.program_row: (p.rule, p.number) for p in self.first.places if p.program_row >= 0}

    @cached_property
    def program_row(self) -> dict[RuleRow, int]:
        """Rule row → program row."""
        return {key: row for row, key in self.rule_row.items()}

    @cached_property
    def rows(self) -> NDArray[np.intp]:
        """Program rows of rules, ascending."""
        return np.array(sorted(self.rule_row), dtype=np.intp)

    @cached_property
    def law(self) -> NDArray[np.bool_]:
        """Which of `rows` belong to a rule that is law."""
        rules = self.loaded.scenario.rule_by_id
        return np.array([rules[self.rule_row[r][0]].law for r in self.rows.tolist()], dtype=np.bool_)

    @cached_property
    def scale(self) -> NDArray[np.float64]:
        """Money in the unit that one program unit of each of `rows` stands for."""
        coefficient = {p.program_row: p.coefficient for p in self.first.places}
        return np.array([coefficient[r] for r in self.rows.tolist()]) * self.first.unit

    @property
    def impossible(self) -> tuple[RuleRow, ...]:
        """Rule rows in which nothing is left to decide, and that do not hold."""
        return tuple((i.rule, i.number) for i in self.first.impossible)

    def row(self, key: RuleRow) -> Row:
        """The rule row itself."""
        return self.loaded.rows[key[0]][key[1]]


def row_map(loaded: Loaded, linear: Mapping[str, tuple[LinearRow, ...]]) -> RowMap:
    """The program of all the rules' linear rows."""
    every = tuple(row for rows in linear.values() for row in rows)
    return RowMap(loaded, amount_program(loaded.problem, every, keep_rows=True))
