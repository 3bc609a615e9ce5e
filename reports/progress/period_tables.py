"""The three rhythms of progress as tables: 周调度, 月会商, 季通报 (大兴安岭联动机制 二（三）1)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from allocator.names import number
from allocator.progress.flags import KINDS
from allocator.progress.periods import TITLES, Period
from allocator.progress.spending import Progress
from allocator.progress.sums import Sum
from allocator.text import Language, Text
from reports.figures import money
from reports.progress.tables import CONTRIBUTION, JOIN, MONEY, RANK, amounts, day, ratio
from reports.table import CODE, COUNTY, PREFECTURE, Cell, Column, Table, money_column, text_column

Parts = tuple[tuple[Column, ...], list[tuple[Cell, ...]]]
"""Columns and rows."""
WITHIN = money_column(
    "paid_within", Text("本期支付", "Paid within"), Text("空白为无从得知", "Blank: not known")
)
SINCE = text_column(
    "since",
    Text("起算数据", "Since"),
    Text(
        "本期支付与哪天的数据相比；空白为期内收到的资金，或无从得知",
        "Day of the figures that it is compared with; blank: received within the period, or not known",
    ),
)
AMOUNT = money_column("amount", Text("金额", "Amount"), Text("涉及金额", "Money it is about"))
COUNTIES = Column("counties", Text("涉及旗县数", "Counties"), Text("旗县数", "Counties"), "integer", "count")
PERIODS: tuple[Period, ...] = ("week", "month", "quarter")


def _count(name: str, title: Text) -> Column:
    return Column(name, title, title, "integer", "count")


WEEK = (
    CODE,
    COUNTY,
    text_column("as_of", Text("数据日期", "As of"), Text("数据日期", "Day of the figures")),
    MONEY[0],
    MONEY[1],
    WITHIN,
    SINCE,
    MONEY[4],
    MONEY[6],
    _count("projects", Text("项目数", "Projects")),
    _count("begun", Text("已开工", "Begun")),
    _count("problems", Text("问题数", "Problems")),
    text_column("list", Text("问题清单", "List"), Text("问题清单", "List of problems")),
)
QUARTER = (
    RANK,
    CODE,
    COUNTY,
    PREFECTURE,
    MONEY[0],
    MONEY[1],
    WITHIN,
    SINCE,
    MONEY[4],
    MONEY[5],
    MONEY[6],
    CONTRIBUTION,
    text_column("verdict", Text("通报", "Verdict"), Text("表扬或批评", "Praise or criticism")),
    text_column("reason", Text("事由", "Reason"), Text("事由", "Why")),
)


def period_table(made: Progress, period: Period, lang: Language) -> Table:
    """周调度, 月会商 or 季通报."""
    columns, rows = {"week": _week, "month": _month, "quarter": _quarter}[period](made, lang)
    span = made.span(period)
    title = Text(
        f"{TITLES[period].zh}（{span.first} 至 {span.last}）",
        f"{TITLES[period].en} ({span.first} to {span.last})",
    )
    return Table(period, title, title, columns, tuple(rows))


def _week(made: Progress, lang: Language) -> Parts:
    """Progress of projects, payments and problems of every county."""
    within = _within(made, "week", lang)
    rows: list[tuple[Cell, ...]] = []
    for s in sorted(made.ranking, key=lambda s: s.code):
        projects = [p for one in made.accounts if one.code == s.code for p in one.projects]
        kinds = [f.kind for f in made.breaches if f.code == s.code and f.kind != "problem_overdue"]
        problems = [row.problem for row in made.open_problems if row.code == s.code]
        listed = [*_counted(kinds, lang), *problems]
        cells = amounts(s.sum)
        rows.append(
            (
                s.code,
                s.county,
                day(made.reported(s.code)),
                cells[0],
                cells[1],
                *within[s.code],
                cells[4],
                cells[6],
                len(projects),
                sum(p.begun for p in projects),
                len(kinds) + len(problems),
                JOIN.say(lang).join(listed),
            )
        )
    return WEEK, rows


def _within(made: Progress, period: Period, lang: Language) -> dict[str, tuple[Cell, Cell]]:
    """The cells of WITHIN and SINCE, by county."""
    days = made.since(period)
    return {
        code: (
            None if paid is None else money(paid),
            JOIN.say(lang).join(one.isoformat() for one in days.get(code, ())) or None,
        )
        for code, paid in made.paid_within(period).items()
    }


def _month(made: Progress, lang: Language) -> Parts:
    """Problems to be settled: those in common first, each with measure, owner and due day."""
    columns = (
        text_column("problem", Text("问题", "Problem"), Text("问题类别", "Kind of problem")),
        COUNTIES,
        COUNTY,
        AMOUNT,
        text_column("text", Text("说明", "In words"), Text("说明", "In words")),
        text_column("measure", Text("解决措施", "Measure"), Text("解决措施", "Measure")),
        text_column("owner", Text("责任", "Owner"), Text("责任单位或责任人", "Who is responsible")),
        text_column("due", Text("完成时限", "Due"), Text("完成时限", "Day by which it is to be done")),
    )
    groups: dict[str, list[tuple[Cell, ...]]] = {}
    spread: dict[str, set[str]] = {}
    for flag in made.breaches:
        if flag.kind == "problem_overdue":
            continue
        title = KINDS[flag.kind][0].say(lang)
        spread.setdefault(title, set()).add(flag.code)
        groups.setdefault(title, []).append(
            (flag.county, money(flag.amount), flag.text.say(lang), "", "", "")
        )
    reported = Text("报告的问题", "reported").say(lang)
    for row in made.open_problems:
        spread.setdefault(reported, set()).add(row.code)
        cells = (row.county, None, row.problem, row.measure, row.owner, day(row.dates.get("due")) or "")
        groups.setdefault(reported, []).append(cells)
    ordered = sorted(groups, key=lambda title: (-len(spread[title]), title))
    return columns, [(title, len(spread[title]), *cells) for title in ordered for cells in groups[title]]


def _quarter(made: Progress, lang: Language) -> Parts:
    """The ranking, with who is praised and who is criticised, and why."""
    within = _within(made, "quarter", lang)
    praised, criticised = ({s.code for s in group} for group in (made.praised(), made.criticised()))
    rows: list[tuple[Cell, ...]] = []
    for s in made.ranking:
        cells = amounts(s.sum)
        verdict = Text("表扬", "praise") if s.code in praised else Text("批评", "criticism")
        said = verdict.say(lang) if s.code in praised | criticised else ""
        rows.append(
            (
                s.rank,
                s.code,
                s.county,
                s.prefecture,
                cells[0],
                cells[1],
                *within[s.code],
                cells[4],
                cells[5],
                cells[6],
                ratio(s.contribution),
                said,
                _reason(made, s.code, s.sum, lang),
            )
        )
    return QUARTER, rows


def _reason(made: Progress, code: str, total: Sum, lang: Language) -> str:
    """Points ahead or behind, and how many findings of which kind."""
    gap = (total.gap or Fraction(0)) * 100
    ahead = Text(f"超序时 {number(gap)} 个百分点", f"{number(gap)} points ahead")
    behind = Text(f"落后序时 {number(-gap)} 个百分点", f"{number(-gap)} points behind")
    parts = [(ahead if gap >= 0 else behind).say(lang)]
    kinds = [flag.kind for flag in made.breaches if flag.code == code and flag.kind != "behind"]
    return JOIN.say(lang).join([*parts, *_counted(kinds, lang)])


def _counted(kinds: Sequence[str], lang: Language) -> list[str]:
    """How many findings of which kind."""
    said = []
    for kind in dict.fromkeys(kinds):
        count, title = kinds.count(kind), KINDS[kind][0]
        said.append(Text(f"{title.zh} {count} 项", f"{count} × {title.en}").say(lang))
    return said
