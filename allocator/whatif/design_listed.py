"""Designs whose points are written out: grid, list, one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod
from typing import Annotated, Any, ClassVar

from pydantic import Field

from allocator.loaded import Loaded
from allocator.policy import Name
from allocator.whatif.design_base import Design, Steps, Value, Values, change, count
from allocator.whatif.design_check import Checker, Complaint, Location

AllValues = Annotated[dict[Name, Values], Field(min_length=1)]
"""Path → its values."""


class Grid(Design):
    """Every combination of the values; the last path varies fastest."""

    design: ClassVar[str] = "grid"
    body: ClassVar[str] = "values"
    example: ClassVar[str] = (
        "grid: {rules.use_share_floor.floor: [0.5, 0.55], streams.grant.budget: [900, 1000]}"
    )

    values: AllValues
    """Path → values."""

    def size(self) -> int:
        """Product of the numbers of values."""
        return prod(count(values) for values in self.values.values())

    def at(self, loaded: Loaded, seed: tuple[int, int], position: int) -> dict[str, Any]:
        """One combination, found from its position alone."""
        found = {}
        for path, values in reversed(self.values.items()):
            position, digit = divmod(position, count(values))
            found[path] = change(path, values[digit])
        return dict(reversed(found.items()))

    def own_complaints(self, checker: Checker) -> Iterator[Complaint]:
        """Unknown paths and values that they do not take."""
        return _complaints(checker, self.design, self.values, {**self.first(), **self.with_})

    def first(self) -> Mapping[str, Any]:
        """The first value of every path."""
        return {path: values[0] for path, values in self.values.items()}

    def turns(self, path: str) -> bool:
        """Whether the path is among those of the grid."""
        return path in self.values


class OneAtATime(Design):
    """Each value of each path by itself, all else as it is."""

    design: ClassVar[str] = "one_at_a_time"
    body: ClassVar[str] = "values"
    example: ClassVar[str] = "one_at_a_time: {streams.grant.budget: {from: 900, to: 1100, steps: 5}}"

    values: AllValues
    """Path → values."""

    def size(self) -> int:
        """Sum of the numbers of values."""
        return sum(count(values) for values in self.values.values())

    def at(self, loaded: Loaded, seed: tuple[int, int], position: int) -> dict[str, Any]:
        """One value of one path."""
        for path, values in self.values.items():
            if position < count(values):
                return {path: change(path, values[position])}
            position -= count(values)
        raise IndexError(position)

    def own_complaints(self, checker: Checker) -> Iterator[Complaint]:
        """Unknown paths and values that they do not take."""
        return _complaints(checker, self.design, self.values, self.with_)

    def turns(self, path: str) -> bool:
        """Whether the path is among those varied."""
        return path in self.values


class Listed(Design):
    """Points written out one by one; an empty one is the scenario as it is."""

    design: ClassVar[str] = "list"
    body: ClassVar[str] = "items"
    example: ClassVar[str] = "list: [{streams.grant.budget: 900}, {counties.drop: [990101]}]"

    items: Annotated[tuple[dict[Name, Value], ...], Field(min_length=1)]
    """Points, each a map from path to value."""

    def size(self) -> int:
        """Number of points."""
        return len(self.items)

    def at(self, loaded: Loaded, seed: tuple[int, int], position: int) -> dict[str, Any]:
        """The point as written."""
        return {path: change(path, value) for path, value in self.items[position].items()}

    def own_complaints(self, checker: Checker) -> Iterator[Complaint]:
        """Unknown paths and values that they do not take."""
        for position, item in enumerate(self.items):
            for path, value in item.items():
                beside = {**self.with_, **item}
                yield from checker.values(path, [((self.design, position, path), value)], beside)

    def first(self) -> Mapping[str, Any]:
        """The first point."""
        return self.items[0]

    def turns(self, path: str) -> bool:
        """Whether any point sets the path."""
        return any(path in item for item in self.items)


def _complaints(
    checker: Checker, key: str, all_values: Mapping[str, Values], beside: Mapping[str, Any]
) -> Iterator[Complaint]:
    for path, values in all_values.items():
        if not isinstance(values, Steps):
            pairs: list[tuple[Location, Any]] = [((key, path, i), value) for i, value in enumerate(values)]
            yield from checker.values(path, pairs, beside)
        elif path == "counties.drop":
            yield from checker.ranges((key,), {path: (values.from_, values.to)}, {})
        else:
            ends: list[tuple[Location, Any]] = [
                ((key, path, "from"), values.from_),
                ((key, path, "to"), values.to),
            ]
            yield from checker.spaced(path, ends, ((key, path), values[1]), beside)
