"""Edges that a county's figure can cross: bands of factors, thresholds of groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from allocator.counties import Counties
from allocator.loaded import Loaded
from allocator.text import Text
from allocator.why.bands import figure, numeric_bands


@dataclass(frozen=True, slots=True)
class Edge:
    """Where something changes: at the figure itself (closed) or just above it."""

    at: Decimal
    closed: bool


@dataclass(frozen=True, slots=True)
class Ladder:
    """The edges of one graded factor or one threshold; those read alike by several stand once."""

    columns: tuple[tuple[str, Decimal], ...]
    """Column → its weight in the value that is graded."""
    edges: tuple[Edge, ...]
    names: tuple[str, ...]
    """Factors and groups by their path in the scenario."""
    titles: tuple[Text, ...]
    in_rules: bool
    """Whether a rule looks at the group."""

    @property
    def title(self) -> Text:
        """All the titles."""
        return Text("、".join(t.zh for t in self.titles), " and ".join(t.en for t in self.titles))


@dataclass(frozen=True, slots=True)
class Crossing:
    """A county's way across its nearest edge of a ladder, by one figure."""

    county: int
    ladder: Ladder
    edge: Decimal
    column: str
    now: Decimal
    brink: Decimal
    """The last figure on the county's own side."""
    across: Decimal
    """The first figure on the other side."""

    @property
    def distance(self) -> Decimal | None:
        """How far the figure must move, as a part of itself; None for a zero."""
        return abs(self.across - self.now) / self.now if self.now else None


def ladders(loaded: Loaded) -> list[Ladder]:
    """Every numeric graded factor with money, and every numeric threshold of a group that matters."""
    merged: dict[Any, Ladder] = {}
    for found in (*_graded(loaded), *_thresholds(loaded)):
        key = found.columns, found.edges
        known = merged.get(key, found)
        merged[key] = Ladder(
            *key,
            tuple(dict.fromkeys(known.names + found.names)),
            tuple(dict.fromkeys(known.titles + found.titles)),
            known.in_rules or found.in_rules,
        )
    return list(merged.values())


def _graded(loaded: Loaded) -> Iterable[Ladder]:
    scenario = loaded.scenario
    for name in dict.fromkeys(s.formula for s in scenario.streams.values() if s.budget):
        for factor in scenario.formulas[name]:
            # below the lowest band no county may be, so its edge is none that can be crossed
            edges = tuple(Edge(at, True) for at, _ in numeric_bands(factor)[1:])
            columns = tuple((column, weight) for column, weight in factor.columns.items() if weight)
            if edges and columns and factor.weight:
                own = factor.title.text(factor.factor)
                title = Text(f"“{own.zh}”分档", f"bands of '{own.en}'")
                yield Ladder(columns, edges, (f"formulas.{name}.{factor.factor}",), (title,), False)


def _thresholds(loaded: Loaded) -> Iterable[Ladder]:
    formula, rules = _groups_of_formulas(loaded), _groups_of_rules(loaded)
    for name, group in loaded.scenario.groups.items():
        for column, wanted in (group.where or {}).items():
            if not isinstance(wanted, Mapping) or name not in formula | rules:
                continue
            limits = ((wanted.get("min"), True), (wanted.get("max"), False))
            edges = tuple(Edge(Decimal(at), closed) for at, closed in limits if at is not None)
            own = loaded.names.group(name)
            title = Text(f"“{own.zh}”门槛", f"threshold of '{own.en}'")
            yield Ladder(((column, Decimal(1)),), edges, (f"groups.{name}",), (title,), name in rules)


def _groups_of_formulas(loaded: Loaded) -> set[str]:
    """Groups that decide who takes part in a stream with money, or that bring points there."""
    scenario = loaded.scenario
    running = [s for s in scenario.streams.values() if s.budget]
    points = {
        group
        for stream in running
        for factor in scenario.formulas[stream.formula]
        for group, value in (factor.points or {}).items()
        if factor.weight and value
    }
    return points | {stream.eligible for stream in running}


def _groups_of_rules(loaded: Loaded) -> set[str]:
    found: set[str] = set()
    for rule in loaded.scenario.rules:
        found |= {*rule.group_names(), str(getattr(rule, "by", ""))}
        found |= {s.group for s in rule.selections().values() if s.group is not None}
    return found


def crossings(ladder: Ladder, counties: Counties) -> list[Crossing]:
    """For each county its nearest edge of the ladder; those that no figure can take across are left out."""
    unit = _unit(ladder, counties)
    found = []
    for i in range(len(counties)):
        ways = [way for edge in ladder.edges if (way := _way(ladder, edge, counties, i, unit)) is not None]
        if ways:
            found.append(min(ways, key=lambda way: abs(way.across - way.now)))
    return found


def _unit(ladder: Ladder, counties: Counties) -> Decimal:
    """One unit of the last decimal place that the columns and edges use."""
    written = [edge.at for edge in ladder.edges]
    for column, _ in ladder.columns:
        written += [v for i in range(len(counties)) if (v := figure(counties, i, column)) is not None]
    places = min(min(int(v.normalize().as_tuple().exponent), 0) for v in written)
    return Decimal(1).scaleb(places)


def _way(ladder: Ladder, edge: Edge, counties: Counties, i: int, unit: Decimal) -> Crossing | None:
    """Across one edge, by the column that weighs most."""
    figures = [(figure(counties, i, column), weight) for column, weight in ladder.columns]
    value = sum((weight * (number or Decimal(0)) for number, weight in figures), Decimal(0))
    most = max(range(len(figures)), key=lambda k: figures[k][1])
    now, weight = figures[most]
    if now is None:
        return None
    exact = (now + (edge.at - value) / weight) / unit
    if edge.closed:
        upper = exact.to_integral_value(ROUND_CEILING) * unit
        lower = upper - unit
    else:
        lower = exact.to_integral_value(ROUND_FLOOR) * unit
        upper = lower + unit
    above = value >= edge.at if edge.closed else value > edge.at
    brink, across = (upper, lower) if above else (lower, upper)
    if across < 0:
        return None
    return Crossing(i, ladder, edge.at, ladder.columns[most][0], now, brink, across)
