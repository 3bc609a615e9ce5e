"""Names in the scenario that must match something, and sums that must come out."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction

from allocator.counties import Counties
from allocator.faults import Fault
from allocator.formula.incentive import NAME as INCENTIVE
from allocator.formula.peers import EVERYONE, PREFECTURE
from allocator.groups import place_of, unknown_codes
from allocator.input.reference_checks import FORMULA, GROUP, SCOPES, STREAM, USE, References
from allocator.input.rule_references import alternative_rules, check_rules
from allocator.input.yaml_tree import Node, fault
from allocator.numbers import parse_number, plain
from allocator.permitted import own_uses
from allocator.policy import Factor, Stream
from allocator.scenario import Scenario
from allocator.text import Text

NOBODY = (
    Text("有预算，却没有可分配的旗县", "there is a budget, but no county may receive it"),
    Text("请检查该分组当年的名单，或把预算改为 0", "check the group's list for this year, or set budget: 0"),
)
"""A stream with money whose group has no counties: what is wrong, and what to do."""


def no_money_left(pool: Decimal, budget: Decimal) -> tuple[Text, Text]:
    """A pool that takes the whole budget: what is wrong, and what to do."""
    what = Text(
        f"奖励资金 {plain(pool)} 不小于本资金预算 {plain(budget)}",
        f"the pool {plain(pool)} leaves nothing of the budget {plain(budget)}",
    )
    return what, Text("请减小 pool", "lower it")


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
    check_rules(check)
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
            known = check.known(stream.eligible, scenario.groups, GROUP, *path, "eligible")
            if known and stream.budget and scenario.groups[stream.eligible].closed:
                check.add((*path, "eligible"), *NOBODY[0], *NOBODY[1])
        _uses(check, stream, path)
        if (Fraction(stream.budget) / step).denominator != 1:
            check.add(
                (*path, "budget"),
                f"预算 {plain(stream.budget)} 不是 step {plain(scenario.step)} 的整数倍",
                f"the budget {plain(stream.budget)} is no multiple of step {plain(scenario.step)}",
                "请更正预算或 step",
                "correct the budget or the step",
            )
        _incentive(check, stream, path)


def _incentive(check: References, stream: Stream, path: tuple[str, str]) -> None:
    """The pool leaves money for the formula, and no factor bears the name of the incentive's step."""
    if stream.incentive is None:
        return
    if stream.budget and stream.incentive.pool >= stream.budget:
        what, fix = no_money_left(stream.incentive.pool, stream.budget)
        check.add((*path, "incentive", "pool"), *what, *fix)
    for position, factor in enumerate(check.scenario.formulas.get(stream.formula, ())):
        if factor.factor == INCENTIVE:
            check.add(
                ("formulas", stream.formula, position, "factor"),
                f"“{INCENTIVE}”是奖励扣减一步的名称，因素不能叫这个名字",
                f"'{INCENTIVE}' is the step of rewards and deductions, a factor needs another name",
                "请改名",
                "rename it",
            )


def _uses(check: References, stream: Stream, path: tuple[str, str]) -> None:
    """Permitted, forbidden and pooled uses; a stream with money needs one that is open this year."""
    scenario = check.scenario
    lists = {"uses": stream.uses, "forbidden": stream.forbidden}
    if stream.pool is not None:
        lists["pool"] = stream.pool.uses
        check.known(stream.pool.group, scenario.groups, GROUP, *path, "pool", "group")
    for key, names in lists.items():
        where = (*path, key, "uses") if key == "pool" else (*path, key)
        for use in () if names == ("all",) and key != "forbidden" else names:
            check.known(use, scenario.uses, USE, *where)
    if not own_uses(stream, scenario.uses, scenario.year) and (stream.budget or not stream.uses):
        check.add(
            (*path, "uses"),
            f"{scenario.year} 年没有可用的用途",
            f"no use is permitted in {scenario.year}",
            "请写 all 或列出当年有效、未禁止的用途",
            "write all, or list uses that are in force and not forbidden",
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
    """Faults of codes and columns of peer groups that the scenario names and the county table lacks."""
    faults = []
    for at, column in _peer_places(scenario):
        if column not in counties.text:
            near = get_close_matches(column, list(counties.text), 3, 0.5) or list(counties.text)[:12]
            faults.append(
                fault(
                    place_of(tree, *at),
                    f"县表中没有列“{column}”",
                    f"the county table has no column '{column}'",
                    f"可写 prefecture、all，或现有的列：{'、'.join(near)}",
                    f"write prefecture, all, or a column: {', '.join(near)}",
                )
            )
    for position, rule in enumerate(scenario.rules):
        for key, selection in rule.selections().items():
            codes = selection.counties or ()
            faults += unknown_codes(codes, counties, tree, ("rules", position, key, "counties"))
        for name, other in alternative_rules(rule):
            for key, selection in other.selections().items():
                own = ("rules", position, "alternatives", name, "set", key, "counties")
                faults += unknown_codes(selection.counties or (), counties, tree, own)
    items = () if scenario.adjustments is None else scenario.adjustments.items
    for position, item in enumerate(items):
        path: tuple[str | int, ...] = ("adjustments", "items", position, "county")
        if item.county not in counties.index:
            faults += unknown_codes((item.county,), counties, tree, path)
    return faults


def numeric_columns(scenario: Scenario) -> dict[str, str]:
    """Columns that must hold numbers, with the first place that asks for each."""
    wanted: dict[str, str] = {}
    for column, path in _numeric(scenario):
        wanted.setdefault(column, path)
    return wanted


def _numeric(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """Every column that is read as a number, with its reader's path."""
    for name, factors in scenario.formulas.items():
        for factor in factors:
            columns = [*_value_columns(factor), *([] if factor.scale is None else [factor.scale])]
            yield from ((column, f"formulas.{name}.{factor.factor}") for column in columns)
    for name, stream in scenario.streams.items():
        if stream.multiplier is not None:
            yield stream.multiplier, f"streams.{name}.multiplier"
        if stream.incentive is not None:
            yield stream.incentive.score, f"streams.{name}.incentive.score"
    for rule in scenario.rules:
        for own in (rule, *(other for _, other in alternative_rules(rule))):
            yield from ((column, f"rules.{rule.id}") for column in own.county_columns())


def peer_columns(scenario: Scenario) -> set[str]:
    """Columns of the county table that tell peer groups."""
    return {column for _, column in _peer_places(scenario)}


def _peer_places(scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Path and column of every peer group that is told by a column."""
    for name, factors in scenario.formulas.items():
        for position, factor in enumerate(factors):
            if factor.within not in (None, PREFECTURE, EVERYONE):
                yield ("formulas", name, position, "within"), str(factor.within)
    for name, stream in scenario.streams.items():
        within = None if stream.incentive is None else stream.incentive.within
        if within not in (None, PREFECTURE, EVERYONE):
            yield ("streams", name, "incentive", "within"), str(within)


def _value_columns(factor: Factor) -> tuple[str, ...]:
    return () if text_bands(factor) else tuple(factor.columns)


def text_bands(factor: Factor) -> bool:
    """Whether the bands are names such as 优 rather than numeric edges."""
    return factor.kind == "bands" and any(parse_number(edge) is None for edge in factor.bands or {})
