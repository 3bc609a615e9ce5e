"""Several years side by side: every county's money, and every prefecture's share against its floor."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from allocator.rules.base import in_year
from allocator.rules.use_share_floor import UseShareFloor
from allocator.text import Text
from allocator.years.money import total, year_cells
from allocator.years.series import Year
from reports.county_table import county_table
from reports.figures import RATIO_PLACES, fixed, money
from reports.outcome import Outcome
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

YEAR = Column("year", Text("年度", "Year"), Text("预算年度", "Budget year"), "integer", "count", True)
MONEY = ("entitlement", "amount", "committed", "total", "last_amount", "change")
"""Columns of a result's counties.csv that stand in years.csv."""


@dataclass(frozen=True)
class ShareLine:
    """One year's least share of one rule for one prefecture (or whom the rule speaks of). Exact."""

    year: int
    rule: str
    title: Text
    clause: str
    where: str
    name: Text
    """Whom it speaks of, in words."""
    floor: Fraction | None
    """The floor written for the year."""
    last: Fraction | None
    """The share of the year before, unrounded where that year was solved here."""
    required: Fraction
    """What the rule asked for."""
    share: Fraction | None
    """None where there is no money."""
    slack: Fraction
    """In money."""

    @property
    def ratchet(self) -> bool:
        """Whether last year's share asks for more than the floor of the year."""
        return self.required > (self.floor or 0)


@dataclass(frozen=True)
class Sequel:
    """Solved years with their outcomes."""

    years: tuple[Year, ...]

    @cached_property
    def outcomes(self) -> tuple[Outcome, ...]:
        """What each year came to."""
        return tuple(Outcome(y.loaded, y.allocation, y.verdict) for y in self.years)

    @cached_property
    def shares(self) -> tuple[ShareLine, ...]:
        """By year, rule and place."""
        return tuple(line for year in self.years for line in _shares(year))


def _shares(year: Year) -> list[ShareLine]:
    loaded = year.loaded
    cells = year_cells(loaded.problem, year.allocation.steps)
    found = []
    for rule in loaded.scenario.rules:
        if not isinstance(rule, UseShareFloor):
            continue
        judged = [row for row in year.verdict.rules if row.rule == rule.id]
        for row, one in zip(loaded.rows[rule.id], judged, strict=True):
            # with a ratchet by county, rows of counties stand beside those of prefectures
            own = rule.by != "county" and row.where in loaded.counties.index
            floor = None if rule.floor is None or own else in_year(rule.floor, year.number)
            last = _last(year, rule, row.where, own)
            whole = total(cells, row.right)
            share = one.left / whole if whole else None
            found.append(
                ShareLine(
                    year.number,
                    rule.id,
                    rule.text,
                    rule.clause,
                    row.where,
                    loaded.names.place(row.where),
                    floor,
                    last,
                    row.times,
                    share,
                    one.slack,
                )
            )
    return found


def _last(year: Year, rule: UseShareFloor, where: str, own: bool) -> Fraction | None:
    """Last year's share: exact where it was fed, else as the file has it."""
    column = rule.own_share or rule.not_below if own else rule.not_below
    if column is None:
        return None
    counties = year.loaded.counties
    places = counties.positions("county" if own else rule.by, where).tolist()
    exact, written = year.fed.get(column, {}), counties.numbers[column]
    values = [exact.get(counties.codes[i], written[i]) for i in places]
    return max((Fraction(v) for v in values if v is not None), default=None)


def years_table(sequel: Sequel) -> Table:
    """One row for each year and county."""
    rows: list[tuple[Cell, ...]] = []
    columns: tuple[Column, ...] = ()
    for year, outcome in zip(sequel.years, sequel.outcomes, strict=True):
        one = county_table(outcome)
        columns = columns or tuple(c for c in one.columns if c.name in MONEY)
        for record in one.records():
            names = (record["code"], record["county"], record["prefecture"])
            rows.append((year.number, *names, *(record.get(c.name) for c in columns)))
    return Table(
        "years",
        Text("逐年金额", "Years"),
        Text("各年各旗县的应得额、分配额和比上年", "Each county's entitlement, money and change, by year"),
        (YEAR, CODE, COUNTY, PREFECTURE, *columns),
        tuple(rows),
        ("year", "code"),
    )


SHARE_COLUMNS = (
    YEAR,
    text_column("rule", Text("规则", "Rule"), Text("规则编号", "The rule's id"), True),
    text_column("clause", Text("条款", "Clause"), Text("规则所依据的文件条款", "Document and clause")),
    text_column(
        "where",
        Text("对象", "Where"),
        Text("盟市（或规则所指的旗县、分组）", "Prefecture, or the county or group that the rule speaks of"),
    ),
    share_column(
        "floor", Text("当年下限", "Floor"), Text("规则中当年的下限", "The year's floor in the rule")
    ),
    share_column(
        "last_share", Text("上年占比", "Last share"), Text("上年占比", "The share of the year before")
    ),
    share_column(
        "required", Text("要求", "Required"), Text("当年须达到的占比", "The share that was required")
    ),
    Column(
        "ratchet",
        Text("受上年约束", "Ratchet"),
        Text("上年占比高于当年下限", "Whether last year's share exceeds the year's floor"),
        "boolean",
    ),
    share_column(
        "share", Text("占比", "Share"), Text("当年占比；无资金则空", "The year's share; blank without money")
    ),
    money_column("slack", Text("余量", "Slack"), Text("超出要求的金额", "Money beyond what was required")),
)


def shares_table(sequel: Sequel) -> Table:
    """One row for each year, rule and prefecture."""
    rows = tuple(
        (
            line.year,
            line.rule,
            line.clause,
            line.where,
            _six(line.floor),
            _six(line.last),
            _six(line.required),
            line.ratchet,
            _six(line.share),
            money(line.slack),
        )
        for line in sequel.shares
    )
    return Table(
        "shares",
        Text("逐年占比", "Shares"),
        Text("各年各盟市占比与下限、上年占比", "Each prefecture's share, floor and last share, by year"),
        SHARE_COLUMNS,
        rows,
        ("year", "rule", "where"),
    )


def _six(value: Fraction | None) -> Cell:
    return None if value is None else fixed(value, RATIO_PLACES)
