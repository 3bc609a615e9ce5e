"""What every rule shares: its name, clause, scope, and the duty to turn into rows."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from pydantic import Field

from allocator.names import Names, number, percent
from allocator.policy import Model, Name, Number, Selection, Share, Title
from allocator.problem import Problem
from allocator.questions import Question
from allocator.rows import Cells, Row, Sense
from allocator.text import Text

ByYear = Annotated[dict[int, Number], Field(min_length=1)]
"""Year → decimal; the scenario's year must be among them."""

YearNumber = Annotated[Number, Field(ge=0)] | ByYear
"""A decimal, or one a year."""

YearShare = Share | Annotated[dict[int, Share], Field(min_length=1)]
"""A share between 0 and 1, or one a year."""


def in_year(value: Decimal | dict[int, Decimal], year: int) -> Fraction:
    """The exact value that holds in `year`."""
    return Fraction(value[year] if isinstance(value, dict) else value)


EXACT = 12
"""Places of a value that is to be shown as written."""
Form = Literal["share", "multiple", "money"]
"""What a parameter is: a share between 0 and 1, a multiple of something, or an amount."""


@dataclass(frozen=True, slots=True)
class Turn:
    """How one parameter of a rule can be turned."""

    title: Text
    loosens: Literal[-1, 1]
    """The direction in which the rule asks for less."""
    form: Form


@dataclass(frozen=True, slots=True)
class Knob:
    """One number of a rule that a planner can turn, with the value that holds this year."""

    rule: str
    key: str
    title: Text
    value: Decimal
    loosens: Literal[-1, 1]
    form: Form
    signed: bool = False
    """Whether it may be negative."""

    @property
    def step(self) -> Decimal:
        """A policy step: one point of a share or multiple (a tenth below 10 %), 1 % of an amount."""
        if self.form == "money":
            return abs(self.value) / 100 or Decimal(1)
        return Decimal("0.01") if abs(self.value) >= Decimal("0.1") else Decimal("0.001")

    def legal(self, value: Decimal) -> bool:
        """Whether the scenario accepts the value."""
        return (value >= 0 or self.signed) and (value <= 1 or self.form != "share")

    def within(self, value: Decimal) -> Decimal:
        """The legal value next to this one."""
        low = value if self.signed else max(value, Decimal(0))
        return min(low, Decimal(1)) if self.form == "share" else low

    def say(self, value: Fraction, names: Names, exact: bool = False) -> str:
        """A value of this parameter for reading; `exact` keeps every digit that was written."""
        places = EXACT if exact else 2
        if self.form == "money":
            return f"{number(value, places)} {names.unit}"
        return percent(value, places) if self.form == "share" else number(value, max(4, places))


class Alternative(Model):
    """Another reading of a rule, as the scenario states it: parameters with other values."""

    title: Title = Title()
    """What it means, for tables."""
    clause: str = ""
    """Document and clause that it is grounded in."""
    set: Annotated[dict[str, Any], Field(min_length=1)]
    """Parameter of the rule → value under this reading."""


FIXED = frozenset({"kind", "id", "alternatives"})
"""Keys that no reading may change."""


