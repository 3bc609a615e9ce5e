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
SUBTOTALS = {"小计", "subtotal"}
"""Of these, words that do not say of what without a prefecture."""
HEAD_ROWS = 15
"""The header stands within these many rows."""
EVERYTHING, YEAR = "*.*", "year *.*"
"""Names of the columns of a county's whole amount, and of that with earlier batches."""


def cell_keys(problem: Problem) -> dict[tuple[int, int], str]:
    """(stream, use) → the name of its column in the pivot layout: stream.use."""
    keys: dict[tuple[int, int], str] = {}
    for s, stream in enumerate(problem.stream_names):
        for u, use in enumerate(problem.use_names):
            plain = f"{stream}.{use}"
            keys[s, u] = plain if plain not in keys.values() else f"{plain}#{s}.{u}"
    return keys


def stream_key(stream: str) -> str:
    """Name of the column of a stream's subtotal."""
    return f"{stream}.*"


def use_key(use: str) -> str:
    """Name of the column of a use's sum over streams."""
    return f"*.{use}"


def sum_keys(problem: Problem) -> dict[str, tuple[tuple[int, int], ...]]:
    """Name of each column of sums in the pivot layout → the (stream, use) that it adds up."""
    cells = cell_keys(problem)
    sums = {EVERYTHING: tuple(cells), YEAR: tuple(cells)}
    sums |= {
        stream_key(name): tuple(c for c in cells if c[0] == s) for s, name in enumerate(problem.stream_names)
    }
    sums |= {use_key(name): tuple(c for c in cells if c[1] == u) for u, name in enumerate(problem.use_names)}
    return {name: own for name, own in sums.items() if name not in cells.values()}
