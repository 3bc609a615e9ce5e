"""What is wrong, or must be watched, on a day: each flag with its clause, its money and its days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from allocator.dates import add_months
from allocator.names import number, percent
from allocator.progress.sums import ZERO, Account
from allocator.progress.table import Row
from allocator.text import Text

StartClock = Literal["planned", "received", "approved"]
Monitor = Literal["by_level", "by_size"]
MONTHS_TO_START = 6
"""内政发〔2022〕9号 五（三）: 项目6个月以上未按时开工."""
REGIONAL, PREFECTURAL = 5000, 3000
"""万元; 新财振〔2024〕1号 三（二）: 投资规模5000万元以上、3000万元以上的产业项目."""
CLOCKS: Mapping[StartClock, Literal["planned_start", "received", "approved"]] = {
    "planned": "planned_start",
    "received": "received",
    "approved": "approved",
}

KINDS: Mapping[str, tuple[Text, str]] = {
    "behind": (
        Text("落后序时", "behind schedule"),
        "阳农局财字〔2024〕13号 三（四）；内政发〔2022〕9号 五（三）",
    ),
    "idle": (Text("资金滞留", "idle money"), "内政发〔2022〕9号 四（三）、五（三）"),
    "not_started": (Text("逾期未开工", "not started in time"), "内政发〔2022〕9号 五（三）"),
    "over_progress": (Text("超进度拨付", "paid ahead of works"), "新财振〔2024〕1号 二（二）"),
    "arrears": (Text("拨付滞后于工程", "payment behind works"), "新财振〔2024〕1号 二（二）"),
    "same_year": (Text("当年资金未支出完", "same-year money unspent"), "阳农局财字〔2024〕13号 二"),
    "difference": (Text("两系统数据不一致", "systems differ"), "大兴安岭联动机制 二（三）2"),
    "projects_exceed": (Text("项目合计超过资金", "projects exceed account"), "大兴安岭联动机制 二（三）2"),
    "problem_overdue": (Text("问题整改逾期", "problem overdue"), "大兴安岭联动机制 三（三）"),
}
"""Kind → title and clause."""


@dataclass(frozen=True)
class Limits:
    """From when on something is flagged."""

    behind: Decimal = Decimal(0)
    """Points behind schedule that are tolerated, as a share; the documents name none."""
    idle_days: int = 30
    """Days after receipt by which money is bound to a project: 内政发〔2022〕9号 四（三）, 30日内."""
    arrears: Decimal | None = None
    """Share by which payment may lag behind works; None: not judged, the documents name none."""
    start_clock: StartClock = "planned"
    """From when the six months run; `planned` is the grammar of 项目6个月以上未按时开工."""
    monitor: Monitor = "by_level"


@dataclass(frozen=True)
class Flag:
    """One finding."""

    kind: str
    breach: bool
    """False: to be watched, nothing is broken yet."""
    code: str
    county: str
    stream: str
    batch: str
    project: str
    amount: Fraction
    """Money it is about."""
    days: int | None
    text: Text


@dataclass(frozen=True)
class Watched:
    """A large industry project under special monitoring."""

    row: Row
    who: Text
    every: Literal["month", "quarter"]


@dataclass(frozen=True)
class _Day:
    """What everything is judged by."""

    day: date
    year: int
    limits: Limits
    unit: str

    @property
    def year_end(self) -> date:
        return date(self.year, 12, 31)


def flags(found: Sequence[Account], day: date, year: int, limits: Limits, unit: str) -> tuple[Flag, ...]:
    """Every flag, by county, stream, batch, project."""
    on = _Day(day, year, limits, unit)
    result: list[Flag] = []
    for one in found:
        for test in (_behind, _idle, _same_year_account, _difference, _projects_exceed):
            result += test(one, on)
        for row in one.projects:
            for check in (_not_started, _over_progress, _arrears, _same_year_project):
                result += check(row, on)
        for row in ([one.own] if one.own else []) + list(one.projects):
            result += _problem_overdue(row, on)
    return tuple(result)


def _of_account(
    kind: str, one: Account, amount: Fraction, text: Text, days: int | None = None, breach: bool = True
) -> Flag:
    return Flag(kind, breach, one.code, one.county, one.stream, one.batch, "", amount, days, text)


def _of_project(
    kind: str, row: Row, amount: Fraction, text: Text, days: int | None = None, breach: bool = True
) -> Flag:
    return Flag(kind, breach, row.code, row.county, row.stream, row.batch, row.project, amount, days, text)


def _behind(one: Account, on: _Day) -> Iterator[Flag]:
    gap = one.sum.gap
    if gap is None or -gap <= Fraction(on.limits.behind):
        return
    rate, points = percent(one.sum.rate or ZERO), number(-gap * 100)
    short = number(one.sum.shortfall)
    text = Text(
        f"支出 {rate}，落后 {points} 个百分点，差 {short} {on.unit}",
        f"spent {rate}, {points} points behind, {short} {on.unit} short",
    )
    yield _of_account("behind", one, one.sum.shortfall, text)


def _idle(one: Account, on: _Day) -> Iterator[Flag]:
    unbound = one.sum.unbound
    if one.received is None or on.day <= one.received + timedelta(on.limits.idle_days) or not unbound:
        return
    held, money = (on.day - one.received).days, f"{number(unbound)} {on.unit}"
    text = Text(
        f"收到 {held} 天，{money} 未支付也未落实到项目",
        f"{held} days after receipt {money} are neither paid nor committed",
    )
    yield _of_account("idle", one, unbound, text, held)


def _same_year_account(one: Account, on: _Day) -> Iterator[Flag]:
    rest = one.sum.allocated - one.sum.paid
    # an account that its projects add up to is flagged project by project
    if one.own is not None and one.same_year and rest:
        money = f"{number(rest)} {on.unit}"
        text = Text(f"当年资金尚有 {money} 未支出", f"{money} of same-year money unspent")
        left = (on.year_end - on.day).days
        yield _of_account("same_year", one, rest, text, left, on.day >= on.year_end)


def _difference(one: Account, on: _Day) -> Iterator[Flag]:
    other, paid = one.paid_reported, one.sum.paid
    if other is not None and other != paid:
        text = Text(
            f"财政系统 {number(paid)}，另一系统 {number(other)} {on.unit}",
            f"fiscal system {number(paid)}, the other {number(other)} {on.unit}",
        )
        yield _of_account("difference", one, abs(other - paid), text)


def _projects_exceed(one: Account, on: _Day) -> Iterator[Flag]:
    if one.own is None:
        return
    allocated = sum((row.allocated for row in one.projects), ZERO), one.sum.allocated
    paid = sum((row.paid for row in one.projects), ZERO), one.sum.paid
    for (parts, whole), name in ((allocated, Text("下达", "allocated")), (paid, Text("支付", "paid"))):
        if parts > whole:
            text = Text(
                f"项目{name.zh}合计 {number(parts)} 大于资金{name.zh} {number(whole)} {on.unit}",
                f"projects' {name.en} {number(parts)} exceeds the account's {number(whole)} {on.unit}",
            )
            yield _of_account("projects_exceed", one, parts - whole, text)


def _not_started(row: Row, on: _Day) -> Iterator[Flag]:
    since = row.dates.get(CLOCKS[on.limits.start_clock])
    if row.begun or row.exempt or since is None or on.day < add_months(since, MONTHS_TO_START):
        return
    waited = (on.day - since).days
    text = Text(
        f"{row.name}：自 {since} 起满 {MONTHS_TO_START} 个月未开工（{waited} 天）",
        f"{row.name}: not started {MONTHS_TO_START} months after {since} ({waited} days)",
    )
    yield _of_project("not_started", row, row.allocated - row.paid - row.committed, text, waited)


def _works(row: Row) -> Fraction | None:
    """Physical progress: none before the start; not known where a begun project does not say."""
    return row.works if row.begun or row.works else ZERO


def _over_progress(row: Row, on: _Day) -> Iterator[Flag]:
    works = _works(row)
    if works is None or row.paid <= works * row.allocated:
        return
    over = row.paid - works * row.allocated
    done, paid, ahead = percent(works), number(row.paid), f"{number(over)} {on.unit}"
    text = Text(
        f"{row.name}：工程进度 {done}，已付 {paid}，超付 {ahead}",
        f"{row.name}: works {done}, paid {paid}, {ahead} ahead",
    )
    yield _of_project("over_progress", row, over, text)


def _arrears(row: Row, on: _Day) -> Iterator[Flag]:
    works, tolerated = _works(row), on.limits.arrears
    if works is None or tolerated is None:
        return
    due = (works - Fraction(tolerated)) * row.allocated
    if row.paid < due:
        done, paid = percent(works), f"{number(row.paid)} {on.unit}"
        text = Text(
            f"{row.name}：工程进度 {done}，仅付 {paid}", f"{row.name}: works {done}, only {paid} paid"
        )
        yield _of_project("arrears", row, due - row.paid, text)


def _same_year_project(row: Row, on: _Day) -> Iterator[Flag]:
    rest = row.allocated - row.paid
    if row.same_year and rest:
        money = f"{number(rest)} {on.unit}"
        text = Text(
            f"{row.name}：当年资金尚有 {money} 未支出", f"{row.name}: {money} of same-year money unspent"
        )
        left = (on.year_end - on.day).days
        yield _of_project("same_year", row, rest, text, left, on.day >= on.year_end)


def _problem_overdue(row: Row, on: _Day) -> Iterator[Flag]:
    due = row.dates.get("due")
    if row.problem and due is not None and due < on.day and not is_closed(row, on.day):
        text = Text(f"{row.problem}（应于 {due} 前整改）", f"{row.problem} (due {due})")
        yield _of_project("problem_overdue", row, ZERO, text, (on.day - due).days)


def is_closed(row: Row, day: date) -> bool:
    """Was the row's problem struck off the ledger by that day?"""
    closed = row.dates.get("closed")
    return closed is not None and closed <= day


def watched(
    found: Sequence[Account], industry: Mapping[str, bool], per_wan: Fraction, limits: Limits
) -> list[Watched]:
    """Industry projects from 3,000 and 5,000 万元 of investment, once for each who watches them.

    `industry` says which uses are industry; `per_wan` is how many of the table's units make 10,000 yuan.
    by_level: the prefecture watches all from 3,000 monthly, the region those from 5,000 quarterly;
    by_size: both levels watch those from 5,000 quarterly and the others monthly.
    """
    prefecture, region = (
        Text("地州行业主管部门", "prefecture departments"),
        Text("自治区行业主管部门", "regional departments"),
    )
    both = Text("区地两级行业主管部门", "departments of both levels")
    result = []
    for row in (row for one in found for row in one.projects):
        is_industry = row.industry if row.industry is not None else industry.get(row.use, False)
        if not is_industry or row.investment is None or row.investment < PREFECTURAL * per_wan:
            continue
        large = row.investment >= REGIONAL * per_wan
        if limits.monitor == "by_size":
            result.append(Watched(row, both, "quarter" if large else "month"))
            continue
        result.append(Watched(row, prefecture, "month"))
        if large:
            result.append(Watched(row, region, "quarter"))
    return result
