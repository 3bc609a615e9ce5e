"""What every rule shares: its name, clause, scope, and the duty to turn into rows."""

from __future__ import annotations

from abc import abstractmethod
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from allocator.policy import Model, Name, Number, Selection, Share, Title
from allocator.problem import Problem
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


class Rule(Model):
    """One policy rule: parameters, clause, title, and `rows`."""

    default_title: ClassVar[Text]

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

    @abstractmethod
    def rows(self, problem: Problem) -> list[Row]:
        """The rule as exact rows, in order of `where`."""

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
