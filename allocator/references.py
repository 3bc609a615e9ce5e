"""Names in the scenario that must match something, and sums that must come out."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction

from allocator.counties import Counties
from allocator.faults import Fault
from allocator.groups import place_of, unknown_codes
from allocator.numbers import parse_number, plain
from allocator.policy import Factor, Selection
from allocator.rules.base import Rule
from allocator.rules.pipeline import Pipeline
from allocator.scenario import Scenario
from allocator.text import Text
from allocator.yaml_tree import Node, fault

SCOPES = ("county", "prefecture", "all")


class References:
    """Collects the faults of one scenario; `tree` gives their places."""

    def __init__(self, scenario: Scenario, tree: Node) -> None:
        self.scenario, self.tree = scenario, tree
        self.faults: list[Fault] = []
        self.tags = {tag for use in scenario.uses.values() for tag in use.tags}
        self.sources = {s.source for s in scenario.streams.values() if s.source}

    def known(self, name: str, among: Iterable[str], what: tuple[str, str], *path: str | int) -> bool:
        """Note a fault where `name` is not among the known names."""
        names = list(among)
        if name in names:
            return True
        near = get_close_matches(name, names, 3, 0.5) or names[:10]
        self.faults.append(
            Fault(
                place_of(self.tree, *path),
                Text(f"没有名为“{name}”的{what[0]}", f"there is no {what[1]} '{name}'"),
                Text(f"现有：{'、'.join(near)}", f"there are: {', '.join(near)}") if near else Text("", ""),
            )
        )
        return False

    def add(self, path: tuple[str | int, ...], zh: str, en: str, fix_zh: str = "", fix_en: str = "") -> None:
        """Note a fault."""
        self.faults.append(fault(place_of(self.tree, *path), zh, en, fix_zh, fix_en))


GROUP, USE, TAG = ("分组", "group"), ("用途", "use"), ("标签", "tag")
STREAM, SOURCE, FORMULA = ("资金", "stream"), ("资金来源", "source"), ("公式", "formula")


def scenario_references(scenario: Scenario, tree: Node) -> list[Fault]:
    """Faults that need no county table."""
    check = References(scenario, tree)
    for name in SCOPES:
        if name in scenario.groups:
            check.add(
                ("groups", name),
                f"分组不能叫“{name}”",
                f"a group must not be called '{name}'",
                "请改名",
                "rename it",
            )
    _formulas(check)
    _streams(check)
    _mix(check)
    _rules(check)
    _adjustments(check)
    return check.faults


def _formulas(check: References) -> None:
    for name, factors in check.scenario.formulas.items():
        total = sum((f.weight for f in factors), Decimal(0))
        if total != 1:
            check.add(
                ("formulas", name),
                f"权重之和为 {plain(total)}，应为 1",
                f"the weights add up to {plain(total)}, not 1",
                "请更正权重",
                "correct the weights",
            )
        seen: set[str] = set()
        for position, factor in enumerate(factors):
            if factor.factor in seen:
                check.add(
                    ("formulas", name, position, "factor"),
                    f"因素“{factor.factor}”重复",
                    f"the factor '{factor.factor}' stands twice",
                    "请改名",
                    "rename one",
                )
            seen.add(factor.factor)
            for group in factor.points or {}:
                check.known(group, check.scenario.groups, GROUP, "formulas", name, position, "points", group)
            if any(v < 0 for v in factor.columns.values()):
                check.add(
                    ("formulas", name, position, "value"),
                    "结构权重不能为负",
                    "structure weights must not be negative",
                )


def _streams(check: References) -> None:
    scenario, step = check.scenario, Fraction(check.scenario.step)
    for name, stream in scenario.streams.items():
        path = ("streams", name)
        check.known(stream.formula, scenario.formulas, FORMULA, *path, "formula")
        if stream.eligible != "all":
            check.known(stream.eligible, scenario.groups, GROUP, *path, "eligible")
        if stream.uses != ("all",):
            for use in stream.uses:
                check.known(use, scenario.uses, USE, *path, "uses")
            if not stream.uses:
                check.add(
                    (*path, "uses"),
                    "没有可用的用途",
                    "no use is permitted",
                    "请写 all 或列出用途",
                    "write all or list uses",
                )
        if (Fraction(stream.budget) / step).denominator != 1:
            check.add(
                (*path, "budget"),
                f"预算 {plain(stream.budget)} 不是 step {plain(scenario.step)} 的整数倍",
                f"the budget {plain(stream.budget)} is no multiple of step {plain(scenario.step)}",
                "请更正预算或 step",
                "correct the budget or the step",
            )


def _mix(check: References) -> None:
    mix = check.scenario.mix
    for use in mix:
        check.known(use, check.scenario.uses, USE, "mix", use)
    total = sum(mix.values(), Decimal(0))
    if mix and abs(total - 1) > Decimal("0.001"):
        check.add(
            ("mix",),
            f"mix 之和为 {plain(total)}，应为 1",
            f"mix adds up to {plain(total)}, not 1",
            "请更正",
            "correct it",
        )


def _rules(check: References) -> None:
    scenario = check.scenario
    seen: set[str] = set()
    for position, rule in enumerate(scenario.rules):
        path = ("rules", position)
        if rule.id in seen:
            check.add(
                (*path, "id"),
                f"规则 id“{rule.id}”重复",
                f"the rule id '{rule.id}' stands twice",
                "请改名",
                "rename one",
            )
        seen.add(rule.id)
        for key, value in rule.yearly().items():
            if isinstance(value, dict) and scenario.year not in value:
                years = ", ".join(map(str, value))
                check.add(
                    (*path, key),
                    f"没有 {scenario.year} 年的值，只有 {years}",
                    f"no value for {scenario.year}, only {years}",
                    f"请补上 {scenario.year} 年",
                    f"add {scenario.year}",
                )
        _rule_names(check, rule, path)
        for key, selection in rule.selections().items():
            _selection(check, selection, (*path, key))


def _rule_names(check: References, rule: Rule, path: tuple[str | int, ...]) -> None:
    scenario = check.scenario
    for group in rule.group_names():
        check.known(group, scenario.groups, GROUP, *path, "group")
    tag, by = getattr(rule, "tag", None), getattr(rule, "by", None)
    if tag is not None:
        check.known(tag, check.tags, TAG, *path, "tag")
    if by is not None and by not in SCOPES:
        check.known(by, [*SCOPES, *scenario.groups], GROUP, *path, "by")
    if isinstance(rule, Pipeline):
        for use in rule.columns:
            check.known(use, scenario.uses, USE, *path, "columns", use)


def _selection(check: References, selection: Selection, path: tuple[str | int, ...]) -> None:
    scenario = check.scenario
    for key, names, among, what in (
        ("streams", selection.streams, scenario.streams, STREAM),
        ("sources", selection.sources, check.sources, SOURCE),
        ("uses", selection.uses, scenario.uses, USE),
    ):
        for name in names or ():
            check.known(name, among, what, *path, key)
    if selection.tag is not None:
        check.known(selection.tag, check.tags, TAG, *path, "tag")
    if selection.group is not None:
        check.known(selection.group, scenario.groups, GROUP, *path, "group")


def _adjustments(check: References) -> None:
    if check.scenario.adjustments is None:
        return
    sums: dict[str, Decimal] = {}
    seen: set[tuple[str, str]] = set()
    for position, item in enumerate(check.scenario.adjustments.items):
        path = ("adjustments", "items", position)
        check.known(item.stream, check.scenario.streams, STREAM, *path, "stream")
        if (item.county, item.stream) in seen:
            check.add(
                path,
                "同一旗县和资金重复调整",
                "this county and stream are adjusted twice",
                "请合并为一条",
                "merge them into one",
            )
        seen.add((item.county, item.stream))
        sums[item.stream] = sums.get(item.stream, Decimal(0)) + item.amount
    for stream, total in sums.items():
        if total:
            check.add(
                ("adjustments", "items"),
                f"资金“{stream}”的调整之和为 {plain(total)}，应为 0",
                f"the adjustments of '{stream}' add up to {plain(total)}, not 0",
                "有增必有减",
                "what one gains others must give",
            )


def table_references(scenario: Scenario, tree: Node, counties: Counties) -> list[Fault]:
    """Faults of codes that the scenario names and the county table lacks."""
    faults = []
    for position, rule in enumerate(scenario.rules):
        for key, selection in rule.selections().items():
            codes = selection.counties or ()
            faults += unknown_codes(codes, counties, tree, ("rules", position, key, "counties"))
    items = () if scenario.adjustments is None else scenario.adjustments.items
    for position, item in enumerate(items):
        path: tuple[str | int, ...] = ("adjustments", "items", position, "county")
        if item.county not in counties.index:
            faults += unknown_codes((item.county,), counties, tree, path)
    return faults


def numeric_columns(scenario: Scenario) -> dict[str, str]:
    """Columns that must hold numbers, with the first place that asks for each."""
    wanted: dict[str, str] = {}
    for name, factors in scenario.formulas.items():
        for factor in factors:
            for column in (*_value_columns(factor), factor.scale):
                if column is not None:
                    wanted.setdefault(column, f"formulas.{name}.{factor.factor}")
    for name, stream in scenario.streams.items():
        if stream.multiplier is not None:
            wanted.setdefault(stream.multiplier, f"streams.{name}.multiplier")
    for rule in scenario.rules:
        for column in rule.county_columns():
            wanted.setdefault(column, f"rules.{rule.id}")
    return wanted


def _value_columns(factor: Factor) -> tuple[str, ...]:
    return () if text_bands(factor) else tuple(factor.columns)


def text_bands(factor: Factor) -> bool:
    """Whether the bands are names such as 优 rather than numeric edges."""
    return factor.kind == "bands" and any(parse_number(edge) is None for edge in factor.bands or {})