class Rule(Model):
    """One policy rule: parameters, clause, title, and `rows`."""

    default_title: ClassVar[Text]
    questions: ClassVar[tuple[Question, ...]] = ()
    """What the clause leaves open, each with the readings that the parameters can express."""
    turns: ClassVar[Mapping[str, Turn]] = {}
    """Every numeric parameter by key."""

    kind: str
    """Kind of rule."""
    id: Name = ""
    """Name by which `--set`, tables and messages address the rule; default: its kind."""
    title: Title = Title()
    """Title for tables and charts."""
    clause: str = ""
    """Document and clause that the rule implements."""
    law: bool = False
    """Whether the rule is law and never offered as a repair."""
    scope: Selection | None = None
    """Money that the rule looks at; default: all."""
    alternatives: dict[Name, Alternative] = Field(default_factory=dict)
    """Other readings to show beside this one: `allocator readings` solves the scenario under each."""

    @abstractmethod
    def rows(self, problem: Problem) -> list[Row]:
        """The rule as exact rows, in order of `where`."""

    @abstractmethod
    def demand(self, row: Row, names: Names) -> Text:
        """What one row asks for, as a planner would say it."""

    def demand_of(self, rows: Sequence[Row], names: Names) -> Text:
        """What several rows ask for: the first, and how many more there are."""
        first, more = self.demand(rows[0], names), len(rows) - 1
        if not more:
            return first
        return Text(f"{first.zh}，等 {len(rows)} 处", f"{first.en}, and {more} more")

    @abstractmethod
    def governing(self, row: Row, year: int) -> str:
        """Key of the parameter that sets the row's right side."""

    def governs(self, row: Row, year: int) -> tuple[str, ...]:
        """Keys of all parameters that set the row's right side."""
        return (self.governing(row, year),)

    def knobs(self, year: int) -> tuple[Knob, ...]:
        """Every parameter that is set, with its value in `year`."""
        found = []
        for key, turn in self.turns.items():
            value = getattr(self, key)
            if value is not None:
                value = value[year] if isinstance(value, dict) else value
                found.append(Knob(self.id, key, turn.title, value, turn.loosens, turn.form))
        return tuple(found)

    def turned(self, key: str, value: Decimal, year: int) -> Self:
        """The same rule with another value of one parameter in `year`."""
        old = getattr(self, key)
        new = {**old, year: value} if isinstance(old, dict) else value
        return self.model_copy(update={key: new})

    def asked(self) -> tuple[Question, ...]:
        """Questions that matter with the parameters as they are."""
        return self.questions

    def read(self, values: Mapping[str, Any]) -> Self:
        """The same rule under a reading, its values checked; raises pydantic's ValidationError."""
        own = {key: getattr(self, key) for key in self.model_fields_set if key != "alternatives"}
        return type(self).model_validate({**own, "kind": self.kind, "id": self.id, **values})

    @property
    def text(self) -> Text:
        """The title, or the kind's own."""
        own = self.title.text()
        return Text(own.zh or self.default_title.zh, own.en or self.default_title.en)

    def county_columns(self) -> tuple[str, ...]:
        """Numeric county columns that the rule reads."""
        return ()

    def group_names(self) -> tuple[str, ...]:
        """Groups that the rule names outside its selections."""
        return ()

    def selections(self) -> dict[str, Selection]:
        """Every selection of the rule by its key."""
        return {} if self.scope is None else {"scope": self.scope}

    def yearly(self) -> dict[str, Any]:
        """Parameters, by key, that may be maps from year to decimal."""
        return {}


def split(problem: Problem, cells: Cells, by: str) -> list[tuple[str, Cells]]:
    """Cells of each county, prefecture or group, or of everyone (`all`), with its `where`."""
    if by == "all":
        return [("", cells)]
    owner = cells // (problem.shape[1] * problem.shape[2])
    if by == "county":
        edges = np.searchsorted(owner, np.arange(len(problem.counties) + 1))
        bounds = zip(problem.counties.codes, edges[:-1], edges[1:], strict=True)
        return [(code, cells[low:high]) for code, low, high in bounds]
    if by == "prefecture":
        members = problem.counties.prefecture_members
        return [(name, cells[np.isin(owner, rows)]) for name, rows in members.items()]
    return [(by, cells[problem.counties.groups[by][owner]])]


def share_row(where: str, part: Cells, sense: Sense, share: Fraction, whole: Cells) -> Row:
    """Σ part ≥ | ≤ share · Σ whole; vacuous where no money can be in the whole."""
    nothing = Text("没有可计入的资金", "no money can count here") if not len(whole) else None
    return Row(where, part, sense, share, whole, Fraction(0), nothing)
