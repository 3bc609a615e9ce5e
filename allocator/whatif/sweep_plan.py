"""The plan of a sweep: which changed scenarios are to be solved, and what is recorded of each.

A point is a pure function of the plan, the scenario and its number, so that any process can make
any chunk of points in any order, and memory stays flat.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError

from allocator.faults import BadInput, Fault, Place
from allocator.input.yaml_tree import Node, fault, read_yaml
from allocator.loaded import Loaded
from allocator.policy import Model
from allocator.text import Text
from allocator.whatif.design_check import Checker, Complaint
from allocator.whatif.design_faults import file_order, loose_complaints, placed, plan_faults, repeated_names
from allocator.whatif.designs import AnyDesign, Design

Record = Literal["counties", "payments", "prefectures", "groups", "metrics"]


MOST_POINTS = 10_000_000
"""Points of a plan at most."""


class Label(NamedTuple):
    """Where a point comes from."""

    design: str
    """Name of its design."""
    position: int
    """Position within the design, from 0."""
    number: int
    """Position of the design within the plan, from 0."""


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class Plan(Model):
    """Designs one after the other, their points numbered from 0 throughout."""

    seed: Annotated[int, Field(strict=True, ge=0)] = 0
    """Every draw follows from it."""
    record: Annotated[tuple[Record, ...], BeforeValidator(_as_list), Field(min_length=1)] = (
        "counties",
        "metrics",
    )
    """What is recorded of each point."""
    designs: Annotated[tuple[AnyDesign, ...], Field(min_length=1)]
    """Designs, in the order of their points."""

    def size(self, loaded: Loaded) -> int:
        """How many points there are."""
        return self._ends[-1]

    def points(self, loaded: Loaded, start: int, stop: int) -> list[Mapping[str, Any]]:
        """Changes of the points `start`, …, `stop` − 1, as `parse_changes` takes them."""
        return [self._point(loaded, number) for number in range(start, stop)]

    def label(self, loaded: Loaded, number: int) -> Label:
        """The design that a point belongs to, and its position there."""
        design, position = self._split(number)
        return Label(self.names[design], position, design)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the designs; those without one go by their key, numbered where it repeats."""
        taken = {design.name for design in self.designs}
        found = []
        for design in self.designs:
            name, count = design.name or design.design, 1
            while not design.name and name in taken:
                count += 1
                name = f"{design.design}-{count}"
            taken.add(name)
            found.append(name)
        return tuple(found)

    def check(self, loaded: Loaded) -> None:
        """Raises BadInput with all that is wrong under this scenario, for a plan made in code."""
        faults = [
            Fault(Place(path=".".join(map(str, at))), what, fix) for at, what, fix in self._complaints(loaded)
        ]
        if faults:
            raise BadInput(faults)

    def _complaints(self, loaded: Loaded) -> Iterator[Complaint]:
        checker = Checker(loaded)
        for number, design in enumerate(self.designs):
            for at, what, fix in design.complaints(checker):
                yield Complaint(("designs", number, *at), what, fix)
        yield from _too_many(enumerate(self.designs))
        yield from repeated_names([(n, design.name) for n, design in enumerate(self.designs)])

    def _point(self, loaded: Loaded, number: int) -> Mapping[str, Any]:
        design, position = self._split(number)
        return self.designs[design].point(loaded, (self.seed, design), position)

    def _split(self, number: int) -> tuple[int, int]:
        ends = self._ends
        if not 0 <= number < ends[-1]:
            raise IndexError(f"point {number} of {ends[-1]}")
        design = bisect_right(ends, number)
        return design, number - (ends[design - 1] if design else 0)

    @property
    def _ends(self) -> list[int]:
        """Number of the first point after each design."""
        return list(accumulate(design.size() for design in self.designs))


_DESIGN: TypeAdapter[Design] = TypeAdapter(AnyDesign)


def read_plan(path: Path, loaded: Loaded) -> Plan:
    """The plan of a file, checked against the scenario; raises BadInput with all faults."""
    tree = read_yaml(path, str(path))
    if not isinstance(tree.value, dict):
        raise BadInput([_no_map(tree)])
    faults: list[Fault] = []
    plan = None
    try:
        plan = Plan.model_validate(tree.plain())
    except ValidationError as error:
        faults += plan_faults(error, tree, Plan)
    faults += [placed(complaint, tree) for complaint in _against(tree, loaded)]
    if faults or plan is None:
        raise BadInput(file_order(faults))
    return plan


def _against(tree: Node, loaded: Loaded) -> Iterator[Complaint]:
    """What the scenario says of each design, sound or not."""
    checker = Checker(loaded)
    entries = tree.child("designs")
    names, sound = [], []
    for number, entry in enumerate(entries.value if entries and isinstance(entries.value, tuple) else ()):
        own = entry.child("name")
        names.append((number, "" if own is None else str(own.value)))
        try:
            design = _DESIGN.validate_python(entry.plain())
        except ValidationError:
            yield from loose_complaints(entry, number, checker)
            continue
        sound.append((number, design))
        for at, what, fix in design.complaints(checker):
            yield Complaint(("designs", number, *at), what, fix)
    yield from _too_many(sound)
    yield from repeated_names(names)


def _too_many(designs: Iterable[tuple[int, Design]]) -> Iterator[Complaint]:
    """A complaint about the design with which there come to be too many points."""
    total = 0
    for number, design in designs:
        total += 0 if design.too_large else design.size()
        if total > MOST_POINTS:
            yield Complaint(
                ("designs", number, design.design),
                Text(
                    f"到这一项为止共 {total} 个情景，超过上限 {MOST_POINTS}",
                    f"{total} points up to and with this design, {MOST_POINTS} at most",
                ),
                Text("请减少点数或取值，或分成几个计划", "use fewer points or values, or several plans"),
            )
            return


def _no_map(tree: Node) -> Fault:
    return fault(
        tree.place,
        "计划文件应由 键: 值 组成",
        "a plan consists of keys and values",
        "例如 designs: [{one_at_a_time: {streams.grant.budget: [900, 1100]}}]",
        "such as designs: [{one_at_a_time: {streams.grant.budget: [900, 1100]}}]",
    )
