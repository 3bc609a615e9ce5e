"""Sums over cells of one row of a sheet, written as short as they can be."""

from __future__ import annotations

from collections.abc import Iterable

from xlsxwriter.utility import xl_rowcol_to_cell


def sum_formula(row: int, places: Iterable[int]) -> str:
    """`=SUM(…)` of the columns at `places`; neighbours become one range."""
    runs: list[list[int]] = []
    for place in sorted(places):
        if runs and place == runs[-1][1] + 1:
            runs[-1][1] = place
        else:
            runs.append([place, place])
    spans = [
        xl_rowcol_to_cell(row, a) if a == b else f"{xl_rowcol_to_cell(row, a)}:{xl_rowcol_to_cell(row, b)}"
        for a, b in runs
    ]
    return f"=SUM({','.join(spans)})"
