"""Totals of a pivot that somebody typed over: the sheet would show another sum than what is judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from allocator.input.result_grid import Grid
from allocator.input.result_layout import SUBTOTALS, TOTALS, YEAR, cell_keys, sum_keys
from allocator.input.result_reading import Reading, figure, held, is_total, said
from allocator.input.sheet_cells import letters
from allocator.loaded import Loaded
from allocator.text import Text

ZERO = Fraction(0)
ALL = ""
"""In place of a prefecture's name: every county."""
NOISE = Fraction(1, 10**12)
"""Relative difference of a sum in floating point."""


def column_name(name: str, place: int, grid: Grid) -> str:
    """A column as messages name it: a spreadsheet hides the names in its head, but not its letters."""
    return name if grid.formulas is None else f"{letters(place)} {name}"


def check_totals(reading: Reading, grid: Grid, head: int, header: list[str], loaded: Loaded) -> None:
    """Faults of figures in the cells of totals that are not the sum of the amounts read.

    Of a formula nothing is asked: it follows the amounts, or shows the rows that a filter leaves.
    """
    if grid.formulas is None:
        return
    problem = loaded.problem
    sums = sum_keys(problem)
    everything = sums | {key: (pair,) for pair, key in cell_keys(problem).items()}
    for k, members, label, own in _rows(reading, grid, head, header, loaded):
        counted = sums if own else everything
        for place, name in enumerate(header):
            cell = held(grid.rows[k], place)
            stated = figure(cell) if name in counted and said(cell) else None
            if stated is None or (k, place) in grid.formulas:
                continue
            total = sum((reading.amounts.get((i, *p), ZERO) for i in members for p in counted[name]), ZERO)
            if name == YEAR:
                total += _issued(loaded, members)
            if abs(stated - total) > NOISE * max(abs(stated), abs(total)):
                column = letters(place) if name in sums else column_name(name, place, grid)
                _typed_over(reading, k + 1, stated, total, label, column)


def _rows(
    reading: Reading, grid: Grid, head: int, header: list[str], loaded: Loaded
) -> Iterator[tuple[int, Sequence[int], str, bool]]:
    """Position, counties, label of each row read without faults, and whether it is a county's own."""
    known, code_at, broken = loaded.counties, header.index("code"), bool(reading.faults)
    totals: dict[str | None, list[int]] = {}
    for k, row in enumerate(grid.rows[head + 1 :], start=head + 1):
        code = said(held(row, code_at))
        if code in known.index:
            if known.index[code] not in reading.unread:
                yield k, (known.index[code],), known.label(known.index[code]), True
        elif is_total(row, code, loaded):
            totals.setdefault(_whose(row, header, loaded), []).append(k)
    members = {name: rows.tolist() for name, rows in known.prefecture_members.items()}
    members[ALL] = list(range(len(known)))
    for whose, (k, *more) in totals.items():
        # of two rows with one name, nobody knows what each adds up; nor where an amount was not read
        if whose is not None and not more and not broken:
            words = dict.fromkeys(said(cell) for cell in grid.rows[k] if isinstance(cell, str))
            yield k, members[whose], " ".join(word for word in words if word), False


def _whose(row: Sequence[object], header: list[str], loaded: Loaded) -> str | None:
    """The prefecture that a row of totals names, ALL for the grand total; None where it is unknown."""
    if "prefecture" in header:
        name = said(held(row, header.index("prefecture")))
        for prefecture in loaded.counties.prefecture_members:
            if said(prefecture) == name:
                return prefecture
    words = {said(cell).lower() for cell in row}
    return ALL if words & (TOTALS - SUBTOTALS) else None


def _issued(loaded: Loaded, members: Sequence[int]) -> Fraction:
    """Money of earlier batches."""
    problem = loaded.problem
    width = problem.shape[1] * problem.shape[2]
    return sum((v for cell, v in problem.committed.items() if cell // width in members), ZERO)


def _typed_over(
    reading: Reading, line: int, stated: Fraction, total: Fraction, label: str, column: str
) -> None:
    shown = f"{float(stated):.15g}", f"{float(total):.15g}"
    what = Text(
        f"合计被改写为 {shown[0]}，各项相加为 {shown[1]}",
        f"a total was typed over: it says {shown[0]}, its amounts add up to {shown[1]}",
    )
    fix = Text("请恢复合计的公式，或改动金额本身", "restore its formula, or edit the amounts themselves")
    reading.fault(line, what, fix, label, column)
