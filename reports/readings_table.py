"""readings.csv: the scenario under each reading of its ambiguous clauses."""

from __future__ import annotations

from collections.abc import Mapping

from allocator.loaded import Loaded
from allocator.text import Text
from allocator.whatif.readings import Effect, Readings, Status
from reports.figures import money
from reports.table import Cell, Column, Table, money_column, text_column

STATUS: Mapping[Status, Text] = {
    "in_force": Text("现行", "in force"),
    "same": Text("要求相同", "asks the same"),
    "solved": Text("可行", "feasible"),
    "infeasible": Text("无解", "no allocation"),
    "unavailable": Text("不适用", "not available"),
}

COLUMNS = (
    text_column("owner", Text("对象", "Of"), Text("方案中的路径", "Path in the scenario"), True),
    text_column("subject_zh", Text("规则或资金", "Rule or stream"), Text("中文标题", "Title in Chinese")),
    text_column("subject_en", Text("英文标题", "Rule or stream (en)"), Text("英文标题", "Title in English")),
    text_column("question", Text("问题", "Question"), Text("问题编号", "Name of the question"), True),
    text_column("question_zh", Text("问题", "Question (zh)"), Text("中文", "In Chinese")),
    text_column("question_en", Text("问题（英文）", "Question (en)"), Text("英文", "In English")),
    text_column("clause", Text("条款", "Clause"), Text("规则所依据的条款", "The rule's document and clause")),
    text_column("source", Text("出处", "Source"), Text("所读原文的出处", "Where the words stand")),
    text_column("quote", Text("原文", "Words"), Text("所读的原文", "The words that are read")),
    text_column("reading", Text("口径", "Reading"), Text("口径编号", "Name of the reading"), True),
    text_column("reading_zh", Text("口径", "Reading (zh)"), Text("中文", "In Chinese")),
    text_column("reading_en", Text("口径（英文）", "Reading (en)"), Text("英文", "In English")),
    Column("in_force", Text("现行", "In force"), Text("是否现行口径", "Whether it is in force"), "boolean"),
    Column(
        "default", Text("默认", "Default"), Text("是否原文最支持的口径", "Whether the text has it"), "boolean"
    ),
    text_column("status", Text("结果", "Result"), Text("、".join(STATUS), ", ".join(STATUS)), True),
    text_column("short", Text("缺口", "Short"), Text("无解时不能满足的规则", "Rules that fall short")),
    money_column(
        "moved",
        Text("旗县间变动", "Moved"),
        Text("相对现行口径，旗县之间移动的金额：½Σ|Δ|", "Money moved between counties: half of Σ|Δ|"),
    ),
    money_column(
        "moved_uses",
        Text("含用途间变动", "Moved, uses too"),
        Text("旗县、资金、用途之间移动的金额", "Money moved between counties, streams and uses"),
    ),
    text_column("largest_code", Text("变动最大", "Most changed"), Text("区划代码", "County code")),
    text_column("largest_county", Text("变动最大旗县", "Most changed county"), Text("名称", "Its name")),
    money_column("largest_change", Text("最大变动", "Largest change"), Text("其变动金额", "Its change")),
    Column(
        "present_holds",
        Text("现表符合", "Present table passes"),
        Text("按现行口径得到的表是否符合该口径", "Whether the table of today's readings passes this one"),
        "boolean",
    ),
    Column(
        "present_broken",
        Text("现表不符行数", "Rows broken"),
        Text("不符的行数", "Rows of rules that it breaks"),
        "integer",
        "count",
    ),
    money_column(
        "margin",
        Text("现表余量", "Margin"),
        Text("该规则各行的最小余量，负数为缺口", "Least slack of the rule's rows, negative where short"),
    ),
    text_column("margin_where", Text("余量对象", "Margin of"), Text("余量最小的一行", "The row it is of")),
    text_column("why_zh", Text("说明", "Why"), Text("不适用的原因", "Why it is not available")),
    text_column("why_en", Text("说明（英文）", "Why (en)"), Text("英文", "In English")),
)


def readings_table(loaded: Loaded, found: Readings) -> Table:
    """One row for each reading of each question, in the scenario's order."""
    return Table(
        "readings",
        Text("各种口径", "Readings"),
        Text("逐一换用每种口径的结果", "The scenario under each reading, one at a time"),
        COLUMNS,
        tuple(_row(loaded, effect) for effect in found.effects),
        ("owner", "question", "reading"),
    )


def _row(loaded: Loaded, effect: Effect) -> tuple[Cell, ...]:
    choice, question, tightest = effect.choice, effect.choice.question, effect.tightest
    largest: tuple[Cell, Cell, Cell] = ("", "", None)
    if effect.largest is not None:
        i, change = effect.largest
        largest = (loaded.counties.codes[i], loaded.counties.names[i], money(change))
    why = effect.why or Text("", "")
    return (
        choice.owner,
        *choice.subject,
        question.name,
        *question.title,
        choice.clause,
        question.clause,
        question.quote,
        choice.name,
        *choice.title,
        choice.in_force,
        choice.default,
        effect.status,
        " ".join(effect.short),
        None if effect.moved is None else money(effect.moved),
        None if effect.moved_uses is None else money(effect.moved_uses),
        *largest,
        None if effect.broken is None else not effect.broken,
        effect.broken,
        None if tightest is None else money(tightest.slack),
        "" if tightest is None else tightest.where,
        *why,
    )
