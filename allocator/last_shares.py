"""Last year's shares as the county table has them: between 0 and 1, equal where they are a prefecture's."""

from __future__ import annotations

from collections.abc import Iterator

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
                    common = key == "not_below" and rule.by == "prefecture" and rule.ratchet == "together"
                    faults += _faults(f"rules.{rule.id}.{key}", column, common, counties)
    return faults


def _faults(path: str, column: str, common: bool, counties: Counties) -> Iterator[Fault]:
    """`common`: all counties of a prefecture carry the same value."""
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
        first = seen.setdefault(counties.prefectures[i], i)
        if common and value != values[first]:
            yield Fault(
                place,
                Text(
                    f"同一盟市的占比不一致，{counties.label(first)} 为 {values[first]}",
                    f"differs within the prefecture: {counties.label(first)} has {values[first]}",
                ),
                Text("同一盟市各旗县应填相同的值", "all counties of a prefecture carry the same value"),
            )
