"""A scenario folder, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from allocator.counties import Counties
from allocator.input.yaml_tree import Node
from allocator.names import Names
from allocator.problem import Problem
from allocator.rows import Row
from allocator.scenario import Scenario
from allocator.shapes import Shape
from allocator.text import Text

Issued = Mapping[tuple[int, str, str], Fraction]
"""(county, stream, use) → money already issued this year."""


@dataclass(frozen=True)
class FactorShare:
    """One factor of one county in one stream: the entitlement taken apart."""

    county: int
    stream: str
    factor: str
    weight: str
    """As written."""
    value: str
    """Raw value as a plain decimal, or the band's name."""
    share: str
    """Share of the county in the factor, a plain decimal."""
    amount: str
    """Its part of the formula amount, a plain decimal; parts add up to the amount shown."""


@dataclass(frozen=True)
class Loaded:
    """Everything that follows from the files before anything is decided."""

    scenario: Scenario
    counties: Counties
    problem: Problem
    rows: Mapping[str, tuple[Row, ...]]
    """Rows of every rule, by rule id, in the scenario's order."""
    factors: tuple[FactorShare, ...]
    """By county code, stream, then factor in the formula's order."""
    notices: tuple[Text, ...]
    """Things a planner should know that are no faults."""
    totals: Mapping[str, object]
    """Control totals: budgets, committed, number of counties, Σ of each factor column."""
    digests: Mapping[str, str]
    """SHA-256 of every file read, by path as the user would write it."""
    tree: Node
    """scenario.yaml with everything merged in, each value with its place."""
    issued: Issued
    shapes: Mapping[str, Shape] = field(default_factory=dict)
    """County shapes by code; empty where the scenario names none."""

    @property
    def names(self) -> Names:
        """What things are called."""
        return Names(self.problem, self.scenario.groups, self.scenario.unit)
