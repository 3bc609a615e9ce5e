"""allocation.csv: one row for each county, stream and use that gets money."""

from __future__ import annotations

import numpy as np

from allocator.text import Text
from reports.figures import fixed
from reports.outcome import Outcome
from reports.table import BY_COUNTY, CODE, COUNTY, PREFECTURE, Cell, Table, money_column, text_column

COLUMNS = (
    CODE,
    COUNTY,
    PREFECTURE,
    text_column(
        "stream",
        Text("资金", "Stream"),
        Text("资金名称（方案中的键）", "Stream, as the scenario names it"),
        True,
    ),
    text_column("source", Text("来源", "Source"), Text("资金来源", "Where the money comes from")),
    text_column("batch", Text("批次", "Batch"), Text("资金批次", "Batch of the stream")),
    text_column(
        "use", Text("用途", "Use"), Text("用途（方案中的键）", "Use, as the scenario names it"), True
    ),
    money_column("amount", Text("金额", "Amount"), Text("本次分配金额", "Money of this run")),
)


def allocation_table(outcome: Outcome) -> Table:
    """The decision, cell by cell, in order of code, stream and use; cells without money are left out."""
    problem = outcome.loaded.problem
    known, streams = problem.counties, list(problem.streams.values())
    rows: list[tuple[Cell, ...]] = []
    for i, s, u in np.argwhere(outcome.allocation.steps != 0).tolist():
        rows.append(
            (
                known.codes[i],
                known.names[i],
                known.prefectures[i],
                problem.stream_names[s],
                streams[s].source,
                str(streams[s].batch),
                problem.use_names[u],
                fixed(outcome.amounts[i, s, u], outcome.places),
            )
        )
    return Table(
        "allocation",
        Text("分配明细", "Allocation"),
        Text("本次分配的资金：旗县 × 资金 × 用途", "Money of this run by county, stream and use"),
        COLUMNS,
        tuple(rows),
        ("code", "stream", "use"),
        BY_COUNTY,
    )
