"""Where everything stands on the sheet that a meeting edits: rows, input cells, streams and uses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from allocator.input.result_layout import cell_keys
from allocator.text import Language, Text
from reports.report_input import Report

TITLE, UNIT, STATUS, GROUPS, TITLES, BUDGET, LEFT_OVER, KEYS, FIRST = range(9)
"""Rows of the head, and the row of the grand total."""
NAMES = (
    (Text("盟市", "Prefecture"), "prefecture", 14),
    (Text("代码", "Code"), "code", 8),
    (Text("旗县", "County"), "county", 18),
)
CODE = 1
"""Column of the codes."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the body: a county, or the sum of the sheet's rows `first` to `last`."""

    level: str
    """total, subtotal or county."""
    names: tuple[str, str, str]
    members: tuple[int, ...]
    first: int = 0
    last: int = 0
    owner: int = 0
    """Whom it shows, as checks number them: 1, 2, … a county; −1, −2, … a prefecture; 0 all."""


@dataclass(frozen=True)
class Layout:
    """The sheet's geometry."""

    report: Report
    lang: Language

    @cached_property
    def shown(self) -> tuple[int, ...]:
        """Positions (stream · U + use) that can be edited: open to somebody in a stream with money, or paid.

        A stream that is wholly issued has nothing left to place.
        """
        problem = self.report.loaded.problem
        funded = np.array([[bool(budget)] for budget in problem.budgets])
        used = np.asarray((self.report.steps != 0).any(axis=0))
        flags = (np.asarray(problem.open.any(axis=0)) & funded) | used
        return tuple(np.flatnonzero(flags.ravel()).tolist()) or (0,)

    @cached_property
    def keys(self) -> dict[int, str]:
        """Position → name of its column in a table that `verify` reads."""
        uses = self.report.loaded.problem.shape[2]
        return {s * uses + u: key for (s, u), key in cell_keys(self.report.loaded.problem).items()}

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Rows of the body, from FIRST."""
        return tuple(self._lines())

    @property
    def last(self) -> int:
        """The last row."""
        return FIRST + len(self.lines) - 1

    @cached_property
    def row_of(self) -> dict[int, int]:
        """County → its row."""
        return {line.members[0]: FIRST + k for k, line in enumerate(self.lines) if line.level == "county"}

    def _lines(self) -> Iterator[Line]:
        known = self.report.loaded.counties
        members = known.prefecture_members
        height = len(known) + len(members)
        everyone = tuple(range(len(known)))
        yield Line(
            "total", (Text("合计", "Total").say(self.lang), "", ""), everyone, FIRST + 1, FIRST + height
        )
        row, subtotal = FIRST + 1, Text("小计", "Subtotal").say(self.lang)
        for p, (prefecture, rows) in enumerate(members.items()):
            own = tuple(rows.tolist())
            yield Line("subtotal", (prefecture, "", subtotal), own, row + 1, row + len(own), -1 - p)
            for i in own:
                yield Line("county", (prefecture, known.codes[i], known.names[i]), (i,), owner=i + 1)
            row += len(own) + 1
