"""What next year's amounts are compared with: a year's money without what reallocations moved.

Whether money that was taken back counts for next year is a reading (AMB-18); `allocator reallocate`
takes it with `--base`, and the year's ledger holds it entry by entry. `before` leaves the base as it
was; `after` makes it the money as it lies then, whatever was moved earlier.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from allocator.committed import COLUMNS
from allocator.input.extends import read_chain
from allocator.input.overrides import override
from allocator.input.tables import Table, read_table
from allocator.ledger import entries, is_ledger
from allocator.load import find, table_path
from allocator.numbers import parse_number
from allocator.problem import Problem

Moved = Mapping[tuple[str, str, str], Fraction]
"""(code, stream, use) → money that reallocations brought there, below zero where they took it."""


def uncounted(source: str, sets: Sequence[str] = ()) -> Moved:
    """What the base leaves out of a scenario's money, after its ledger; `load` has checked both before."""
    chain = read_chain(find(source))
    path = table_path(override(chain.tree, sets), chain, "committed", "committed.csv")
    return {} if path is None else uncounted_in(read_table(path, str(path), (), COLUMNS))


def uncounted_in(table: Table) -> Moved:
    """The same of a sound table of committed money; a plain one does not tell what was moved."""
    found: dict[tuple[str, str, str], Fraction] = {}
    for entry in entries(table) if is_ledger(table) else ():
        if not entry.moves:
            continue
        if entry.base == "after":
            found.clear()
            continue
        for record in entry.records:
            key = record.cells["code"], record.cells["stream"], record.cells["use"]
            amount = Fraction(parse_number(record.cells["amount"]) or 0)
            found[key] = found.get(key, Fraction(0)) + amount
    return {key: amount for key, amount in found.items() if amount}


def base_cells(problem: Problem, money: NDArray[np.object_], moved: Moved) -> NDArray[np.object_]:
    """The year's money, flat, as next year compares with it."""
    found = money.copy().reshape(problem.shape)
    for (code, stream, use), amount in moved.items():
        i, s = problem.counties.index[code], problem.stream_names.index(stream)
        found[i, s, problem.use_names.index(use)] -= amount
    return found.ravel()
