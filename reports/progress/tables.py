"""Progress as tables: accounts, ranking, streams, projects, flags and scores."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from allocator.progress.flags import KINDS
from allocator.progress.score import scores
from allocator.progress.spending import Progress
from allocator.progress.sums import Sum
from allocator.text import Language, Text
from reports.figures import RATIO_PLACES, fixed, money
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

STREAM = text_column("stream", Text("资金", "Stream"), Text("资金名称", "Name of the stream"), True)
STREAM_TITLE = text_column("stream_title", Text("资金名称", "Title"), Text("资金标题", "Title of the stream"))
BATCH = text_column("batch", Text("批次", "Batch"), Text("批次", "Batch"))
RANK = Column(
    "rank", Text("名次", "Rank"), Text("并列同名次", "Equal counties share one"), "integer", "count"
)
MONEY = (
    money_column("allocated", Text("下达", "Allocated"), Text("下达金额", "Money allocated")),
    money_column("paid", Text("支付", "Paid"), Text("累计支付", "Paid to date")),
    money_column(
        "committed", Text("已落实未付", "Committed"), Text("已落实到项目、尚未支付", "Bound, not yet paid")
    ),
    money_column(
        "expected", Text("序时应付", "Expected"), Text("按序时应支付", "What the schedule asks for")
    ),
    share_column("rate", Text("支出进度", "Rate"), Text("支付 ÷ 下达", "Paid of allocated")),
    share_column("planned", Text("序时进度", "Schedule"), Text("应付 ÷ 下达", "Expected of allocated")),
    share_column("gap", Text("较序时", "Gap"), Text("支出进度 − 序时进度", "Rate less schedule")),
    money_column(
        "shortfall", Text("欠序时", "Shortfall"), Text("低于序时的金额", "Money missing from the schedule")
    ),
)
CONTRIBUTION = share_column(
    "contribution",
    Text("占欠序时", "Part of shortfall"),
    Text("占全部欠序时金额的比重", "Part of all shortfall"),
)
JOIN = Text("；", "; ")


def progress_tables(made: Progress, lang: Language) -> list[Table]:
    """The tables that do not depend on a period, in the order in which they are read."""
    return [
        ranking_table(made),
        streams_table(made, lang),
        accounts_table(made, lang),
        projects_table(made, lang),
        flags_table(made, lang),
        performance_table(made),
    ]


def amounts(total: Sum) -> tuple[Cell, ...]:
    """The cells of MONEY."""
    return (
        money(total.allocated),
        money(total.paid),
        money(total.committed),
        money(total.expected),
        ratio(total.rate),
        ratio(total.planned),
        ratio(total.gap),
        money(total.shortfall),
    )


def ratio(value: Fraction | None) -> Cell:
    """Six places; blank where there is nothing to divide by."""
    return None if value is None else fixed(value, RATIO_PLACES)


def day(value: date | None) -> str | None:
    """A day as the CSV shows it."""
    return None if value is None else value.isoformat()


def _table(name: str, title: Text, columns: tuple[Column, ...], rows: list[tuple[Cell, ...]]) -> Table:
    return Table(name, title, title, columns, tuple(rows))


def ranking_table(made: Progress) -> Table:
    """Counties, the furthest ahead first, with their part of the shortfall."""
    rows = [
        (s.rank, s.code, s.county, s.prefecture, *amounts(s.sum), ratio(s.contribution)) for s in made.ranking
    ]
    columns = (RANK, CODE, COUNTY, PREFECTURE, *MONEY, CONTRIBUTION)
    return _table("ranking", Text("排名", "Ranking"), columns, rows)


def streams_table(made: Progress, lang: Language) -> Table:
    """Streams and batches."""
    rows = [
        (stream, made.streams[stream].say(lang), batch, *amounts(total))
        for (stream, batch), total in made.by_stream.items()
    ]
    return _table("streams", Text("分资金", "Streams"), (STREAM, STREAM_TITLE, BATCH, *MONEY), rows)


def accounts_table(made: Progress, lang: Language) -> Table:
    """Counties by stream and batch."""
    received = text_column("received", Text("收到日期", "Received"), Text("收到日期", "Day of receipt"))
    rows = [
        (
            o.code,
            o.county,
            o.prefecture,
            o.stream,
            made.streams[o.stream].say(lang),
            o.batch,
            day(o.received),
            *amounts(o.sum),
        )
        for o in made.accounts
    ]
    columns = (CODE, COUNTY, PREFECTURE, STREAM, STREAM_TITLE, BATCH, received, *MONEY)
    return _table("accounts", Text("分县分资金分批次", "Accounts"), columns, rows)


def projects_table(made: Progress, lang: Language) -> Table:
    """Projects, with who watches the large industry ones."""
    watching: dict[tuple[str, ...], list[str]] = {}
    for one in made.watched:
        every = {"month": Text("每月", "monthly"), "quarter": Text("每季度", "quarterly")}[one.every]
        said = Text(f"{one.who.zh}{every.zh}", f"{one.who.en} {every.en}").say(lang)
        watching.setdefault((*one.row.account, one.row.project), []).append(said)
    columns = (
        CODE,
        COUNTY,
        STREAM,
        BATCH,
        text_column("project", Text("项目", "Project"), Text("项目编号", "Project"), True),
        text_column("name", Text("项目名称", "Name"), Text("项目名称", "Name of the project")),
        money_column("investment", Text("投资规模", "Investment"), Text("投资规模", "Whole investment")),
        MONEY[0],
        MONEY[1],
        MONEY[2],
        share_column("works", Text("工程进度", "Works"), Text("形象进度", "Physical progress")),
        text_column("planned_start", Text("计划开工", "Planned start"), Text("计划开工", "Planned start")),
        text_column("started", Text("开工", "Started"), Text("开工日期", "Day of the start")),
        text_column("watched", Text("重点监测", "Watched by"), Text("谁监测", "Who watches it")),
    )
    yes = Text("是", "yes").say(lang)
    rows: list[tuple[Cell, ...]] = [
        (
            p.code,
            p.county,
            p.stream,
            p.batch,
            p.project,
            p.name,
            None if p.investment is None else money(p.investment),
            money(p.allocated),
            money(p.paid),
            money(p.committed),
            ratio(p.works),
            day(p.dates.get("planned_start")),
            day(p.dates.get("started")) or (yes if p.begun else None),
            JOIN.say(lang).join(watching.get((*p.account, p.project), [])),
        )
        for one in made.accounts
        for p in one.projects
    ]
    return _table("projects", Text("项目", "Projects"), columns, rows)


def flags_table(made: Progress, lang: Language) -> Table:
    """What is wrong or to be watched."""
    columns = (
        text_column("kind", Text("类别", "Kind"), Text("类别代号", "Kind"), True),
        text_column("title", Text("问题", "Finding"), Text("问题类别", "What it is called")),
        Column("breach", Text("须整改", "Breach"), Text("否则为提示", "Otherwise to be watched"), "boolean"),
        CODE,
        COUNTY,
        STREAM,
        BATCH,
        text_column("project", Text("项目", "Project"), Text("项目编号", "Project")),
        money_column("amount", Text("金额", "Amount"), Text("涉及金额", "Money it is about")),
        Column("days", Text("天数", "Days"), Text("天数", "Days"), "integer", "count"),
        text_column("text", Text("说明", "In words"), Text("说明", "In words")),
        text_column("clause", Text("条款", "Clause"), Text("依据", "Source")),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            f.kind,
            KINDS[f.kind][0].say(lang),
            f.breach,
            f.code,
            f.county,
            f.stream,
            f.batch,
            f.project,
            money(f.amount),
            f.days,
            f.text.say(lang),
            KINDS[f.kind][1],
        )
        for f in made.flags
    ]
    return _table("flags", Text("预警", "Flags"), columns, rows)


def performance_table(made: Progress) -> Table:
    """performance.csv: scores for the performance factor; see docs/progress-factor.md."""
    columns = (
        CODE,
        COUNTY,
        Column("score", Text("得分", "Score"), Text("0—100", "0 to 100"), "number", "plain", True),
        MONEY[0],
        MONEY[1],
        MONEY[3],
        MONEY[4],
        MONEY[5],
        Column("breaches", Text("问题数", "Breaches"), Text("问题数", "Breaches"), "integer", "count"),
        text_column("as_of", Text("数据日期", "As of"), Text("数据日期", "Day of the figures")),
    )
    rows: list[tuple[Cell, ...]] = []
    for one in scores(made):
        cells = amounts(one.sum)
        kept = (cells[0], cells[1], cells[3], cells[4], cells[5])
        rows.append((one.code, one.county, one.score, *kept, one.breaches, day(made.setting.day)))
    return _table("performance", Text("绩效得分", "Performance"), columns, rows)
