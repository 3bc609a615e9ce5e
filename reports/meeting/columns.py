"""Columns of the sheet that a meeting edits: totals, streams by use, uses, the year, shares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

import numpy as np

from allocator.input.result_layout import EVERYTHING, stream_key, sum_keys, use_key
from allocator.input.result_layout import YEAR as WHOLE_YEAR
from allocator.loaded import Loaded
from allocator.rows import Cells
from allocator.rules.change_limits import ChangeLimits
from allocator.rules.use_share_cap import UseShareCap
from allocator.rules.use_share_floor import UseShareFloor
from allocator.text import Text
from reports.meeting.cells import Ledger
from reports.meeting.layout import Layout
from reports.report_input import Report

Kind = Literal["input", "sum", "given", "due", "departure", "moved", "broken", "change", "part", "share"]
ENTITLEMENT, TOTAL, COMMITTED, YEAR, LAST = "entitlement", "total", "committed", "year", "last"


@dataclass(frozen=True, slots=True)
class Column:
    """One column; what its cells hold goes by `kind`.

    input: amounts to edit; sum: of the columns `adds`; given: figures; due: the entitlement on the factor
    sheet; departure: total over entitlement; moved: total less that as solved; broken: rule rows broken;
    change: year over last year; part: of everybody's year; share: of one ledger column in another.
    """

    kind: Kind
    group: Text
    """Heading over several columns."""
    title: Text
    name: str = ""
    """Name by which other columns add it up; of an input its key too."""
    values: Sequence[Fraction | None] = ()
    """One a county, where the cells are money."""
    adds: tuple[str, ...] = ()
    position: int = -1
    """Stream · U + use of an input."""
    stream: int = -1
    """Stream whose budget stands over the column."""
    of: tuple[int, int] = (-1, -1)
    """Ledger columns of a share: part and whole."""
    key: str = ""
    """Name under which `verify` knows a column of sums."""

    @property
    def money(self) -> bool:
        """Whether its cells are amounts that add up."""
        return self.kind in ("input", "sum", "given", "due", "moved")


def table_columns(layout: Layout, ledger: Ledger) -> list[Column]:
    """All columns right of the names."""
    report = layout.report
    blocks = _streams(layout)
    found = [
        *_this_run(report, tuple(c.name for columns in blocks for c in columns if c.kind == "input")),
        *(column for columns in blocks for column in columns),
        *_by_use(layout, [c for columns in blocks for c in columns if c.kind == "input"]),
        *_year(report),
        *_last(report),
        *_shares(report, ledger),
    ]
    known = sum_keys(report.loaded.problem)
    return [c if c.key in known else replace(c, key="") for c in found]


def _this_run(report: Report, inputs: tuple[str, ...]) -> Iterator[Column]:
    group, nothing = Text("本次分配", "This run"), [Fraction(0)] * len(report.loaded.counties)
    yield Column("due", group, Text("应得额", "Entitlement"), ENTITLEMENT, report.entitlement)
    yield Column(
        "sum", group, Text("分配额", "Amount"), TOTAL, report.by_county.tolist(), inputs, key=EVERYTHING
    )
    yield Column("departure", group, Text("偏离", "Departure"))
    yield Column("moved", group, Text("较原方案", "Moved"), values=nothing)
    yield Column("broken", group, Text("核验", "Rules"))


def _streams(layout: Layout) -> list[list[Column]]:
    """A block for each stream that has cells to edit: its subtotal, then its uses."""
    report, problem = layout.report, layout.report.loaded.problem
    flat = report.amounts.reshape(len(problem.counties), -1)
    width, blocks = problem.shape[2], []
    for s, (name, stream) in enumerate(problem.streams.items()):
        group = stream.title.text(name)
        own = [p for p in layout.shown if p // width == s]
        inputs = [
            Column(
                "input",
                group,
                problem.uses[problem.use_names[p % width]].title.text(problem.use_names[p % width]),
                layout.keys[p],
                flat[:, p].tolist(),
                position=p,
                stream=s if len(own) == 1 else -1,
            )
            for p in own
        ]
        adds = tuple(c.name for c in inputs)
        title, values = Text("小计", "Subtotal"), report.by_stream[:, s].tolist()
        whole = Column("sum", group, title, "", values, adds, stream=s, key=stream_key(name))
        blocks.append([whole, *inputs] if len(own) > 1 else inputs)
    return blocks


def _by_use(layout: Layout, inputs: Sequence[Column]) -> Iterator[Column]:
    """Sums over streams, where there is more than one of either."""
    report, problem = layout.report, layout.report.loaded.problem
    width = problem.shape[2]
    if problem.shape[1] < 2 or width < 2:
        return
    for u, (name, use) in enumerate(problem.uses.items()):
        adds = tuple(c.name for c in inputs if c.position % width == u)
        if adds:
            group, values = Text("按用途", "By use"), report.by_use[:, u].tolist()
            yield Column("sum", group, use.title.text(name), values=values, adds=adds, key=use_key(name))


def _year(report: Report) -> Iterator[Column]:
    """Earlier batches and the year's total, where something was issued."""
    if not report.loaded.problem.committed:
        return
    group, issued = Text("全年", "The year"), report.committed.tolist()
    year = [x + c for x, c in zip(report.by_county, issued, strict=True)]
    yield Column("given", group, Text("已下达", "Committed"), COMMITTED, issued)
    title = Text("全年合计", "Year's total")
    yield Column("sum", group, title, YEAR, year, (TOTAL, COMMITTED), key=WHOLE_YEAR)


def _last(report: Report) -> Iterator[Column]:
    """Last year's amount and the change, where a rule names the column."""
    last = last_year(report.loaded)
    if last is None:
        return
    group = Text("与上年相比", "Against last year")
    yield Column("given", group, Text("上年", "Last year"), LAST, last)
    yield Column("change", group, Text("增减", "Change"))


def last_year(loaded: Loaded) -> list[Fraction | None] | None:
    """(n): last year's amounts, as counties.csv shows them."""
    rule = next((r for r in loaded.scenario.rules if isinstance(r, ChangeLimits)), None)
    last = loaded.counties.numbers.get("last_amount" if rule is None else rule.column)
    return None if last is None else [None if v is None else Fraction(v) for v in last]


def _shares(report: Report, ledger: Ledger) -> Iterator[Column]:
    """The county's part of everything, then one column for each tag that a floor or cap speaks of."""
    problem, names = report.loaded.problem, report.loaded.names
    group = Text("全年占比", "Shares of the year")
    everything = ledger.sum_of(np.flatnonzero(problem.live)).column
    yield Column("part", group, Text("占总额", "Of the total"), of=(everything, everything))
    done = set()
    for rule in report.loaded.scenario.rules:
        if not isinstance(rule, UseShareFloor | UseShareCap):
            continue
        rows = report.loaded.rows[rule.id]
        of = _column(ledger, [row.left for row in rows]), _column(ledger, [row.right for row in rows])
        if min(of) >= 0 and of not in done:
            done.add(of)
            said = names.tag(rule.tag)
            yield Column("share", group, Text(f"{said.zh}占比", f"Share of {said.en}"), of=of)


def _column(ledger: Ledger, parts: Sequence[Cells]) -> int:
    cells = np.unique(np.concatenate([np.empty(0, dtype=np.intp), *parts]))
    return ledger.sum_of(cells).column
