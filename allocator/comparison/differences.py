"""What two scenarios say differently, sorted by the stages of a comparison."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import TypeVar

from allocator.comparison.stages import FOR_FORMULA, StageKind
from allocator.loaded import Loaded
from allocator.names import number
from allocator.policy import Stream
from allocator.scenario import Scenario
from allocator.text import Text

Value = TypeVar("Value")


def differences(first: Loaded, second: Loaded) -> Mapping[StageKind, tuple[Text, ...]]:
    """By stage, each thing that differs in a few words; the counties are the same."""
    one, other = first.scenario, second.scenario
    return {
        "data": tuple(_data(first, second)),
        "formulas": tuple(_formulas(one, other)),
        "rules": tuple(_rules(one, other)),
        "budgets": tuple(_budgets(one, other)),
        "rounding": (),
    }


def _data(first: Loaded, second: Loaded) -> Iterable[Text]:
    one, other = first.counties.text, second.counties.text
    for column in _changed(one, other):
        if column not in one or column not in other:
            yield _one_sided(Text(f"列 {column}", f"column {column}"), column in other)
            continue
        cells = sum(a != b for a, b in zip(one[column], other[column], strict=True))
        yield Text(f"{column}（{cells} 格）", f"{column} ({cells} cells)")
    if first.issued != second.issued:
        yield Text("已下达资金", "committed money")


def _formulas(one: Scenario, other: Scenario) -> Iterable[Text]:
    for name in _changed(one.formulas, other.formulas):
        yield _said(one.formulas, other.formulas, name, Text(f"公式 {name}", f"formula {name}"))
    for name in _changed(one.groups, other.groups):
        yield _said(one.groups, other.groups, name, Text(f"分组 {name}", f"group {name}"))
    for name in one.streams:
        if name in other.streams and _of_formula(one.streams[name]) != _of_formula(other.streams[name]):
            yield Text(f"资金 {name} 的公式、系数或范围", f"formula, multiplier or eligibility of {name}")
    if one.mix != other.mix:
        yield Text("用途比例", "mix of uses")
    if one.adjustments != other.adjustments:
        yield Text("综合平衡调整", "adjustments by hand")


def _of_formula(stream: Stream) -> tuple[object, ...]:
    return tuple(getattr(stream, key) for key in FOR_FORMULA)


def _rules(one: Scenario, other: Scenario) -> Iterable[Text]:
    rules = one.rule_by_id, other.rule_by_id
    for rule in _changed(*rules):
        title = (rules[1].get(rule) or rules[0][rule]).text
        yield _said(*rules, rule, title)
    if list(rules[0]) != list(rules[1]) and rules[0] == rules[1]:
        yield Text("规则的先后", "order of the rules")
    for key, title in (
        ("objective", Text("目标", "objective")),
        ("year", Text("年度", "year")),
        ("uses", Text("用途及其标签", "uses and their tags")),
    ):
        if getattr(one, key) != getattr(other, key):
            yield title


def _budgets(one: Scenario, other: Scenario) -> Iterable[Text]:
    for name in _changed(one.streams, other.streams):
        before, after = one.streams.get(name), other.streams.get(name)
        title = (after or one.streams[name]).title.text(name)
        if before is None or after is None:
            yield _one_sided(title, after is not None)
        elif before.budget != after.budget:
            amounts = f"{number(Fraction(before.budget))} → {number(Fraction(after.budget))}"
            yield Text(f"{title.zh} {amounts}", f"{title.en} {amounts}")
        elif before.uses != after.uses:
            yield Text(f"{title.zh}的可用用途", f"permitted uses of {title.en}")


def _changed(one: Mapping[str, Value], other: Mapping[str, Value]) -> list[str]:
    return [key for key in {**one, **other} if one.get(key) != other.get(key)]


def _said(one: Mapping[str, Value], other: Mapping[str, Value], key: str, what: Text) -> Text:
    return what if key in one and key in other else _one_sided(what, key in other)


def _one_sided(what: Text, fresh: bool) -> Text:
    if fresh:
        return Text(f"{what.zh}（新增）", f"{what.en} (new)")
    return Text(f"{what.zh}（取消）", f"{what.en} (gone)")
