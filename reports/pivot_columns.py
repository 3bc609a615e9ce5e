"""Columns of the sheet that a meeting reads: totals, then each stream by use, then each use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from allocator.input.result_layout import EVERYTHING, YEAR, cell_keys, stream_key, use_key
from allocator.text import Text
from reports.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Money:
    """One column of money: figures as given, or the sum of other columns of the same row."""

    group: Text
    """Heading over several columns."""
    title: Text
    values: Sequence[Fraction]
    """One a county."""
    key: str = ""
    """Name of the cells, stream.use, where a reader may change them; else that of the sum."""
    adds: tuple[str, ...] = ()
    """Names of the columns that it adds up."""
    name: str = ""
    """Name by which other columns add it up."""


ENTITLEMENT, TOTAL, COMMITTED = "entitlement", "total", "committed"


def money_columns(outcome: Outcome) -> list[Money]:
    """All columns of money, left to right."""
    inputs = _inputs(outcome)
    cells = [c for columns in inputs.values() for c in columns]
    plain = Text("本次分配", "This run")
    totals = [
        Money(plain, Text("应得额", "Entitlement"), outcome.entitlement, name=ENTITLEMENT),
        Money(
            plain,
            Text("分配额", "Amount"),
            outcome.by_county.tolist(),
            EVERYTHING,
            adds=tuple(c.name for c in cells),
            name=TOTAL,
        ),
    ]
    return [*totals, *_by_stream(outcome, inputs), *_by_use(outcome, cells), *_year(outcome)]


def _inputs(outcome: Outcome) -> dict[int, list[Money]]:
    """Stream → its cells by use: those that it may pay for, and any that got money all the same."""
    problem, keys = outcome.loaded.problem, cell_keys(outcome.loaded.problem)
    shown = problem.open.any(axis=0) | (outcome.allocation.steps != 0).any(axis=0)
    streams, uses = list(problem.streams.items()), list(problem.uses.items())
    return {
        s: [
            Money(
                stream.title.text(name),
                use.title.text(other),
                outcome.amounts[:, s, u].tolist(),
                keys[s, u],
                name=keys[s, u],
            )
            for u, (other, use) in enumerate(uses)
            if shown[s, u]
        ]
        for s, (name, stream) in enumerate(streams)
    }


def _by_stream(outcome: Outcome, inputs: dict[int, list[Money]]) -> list[Money]:
    found: list[Money] = []
    for s, columns in inputs.items():
        if len(columns) > 1:
            adds = tuple(c.name for c in columns)
            values, key = outcome.by_stream[:, s].tolist(), stream_key(outcome.loaded.problem.stream_names[s])
            found.append(Money(columns[0].group, Text("小计", "Subtotal"), values, key, adds))
        found += columns
    return found


def _by_use(outcome: Outcome, cells: list[Money]) -> list[Money]:
    """Sums over streams, where there is more than one of either."""
    problem, keys = outcome.loaded.problem, cell_keys(outcome.loaded.problem)
    shown = {c.key for c in cells}
    found = []
    for u, (name, use) in enumerate(problem.uses.items()):
        adds = tuple(keys[s, u] for s in range(len(problem.streams)) if keys[s, u] in shown)
        if adds and len(problem.streams) > 1 and len(problem.uses) > 1:
            values = outcome.by_use[:, u].tolist()
            found.append(Money(Text("按用途", "By use"), use.title.text(name), values, use_key(name), adds))
    return found


def _year(outcome: Outcome) -> list[Money]:
    """Earlier batches and the year's total, where something was issued."""
    if not outcome.loaded.problem.committed:
        return []
    issued = outcome.committed.tolist()
    whole = [x + c for x, c in zip(outcome.by_county, issued, strict=True)]
    group = Text("全年", "The year")
    return [
        Money(group, Text("已下达", "Committed"), issued, name=COMMITTED),
        Money(group, Text("全年合计", "Year's total"), whole, YEAR, (TOTAL, COMMITTED)),
    ]
