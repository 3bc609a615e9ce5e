"""How a finished table is laid out in a spreadsheet: what the writer and the reader agree on."""

from __future__ import annotations

from collections.abc import Mapping

from allocator.problem import Problem
from allocator.text import Language

LONG_SHEET = "allocation"
PIVOT_SHEETS: Mapping[Language, str] = {"zh": "分配表", "en": "Allocation table"}
SOLVED = "solved"
"""Column of the long sheet that keeps what was solved, whatever is edited beside it."""

TOTALS = {"合计", "小计", "总计", "total", "subtotal", "grand total"}
HEAD_ROWS = 15
"""The header stands within these many rows."""


def cell_keys(problem: Problem) -> dict[tuple[int, int], str]:
    """(stream, use) → the name of its column in the pivot layout: stream.use."""
    keys: dict[tuple[int, int], str] = {}
    for s, stream in enumerate(problem.stream_names):
        for u, use in enumerate(problem.use_names):
            plain = f"{stream}.{use}"
            keys[s, u] = plain if plain not in keys.values() else f"{plain}#{s}.{u}"
    return keys
