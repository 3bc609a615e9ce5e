"""Least share of the money that goes to uses with a tag, such as industry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from allocator.names import Names, percent
from allocator.policy import Name, Number
from allocator.problem import Base, Problem
from allocator.questions import Question, reading
from allocator.rows import Cells, Row
from allocator.rules.base import Knob, Rule, Turn, YearShare, in_year, share_row, split
from allocator.text import Text

CLAUSE = "内政发〔2022〕9号 三（一）"
BASE = Question(
    "base",
    Text("占比的分母是哪些资金", "whose money the share is taken of"),
    CLAUSE,
    "各盟市收到的中央、自治区财政衔接资金用于产业的比例",
    (
        reading(
            "central_regional",
            "中央和省级（自治区）衔接资金合计",
            "central and provincial (regional)",
            base="central_regional",
        ),
        reading("received", "中央和省级（自治区）资金，含整合资金", "with integrated funds", base="received"),
        reading(
            "bridging", "各级衔接资金，含盟市和旗县本级", "bridging money of all levels", base="bridging"
        ),
        reading("all", "全部资金，含本级和整合资金", "all money, integrated funds too", base="all"),
        reading("central", "只算中央衔接资金", "central bridging money alone", base="central"),
        reading(
            "region",
            "只算省级（自治区）衔接资金",
            "provincial (regional) bridging money alone",
            base="region",
        ),
    ),
    Text(
        "原文列明“中央、自治区财政衔接资金”，未分别要求，也未提本级和其他资金",
        "the text names central and regional bridging money together, and no other",
    ),
)
LEVEL = Question(
    "by",
    Text("由谁达到占比", "who must reach the share"),
    CLAUSE,
    "各盟市收到的…资金用于产业的比例应分别≥55%、60%、65%和70%",
    (
        reading("prefecture", "每个盟市", "each prefecture", by="prefecture"),
        reading("county", "每个旗县", "each county", by="county"),
        reading("region", "全区合计", "the region as a whole", by="all"),
    ),
    Text("原文为“各盟市…分别”", "the text says each prefecture"),
)
RATCHET = Question(
    "ratchet",
    Text("“不低于上年”由谁比较", "who is compared with last year's share"),
    CLAUSE,
    "且不得低于上年用于产业发展的资金占比",
    (
        reading(
            "together", "与占比下限相同的范围（盟市）", "those who must reach the floor", ratchet="together"
        ),
        reading("county", "每个旗县与自己的上年比", "each county with its own", ratchet="county"),
    ),
    Text("该句承接“各盟市”", "the clause goes on from 'each prefecture'"),
)


class UseShareFloor(Rule):
    """各盟市收到的资金用于产业的比例不低于当年下限，且不低于上年占比（内政发〔2022〕9号 三（一））.

    For each group value g: Σ_{g, tag} (x + c) ≥ max(φ_year, retain · last year's share_g) · Σ_g (x + c)
    Both sums are over the money of the `base`. With `ratchet: county` last year's share binds each county
    by itself: Σ_{i, tag} (x + c) ≥ retain · last year's share_i · Σ_i (x + c).

    What counts as the use is told by the tag: a stricter numerator is another tag on fewer uses.
    """

    default_title: ClassVar[Text] = Text("用途占比下限", "Least share of a use")
    turns: ClassVar[Mapping[str, Turn]] = {
        "floor": Turn(Text("占比下限", "least share"), -1, "share"),
        "retain": Turn(Text("上年占比的保持比例", "part of last year's share to keep"), -1, "share"),
    }

    questions: ClassVar[tuple[Question, ...]] = (BASE, LEVEL, RATCHET)

    kind: Literal["use_share_floor"]
    """Kind of rule."""
    tag: Name
    """Tag of the uses that count."""
    by: Name = "prefecture"
    """prefecture, county, all, or a group: for whom the share is taken."""
    floor: YearShare | None = None
    """Least share, or one a year."""
    not_below: Name | None = None
    """Column with last year's share of those of `by`, equal in all their counties; blank: none."""
    retain: Annotated[Number, Field(ge=0, le=1)] = Decimal(1)
    """Part of last year's share that must be kept: 1 for not below it at all."""
    base: Base = "central_regional"
    """Money that the share is taken of, by the level or the fund of streams."""
    ratchet: Literal["together", "county"] = "together"
    """Who is compared with last year's share: those of `by`, or each county by itself."""
    own_share: Name | None = None
    """Column with each county's own share last year, for `ratchet: county`; default: that of `not_below`."""

    @model_validator(mode="after")
    def _asks_something(self) -> UseShareFloor:
        if self.floor is None and self.not_below is None:
            raise ValueError("floor、not_below 至少要有一个 / one of 'floor' and 'not_below' is needed")
        if self.own_share is not None and self.not_below is None:
            raise ValueError("'own_share' needs 'not_below'")
        return self

    def rows(self, problem: Problem) -> list[Row]:
        """One row for each value of `by`; then, with a ratchet by county, one for each with a figure."""
        cells = problem.cells(problem.mask(self.scope) & problem.base_mask(self.base))
        rows = self._shares(problem, cells, self.by, self._floor)
        if self.ratchet != "county" or self.not_below is None:
            return rows
        counted = problem.county_mask(self.scope)
        kept = {code: self._kept(problem, i) for i, code in enumerate(problem.counties.codes) if counted[i]}
        by_county = self._shares(problem, cells, "county", lambda _, code: kept.get(code) or Fraction(0))
        return rows + [row for row in by_county if kept.get(row.where) is not None]

    def _shares(
        self, problem: Problem, cells: Cells, by: str, least: Callable[[Problem, str], Fraction]
    ) -> list[Row]:
        use = problem.use_mask_of_tag(self.tag)[cells % problem.shape[2]]
        wholes, parts = split(problem, cells, by), split(problem, cells[use], by)
        return [
            share_row(where, part, ">=", least(problem, where), whole)
            for (where, whole), (_, part) in zip(wholes, parts, strict=True)
        ]

    def _floor(self, problem: Problem, where: str) -> Fraction:
        floor = Fraction(0) if self.floor is None else in_year(self.floor, problem.year)
        if self.not_below is None or self.ratchet != "together":
            return floor
        values = problem.counties.numbers[self.not_below]
        last = (values[i] for i in problem.counties.positions(self.by, where))
        return max([floor, *(Fraction(self.retain) * Fraction(v) for v in last if v is not None)])

    def _kept(self, problem: Problem, i: int) -> Fraction | None:
        """What a county must keep of last year's share; None where it has no figure."""
        value = problem.counties.numbers[self.own_share or self.not_below or ""][i]
        return None if value is None else Fraction(self.retain) * Fraction(value)

    def asked(self) -> tuple[Question, ...]:
        """The ratchet is a question only where last year's share counts."""
        return tuple(q for q in self.questions if q is not RATCHET or self.not_below is not None)

    def narrows(self, problem: Problem) -> bool:
        """Whether the base leaves some of the scenario's money out."""
        return not problem.base_mask(self.base).all()

    def demand(self, row: Row, names: Names) -> Text:
        """At least a share of the money goes to the tagged uses."""
        who, what, share = names.place(row.where), names.tag(self.tag), percent(row.times)
        last = self.governing(row, names.problem.year) == "retain"
        why = Text("（不低于上年）", " (not below last year's)") if last else Text("", "")
        return Text(
            f"{who.zh}用于{what.zh}的资金不低于 {share}{why.zh}",
            f"at least {share} of the money of {who.en} goes to {what.en}{why.en}",
        )

    def governing(self, row: Row, year: int) -> str:
        """The floor of the year, or what is kept of last year's share."""
        return "floor" if self.floor is not None and row.times == in_year(self.floor, year) else "retain"

    def knobs(self, year: int) -> tuple[Knob, ...]:
        """`retain` counts only where last year's share does."""
        return tuple(k for k in super().knobs(year) if k.key != "retain" or self.not_below is not None)

    def county_columns(self) -> tuple[str, ...]:
        """The columns of last year's share."""
        return tuple(column for column in (self.not_below, self.own_share) if column is not None)

    def yearly(self) -> dict[str, Any]:
        """`floor` may be a map."""
        return {"floor": self.floor}
