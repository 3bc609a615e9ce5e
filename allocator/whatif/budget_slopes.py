"""How budgets enter the rules' rows: through their constants alone, so that rows can be shifted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from allocator.amount_program import linear_rows
from allocator.expression import LinearRow
from allocator.loaded import Loaded

ZERO = Fraction(0)


class BudgetSlopes:
    """Shifts the linear rows of one scenario to other budgets, exactly."""

    def __init__(self, loaded: Loaded, linear: Mapping[str, tuple[LinearRow, ...]]) -> None:
        self._loaded, self._linear = loaded, linear
        self._known: dict[str, dict[str, tuple[Fraction, ...]]] = {}

    def shifted(self, rule: str, budgets: Mapping[str, Decimal]) -> tuple[LinearRow, ...]:
        """The rule's rows with other budgets; who has money must stay the same."""
        streams = self._loaded.scenario.streams
        shift = [
            (self._slopes(name)[rule], Fraction(new - streams[name].budget)) for name, new in budgets.items()
        ]
        found = []
        for k, row in enumerate(self._linear[rule]):
            more = sum((own[k] * by for own, by in shift if own[k]), ZERO)
            found.append(replace(row, bound=row.bound + more) if more else row)
        return tuple(found)

    def _slopes(self, stream: str) -> dict[str, tuple[Fraction, ...]]:
        """Change of every row's constant for one more of a stream's budget, by rule."""
        if stream not in self._known:
            problem = self._loaded.problem
            more = problem.rebudgeted({stream: problem.streams[stream].budget + 1})
            self._known[stream] = {
                rule: tuple(
                    after.bound - before.bound
                    for before, after in zip(self._linear[rule], linear_rows(more, {rule: rows}), strict=True)
                )
                for rule, rows in self._loaded.rows.items()
            }
        return self._known[stream]
