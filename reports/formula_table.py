"""formula.csv: the entitlement taken apart, factor by factor."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from allocator.loaded import Loaded
from allocator.text import Text
from reports.table import (
    BY_COUNTY,
    CODE,
    COUNTY,
    Cell,
    Column,
    Table,
    money_column,
    share_column,
    text_column,
)

COLUMNS = (
    CODE,
    COUNTY,
    text_column(
        "stream",
        Text("资金", "Stream"),
        Text("资金名称（方案中的键）", "Stream, as the scenario names it"),
        True,
    ),
    text_column("factor", Text("因素", "Factor"), Text("因素名称", "Factor of the stream's formula"), True),
    Column("weight", Text("权重", "Weight"), Text("因素权重", "Weight of the factor"), "number", "plain"),
    text_column(
        "value", Text("数值", "Value"), Text("原始数值或档次名称", "Raw value, or the name of the band")
    ),
    share_column(
        "share", Text("占比", "Share"), Text("该旗县在该因素中的占比", "The county's share in the factor")
    ),
    money_column(
        "amount",
        Text("金额", "Amount"),
        Text(
            "该因素形成的测算额，各因素合计等于测算额",
            "Its part of the formula amount; the parts add up to it",
        ),
    ),
)


def formula_table(loaded: Loaded) -> Table:
    """Each factor of each county in each stream, as `Loaded.factors` has them."""
    known = loaded.counties
    rows: list[tuple[Cell, ...]] = [
        (
            known.codes[f.county],
            known.names[f.county],
            f.stream,
            f.factor,
            _number(f.weight),
            f.value,
            _number(f.share),
            _number(f.amount),
        )
        for f in loaded.factors
    ]
    return Table(
        "formula",
        Text("因素测算", "Formula"),
        Text(
            "因素法测算过程：旗县 × 资金 × 因素", "The entitlement taken apart by county, stream and factor"
        ),
        COLUMNS,
        tuple(rows),
        ("code", "stream", "factor"),
        BY_COUNTY,
    )


def _number(text: str) -> Cell:
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return text
