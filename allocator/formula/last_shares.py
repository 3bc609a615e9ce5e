"""Last year's shares as the county table has them: between 0 and 1, equal among those who have one share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from allocator.counties import Counties
from allocator.faults import Fault, Place
from allocator.numbers import plain
from allocator.rules.use_share_floor import UseShareFloor
from allocator.scenario import Scenario
from allocator.text import Text


def last_share_faults(scenario: Scenario, counties: Counties) -> list[Fault]:
    """Faults of the columns that floors compare with last year's share."""
    faults: list[Fault] = []
    for rule in scenario.rules:
        if isinstance(rule, UseShareFloor):
            for key in ("not_below", "own_share"):
                column = getattr(rule, key)
                if column is not None:
                    shared = _together(rule, counties) if key == "not_below" else None
                    faults += _faults(f"rules.{rule.id}.{key}", column, shared, counties)
    return faults


@dataclass(frozen=True)
class _Together:
    """Counties that have one share between them: their names for messages, and which each belongs to."""

    whose: Text
    labels: tuple[str | None, ...]
    """(n): None for a county that is in none."""


def _together(rule: UseShareFloor, counties: Counties) -> _Together | None:
    """Who has one share last year; None where it is each county's own."""
    if rule.ratchet == "county" or rule.by == "county":
        return None
    if rule.by == "prefecture":
        return _Together(Text("同一盟市", "the prefecture"), counties.prefectures)
    if rule.by == "all":
        return _Together(Text("全区各旗县", "the region"), ("",) * len(counties))
    members = counties.groups[rule.by]
    whose = Text(f"分组“{rule.by}”", f"the group '{rule.by}'")
    return _Together(whose, tuple(rule.by if own else None for own in members))


def _faults(path: str, column: str, together: _Together | None, counties: Counties) -> Iterator[Fault]:
    """Shares above 1, and shares that differ among counties that have one between them."""
    values = counties.numbers[column]
    seen: dict[str, int] = {}
    for i, value in enumerate(values):
        line = counties.lines[i] if counties.lines else None
        place = Place(counties.file, line, path=path, county=counties.label(i), column=column)
        if value is not None and value > 1:
            yield Fault(
                place,
                Text(f"占比 {plain(value)} 大于 1", f"the share {plain(value)} exceeds 1"),
                Text("请写成小数，例如 0.685 而不是 68.5", "write a decimal, 0.685 rather than 68.5"),
            )
        label = None if together is None else together.labels[i]
        if together is None or label is None:
            continue
        first = seen.setdefault(label, i)
        if value != values[first]:
            yield _differs(place, together.whose, counties.label(first), values[first])


def _differs(place: Place, whose: Text, first: str, value: Decimal | None) -> Fault:
    said = Text("空", "nothing") if value is None else Text(plain(value), plain(value))
    return Fault(
        place,
        Text(
            f"{whose.zh}的上年占比不一致，{first} 为{said.zh}",
            f"differs within {whose.en}: {first} has {said.en}",
        ),
        Text(
            f"{whose.zh}应填相同的值，即合计的上年占比",
            f"all counties of {whose.en} carry the same value, their share of last year taken together",
        ),
    )
