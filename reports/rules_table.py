"""rules.csv: every rule row, judged exactly, with what the optimiser says of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from allocator.allocation import RowPrice
from allocator.loaded import Loaded
from allocator.text import Text
from allocator.verdict import Judged
from reports.figures import money, rounded
from reports.outcome import Outcome
from reports.table import Cell, Column, Table, money_column, text_column

GENERAL = {
    "budget": Text("资金足额分配", "Budget spent whole"),
    "eligibility": Text("只给符合条件的旗县", "Only eligible counties"),
    "permitted_use": Text("只用于允许的用途", "Only permitted uses"),
    "sign": Text("金额不为负", "No negative amount"),
    "step": Text("金额为最小单位的整数倍", "Whole multiples of the step"),
}
"""Titles of the rows that every scenario has."""

COLUMNS = (
    text_column(
        "rule",
        Text("规则", "Rule"),
        Text(
            "规则编号；budget、eligibility、permitted_use、sign、step 为通用核验",
            "The rule's id; budget, eligibility, permitted_use, sign and step are judged in every scenario",
        ),
        True,
    ),
    text_column("clause", Text("条款", "Clause"), Text("规则所依据的文件条款", "Document and clause")),
    text_column(
        "where",
        Text("对象", "Where"),
        Text(
            "旗县代码（或代码/用途）、盟市、分组、资金；空为全部",
            "County code (or code/use), prefecture, group or stream; blank for everyone",
        ),
    ),
    money_column(
        "left", Text("左边", "Left"), Text("规则左边的金额（全年）", "Money on the left, of the year")
    ),
    text_column("sense", Text("关系", "Sense"), Text("左右两边的关系", "How left and right compare"), True),
    money_column("right", Text("右边", "Right"), Text("规则右边的金额", "Money on the right")),
    money_column(
        "slack",
        Text("余量", "Slack"),
        Text(
            "不小于零即符合", "Zero or more where the row holds; what is missing, negative, where it does not"
        ),
    ),
    text_column("unit", Text("单位", "Unit"), Text("金额单位", "Unit of the amounts")),
    Column(
        "binding",
        Text("起作用", "Binding"),
        Text("取整前是否恰好卡住", "Tight in the unrounded optimum"),
        "boolean",
    ),
    Column(
        "level",
        Text("轮次", "Level"),
        Text("对偶值首次非零的轮次", "First round with a non-zero dual"),
        "integer",
        "count",
    ),
    Column(
        "vacuous",
        Text("不适用", "Vacuous"),
        Text("此行无从要求", "Whether the row asks for nothing"),
        "boolean",
    ),
    Column(
        "dual",
        Text("影子价格", "Dual"),
        Text(
            "首轮对偶值：右边每变动一个单位，最大偏离变动多少",
            "Dual of the first round: points of departure per unit of the right side",
        ),
        "number",
        "plain",
    ),
    Column(
        "dual_low",
        Text("下界", "Lower end"),
        Text(
            "首轮对偶值的最小值：右边略微调低时，每一单位使最大偏离下降多少（负数为上升）；"
            "不能调低（调低即无解）的为空",
            "Least dual of the first round: by how many points the largest departure falls "
            "(negative: rises) per unit when the right side is lowered a little; "
            "blank where lowering it leaves no solution",
        ),
        "number",
        "plain",
    ),
    Column(
        "dual_high",
        Text("上界", "Upper end"),
        Text(
            "首轮对偶值的最大值：右边略微调高时，每一单位使最大偏离上升多少（负数为下降）；"
            "不能调高（调高即无解）的为空",
            "Largest dual of the first round: by how many points the largest departure rises "
            "(negative: falls) per unit when the right side is raised a little; "
            "blank where raising it leaves no solution",
        ),
        "number",
        "plain",
    ),
)


def rules_table(outcome: Outcome) -> Table:
    """General rows first, then the rules in the scenario's order."""
    loaded = outcome.loaded
    rules = loaded.scenario.rule_by_id
    rows: list[tuple[Cell, ...]] = [
        (*_judged(loaded, row, ""), None, None, False, None, None, None) for row in outcome.verdict.general
    ]
    for row, price in with_prices(outcome):
        rows.append(
            (
                *_judged(loaded, row, rules[row.rule].clause),
                None if price is None else price.binding,
                None if price is None else price.level,
                row.vacuous is not None,
                *_duals(price),
            )
        )
    return Table(
        "rules",
        Text("规则核验", "Rules"),
        Text("每条规则逐行核验结果（精确计算）", "Every rule row, judged in exact arithmetic"),
        COLUMNS,
        tuple(rows),
    )


def with_prices(outcome: Outcome) -> Iterator[tuple[Judged, RowPrice | None]]:
    """Each judged row of a rule with what the optimiser says of the same row."""
    waiting: dict[str, Iterator[RowPrice]] = {}
    for row in outcome.verdict.rules:
        if row.rule not in waiting:
            prices: Iterable[RowPrice] = outcome.allocation.prices.get(row.rule, ())
            waiting[row.rule] = iter(prices)
        yield row, next(waiting[row.rule], None)


def place_label(loaded: Loaded, row: Judged) -> Text:
    """`where` as a reader knows it: a county by name, a stream, use or group by title."""
    head, slash, use = row.where.partition("/")
    if row.rule in GENERAL:
        stream = loaded.scenario.streams.get(row.where)
        return stream.title.text(row.where) if stream else Text("全部", "all")
    if head in loaded.counties.index and (not slash or use in loaded.scenario.uses):
        name = loaded.counties.names[loaded.counties.index[head]]
        title = loaded.scenario.uses[use].title.text(use) if slash else Text("", "")
        return Text(*(f"{name} · {said}" if said else name for said in title))
    if row.where in loaded.scenario.groups:
        return loaded.scenario.groups[row.where].title.text(row.where)
    return Text(row.where, row.where) if row.where else Text("全部", "all")


def rule_title(loaded: Loaded, rule: str) -> Text:
    """The title of a rule, or of a general row."""
    return GENERAL[rule] if rule in GENERAL else loaded.scenario.rule_by_id[rule].text


def _duals(price: RowPrice | None) -> tuple[Cell, Cell, Cell]:
    """The dual and its two ends; an end without limit has no figure."""
    if price is None:
        return None, None, None
    low, high = (rounded(end) if math.isfinite(end) else None for end in (price.dual_low, price.dual_high))
    return rounded(price.dual), low, high


def _judged(loaded: Loaded, row: Judged, clause: str) -> tuple[Cell, ...]:
    return (
        row.rule,
        clause,
        row.where,
        money(row.left),
        row.sense,
        money(row.right),
        money(row.slack),
        loaded.scenario.unit,
    )
