"""Names and years that rules refer to, under the rule as it is and under each alternative reading."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from pydantic import ValidationError

from allocator.input.pydantic_faults import findings
from allocator.input.reference_checks import (
    DIRECTION,
    FUND,
    GROUP,
    LEVEL,
    SCOPES,
    SOURCE,
    STREAM,
    TAG,
    USE,
    References,
)
from allocator.policy import Selection
from allocator.rules.base import FIXED, Alternative, Rule
from allocator.rules.pipeline import Pipeline


def check_rules(check: References) -> None:
    """Notes the faults of every rule."""
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
        _rule(check, rule, path)
        for name, alternative in rule.alternatives.items():
            own = (*path, "alternatives", name)
            for key in sorted(FIXED.intersection(alternative.set)):
                check.add(
                    (*own, "set", key),
                    "口径不能改变这一项",
                    "no reading can change this",
                    "请删除",
                    "remove it",
                )
            try:
                other = read_as(rule, alternative)
            except ValidationError as error:
                for key, what in findings(error):
                    check.add((*own, "set", key), *what, *_parameters(rule))
            else:
                _rule(check, other, (*own, "set"))


def _parameters(rule: Rule) -> tuple[str, str]:
    keys = [key for key in type(rule).model_fields if key not in FIXED]
    return f"该规则的参数：{'、'.join(keys)}", f"the rule's parameters: {', '.join(keys)}"


def read_as(rule: Rule, alternative: Alternative) -> Rule:
    """The rule under an alternative reading; raises ValidationError."""
    return rule.read({key: value for key, value in alternative.set.items() if key not in FIXED})


def _rule(check: References, rule: Rule, path: tuple[str | int, ...]) -> None:
    """Years and names of one rule."""
    year = check.scenario.year
    for key, value in rule.yearly().items():
        if isinstance(value, dict) and year not in value:
            years = ", ".join(map(str, value))
            check.add(
                (*path, key),
                f"没有 {year} 年的值，只有 {years}",
                f"no value for {year}, only {years}",
                f"请补上 {year} 年",
                f"add {year}",
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
        ("levels", selection.levels, check.levels, LEVEL),
        ("funds", selection.funds, check.funds, FUND),
        ("directions", selection.directions, check.directions, DIRECTION),
        ("uses", selection.uses, scenario.uses, USE),
    ):
        for name in names or ():
            check.known(name, among, what, *path, key)
    if selection.tag is not None:
        check.known(selection.tag, check.tags, TAG, *path, "tag")
    if selection.group is not None:
        check.known(selection.group, scenario.groups, GROUP, *path, "group")


def alternative_rules(rule: Rule) -> Iterator[tuple[str, Rule]]:
    """Name and rule of each alternative that can be read."""
    for name, alternative in rule.alternatives.items():
        with suppress(ValidationError):
            yield name, read_as(rule, alternative)
