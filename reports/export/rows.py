"""The rows that other systems take over: one for each county, stream, batch and use with money.

Columns and keys are a contract, described in docs/export.md. A blank is None; text is as it was read.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import numpy as np

from allocator.text import Text
from reports.figures import fixed, places_of
from reports.report_input import Report
from reports.table import CODE, COUNTY, PREFECTURE, Cell, Column, Table, money_column, text_column

KEY = ("code", "stream", "batch", "use")
"""What tells a row from every other of the same year."""

YUAN: Mapping[str, int] = {"元": 1, "千元": 1_000, "万元": 10_000, "百万元": 1_000_000, "亿元": 100_000_000}
"""Units of Chinese money, in yuan."""
FEN = 2
"""Decimal places of yuan, at least."""

AMOUNT = Column(
    "amount",
    Text("金额", "Amount"),
    Text("本次分配金额", "Money of this run, in the unit"),
    "number",
    "money",
    True,
)
COLUMNS: tuple[Column, ...] = (
    Column("year", Text("年度", "Year"), Text("预算年度", "Budget year"), "integer", "count", True),
    CODE,
    COUNTY,
    PREFECTURE,
    text_column("stream", Text("资金", "Stream"), Text("资金（方案中的键）", "Stream, by its key"), True),
    text_column("stream_title", Text("资金名称", "Title of the stream"), Text("资金名称", "Its title")),
    text_column("fund", Text("资金类别", "Fund"), Text("资金类别", "Fund of the stream"), True),
    text_column("source", Text("来源", "Source"), Text("资金来源", "Where the money comes from")),
    text_column("level", Text("级次", "Level"), Text("资金来自哪一级政府", "Level of government")),
    text_column("direction", Text("任务方向", "Task direction"), Text("任务方向", "Task direction")),
    text_column("batch", Text("批次", "Batch"), Text("资金批次", "Batch of the stream"), True),
    text_column(
        "document",
        Text("指标文号", "Document"),
        Text("资金来文的文号", "Number of the notice that the money came with"),
    ),
    text_column(
        "project_code",
        Text("项目编码", "Project code"),
        Text("预算管理系统中的项目编码", "Project code in the budget system"),
    ),
    text_column("use", Text("用途", "Use"), Text("用途（方案中的键）", "Use, by its key"), True),
    text_column("use_title", Text("用途名称", "Title of the use"), Text("用途名称", "Its title")),
    text_column(
        "functional_code",
        Text("支出功能科目", "Functional code"),
        Text("支出功能科目编码，七位", "Functional budget code, seven digits"),
    ),
    AMOUNT,
    text_column("unit", Text("单位", "Unit"), Text("金额单位", "Unit of the amount"), True),
    money_column(
        "amount_yuan",
        Text("金额（元）", "Amount in yuan"),
        Text("以元计的金额；单位不是人民币的为空", "The amount in yuan; blank where the unit is no yuan"),
    ),
)
HEADER = tuple(column.name for column in COLUMNS)

Key = tuple[str, str, str, str]
Records = Mapping[Key, tuple[Cell, ...]]
"""Key → cells by HEADER."""


def export_table(report: Report) -> Table:
    """The rows, in order of code, stream, batch and use; cells without money are left out."""
    return Table(
        "allocation",
        Text("分配明细", "Allocation"),
        Text(
            "本次分配的资金：旗县 × 资金 × 批次 × 用途", "Money of this run by county, stream, batch and use"
        ),
        COLUMNS,
        tuple(_row(report, *cell) for cell in np.argwhere(report.whole != 0).tolist()),
        KEY,
    )


def _row(report: Report, i: int, s: int, u: int) -> tuple[Cell, ...]:
    loaded = report.loaded
    known, problem = loaded.counties, loaded.problem
    stream, use = problem.stream_names[s], problem.use_names[u]
    pot, spent = problem.streams[stream], problem.uses[use]
    amount: Fraction = report.amounts[i, s, u]
    unit = loaded.scenario.unit
    return (
        loaded.scenario.year,
        known.codes[i],
        known.names[i] or None,
        known.prefectures[i] or None,
        stream,
        pot.title.text().zh or None,
        pot.fund,
        pot.source or None,
        pot.level,
        pot.direction or None,
        str(pot.batch),
        pot.document or None,
        pot.code or None,
        use,
        spent.title.text().zh or None,
        spent.code or None,
        fixed(amount, report.places),
        unit,
        yuan(amount, unit),
    )


def yuan(amount: Fraction, unit: str) -> Decimal | None:
    """An amount in yuan with its fen; None where the unit is no yuan."""
    if unit not in YUAN:
        return None
    whole = amount * YUAN[unit]
    return fixed(whole, max(FEN, places_of(whole) or 0))


def records(table: Table) -> Records:
    """Rows by key."""
    places = [table.header.index(name) for name in KEY]
    return {_key(row, places): row for row in table.rows}


def _key(row: tuple[Cell, ...], places: list[int]) -> Key:
    code, stream, batch, use = (str(row[place]) for place in places)
    return code, stream, batch, use
