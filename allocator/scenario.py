"""What the policy maker chose: the whole of scenario.yaml as one frozen value."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, SerializeAsAny

from allocator.policy import (
    Adjustments,
    Factor,
    Group,
    Model,
    Name,
    Number,
    Share,
    Stream,
    Title,
    Use,
)
from allocator.publication import Publication
from allocator.rules import AnyRule
from allocator.rules.base import Rule

Objective = Literal["leximin", "proportional", "minimax", "least_moved"]
UNIQUE: frozenset[Objective] = frozenset({"leximin", "proportional"})
"""Objectives with one optimum; the others have many, and are there to compare with."""


class Scenario(Model):
    """One scenario: what is distributed, by which formulas, under which rules."""

    name: Name
    """Name of the scenario."""
    title: Title = Title()
    """Title for tables and charts."""
    year: Annotated[int, Field(ge=1949, le=2200)]
    """Budget year."""
    unit: Annotated[str, Field(min_length=1)]
    """Unit of every amount, such as 万元."""
    step: Annotated[Number, Field(gt=0)]
    """Payouts are whole multiples of this."""
    counties: str = "counties.csv"
    """County table, a .csv or .xlsx in the scenario's folder or its parent's."""
    committed: str | None = None
    """Table of money already issued; default: committed.csv where there is one."""
    shapes: str | None = None
    """GeoJSON of county shapes for maps, matched by code; without it maps are tiles by prefecture."""
    extends: str | None = None
    """Scenario folder or file to start from."""
    divisions: Literal["gb2260-2024"] | None = None
    """List of county-level divisions that the county table must agree with."""
    groups: dict[Name, Group] = Field(default_factory=dict)
    """Named groups of counties."""
    uses: dict[Name, Use] = Field(
        default_factory=lambda: {"all": Use(title=Title(zh="全部", en="All"))}, min_length=1
    )
    """Uses of money."""
    mix: dict[Name, Share] = Field(default_factory=dict)
    """Preferred mix of uses, adding up to 1; default: equal parts."""
    formulas: dict[Name, Annotated[tuple[Factor, ...], Field(min_length=1)]]
    """Formulas by name."""
    streams: Annotated[dict[Name, Stream], Field(min_length=1)]
    """Streams by name."""
    rules: tuple[SerializeAsAny[AnyRule], ...]
    """Rules, in the order in which a statement applies them."""
    adjustments: Adjustments | None = None
    """Bounded discretion by hand."""
    objective: Objective = "leximin"
    """Which of the feasible allocations is the right one."""
    publication: Publication | None = None
    """What the publication tables and their notice say."""

    @property
    def rule_by_id(self) -> dict[str, Rule]:
        """Rules by id, in order."""
        return {rule.id: rule for rule in self.rules}
