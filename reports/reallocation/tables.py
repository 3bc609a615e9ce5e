"""A clawback as tables: the ledger of entries, before and after by county, the rules, what is now issued."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import numpy as np

from allocator.reallocation.triggers import CLAUSE
from allocator.text import Language, Text
from reports.figures import RATIO_PLACES, fixed, money
from reports.reallocation.changes import Changes, joined
from reports.rules_table import rule_title
from reports.table import (
    CODE,
    COUNTY,
    PREFECTURE,
    Cell,
    Column,
    Table,
    money_column,
    share_column,
    text_column,
)

TAKE, RECEIVE = Text("收回", "taken back"), Text("调增", "received")


def ledger_table(changes: Changes, day: str, lang: Language) -> Table:
    """One entry for each cell that changed: what was taken back, then what was received."""
    found, problem = changes.found, changes.found.loaded.problem
    known, streams = problem.counties, list(problem.streams.values())
    rows: list[tuple[Cell, ...]] = []
    cells = [(i, s, u) for i, s, u in np.argwhere(changes.delta != 0).tolist()]
    for i, s, u in sorted(cells, key=lambda c: (changes.delta[c] > 0, c)):
        amount = changes.delta[i, s, u]
        claim = changes.claims.get((i, s))
        why = [changes.fast(i)] if amount > 0 or claim is None else list(claim.reasons)
        rows.append(
            (
                len(rows) + 1,
                day,
                (RECEIVE if amount > 0 else TAKE).say(lang),
                known.codes[i],
                known.names[i],
                known.prefectures[i],
                problem.stream_names[s],
                streams[s].source,
                str(streams[s].batch),
                problem.use_names[u],
                changes.shown(amount),
                joined(why, lang),
                CLAUSE,
                changes.base,
            )
        )
    return Table(
        "ledger",
        Text("收回调整台账", "Ledger"),
        Text(
            f"收回与调整的逐笔记录，{found.pool.terms.as_of}",
            f"Entries of money taken back and received, {found.pool.terms.as_of}",
        ),
        LEDGER,
        tuple(rows),
        ("entry",),
    )


LEDGER = (
    Column("entry", Text("序号", "Entry"), Text("序号", "Number of the entry"), "integer", "count", True),
    text_column("date", Text("日期", "Date"), Text("截止日期", "As of"), True),
    text_column("kind", Text("类别", "Kind"), Text("收回或调增", "Taken back or received"), True),
    CODE,
    COUNTY,
    PREFECTURE,
    text_column("stream", Text("资金", "Stream"), Text("资金（方案中的键）", "Stream"), True),
    text_column("source", Text("来源", "Source"), Text("资金来源", "Where the money comes from")),
    text_column("batch", Text("批次", "Batch"), Text("资金批次", "Batch of the stream")),
    text_column("use", Text("用途", "Use"), Text("用途（方案中的键）", "Use"), True),
    money_column("amount", Text("金额", "Amount"), Text("收回为负，调增为正", "Negative where taken back")),
    text_column("reason", Text("原因", "Reason"), Text("原因", "Reason")),
    text_column("clause", Text("条款", "Clause"), Text("依据的条款", "Document and clause")),
    text_column(
        "base",
        Text("下年基数", "Next base"),
        Text(
            "下年比较的基数：before 调整前，after 调整后",
            "What next year compares with: the amounts before, or after",
        ),
    ),
)

COUNTIES = (
    CODE,
    COUNTY,
    PREFECTURE,
    money_column("before", Text("调整前", "Before"), Text("已下达", "Issued so far this year")),
    money_column(
        "paid", Text("已支付", "Paid"), Text("已支付；无进度则空", "Paid; blank where not reported")
    ),
    money_column(
        "committed", Text("已签约", "Contracted"), Text("已签约未支付", "Contracted and not yet paid")
    ),
    share_column("rate", Text("支出进度", "Rate"), Text("已支付÷分配额", "Paid over allocated")),
    money_column(
        "takeable", Text("可收回", "Takeable"), Text("触发收回条件的闲置资金", "Idle money that may be taken")
    ),
    money_column(
        "entitlement",
        Text("应得份额", "Formula share"),
        Text("调增资金按因素公式应得的份额", "Formula share of the money that was taken back"),
    ),
    money_column("taken_back", Text("收回", "Taken back"), Text("收回金额", "Money taken back")),
    money_column("received", Text("调增", "Received"), Text("调增金额", "Money received")),
    money_column("after", Text("调整后", "After"), Text("调整后全年金额", "The year's money afterwards")),
    money_column(
        "base",
        Text("下年基数", "Next base"),
        Text("下年比较的基数（--base）", "What next year compares with (--base)"),
    ),
    text_column("note", Text("说明", "Note"), Text("原因与受限的规则", "Reasons, and rules that hold money")),
)


def counties_table(changes: Changes, lang: Language) -> Table:
    """One row a county, before and after."""
    found, known = changes.found, changes.found.loaded.counties
    shape = found.loaded.problem.shape
    before, after = (m.reshape(shape[0], -1).sum(axis=1).tolist() for m in (found.before, found.after))
    paid = _by_county((row.county, row.paid) for row in found.progress.rows)
    contracted = _by_county((row.county, row.committed) for row in found.progress.rows)
    takeable = _by_county((c.county, c.takeable) for c in found.pool.assessment.claims)
    rows = []
    for i, code in enumerate(known.codes):
        rate = found.pool.assessment.rates[i]
        amounts = (changes.taken(i), changes.received(i), after[i], changes.next_base[i])
        rows.append(
            (
                code,
                known.names[i],
                known.prefectures[i],
                changes.shown(before[i]),
                None if i not in paid else money(paid[i]),
                None if i not in contracted else money(contracted[i]),
                None if rate is None else fixed(rate, RATIO_PLACES),
                changes.shown(takeable.get(i, Fraction(0))),
                fixed(changes.due(i), RATIO_PLACES),
                *(changes.shown(v) for v in amounts),
                changes.note(i, lang),
            )
        )
    return Table(
        "reallocation",
        Text("调整前后", "Before and after"),
        Text("各旗县调整前后的金额", "Each county's money before and after"),
        COUNTIES,
        tuple(rows),
        ("code",),
    )


def _by_county(amounts: Iterable[tuple[int, Fraction]]) -> dict[int, Fraction]:
    """County → its amounts together."""
    found: dict[int, Fraction] = {}
    for i, amount in amounts:
        found[i] = found.get(i, Fraction(0)) + amount
    return found


RULES = (
    text_column("rule", Text("规则", "Rule"), Text("规则编号", "The rule's id"), True),
    text_column("title", Text("规则名称", "Title"), Text("规则名称", "Title of the rule")),
    text_column("clause", Text("条款", "Clause"), Text("依据的条款", "Document and clause")),
    text_column("where", Text("对象", "Where"), Text("旗县、盟市或分组", "County, prefecture or group")),
    money_column(
        "left_before", Text("调整前左边", "Left before"), Text("规则左边的金额", "Left side of the rule")
    ),
    text_column("sense", Text("关系", "Sense"), Text("左右两边的关系", "How left and right compare")),
    money_column(
        "slack_before",
        Text("调整前余量", "Slack before"),
        Text("不小于零即符合", "Zero or more where it holds"),
    ),
    money_column(
        "left_after", Text("调整后左边", "Left after"), Text("规则左边的金额", "Left side of the rule")
    ),
    money_column(
        "slack_after",
        Text("调整后余量", "Slack after"),
        Text("不小于零即符合", "Zero or more where it holds"),
    ),
)


def rules_table(changes: Changes, lang: Language) -> Table:
    """Every row of every rule, judged on the year before and after."""
    loaded = changes.found.loaded
    pairs = zip(changes.found.before_verdict.rules, changes.found.verdict.rules, strict=True)
    rows = tuple(
        (
            one.rule,
            rule_title(loaded, one.rule).say(lang),
            loaded.scenario.rule_by_id[one.rule].clause,
            one.where,
            money(one.left),
            one.sense,
            money(one.slack),
            money(two.left),
            money(two.slack),
        )
        for one, two in pairs
        if one.vacuous is None
    )
    return Table(
        "rules",
        Text("规则核验", "Rules"),
        Text("全年规则在调整前后的核验（精确计算）", "The year's rules before and after, exact"),
        RULES,
        rows,
    )


def committed_table(changes: Changes) -> Table:
    """What is issued afterwards, as committed.csv of a scenario holds it."""
    problem = changes.found.loaded.problem
    cube = changes.found.after.reshape(problem.shape)
    rows = tuple(
        (
            problem.counties.codes[i],
            problem.stream_names[s],
            problem.use_names[u],
            changes.shown(cube[i, s, u]),
        )
        for i, s, u in np.argwhere(cube != 0).tolist()
    )
    return Table(
        "committed",
        Text("调整后已下达", "Issued afterwards"),
        Text("调整后的全年资金：旗县 × 资金 × 用途", "The year's money afterwards by county, stream and use"),
        (CODE, LEDGER[6], LEDGER[9], money_column("amount", Text("金额", "Amount"), Text("金额", "Amount"))),
        rows,
        ("code", "stream", "use"),
    )
