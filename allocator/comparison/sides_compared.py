"""Two allocations side by side: who gains, who loses, and which of the differences makes it so.

Between two scenarios every county's difference is taken apart along the stages of
`allocator.comparison.stages`; the parts are whole steps and add up exactly both ways
(`allocator.comparison.whole_parts`): of a county to the difference of its payouts, of a stage to what it
adds to the total.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from math import gcd

import numpy as np

from allocator.comparison.differences import differences
from allocator.comparison.flow import Flow
from allocator.comparison.sides import Side, read_side
from allocator.comparison.stages import Stage, StageKind, stages
from allocator.comparison.whole_parts import whole_parts
from allocator.faults import BadInput, Place
from allocator.input.yaml_tree import fault
from allocator.optimum import Progress, silent
from allocator.text import Text

STAGES = {
    "data": Text("数据", "Data"),
    "formulas": Text("公式", "Formula"),
    "rules": Text("规则", "Rules"),
    "budgets": Text("预算", "Budget"),
    "rounding": Text("取整", "Rounding"),
}
"""What stages are called."""


@dataclass(frozen=True)
class Part:
    """One stage of the difference, county by county."""

    kinds: tuple[StageKind, ...]
    """More than one where they could not be told apart."""
    changed: bool
    amounts: tuple[Fraction, ...]
    """(n): whole steps; the parts of a county add up to its difference, those of a stage to its net."""
    exact: tuple[float, ...]
    """(n): before rounding."""
    differs: tuple[Text, ...] = ()
    """What the two say differently."""
    why: Text | None = None
    """Why several kinds stand together."""

    @cached_property
    def flow(self) -> Flow:
        """Gains and losses by it."""
        return Flow.of(self.amounts)


@dataclass(frozen=True)
class Comparison:
    """The second allocation against the first, over the counties that both have."""

    first: Side
    second: Side
    codes: tuple[str, ...]
    """Common to both, in order."""
    parts: tuple[Part, ...]
    """Empty where the difference cannot be taken apart."""
    unexplained: Text | None = None
    """Why not."""

    @cached_property
    def change(self) -> tuple[Fraction, ...]:
        """(n): what each common county gets more in the second."""
        return tuple(self.second.paid[code] - self.first.paid[code] for code in self.codes)

    @cached_property
    def flow(self) -> Flow:
        """Gains and losses of the common counties."""
        return Flow.of(self.change)

    @property
    def shown(self) -> tuple[Part, ...]:
        """Parts worth a column: those where anything differs."""
        return tuple(part for part in self.parts if part.changed or any(part.amounts))

    @property
    def ranked(self) -> list[int]:
        """Positions of the counties that change, the largest difference first."""
        order = sorted(range(len(self.codes)), key=lambda k: (-abs(self.change[k]), k))
        return [k for k in order if self.change[k]]

    @property
    def only(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Codes of counties that only the first, or only the second, has."""
        one, other = self.first.counties, self.second.counties
        return tuple(c for c in one if c not in other), tuple(c for c in other if c not in one)

    @property
    def streams(self) -> tuple[str, ...]:
        """Streams of either, by name."""
        return tuple(sorted({*self.first.by_stream, *self.second.by_stream}))

    @cached_property
    def prefectures(self) -> dict[str, tuple[int, ...]]:
        """Positions by prefecture, as the first one has them."""
        members: dict[str, list[int]] = {}
        for k, code in enumerate(self.codes):
            members.setdefault(self.first.counties[code][1], []).append(k)
        return {name: tuple(own) for name, own in members.items()}


def stage_title(part: Part) -> Text:
    """One stage, or several together."""
    titles = [STAGES[kind] for kind in part.kinds]
    head, *rest = (t.en for t in titles)
    return Text("和".join(t.zh for t in titles), " and ".join((head, *(r.lower() for r in rest))))


def compare(sources: Sequence[str], progress: Progress = silent) -> tuple[Comparison, ...]:
    """Every later source against the first: scenarios, or folders with a result.

    Raises BadInput where one cannot be read or its unit differs, NoAllocation where one has none.
    """
    first, *others = [read_side(source, progress) for source in sources]
    return tuple(compare_sides(first, other) for other in others)


def compare_sides(first: Side, second: Side) -> Comparison:
    """The second against the first; raises BadInput where they are in different units."""
    if first.unit != second.unit:
        what = fault(
            Place(second.source),
            f"单位是 {second.unit}，而 {first.source} 的单位是 {first.unit}",
            f"the unit is {second.unit}, that of {first.source} is {first.unit}",
            "请换算成同一单位再比较",
            "compare amounts of one unit",
        )
        raise BadInput([what])
    codes = tuple(code for code in first.counties if code in second.counties)
    why = _unexplained(first, second)
    if why is not None:
        return Comparison(first, second, codes, (), why)
    return Comparison(first, second, codes, _parts(first, second))


def _unexplained(first: Side, second: Side) -> Text | None:
    if first.loaded is None or second.loaded is None:
        return Text(
            "结果文件夹里没有求解它的方案，只能比较金额，不能分解原因",
            "A result folder without the scenario that gave it: amounts are compared, causes are not",
        )
    if first.counties.keys() != second.counties.keys():
        return Text(
            "两个方案的旗县不同，只比较共有旗县的金额，不分解原因",
            "The scenarios have different counties: amounts of the common ones are compared, causes are not",
        )
    return None


def _parts(first: Side, second: Side) -> tuple[Part, ...]:
    """Stages and rounding, whole and exact."""
    if first.loaded is None or second.loaded is None or first.payments is None or second.payments is None:
        return ()
    said = differences(first.loaded, second.loaded)
    found = stages(first.loaded, second.loaded, first.payments, second.payments)
    after = [first.payments, *(stage.payments for stage in found)]
    exact = [(b - a).tolist() for a, b in pairwise(after)]
    amounts = whole_parts(exact, _common(first.step, second.step))
    parts = [_part(*one, said) for one in zip(found, amounts, exact, strict=True)]
    change = [b - a for a, b in zip(first.paid.values(), second.paid.values(), strict=True)]
    last = tuple(c - sum(own) for c, own in zip(change, zip(*amounts, strict=True), strict=True))
    rest = np.array([float(c) for c in change]) - (second.payments - first.payments)
    return (*parts, Part(("rounding",), any(last), last, tuple(rest.tolist())))


def _part(
    stage: Stage,
    amounts: tuple[Fraction, ...],
    exact: list[float],
    said: Mapping[StageKind, tuple[Text, ...]],
) -> Part:
    differs = tuple(text for kind in stage.kinds for text in said[kind])
    return Part(stage.kinds, stage.changed, amounts, tuple(exact), differs, stage.why)


def _common(one: Fraction, other: Fraction) -> Fraction:
    """The largest step of which both are multiples."""
    low = one.denominator * other.denominator
    return Fraction(gcd(int(one * low), int(other * low)), low)
